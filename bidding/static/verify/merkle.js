// RFC 6962 trees: root of a list, inclusion, and that one tree continues another (RFC 9162, 2.1.3 and 2.1.4).

import { concat, refuse, sameBytes, sha256 } from "./bytes.js";

const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

export const leafHash = (leaf) => sha256(concat(LEAF, leaf));
const nodeHash = (left, right) => sha256(concat(NODE, left, right));

// Root over leaf hashes: complete subtrees are joined as soon as there are two of one size.
export function rootOf(hashes) {
  if (hashes.length === 0) return sha256(new Uint8Array());
  const stack = [];
  hashes.forEach((hash, index) => {
    stack.push(hash);
    for (let n = index + 1; n % 2 === 0; n /= 2) {
      const right = stack.pop();
      stack.push(nodeHash(stack.pop(), right));
    }
  });
  return stack.reduceRight((right, left) => nodeHash(left, right));
}

// Halving without a shift: a shift would cut the number to 32 bits.
const half = (n) => Math.floor(n / 2);
const isOdd = (n) => n % 2 === 1;

export function rootFromPath(index, size, hash, path) {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && 0 <= index && index < size)) refuse("no such place in the tree");
  let [first, second, root] = [index, size - 1, hash];
  for (const step of path) {
    if (second === 0) refuse("the proof is too long");
    if (isOdd(first) || first === second) {
      root = nodeHash(step, root);
      while (!isOdd(first) && first !== 0) [first, second] = [half(first), half(second)];
    } else {
      root = nodeHash(root, step);
    }
    [first, second] = [half(first), half(second)];
  }
  return second === 0 ? root : refuse("the proof is too short");
}

export function checkConsistency(oldSize, oldRoot, size, root, proof) {
  if (!(0 <= oldSize && oldSize <= size)) refuse("the older tree is larger");
  if (oldSize === 0 || oldSize === size) return checkTrivial(oldSize, oldRoot, root, proof);
  const steps = [...proof];
  let [first, second] = [oldSize - 1, size - 1];
  while (isOdd(first)) [first, second] = [half(first), half(second)];
  const start = first === 0 ? oldRoot : steps.shift() ?? refuse("the proof is too short");
  let [older, newer] = [start, start];
  for (const step of steps) {
    if (second === 0) refuse("the proof is too long");
    if (isOdd(first) || first === second) {
      [older, newer] = [nodeHash(step, older), nodeHash(step, newer)];
      while (!isOdd(first) && first !== 0) [first, second] = [half(first), half(second)];
    } else {
      newer = nodeHash(newer, step);
    }
    [first, second] = [half(first), half(second)];
  }
  if (second !== 0) refuse("the proof is too short");
  if (!sameBytes(older, oldRoot)) refuse("the older tree is not the beginning of this one");
  if (!sameBytes(newer, root)) refuse("the proof does not lead to this tree");
}

function checkTrivial(oldSize, oldRoot, root, proof) {
  if (proof.length) refuse("a proof where none is due");
  if (oldSize === 0) return sameBytes(oldRoot, rootOf([])) || refuse("a tree of nothing with another root");
  return sameBytes(oldRoot, root) || refuse("two trees of one size");
}
