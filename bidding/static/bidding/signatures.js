// Ed25519 signatures over statements, and what a new key claims when it is enrolled. No network, no storage.

import { b64u, canonical, concat, utf8 } from "./canon.js";
import { signedBytes } from "./sealing.js";

export async function sign(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, bytes));
}

// A statement's signature as it is posted; `stmt` is the 32 bytes of its hash.
export async function signStatement(key, stmt) {
  return { alg: "Ed25519", kid: key.kid, signature: b64u(await sign(key, signedBytes(stmt))) };
}

// What a new key's holder claims: this key, asked for just now, by this firm.
export function enrolmentClaim({ kid, publicKey, challenge, supplier }) {
  return utf8(canonical({ v: 1, type: "enrol", kid, public: publicKey, challenge, supplier }));
}

export const enrolmentBytes = (claim) => concat(utf8("koneps/v1/enrol\0"), enrolmentClaim(claim));
