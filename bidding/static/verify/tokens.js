// RFC 3161 time-stamp tokens: what was stamped and when, and whether a pinned certificate signed it (protocol 15).

import { concat, hex, refuse, sameBytes } from "./bytes.js";
import { children, rawEcdsa, sequence } from "./der.js";
import { SECOND } from "./shape.js";

const [INTEGER, OCTETS, OID, TIME, SEQUENCE, SET, EXPLICIT] = [0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xa0];
const SIGNED_DATA = "06092a864886f70d010702";
const TST_INFO = "060b2a864886f70d0109100104";
const [CONTENT_TYPE, MESSAGE_DIGEST] = ["06092a864886f70d010903", "06092a864886f70d010904"];
const HASHES = { "0609608648016503040201": "SHA-256", "0609608648016503040202": "SHA-384", "0609608648016503040203": "SHA-512" };
const [RSA_KEY, EC_KEY] = ["06092a864886f70d010101", "06072a8648ce3d0201"];
const CURVES = { "06082a8648ce3d030107": ["P-256", 32], "06052b81040022": ["P-384", 48], "06052b81040023": ["P-521", 66] };

const due = (element, tag) => (element?.tag === tag ? element : refuse("not a time-stamp token"));
const isOid = (element, spelled) => hex(due(element, OID).whole) === spelled;
const inside = (element, tag = SEQUENCE) => children(due(element, tag).body);

// The one element inside an explicit tag.
const explicit = (element) => sequence0(due(element, EXPLICIT).body);
const sequence0 = (body) => {
  const found = children(body);
  return found.length === 1 ? found[0] : refuse("not a time-stamp token");
};

function timeOf(element) {
  const spelled = String.fromCharCode(...due(element, TIME).body);
  const [, y, m, d, h, i, s, fraction = ""] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/.exec(spelled) ?? refuse("not a time-stamp token");
  const at = Date.UTC(Number(y), Number(m) - 1, Number(d), Number(h), Number(i), Number(s));
  return at * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6)) * (SECOND / 1_000_000);
}

// {imprint, at (microseconds since 1970), info, signer}; refused where the stamp was not granted or is over another hash.
export function readToken(bytes) {
  const [status, token] = sequence(bytes);
  const [code] = inside(status);
  const granted = due(code, INTEGER).body;
  if (granted.length !== 1 || granted[0] > 1) refuse("a time stamp that was not granted");
  const [contentType, content] = inside(token);
  if (!isOid(contentType, SIGNED_DATA)) refuse("not a time-stamp token");
  const signed = inside(explicit(content));
  const [infoType, infoContent] = inside(signed[2]);
  if (!isOid(infoType, TST_INFO)) refuse("not a time-stamp token");
  const info = due(explicit(infoContent), OCTETS).body;
  const [version, policy, imprint, , time] = sequence(info);
  if (hex(due(version, INTEGER).body) !== "01") refuse("not a time-stamp token");
  due(policy, OID);
  const [algorithm, hashed] = inside(imprint);
  if (HASHES[hex(inside(algorithm)[0].whole)] !== "SHA-256") refuse("a time stamp over another kind of hash");
  return { imprint: due(hashed, OCTETS).body, at: timeOf(time), info, signers: inside(signed.at(-1), SET) };
}

function readSigner(signers) {
  if (signers.length !== 1) refuse("not one signer");
  const [, , digestAlgorithm, attributes, signatureAlgorithm, signature] = inside(signers[0]);
  if (attributes?.tag !== EXPLICIT) refuse("no signed attributes");
  due(signatureAlgorithm, SEQUENCE);
  const hash = HASHES[hex(inside(digestAlgorithm)[0].whole)] ?? refuse("an unknown hash");
  const signedBytes = concat(Uint8Array.of(SET), attributes.whole.subarray(1));
  return { hash, attributes: children(attributes.body), signedBytes, signature: due(signature, OCTETS).body };
}

function attribute(attributes, type) {
  const found = attributes.filter((one) => isOid(inside(one)[0], type));
  return found.length === 1 ? sequence0(due(inside(found[0])[1], SET).body) : refuse("a signed attribute is missing");
}

// SubjectPublicKeyInfo of a certificate: the seventh part, or the sixth where no version is written.
function publicKeyOf(certificate) {
  const parts = inside(sequence(certificate)[0]);
  return parts[parts[0].tag === EXPLICIT ? 6 : 5];
}

async function isSignedBy(certificate, { hash, signedBytes, signature }) {
  const spki = publicKeyOf(certificate);
  const [type, curve] = inside(inside(spki)[0]);
  if (isOid(type, RSA_KEY)) return check(spki, { name: "RSASSA-PKCS1-v1_5", hash }, { name: "RSASSA-PKCS1-v1_5" }, signedBytes, signature);
  if (!isOid(type, EC_KEY)) return false;
  const [namedCurve, length] = CURVES[hex(curve.whole)] ?? refuse("an unknown curve");
  return check(spki, { name: "ECDSA", namedCurve }, { name: "ECDSA", hash }, signedBytes, rawEcdsa(signature, length));
}

async function check(spki, how, verify, message, signature) {
  try {
    const key = await crypto.subtle.importKey("spki", spki.whole, how, false, ["verify"]);
    return await crypto.subtle.verify(verify, key, signature, message);
  } catch {
    return false;
  }
}

// Refused unless one of the pinned certificates (DER) signed the token.
export async function checkToken({ info, signers }, certificates) {
  const signer = readSigner(signers);
  if (hex(attribute(signer.attributes, CONTENT_TYPE).whole) !== TST_INFO) refuse("a signature over something else");
  const digest = new Uint8Array(await crypto.subtle.digest(signer.hash, info));
  if (!sameBytes(due(attribute(signer.attributes, MESSAGE_DIGEST), OCTETS).body, digest)) refuse("a signature over something else");
  for (const certificate of certificates) if (await isSignedBy(certificate, signer)) return;
  refuse("a time stamp that no pinned authority signed");
}
