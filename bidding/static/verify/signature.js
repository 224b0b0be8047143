// A supplier's signature over a statement: a plain Ed25519 key, or a WebAuthn key (passkey) with its conditions.

import { b64u, concat, fromB64u, fromUtf8, refuse, sameBytes, sha256, utf8 } from "./bytes.js";
import { rawEcdsa, sequence } from "./der.js";
import { readForeign } from "./foreign.js";
import { isEd25519 } from "./note.js";
import { anyText, array, exactly, isObject, text } from "./shape.js";

const [MOST, LEAST_RSA] = [8192, 2048];
const [USER_PRESENT, USER_VERIFIED] = [0x01, 0x04];
const ALGORITHMS = {
  "-7": { kind: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" }, spell: rawEcdsa },
  "-8": { kind: { name: "Ed25519" }, verify: { name: "Ed25519" }, spell: (signature) => signature },
  "-257": {
    kind: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" }, spell: (signature) => signature,
  },
};

// `key` is the entry supplier.key_added; `stmt` 32 bytes. Refused unless the signature is by that key.
export async function checkSupplierSignature(signature, key, stmt) {
  if (signature.alg !== key.alg) refuse("a signature of another kind than its key");
  if (signature.alg === "Ed25519") {
    exactly(signature, ["alg", "kid", "signature"], "the signature");
    const message = concat(utf8("koneps/v1/sign\0"), stmt);
    const isGood = await isEd25519(fromB64u(key.public, 32), fromB64u(signature.signature), message);
    return isGood || refuse("the signature is wrong");
  }
  return signature.alg === "webauthn" ? checkAssertion(signature, key, stmt) : refuse("a signature of an unknown kind");
}

const part = (signature, name) =>
  anyText(signature[name], name).length <= MOST ? fromB64u(signature[name]) : refuse("a signature that is too long");

async function checkAssertion(signature, key, stmt) {
  exactly(signature, ["alg", "kid", "authenticatorData", "clientDataJSON", "signature"], "the signature");
  const [clientData, authenticator, raw] = ["clientDataJSON", "authenticatorData", "signature"].map((name) => part(signature, name));
  checkClientData(clientData, key, stmt);
  if (authenticator.length < 37) refuse("authenticator data that is cut off");
  if (!sameBytes(authenticator.subarray(0, 32), sha256(utf8(text(key.rp_id, "rp_id"))))) refuse("signed for another site than %(site)s", { site: key.rp_id });
  const flags = authenticator[32];
  if (!(flags & USER_PRESENT) || !(flags & USER_VERIFIED)) refuse("nobody was verified at the authenticator");
  const message = concat(authenticator, sha256(clientData));
  if (!(await isSigned(key, raw, message))) refuse("the signature is wrong");
}

// WebAuthn's own JSON: a browser spells it, in its own order.
function checkClientData(bytes, key, stmt) {
  const data = readForeign(fromUtf8(bytes));
  if (!isObject(data) || data.type !== "webauthn.get") refuse("not the answer to a request for a signature");
  if (data.challenge !== b64u(stmt)) refuse("signed for another statement");
  if (typeof data.origin !== "string" || !array(key.origins, "origins").includes(data.origin)) refuse("signed on another site");
  if ("topOrigin" in data || ("crossOrigin" in data && data.crossOrigin !== false)) refuse("signed inside another site's page");
}

const imported = new Map();

async function importKey({ cose_alg: algorithm, public: spelled }) {
  const der = fromB64u(spelled);
  sequence(der); // one element and nothing after it: importKey would not mind
  const key = await crypto.subtle.importKey("spki", der, ALGORITHMS[algorithm].kind, false, ["verify"]);
  return (key.algorithm.modulusLength ?? LEAST_RSA) >= LEAST_RSA ? key : refuse("a key that is too short");
}

async function isSigned(key, signature, message) {
  const { verify, spell } = Number.isInteger(key.cose_alg) && Object.hasOwn(ALGORITHMS, key.cose_alg) ? ALGORITHMS[key.cose_alg] : refuse("a key of an unknown algorithm");
  const name = `${key.cose_alg} ${key.public}`;
  if (!imported.has(name)) imported.set(name, importKey(key));
  try {
    return await crypto.subtle.verify(verify, await imported.get(name), spell(signature), message);
  } catch {
    return false;
  }
}
