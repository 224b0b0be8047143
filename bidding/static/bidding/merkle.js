// RFC 6962 proofs: that a receipt's entry is in the log that a checkpoint signs, and that a log only grew.

import { concat, digest, equalBytes, hex, jcs, sha256, unb64u, unbase64 } from "./canon.js";
import { NoteError, openNote } from "./notes.js";

export const leafHash = (bytes) => sha256(concat([0], bytes));
const nodeHash = (left, right) => sha256(concat([1], left, right));

// The root that `path` leads to from the leaf hash at `index` in a tree of `size`. Throws where the path has a wrong length.
export async function rootFromPath(index, size, leaf, path) {
  if (index < 0 || index >= size) throw new RangeError("index outside the tree");
  let [fn, sn, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of path) {
    if (sn === 0n) throw new RangeError("proof is too long");
    if (fn & 1n || fn === sn) {
      hash = await nodeHash(sibling, hash);
      while (!(fn & 1n) && fn) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new RangeError("proof is too short");
  return hash;
}

export async function verifyInclusion(index, size, leaf, path, root) {
  if (!equalBytes(await rootFromPath(index, size, leaf, path), root)) throw new NoteError("the entry is not in the log");
}

// MTH of RFC 6962 over leaf hashes.
export async function rootOf(leaves) {
  if (!leaves.length) return sha256(new Uint8Array(0));
  let level = leaves;
  // Pairs joined level by level, a last odd one carried up, give the same tree as splitting at powers of two.
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i], level[i + 1]));
    const rest = level.length % 2 ? [level.at(-1)] : [];
    level = [...(await Promise.all(above)), ...rest];
  }
  return level[0];
}

// RFC 9162 2.1.4.2. The tree of `size1` with `root1` is the beginning of the tree of `size2` with `root2`, or it throws.
export async function verifyConsistency(size1, root1, size2, root2, proof) {
  if (size1 > size2) throw new RangeError("the log has shrunk");
  if (size1 === 0 || size1 === size2) {
    if (proof.length || (size1 && !equalBytes(root1, root2))) throw new NoteError("inconsistent log");
    return;
  }
  let [fn, sn] = [BigInt(size1) - 1n, BigInt(size2) - 1n];
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  // Where size1 is a power of two the old root itself is the first node.
  const rest = fn === 0n ? [root1, ...proof] : [...proof];
  if (!rest.length) throw new NoteError("inconsistent log");
  let old = rest[0];
  let fresh = rest[0];
  for (const node of rest.slice(1)) {
    if (sn === 0n) throw new NoteError("inconsistent log");
    if (fn & 1n || fn === sn) {
      [old, fresh] = [await nodeHash(node, old), await nodeHash(node, fresh)];
      while (!(fn & 1n) && fn) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      fresh = await nodeHash(fresh, node);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n || !equalBytes(old, root1) || !equalBytes(fresh, root2)) throw new NoteError("inconsistent log");
}

// "origin\nsize\nroot\n…" signed by the log -> { origin, size, root }.
export async function openCheckpoint(note, vkey) {
  const [origin, size, root] = (await openNote(note, [vkey])).split("\n");
  if (!/^(0|[1-9]\d{0,15})$/.test(size)) throw new NoteError("checkpoint size");
  const bytes = unbase64(root);
  if (bytes.length !== 32) throw new NoteError("checkpoint root");
  return { origin, size: Number(size), root: bytes };
}

// A c2sp.org/tlog-proof@v1 text -> { extra, index, path, checkpoint }.
export function readTlogProof(text) {
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n");
  if (cut < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new NoteError("not a log proof");
  const extra = lines[0]?.startsWith("extra ") ? unbase64(lines.shift().slice(6)) : null;
  const match = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "");
  if (!match) throw new NoteError("proof index");
  const path = lines.map(unbase64);
  if (path.some((hash) => hash.length !== 32)) throw new NoteError("proof hash");
  return { extra, index: Number(match[1]), path, checkpoint: text.slice(cut + 2) };
}

// The entry that a receipt promises: a sealed leaf that holds only the commitment `c`.
export const receiptLeaf = (receipt) => jcs({ c: receipt.c, v: 1 });

// The receipt's own event, if one is shown, opens the commitment: H("event", salt || JCS(event)) = c.
export async function opensCommitment(receipt, event) {
  return hex(await digest("event", concat(unb64u(receipt.salt), jcs(event)))) === receipt.c;
}

// Where the receipt's entry stands in the log: { index, size }. Throws NoteError where it does not.
export async function findReceiptInLog(receipt, proofText, logVkey) {
  const proof = readTlogProof(proofText);
  const checkpoint = await openCheckpoint(proof.checkpoint, logVkey);
  if (checkpoint.origin !== receipt.origin) throw new NoteError("the proof is of another log");
  const leaf = await leafHash(receiptLeaf(receipt));
  await verifyInclusion(proof.index, checkpoint.size, leaf, proof.path, checkpoint.root);
  return { index: proof.index, size: checkpoint.size };
}

