// A throw-away envelope with everything revealed, to test the program that seals ("cast or challenge"). The browser's twin
// of bidding/audit_file.py, which has the format. It is never signed, and its bid id is used for nothing else.

import { b64u, canonical, digest, equalBytes, hex, parse, unb64u, utf8 } from "./canon.js";
import { boxId } from "./notes.js";
import {
  join, makeContext, newId, openWithKey, payloadContext, pricePayload, readPricePayload, sealEnvelope, sealPayload, sealTo, wrapInfo,
} from "./sealing.js";

const MEMBERS = "box,cek,client,envelope,ephemerals,made,pieces,price,type,v";
const SALT = 24;

// `code` says what differs from what was typed or from what the box asks.
export class AuditError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function demand(holds, code = "not-an-audit-file") {
  if (!holds) throw new AuditError(code);
}

// Seal `price` ({ amount, picks }, and quantity where the box asks for it) as a bid is sealed, and reveal all of it. `now` in milliseconds.
export async function makeAuditFile({ box, client, price, lot, supplier, now, made }) {
  const ctx = makeContext({ box: await boxId(box), tender: box.tender, lot, supplier, bid: newId(now) });
  const plain = pricePayload(price.amount, price.picks, undefined, price.quantity ?? null);
  const { cek, envelope, revealed } = await sealEnvelope(ctx, box.lanes.price, plain);
  const file = { v: 1, type: "audit-file", box, client, made, price, envelope, cek: b64u(cek), ...revealed };
  return `${canonical(file)}\n`;
}

// Make the envelope again from what it reveals: { amount, picks, holders, box, client }, or AuditError.
export async function audit(text) {
  try {
    const file = parse(utf8(text.replace(/\n+$/, "")));
    demand(Object.keys(file).sort().join() === MEMBERS && file.v === 1 && file.type === "audit-file");
    return await check(file);
  } catch (fault) {
    throw fault instanceof AuditError ? fault : new AuditError("not-an-audit-file");
  }
}

async function check({ box, client, price, envelope, cek: spelled, pieces, ephemerals }) {
  const [cek, { ctx }, lane] = [unb64u(spelled), envelope, box.lanes.price];
  demand(ctx.box === (await boxId(box)) && ctx.tender === box.tender, "box");
  const plain = await openWithKey(envelope, cek).catch(() => demand(false, "key"));
  const { amount, picks, quantity } = readPricePayload(plain);
  const offered = quantity === undefined ? {} : { quantity };
  demand(canonical({ amount, picks, ...offered }) === canonical(price), "price");
  const sealed = unb64u(envelope.ct);
  const again = await sealPayload(cek, payloadContext(ctx), plain, sealed.slice(0, SALT));
  demand(equalBytes(again, sealed), "ciphertext");
  const holders = lane.holders.map(({ id }) => id).sort();
  for (const named of [pieces, ephemerals, envelope.wraps, envelope.piece_commits]) {
    demand(Object.keys(named).sort().join() === holders.join(), "holders");
  }
  const blobs = new Map(Object.entries(pieces).map(([id, blob]) => [id, unb64u(blob)]));
  for (const [id, blob] of blobs) demand(hex(await digest("piece", blob)) === envelope.piece_commits[id], "pieces");
  for (let i = 0; i < lane.groups.length; i += 1) demand(equalBytes(join(lane.groups, i, blobs), cek), "pieces");
  for (const { id, pub } of lane.holders) {
    const { wrap } = await sealTo(pub, wrapInfo(ctx, id), blobs.get(id), ephemerals[id]);
    demand(wrap === envelope.wraps[id], "wrap");
  }
  return { amount, picks, ...offered, holders, box: ctx.box, client };
}
