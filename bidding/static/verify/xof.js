// SHAKE-256 as an endless stream of numbers (protocol 3.13).

import { shake256 } from "/static/vendor/noble/sha3.js";
import { concat, refuse, utf8 } from "./bytes.js";

const RANGE = 1n << 64n;

export class Xof {
  #stream;

  constructor(seed, label) {
    this.#stream = shake256.create({ dkLen: 8 }).update(concat(utf8(`koneps/v1/xof\0${label}\0`), seed));
  }

  #next() {
    const bytes = this.#stream.xof(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  }

  // A number from 0 to n - 1, each as likely: what would favour the low ones is thrown away.
  below(n) {
    if (!(n >= 1)) refuse("the range is too small for its rates");
    const count = BigInt(n);
    const limit = RANGE - (RANGE % count);
    let value = this.#next();
    while (value >= limit) value = this.#next();
    return Number(value % count);
  }

  shuffle(values) {
    const shuffled = [...values];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
    }
    return shuffled;
  }
}
