// Envelopes: contexts, commitments, joining keyholders' pieces, opening (protocol 5 and 7).

import { b64u, concat, digest, fromB64u, hex, refuse, utf8 } from "./bytes.js";
import { jcs, member } from "./canon.js";
import { openChunked } from "./chunked.js";
import { kindOf, readPayload } from "./payload.js";
import { array, bytes, equal, exactly, hash, integer, same } from "./shape.js";

const PIECE = 32;
const PRICE_CT = 24 + 32 + 1024 + 16;
// Counts, numbers and bytes that a documents envelope may name.
const FILES = { most: 61, last: 999, least: 73, manifest: 65_672, each: 268_697_672, all: 536_870_912 };

export const wrapInfo = (ctx, holder) => concat(utf8("koneps/v1/wrap\0"), jcs({ ...ctx, holder }));
export const payloadContext = (ctx) => concat(utf8("koneps/v1/payload\0"), jcs(ctx));
export const envelopeHash = (envelope) => hex(digest("envelope", jcs(envelope)));
export const statementHash = (statement) => hex(digest("bid", jcs(statement)));
export const boxId = (box) => hex(digest("box", jcs(box)));
export const cekCommit = (cek) => hex(digest("cek", cek));
export const pieceCommit = (blob) => hex(digest("piece", blob));

// How many pieces a keyholder gets: one for each group it is in.
export const piecesOf = (groups, holder) => groups.filter((group) => group.includes(holder)).length;

export function contextOf({ box, tender, lot, supplier, bid, ver }, lane) {
  return { v: 1, type: "ctx", box, tender, lot, supplier, bid, ver, lane };
}

// Shape, lengths and context of an envelope of a lane; refused for anything else.
export function checkEnvelope(envelope, statement, name, lane) {
  const content = name === "docs" ? "files" : "ct";
  exactly(envelope, ["v", "type", "ctx", "cek_commit", "wraps", "piece_commits", content], "the envelope");
  equal(envelope.v, 1, "v");
  equal(envelope.type, "envelope", "type");
  if (!same(envelope.ctx, contextOf(statement, name))) refuse("the envelope is bound to another bid");
  hash(envelope.cek_commit, "cek_commit");
  const holders = lane.holders.map(({ id }) => id);
  exactly(envelope.wraps, holders, "wraps");
  exactly(envelope.piece_commits, holders, "piece_commits");
  for (const holder of holders) {
    hash(envelope.piece_commits[holder], "piece_commits");
    bytes(envelope.wraps[holder], "wraps", 32 + PIECE * piecesOf(lane.groups, holder) + 16);
  }
  if (name === "docs") checkFiles(envelope.files);
  else bytes(envelope.ct, "ct", PRICE_CT);
}

// Number 0 is the encrypted list of the others; numbers may leave gaps, and never go back.
function checkFiles(files) {
  if (array(files, "files").length < 2 || files.length > FILES.most) refuse("too few files in the envelope, or too many");
  let [last, total] = [-1, 0];
  for (const file of files) {
    exactly(file, ["n", "ct_sha256", "ct_len"], "a file");
    integer(file.n, "n", last < 0 ? 0 : last + 1, last < 0 ? 0 : FILES.last);
    hash(file.ct_sha256, "ct_sha256");
    total += integer(file.ct_len, "ct_len", FILES.least, file.n === 0 ? FILES.manifest : FILES.each);
    last = file.n;
  }
  if (total > FILES.all) refuse("too few files in the envelope, or too many");
}

const malformed = (reason) => ({ verdict: "malformed", cek: null, reason });

// The key of the group in force, or what is wrong with it. `blobs`: holder -> bytes, or null where the wrap did not open.
// A holder's own fault is refused: then the whole bundle fails.
function joinPieces(envelope, groups, chosen, blobs) {
  const cek = new Uint8Array(PIECE);
  for (const holder of groups[chosen]) {
    const blob = blobs.get(holder);
    if (blob === undefined) refuse("%(holder)s gave no piece", { holder });
    if (blob === null) return malformed("wrap");
    if (pieceCommit(blob) !== member(envelope.piece_commits, holder)) refuse("%(holder)s gave another piece than the bidder committed to", { holder });
    if (blob.length !== PIECE * piecesOf(groups, holder)) return malformed("piece-length");
    const at = PIECE * piecesOf(groups.slice(0, chosen), holder);
    for (let index = 0; index < PIECE; index += 1) cek[index] ^= blob[at + index];
  }
  return { cek };
}

async function decrypt(envelope, cek) {
  try {
    return await openChunked(cek, payloadContext(envelope.ctx), fromB64u(envelope.ct));
  } catch {
    return null;
  }
}

async function openWith(envelope, cek, draw) {
  if (cekCommit(cek) !== envelope.cek_commit) return malformed("cek-commitment");
  const plain = await decrypt(envelope, cek);
  if (!plain) return malformed("ciphertext");
  const { facts, fault } = readPayload(plain, kindOf(envelope.ctx.supplier), draw);
  return fault ? { verdict: "invalid", cek: b64u(cek), reason: fault } : { verdict: "opened", cek: b64u(cek), ...facts };
}

// After a recovery: what nobody gave a key for. A contribution counts as nothing then, so that its maker cannot stop the draw.
function unrecovered(supplier) {
  if (kindOf(supplier) !== "seed") return malformed("not-recovered");
  return { verdict: "opened", cek: null, nonce: b64u(new Uint8Array(32)) };
}

// The line of opening.jsonl that one envelope comes to. `keys`: {groups, chosen, blobs} or, after a recovery, {cek}.
export async function openEnvelope(stmt, envelope, keys, draw) {
  const { bid, supplier } = envelope.ctx;
  const joined = keys.blobs ? joinPieces(envelope, keys.groups, keys.chosen, keys.blobs) : keys.cek ? { cek: keys.cek } : unrecovered(supplier);
  const found = joined.verdict ? joined : await openWith(envelope, joined.cek, draw);
  return { stmt, bid, supplier, ...found };
}
