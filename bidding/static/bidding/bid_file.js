// The bid file (protocol 3.5): everything of one bid that its bidder keeps. The browser's twin of bidding/bid_file.py, which
// has the format. Nothing here asks the network for anything.

import { b64u, canonical, concat, digest, hex, jcs, parse, unb64u, unhex, utf8 } from "./canon.js";
import { checkLock, lock, LockError, unlock } from "./locking.js";
import { stampedAt } from "./stamp.js";
import { makeContext, openWithKey, readPricePayload, statementHash } from "./sealing.js";

export const LARGEST = 262_144; // characters
const MEMBERS = "env_docs,env_price,keys,receipt,signature,statement,type,v";
const STATEMENT = "bid,box,client,env,lot,made,notice_sha256,prev,supplier,tender,type,v,ver";
const HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

// `code`: not-a-bid-file, other-envelope, no-keys, passphrase, other-keys, stamp.
export class BidFileError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function demand(holds, code = "not-a-bid-file") {
  if (!holds) throw new BidFileError(code);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const names = (value) => (isObject(value) ? Object.keys(value).sort().join() : "");
const bound = (stmt) => concat(utf8("koneps/v1/bid-file\0"), stmt);

// `submission`: what is posted; `keys`: { price, docs } (bytes, or null for docs), or null: then nobody can open the file's
// envelope, not even the bidder. `receipt`: the note, or null. `stamp`: a time stamp (b64u), or null.
export async function makeBidFile(submission, keys, passphrase, receipt = null, stamp = null) {
  const spelled = keys && jcs({ price: b64u(keys.price), docs: keys.docs ? b64u(keys.docs) : null });
  const locked = keys && (await lock(spelled, passphrase, bound(await statementHash(submission.statement))));
  return `${canonical({ v: 1, type: "bid-file", ...submission, keys: locked, receipt, ...(stamp && { stamp }) })}\n`;
}

// The file in `text`, its shape checked and its envelopes the ones that its statement names.
export async function readBidFile(text) {
  demand(typeof text === "string" && text.length <= LARGEST);
  let file;
  try {
    file = parse(utf8(text.replace(/\n+$/, "")));
  } catch {
    throw new BidFileError("not-a-bid-file");
  }
  const { stamp, ...rest } = isObject(file) ? file : {};
  demand(names(rest) === MEMBERS && file.v === 1 && file.type === "bid-file");
  for (const name of ["signature", "env_docs", "keys"]) demand(file[name] === null || isObject(file[name]));
  demand(file.receipt === null || typeof file.receipt === "string");
  checkStatement(file.statement);
  if (file.keys !== null) {
    try {
      checkLock(file.keys);
    } catch {
      throw new BidFileError("not-a-bid-file");
    }
  }
  await checkEnvelopes(file);
  const stmt = hex(await statementHash(file.statement));
  return { ...file, stmt, stampedAt: "stamp" in file ? await readStamp(stamp, stmt) : null };
}

async function readStamp(stamp, stmt) {
  try {
    return await stampedAt(unb64u(stamp), stmt);
  } catch {
    throw new BidFileError("stamp");
  }
}

function checkStatement(statement) {
  demand(names(statement) === STATEMENT && statement.v === 1 && statement.type === "bid");
  demand(statement.ver === 1 && statement.prev === null && names(statement.env) === "docs,price");
  for (const name of ["box", "tender", "lot", "supplier", "notice_sha256"]) demand(typeof statement[name] === "string");
  demand(statement.supplier.length >= 1 && statement.supplier.length <= 40);
  const { price, docs } = statement.env;
  demand(HASH.test(price) && (docs === null || HASH.test(docs)) && HASH.test(statement.client));
  demand(UUID.test(statement.bid) && INSTANT.test(statement.made));
}

async function checkEnvelopes({ statement, env_price: price, env_docs: docs }) {
  const hashOf = async (envelope) => hex(await digest("envelope", jcs(envelope)));
  demand(isObject(price), "other-envelope");
  demand((await hashOf(price)) === statement.env.price, "other-envelope");
  demand((docs === null ? null : await hashOf(docs)) === statement.env.docs, "other-envelope");
  demand(isObject(price.ctx) && canonical(price.ctx) === canonical(makeContext(statement)), "other-envelope");
}

// What the bidder offered, proved to be what is in the sealed envelope: { amount, picks, quantity, keys }.
export async function openBidFile(file, passphrase) {
  demand(file.keys !== null, "no-keys");
  let spelled;
  try {
    spelled = await unlock(file.keys, passphrase, bound(unhex(file.stmt)));
  } catch (fault) {
    throw fault instanceof LockError ? new BidFileError("passphrase") : fault;
  }
  try {
    const keys = parse(spelled);
    demand(names(keys) === "docs,price", "other-keys");
    const price = unb64u(keys.price);
    const { amount, picks, quantity = null } = readPricePayload(await openWithKey(file.env_price, price));
    const docs = keys.docs === null ? null : unb64u(keys.docs);
    demand((docs === null) === (file.env_docs === null), "other-keys");
    if (docs) demand(hex(await digest("cek", docs)) === file.env_docs.cek_commit, "other-keys");
    return { amount, picks, quantity, keys: { price, docs } };
  } catch {
    throw new BidFileError("other-keys");
  }
}

// What is posted to hand the bid in.
export function submissionOf({ statement, signature, env_price, env_docs }) {
  return { statement, signature, env_price, env_docs };
}
