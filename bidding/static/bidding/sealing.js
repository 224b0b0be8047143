// Sealing a bid: payload, envelope, statement. The browser's twin of bidding/sealing.py; runs in Node for the tests.
//
// The price lives only inside `pricePayload`'s bytes, is encrypted here, and leaves the page as `envelope.ct`.

import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "/static/vendor/hpke.js";

import { b64u, canonical, concat, digest, equalBytes, hex, jcs, parse, randomBytes, unb64u, utf8 } from "./canon.js";

const CHUNK = 16384; // plaintext bytes per chunk; each gains a 16-byte tag
const TAG = 16;
const SALT = 24;
const COMMITMENT = 32;
const PIECE = 32;
export const PRICE_PAYLOAD_BYTES = 1024;
export const AMOUNT = /^[1-9][0-9]{0,15}$/;
const MOST_QUANTITY = 10 ** 12;
const PRICE_MEMBERS = ["amount,currency,nonce,pad,picks,type,v", "amount,currency,nonce,pad,picks,quantity,type,v"];

const suite = (kem = KEM_DHKEM_X25519_HKDF_SHA256) => new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
const wrapInfo = (ctx, holder) => concat(utf8("koneps/v1/wrap\0"), jcs({ ...ctx, holder }));
const payloadContext = (ctx) => concat(utf8("koneps/v1/payload\0"), jcs(ctx));
export { payloadContext, wrapInfo };

// ---- chunked encryption (c2sp.org/chunked-encryption, AES-256-GCM with HMAC-SHA-512)

export async function chunkKeys(cek, salt, context) {
  const key = await crypto.subtle.importKey("raw", cek, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
  const mac = async (bytes) => new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  const info = concat(utf8("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"), salt, context);
  const first = await mac(concat(info, [1]));
  const second = await mac(concat(first, info, [2]));
  const stream = concat(first, second);
  return { key: stream.slice(0, 32), nonce: stream.slice(32, 44), commitment: stream.slice(44, 76) };
}

export function chunkNonce(base, number) {
  const nonce = base.slice();
  for (let rest = number, i = nonce.length - 1; rest > 0; i -= 1, rest = Math.floor(rest / 256)) nonce[i] ^= rest % 256;
  return nonce;
}

export async function sealPayload(cek, context, plain, salt = randomBytes(SALT)) {
  const { key, nonce, commitment } = await chunkKeys(cek, salt, context);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const parts = [salt, commitment];
  // A plaintext of whole chunks ends in an empty one, so that a cut at a chunk's edge is seen.
  for (let i = 0; i <= Math.floor(plain.length / CHUNK); i += 1) {
    const piece = plain.slice(i * CHUNK, (i + 1) * CHUNK);
    parts.push(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: chunkNonce(nonce, i) }, aes, piece)));
  }
  return concat(...parts);
}

export async function openPayload(cek, context, sealed) {
  if (sealed.length < SALT + COMMITMENT + TAG) throw new Error("sealed payload is too short");
  const { key, nonce, commitment } = await chunkKeys(cek, sealed.slice(0, SALT), context);
  if (!equalBytes(commitment, sealed.slice(SALT, SALT + COMMITMENT))) throw new Error("key commitment does not match");
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const body = sealed.slice(SALT + COMMITMENT);
  const parts = [];
  for (let i = 0; ; i += 1) {
    const end = (i + 1) * (CHUNK + TAG);
    const piece = body.slice(i * (CHUNK + TAG), end);
    const iv = chunkNonce(nonce, i);
    const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, piece));
    parts.push(plain);
    if (plain.length < CHUNK) {
      if (end < body.length) throw new Error("bytes after the last chunk");
      return concat(...parts);
    }
  }
}

// ---- who can open: an OR of ANDs over holders, the key split by XOR within each group

export function split(cek, groups) {
  const blobs = new Map();
  const give = (holder, piece) => blobs.set(holder, concat(blobs.get(holder) ?? new Uint8Array(0), piece));
  for (const group of groups) {
    let last = cek.slice();
    for (const holder of group.slice(0, -1)) {
      const piece = randomBytes(PIECE);
      give(holder, piece);
      last = last.map((byte, i) => byte ^ piece[i]);
    }
    give(group.at(-1), last);
  }
  return blobs;
}

export function join(groups, chosen, blobs) {
  let cek = new Uint8Array(PIECE);
  for (const holder of groups[chosen]) {
    const before = groups.slice(0, chosen).filter((group) => group.includes(holder)).length;
    const piece = blobs.get(holder).slice(PIECE * before, PIECE * (before + 1));
    cek = cek.map((byte, i) => byte ^ piece[i]);
  }
  return cek;
}

// ---- envelope

// One HPKE seal, and the ephemeral key that it was made with (JWK `d`): revealed of an envelope that is thrown away, else
// forgotten. With `ephemeral` given, the same seal is made again.
export async function sealTo(pub, info, blob, ephemeral = null) {
  let used;
  const kem = () => {
    const own = KEM_DHKEM_X25519_HKDF_SHA256();
    const given = async () => {
      const privateKey = await own.DeserializePrivateKey(unb64u(ephemeral), true);
      const { x } = await crypto.subtle.exportKey("jwk", privateKey);
      return { privateKey, publicKey: await own.DeserializePublicKey(unb64u(x)) };
    };
    const GenerateKeyPair = async () => (used = await (ephemeral === null ? own.GenerateKeyPair(true) : given()));
    return { ...own, GenerateKeyPair };
  };
  const sealing = suite(kem);
  const recipient = await sealing.DeserializePublicKey(unb64u(pub));
  const { encapsulatedSecret, ciphertext } = await sealing.Seal(recipient, blob, { info });
  const { d } = await crypto.subtle.exportKey("jwk", used.privateKey);
  return { wrap: b64u(concat(encapsulatedSecret, ciphertext)), ephemeral: d };
}

// The head of an envelope: `cek` split for the lane's groups and sealed to each holder. `revealed`: what only a throw-away
// envelope ever shows (see audit_file.js).
export async function sealKey(ctx, lane, cek) {
  const blobs = split(cek, lane.groups);
  const wraps = {};
  const commits = {};
  const revealed = { pieces: {}, ephemerals: {} };
  for (const { id, pub } of lane.holders) {
    const blob = blobs.get(id);
    const { wrap, ephemeral } = await sealTo(pub, wrapInfo(ctx, id), blob);
    wraps[id] = wrap;
    commits[id] = hex(await digest("piece", blob));
    revealed.pieces[id] = b64u(blob);
    revealed.ephemerals[id] = ephemeral;
  }
  const head = { v: 1, type: "envelope", ctx, cek_commit: hex(await digest("cek", cek)), wraps, piece_commits: commits };
  return { head, revealed };
}

export async function sealEnvelope(ctx, lane, plain) {
  const cek = randomBytes(PIECE);
  const { head, revealed } = await sealKey(ctx, lane, cek);
  const envelope = { ...head, ct: b64u(await sealPayload(cek, payloadContext(ctx), plain)) };
  return { cek, envelope, revealed };
}

// What a holder does with its wrap; here for the tests and for opening one's own bid file.
export async function holderOpen(envelope, holder, privateKey) {
  const wrap = unb64u(envelope.wraps[holder]);
  const key = await suite().DeserializePrivateKey(privateKey, true); // decapsulation derives the public half
  const info = wrapInfo(envelope.ctx, holder);
  const blob = new Uint8Array(await suite().Open(key, wrap.slice(0, 32), wrap.slice(32), { info }));
  if (hex(await digest("piece", blob)) !== envelope.piece_commits[holder]) throw new Error("piece commitment");
  return blob;
}

export async function combine(envelope, lane, chosen, blobs) {
  for (const holder of lane.groups[chosen]) {
    if (hex(await digest("piece", blobs.get(holder))) !== envelope.piece_commits[holder]) throw new Error(`holder ${holder}`);
  }
  const cek = join(lane.groups, chosen, blobs);
  return { cek, plain: await openWithKey(envelope, cek) };
}

export async function openWithKey(envelope, cek) {
  if (hex(await digest("cek", cek)) !== envelope.cek_commit) throw new Error("key does not match its commitment");
  return openPayload(cek, payloadContext(envelope.ctx), unb64u(envelope.ct));
}

// ---- price payload: always 1,024 bytes, so that its length says nothing of the amount

// `quantity`: how many are offered at that price each, where the box asks for it; else null.
export function pricePayload(amount, picks, nonce = randomBytes(32), quantity = null) {
  if (!AMOUNT.test(amount)) throw new RangeError("amount");
  const offered = quantity === null ? {} : { quantity };
  const bare = { v: 1, type: "price", amount, currency: "KRW", picks, ...offered, nonce: b64u(nonce), pad: "" };
  const missing = PRICE_PAYLOAD_BYTES - jcs(bare).length;
  if (missing < 0) throw new RangeError("picks are too many");
  return jcs({ ...bare, pad: "A".repeat(missing) });
}

// A contribution to the draw, of the same length.
export function seedPayload(nonce = randomBytes(32)) {
  const bare = { v: 1, type: "seed", nonce: b64u(nonce), pad: "" };
  return jcs({ ...bare, pad: "A".repeat(PRICE_PAYLOAD_BYTES - jcs(bare).length) });
}

export function readPricePayload(bytes) {
  if (bytes.length !== PRICE_PAYLOAD_BYTES) throw new Error("a price payload has 1,024 bytes");
  const payload = parse(bytes);
  const names = Object.keys(payload).sort().join();
  if (!PRICE_MEMBERS.includes(names)) throw new Error("members");
  if (payload.v !== 1 || payload.type !== "price" || payload.currency !== "KRW") throw new Error("kind");
  if (!AMOUNT.test(payload.amount) || unb64u(payload.nonce).length !== 32) throw new Error("amount or nonce");
  const { quantity = 1 } = payload;
  if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > MOST_QUANTITY) throw new Error("quantity");
  return payload;
}

// ---- statement and its signature

export function makeContext({ box, tender, lot, supplier, bid, ver = 1 }) {
  return { v: 1, type: "ctx", box, tender, lot, supplier, bid, ver, lane: "price" };
}

const hashOf = async (envelope) => (envelope ? hex(await digest("envelope", jcs(envelope))) : null);

// `docs`: the envelope of the bid's documents, or null.
export async function makeStatement(ctx, { noticeSha256, envelope, client, made, docs = null }) {
  const { box, tender, lot, supplier, bid, ver } = ctx;
  const env = { price: await hashOf(envelope), docs: await hashOf(docs) };
  return { v: 1, type: "bid", box, tender, lot, supplier, bid, ver, prev: null, notice_sha256: noticeSha256, env, client, made };
}

export const statementHash = (statement) => digest("bid", jcs(statement));
export const signedBytes = (stmt) => concat(utf8("koneps/v1/sign\0"), stmt);

// The canonical text that is posted. `sign(stmt)` gives the signature's object for the 32 bytes of the statement's hash.
export async function makeSubmission(statement, envelope, sign, docs = null) {
  const stmt = await statementHash(statement);
  const signature = await sign(stmt);
  return { stmt: hex(stmt), body: canonical({ statement, signature, env_price: envelope, env_docs: docs }) };
}

// UUIDv7 (RFC 9562): 48 bits of milliseconds, then random.
export function newId(milliseconds = Date.now()) {
  const bytes = randomBytes(16);
  for (let i = 5, rest = milliseconds; i >= 0; i -= 1, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

// 2026-11-23T00:59:59.123000Z: the one spelling of an instant in signed objects.
export const wire = (milliseconds) => new Date(milliseconds).toISOString().replace("Z", "000Z");
