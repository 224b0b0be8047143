// A bundle's files, read as what they must be. Whatever is missing or spelled otherwise is refused when it is asked for.

import { fromUtf8, hex, refuse, Refused, sha256 } from "./bytes.js";
import { parse } from "./canon.js";
import { object } from "./shape.js";
import { readZip } from "./zip.js";

// No zip file that a bundle could be: there is nothing to check.
export class NotABundle extends Refused {}

export class Bundle {
  #files;
  #parsed = new Map();

  constructor(files) {
    this.#files = files;
  }

  static async open(bytes, told) {
    try {
      return new Bundle(await readZip(bytes, told));
    } catch (fault) {
      throw fault instanceof Refused ? new NotABundle(fault.sentence, fault.values) : fault;
    }
  }

  has(path) {
    return this.#files.has(path);
  }

  get paths() {
    return [...this.#files.keys()];
  }

  // Paths in a folder, in their order.
  under(folder) {
    return this.paths.filter((path) => path.startsWith(`${folder}/`)).sort();
  }

  bytes(path) {
    return this.#files.get(path) ?? refuse("%(path)s is missing", { path });
  }

  text(path) {
    return fromUtf8(this.bytes(path));
  }

  sha256(path) {
    return hex(sha256(this.bytes(path)));
  }

  json(path) {
    if (!this.#parsed.has(path)) this.#parsed.set(path, parse(this.bytes(path)));
    return this.#parsed.get(path);
  }

  object(path) {
    return object(this.json(path), path);
  }
}
