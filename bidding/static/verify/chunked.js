// c2sp.org/chunked-encryption with AES-256-GCM, opening only: salt (24), commitment to the key (32), then pieces of 16 KiB,
// each with its tag, the last one shorter than a whole piece.

import { concat, hmac, refuse, sameBytes, sha512, utf8 } from "./bytes.js";

const CHUNK = 16384;
const TAG = 16;
const LABEL = utf8("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");

function derive(cek, salt, context) {
  const info = concat(LABEL, salt, context);
  const first = hmac(sha512, cek, concat(info, Uint8Array.of(1)));
  const second = hmac(sha512, cek, concat(first, info, Uint8Array.of(2)));
  const whole = concat(first, second);
  return { key: whole.slice(0, 32), nonce: whole.slice(32, 44), commitment: whole.slice(44, 76) };
}

function nonceAt(base, index) {
  const nonce = base.slice();
  let rest = index;
  for (let at = 11; rest > 0; at -= 1) {
    nonce[at] ^= rest % 256;
    rest = Math.floor(rest / 256);
  }
  return nonce;
}

async function decrypt(key, nonce, sealed) {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, sealed));
  } catch {
    return refuse("does not decrypt");
  }
}

export async function openChunked(cek, context, sealed) {
  if (sealed.length < 24 + 32 + TAG) refuse("shorter than an empty message");
  const { key: raw, nonce, commitment } = derive(cek, sealed.slice(0, 24), context);
  if (!sameBytes(commitment, sealed.slice(24, 56))) refuse("is committed to another key");
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const [body, plain] = [sealed.subarray(56), []];
  for (let index = 0; ; index += 1) {
    const end = (index + 1) * (CHUNK + TAG);
    const piece = await decrypt(key, nonceAt(nonce, index), body.subarray(end - CHUNK - TAG, end));
    plain.push(piece);
    if (piece.length === CHUNK) continue;
    return end < body.length ? refuse("goes on after its end") : concat(...plain);
  }
}
