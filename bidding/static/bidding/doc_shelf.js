// What this browser remembers of a bid's documents until the bid is received: the bid's id, the key, and of each file its
// number, salt and hashes. With it any part of a ciphertext can be made again; without it the uploads are lost.

import { MANIFEST, SealedFile, docsEnvelope, fileContext, manifestBytes, newKey, newSalt } from "./docs_sealing.js";
import { makeContext, newId } from "./sealing.js";
import * as store from "./store.js";

const SHELF = "drafts";
export const MOST_FILES = 60;
export const MOST_BYTES = 512 * 1024 * 1024;

export class DocShelf {
  // `where`: { box, tender, lot, supplier } as in the bid's context. A shelf of another box is left behind.
  static async open(name, where, now) {
    const kept = await store.get(SHELF, name);
    const isOurs = kept && kept.box === where.box && kept.supplier === where.supplier;
    const record = isOurs ? kept : { box: where.box, supplier: where.supplier, bid: newId(now), cek: newKey(), next: 1, files: [] };
    return new DocShelf(name, where, record);
  }

  constructor(name, where, record) {
    Object.assign(this, { name, where, record });
  }

  get bid() {
    return this.record.bid;
  }

  get ctx() {
    return { ...makeContext({ ...this.where, bid: this.bid }), lane: "docs" };
  }

  get files() {
    return this.record.files;
  }

  get isEmpty() {
    return this.files.length === 0;
  }

  async save() {
    await store.put(SHELF, this.name, this.record);
  }

  // A number and a salt belong to one content: what is chosen instead of a file gets its own.
  async add(facts) {
    const file = { n: this.record.next, salt: newSalt(), sha256: null, ct_sha256: null, ct_len: null, stored: false, ...facts };
    this.record.next += 1;
    this.files.push(file);
    await this.save();
    return file;
  }

  async take(file) {
    this.record.files = this.files.filter((other) => other !== file);
    await this.save();
  }

  async forget() {
    await store.remove(SHELF, this.name);
  }

  sealed(file, blob) {
    return SealedFile.make(blob, this.record.cek, fileContext(this.ctx, file.n), file.salt);
  }

  // The encrypted manifest, under a fresh salt each time: { file, ct_sha256, ct_len }.
  async manifest() {
    const named = this.inOrder().map(({ n, name, size, media_type, sha256, asked }) => ({ n, name, size, media_type, sha256, asked }));
    const blob = new Blob([manifestBytes(named)]);
    const file = await SealedFile.make(blob, this.record.cek, fileContext(this.ctx, MANIFEST), newSalt());
    return { file, ct_sha256: (await file.hashes()).sealed, ct_len: file.length };
  }

  envelope(lane, { ct_sha256, ct_len }) {
    const files = this.inOrder().map((file) => ({ n: file.n, ct_sha256: file.ct_sha256, ct_len: file.ct_len }));
    return docsEnvelope(this.ctx, lane, this.record.cek, [{ n: MANIFEST, ct_sha256, ct_len }, ...files]);
  }

  inOrder() {
    return [...this.files].sort((one, other) => one.n - other.n);
  }
}
