// Sealing documents, in pieces: any part of a file's ciphertext can be made again from the key, the salt and the file, so
// an upload goes on where it stopped and no file is ever held in memory. The browser's twin of bidding/docs_envelope.py.

import { sha256 } from "/static/vendor/noble/sha2.js";

import { concat, hex, jcs, randomBytes, utf8 } from "./canon.js";
import { chunkKeys, chunkNonce, payloadContext, sealKey } from "./sealing.js";

const CHUNK = 16384;
const SEALED = CHUNK + 16;
const SALT = 24;
const HEAD = SALT + 32;
const READ = 4 * 1024 * 1024; // bytes of a file that are read at once
export const MANIFEST = 0;
export const PART = 256 * SEALED; // bytes of ciphertext in one request

export const newSalt = () => randomBytes(SALT);
export const newKey = () => randomBytes(32);
export const sealedLength = (length) => HEAD + length + (Math.floor(length / CHUNK) + 1) * 16;
export const fileContext = (ctx, n) => concat(payloadContext(ctx), [0], utf8(String(n)));

// One file under its key: `bytes(start, stop)` gives that part of the ciphertext.
export class SealedFile {
  // `blob`: a File or Blob; the same blob, key, context and salt always give the same ciphertext.
  static async make(blob, cek, context, salt) {
    const { key, nonce, commitment } = await chunkKeys(cek, salt, context);
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    return new SealedFile(blob, aes, nonce, concat(salt, commitment));
  }

  constructor(blob, aes, nonce, head) {
    Object.assign(this, { blob, aes, nonce, head, length: sealedLength(blob.size) });
  }

  // The ciphertext from chunk `first` to before `last`, with the plaintext it was made of.
  async chunks(first, last) {
    const plain = new Uint8Array(await this.blob.slice(first * CHUNK, last * CHUNK).arrayBuffer());
    const sealed = [];
    for (let i = first; i < last && i * CHUNK <= this.blob.size; i += 1) {
      const piece = plain.subarray((i - first) * CHUNK, (i - first + 1) * CHUNK);
      const iv = chunkNonce(this.nonce, i);
      sealed.push(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.aes, piece)));
    }
    return { plain, sealed };
  }

  async bytes(start, stop) {
    const parts = start < HEAD ? [this.head.subarray(start, stop)] : [];
    const from = Math.max(0, start - HEAD);
    const until = Math.min(stop, this.length) - HEAD;
    if (until > from) {
      const first = Math.floor(from / SEALED);
      const { sealed } = await this.chunks(first, Math.ceil(until / SEALED));
      parts.push(concat(...sealed).subarray(from - first * SEALED, until - first * SEALED));
    }
    return concat(...parts);
  }

  // The hashes of ciphertext and plaintext, in one pass. `told(bytes)` hears how far it is; `signal` may stop it.
  async hashes(told = () => {}, signal = undefined) {
    const outer = sha256.create().update(this.head);
    const inner = sha256.create();
    const step = READ / CHUNK;
    for (let first = 0; first * CHUNK <= this.blob.size; first += step) {
      signal?.throwIfAborted();
      const { plain, sealed } = await this.chunks(first, first + step);
      inner.update(plain);
      for (const piece of sealed) outer.update(piece);
      told(Math.min(this.blob.size, (first + step) * CHUNK));
    }
    return { sealed: hex(outer.digest()), plain: hex(inner.digest()) };
  }
}

// The hash of a file alone: is what was chosen again the file that was begun with?
export async function plainHash(blob, told = () => {}, signal = undefined) {
  const hash = sha256.create();
  for (let at = 0; at < blob.size; at += READ) {
    signal?.throwIfAborted();
    hash.update(new Uint8Array(await blob.slice(at, at + READ).arrayBuffer()));
    told(Math.min(blob.size, at + READ));
  }
  return hex(hash.digest());
}

// `files`: { n, name, size, media_type, sha256, asked }, in the order of their numbers.
export const manifestBytes = (files) => jcs({ v: 1, type: "manifest", files });

// `files`: { n, ct_sha256, ct_len } with the manifest first.
export async function docsEnvelope(ctx, lane, cek, files) {
  return { ...(await sealKey(ctx, lane, cek)).head, files };
}
