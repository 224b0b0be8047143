// Bytes locked under a passphrase: PBKDF2-HMAC-SHA-256, then AES-256-GCM. The browser's twin of bidding/locking.py.
//
// What a lock belongs to is its additional data: moved to another file, it does not open.

import { b64u, randomBytes, unb64u, utf8 } from "./canon.js";

export const KDF = "PBKDF2-HMAC-SHA-256";
export const ITERATIONS = 600_000; // the least that is taken
export const MOST_ITERATIONS = 10_000_000; // a file is a stranger's: more would only keep the machine busy
export const PASSPHRASE_LEAST = 12; // characters

// `code`: short (passphrase), shape, weak (too few iterations), passphrase (or another file's lock).
export class LockError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function demand(holds, code) {
  if (!holds) throw new LockError(code);
}

async function keyFrom(passphrase, salt, iterations, usage) {
  const base = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(kdf, base, { name: "AES-GCM", length: 256 }, false, [usage]);
}

export async function lock(secret, passphrase, bound) {
  demand([...passphrase].length >= PASSPHRASE_LEAST, "short");
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const key = await keyFrom(passphrase, salt, ITERATIONS, "encrypt");
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, key, secret));
  return { kdf: KDF, iterations: ITERATIONS, salt: b64u(salt), iv: b64u(iv), sealed: b64u(sealed) };
}

const LENGTHS = { salt: (n) => n === 16, iv: (n) => n === 12, sealed: (n) => n > 16 };

export function checkLock(locked) {
  const names = locked && typeof locked === "object" ? Object.keys(locked).sort().join() : "";
  demand(names === "iterations,iv,kdf,salt,sealed" && locked.kdf === KDF, "shape");
  demand(Number.isSafeInteger(locked.iterations) && locked.iterations <= MOST_ITERATIONS, "shape");
  demand(locked.iterations >= ITERATIONS, "weak");
  for (const [name, fits] of Object.entries(LENGTHS)) {
    demand(typeof locked[name] === "string", "shape");
    let bytes;
    try {
      bytes = unb64u(locked[name]);
    } catch {
      throw new LockError("shape");
    }
    demand(fits(bytes.length), "shape");
  }
}

export async function unlock(locked, passphrase, bound) {
  checkLock(locked);
  const key = await keyFrom(passphrase, unb64u(locked.salt), locked.iterations, "decrypt");
  try {
    const seal = { name: "AES-GCM", iv: unb64u(locked.iv), additionalData: bound };
    return new Uint8Array(await crypto.subtle.decrypt(seal, key, unb64u(locked.sealed)));
  } catch {
    throw new LockError("passphrase");
  }
}
