// What an opened envelope says: exactly 1,024 bytes of canonical JSON. Anything else is the bidder's fault, by a code.

import { fromB64u } from "./bytes.js";
import { parse } from "./canon.js";
import { isObject } from "./shape.js";

const LENGTH = 1024;
const AMOUNT = /^[1-9][0-9]{0,15}$/;
const MEMBERS = {
  price: ["amount", "currency", "nonce", "pad", "picks", "type", "v"],
  seed: ["nonce", "pad", "type", "v"],
  prices: ["pad", "prices", "type", "v"],
};

export const isAmount = (value) => typeof value === "string" && AMOUNT.test(value);

function isNonce(value) {
  try {
    return fromB64u(value, 32).length === 32;
  } catch {
    return false;
  }
}

function isPicks(picks, { pick, rule: { n } }) {
  return (
    Array.isArray(picks) && picks.every((one) => Number.isSafeInteger(one) && 1 <= one && one <= n) &&
    picks.length === pick && new Set(picks).size === pick
  );
}

const membersOf = (kind, draw) => (kind === "price" && draw.quantity !== undefined ? [...MEMBERS.price, "quantity"].sort() : MEMBERS[kind]);
const isQuantity = (value, most) => Number.isSafeInteger(value) && 1 <= value && value <= most;

function shaped(plain, kind, draw) {
  try {
    const value = parse(plain);
    const isShaped =
      isObject(value) && Object.keys(value).sort().join() === membersOf(kind, draw).join() &&
      value.v === 1 && value.type === kind && typeof value.pad === "string" && /^A*$/.test(value.pad);
    return isShaped ? value : null;
  } catch {
    return null;
  }
}

const READ = {
  price({ amount, currency, picks, nonce, quantity }, draw) {
    if (!isAmount(amount) || currency !== "KRW") return { fault: "amount" };
    if (!isPicks(picks, draw)) return { fault: "picks" };
    if (draw.quantity !== undefined && !isQuantity(quantity, draw.quantity)) return { fault: "quantity" };
    const facts = { amount, picks, nonce, ...(draw.quantity === undefined ? {} : { quantity }) };
    return isNonce(nonce) ? { facts } : { fault: "nonce" };
  },
  seed: ({ nonce }) => (isNonce(nonce) ? { facts: { nonce } } : { fault: "nonce" }),
  prices({ prices }, draw) {
    const isWhole = Array.isArray(prices) && prices.length === draw.rule.n && prices.every(isAmount);
    return isWhole ? { facts: { prices } } : { fault: "prices" };
  },
};

export function kindOf(supplier) {
  if (supplier === "@prices") return "prices";
  return supplier.startsWith("@") ? "seed" : "price";
}

// {facts} or {fault: code}.
export function readPayload(plain, kind, draw) {
  if (plain.length !== LENGTH) return { fault: "length" };
  const value = shaped(plain, kind, draw);
  return value ? READ[kind](value, draw) : { fault: "payload" };
}
