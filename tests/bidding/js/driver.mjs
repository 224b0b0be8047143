// A question a line on stdin, {what, values} as JSON; a line on stdout for each: {answer}, or {stumbled} where it threw.
import { createInterface } from "node:readline";
import * as amounts from "../../../bidding/static/bidding/amounts.js";
import * as canon from "../../../bidding/static/bidding/canon.js";
import * as holder from "../../../bidding/static/bidding/holder.js";
import * as keyfile from "../../../bidding/static/bidding/keyfile.js";
import * as docsSealing from "../../../bidding/static/bidding/docs_sealing.js";
import * as keys from "../../../bidding/static/bidding/signatures.js";
import * as merkle from "../../../bidding/static/bidding/merkle.js";
import * as notes from "../../../bidding/static/bidding/notes.js";
import * as price from "../../../bidding/static/bidding/price.js";
import * as auditFile from "../../../bidding/static/bidding/audit_file.js";
import * as bidFile from "../../../bidding/static/bidding/bid_file.js";
import * as boxFile from "../../../bidding/static/bidding/box_file.js";
import * as signingFile from "../../../bidding/static/bidding/key_file.js";
import * as resupply from "../../../bidding/static/bidding/resupply.js";
import * as sealing from "../../../bidding/static/bidding/sealing.js";
import { sniff } from "../../../bidding/static/bidding/sniff.js";
import * as submit from "../../../bidding/static/bidding/submit.js";
import { upload } from "../../../bidding/static/bidding/upload.js";
import { kst } from "../../../bidding/static/bidding/view.js";

const fromHex = (text) => canon.unhex(text);
const each = (values, act) => Promise.all(values.map(act));

// The answer, or the fault's words: a refusal is an answer too.
async function attempt(act) {
  try {
    return { ok: await act() };
  } catch (fault) {
    return { fault: String(fault.message ?? fault) };
  }
}

async function attemptStatus(act) {
  try {
    return { ok: await act() };
  } catch (problem) {
    return { refused: [problem.status, problem.code] };
  }
}

async function signingPair() {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  return { key: pair, public: canon.b64u(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))) };
}

const member = ({ file, passphrase }) => keyfile.openKeyFile(file, passphrase);

const questions = {
  // Ciphertext and hashes of a file of `length` bytes, whole and cut at `cuts`.
  docs: (cases) =>
    each(cases, async ({ ctx, n, cek, salt, plain, cuts }) => {
      const blob = new Blob([canon.unb64u(plain)]);
      const file = await docsSealing.SealedFile.make(blob, fromHex(cek), docsSealing.fileContext(ctx, n), fromHex(salt));
      const edges = [0, ...cuts, file.length];
      const parts = await each(edges.slice(1), (stop, i) => file.bytes(edges[i], stop));
      const hashes = await file.hashes();
      return { whole: canon.b64u(await file.bytes(0, file.length)), parts: canon.b64u(canon.concat(...parts)), length: file.length, ...hashes };
    }),
  docsEnvelope: async ({ ctx, lane, cek, files, entries }) => ({
    envelope: await docsSealing.docsEnvelope(ctx, lane, fromHex(cek), files),
    manifest: canon.b64u(docsSealing.manifestBytes(entries)),
  }),
  sniff: (files) => each(files, (one) => sniff(new Blob([canon.unb64u(one)]))),
  // A server that holds `held` bytes and answers in turn: null (no answer), { status, body } or "take".
  async upload({ length, held, answers }) {
    let standing = held;
    const asked = [];
    globalThis.fetch = async (href, { method, headers, body }) => {
      const range = headers["Content-Range"];
      asked.push(range ?? method);
      const answer = method === "GET" ? "take" : (answers.length ? answers.shift() : "take");
      if (answer === null) throw new TypeError("network");
      if (answer !== "take") return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status });
      if (method === "GET") return standing === null ? new Response("{}", { status: 404 }) : new Response(JSON.stringify({ received: standing }));
      const start = Number(/bytes (\d+)-/.exec(range)[1]);
      if (start !== (standing ?? 0)) return new Response(JSON.stringify({ code: "upload-out-of-step", received: standing ?? 0 }), { status: 409 });
      standing = start + body.length;
      return new Response(JSON.stringify({ received: standing }), { status: standing === length ? 201 : 200 });
    };
    const heard = [];
    const file = { length, bytes: async (start, stop) => new Uint8Array(stop - start) };
    const told = (event, { bytes }) => heard.push(event === "sent" ? bytes : event);
    const outcome = await attemptStatus(() => upload({ href: "/api/blobs/x", file, told, rest: async () => {}, renew: async () => heard.push("renewed") }));
    return { ...outcome, asked, heard, standing };
  },
  canonical: (values) => each(values, async (value) => [canon.canonical(value), canon.hex(await canon.digest("test", canon.jcs(value)))]),
  refuses: (values) => each(values, (value) => attempt(() => canon.canonical(value))),
  parse: (spellings) => each(spellings, (spelling) => attempt(() => canon.parse(canon.unbase64(spelling)))),
  unb64u: (spellings) => each(spellings, (spelling) => attempt(() => canon.hex(canon.unb64u(spelling)))),
  async vectors({ ctx, cek, salt, payload }) {
    const plain = canon.jcs(payload);
    const context = sealing.payloadContext(ctx);
    const ct = await sealing.sealPayload(fromHex(cek), context, plain, fromHex(salt));
    return {
      wrap_info: canon.hex(await canon.sha256(sealing.wrapInfo(ctx, "A"))),
      ct: canon.hex(ct),
      cek_commit: canon.hex(await canon.digest("cek", fromHex(cek))),
      opened: canon.parse(await sealing.openPayload(fromHex(cek), context, ct)),
    };
  },
  chunks: ({ cek, lengths }) =>
    each(lengths, async (length) => {
      const plain = new Uint8Array(length).map((_, i) => i % 251);
      return canon.b64u(await sealing.sealPayload(fromHex(cek), canon.utf8("ctx"), plain));
    }),
  openChunks: ({ cek, sealed }) =>
    each(sealed, (one) => attempt(async () => canon.hex(await canon.sha256(await sealing.openPayload(fromHex(cek), canon.utf8("ctx"), canon.unb64u(one)))))),
  payloads: (bids) => each(bids, ({ amount, picks, nonce, quantity = null }) => attempt(() => canon.b64u(sealing.pricePayload(amount, picks, fromHex(nonce), quantity)))),
  readPayloads: (spellings) => each(spellings, (one) => attempt(() => sealing.readPricePayload(canon.unb64u(one)))),
  async seal({ lane, bids, noticeSha256, client, made }) {
    const { key, public: publicKey } = await signingPair();
    const sign = (stmt) => keys.signStatement({ kid: "kid", privateKey: key.privateKey }, stmt);
    return each(bids, async ({ ctx, amount, picks }) => {
      const { cek, envelope } = await sealing.sealEnvelope(sealing.makeContext(ctx), lane, sealing.pricePayload(amount, picks));
      const statement = await sealing.makeStatement(envelope.ctx, { noticeSha256, envelope, client, made });
      const { stmt, body } = await sealing.makeSubmission(statement, envelope, sign);
      return { cek: canon.hex(cek), stmt, body, publicKey };
    });
  },
  open: ({ lane, keys: privateKeys, envelopes }) =>
    each(envelopes, ({ envelope, group }) =>
      attempt(async () => {
        const blobs = new Map();
        for (const holder of lane.groups[group]) blobs.set(holder, await sealing.holderOpen(envelope, holder, fromHex(privateKeys[holder])));
        const { cek, plain } = await sealing.combine(envelope, lane, group, blobs);
        return { cek: canon.hex(cek), payload: canon.b64u(plain) };
      }),
    ),
  statements: (statements) => each(statements, async (statement) => canon.hex(await sealing.statementHash(statement))),
  receipts: (cases) => each(cases, ({ note, vkey, expected }) => attempt(() => notes.verifyReceipt(note, vkey, expected))),
  boxes: (cases) => each(cases, ({ answer, reference }) => attempt(async () => notes.boxId(await notes.verifyBox(answer, reference)))),
  codes: (ids) => ids.map(notes.boxCode),
  roots: (cases) => each(cases, ({ index, size, leaf, path }) => attempt(async () => canon.hex(await merkle.rootFromPath(index, size, fromHex(leaf), path.map(fromHex))))),
  consistency: (cases) =>
    each(cases, ({ size1, root1, size2, root2, proof }) =>
      attempt(async () => (await merkle.verifyConsistency(size1, fromHex(root1), size2, fromHex(root2), proof.map(fromHex)), true))),
  inLog: (cases) => each(cases, ({ receipt, proof, vkey }) => attempt(() => merkle.findReceiptInLog(receipt, proof, vkey))),
  words: (figures) => figures.map((one) => [amounts.koreanUnits(one), amounts.koreanWords(one), amounts.englishWords(one), amounts.group(one)]),
  read: (typed) => typed.map(amounts.readAmount),
  unusual: (cases) => cases.map(({ amount, terms }) => amounts.whyUnusual(amount, terms)),
  percent: (cases) => cases.map(([amount, base]) => amounts.percent(amounts.ratio(amount, base))),
  draws: ({ count, pick, of }) => Array.from({ length: count }, () => price.drawNumbers(pick, of)),
  enrolment: (claim) => canon.hex(keys.enrolmentBytes(claim)),
  kst: (instants) => instants.map((one) => [kst(one), kst(one, 6)]),
  ids: (milliseconds) => milliseconds.map(sealing.newId),
  waits: (cases) => cases.map(([tries, asked, spread]) => submit.waitBefore(tries, asked, spread)),
  // Answers of a server, one a try: { status, body, after }, or null for none. What comes back, after which waits.
  async deliver(answers) {
    const waits = [];
    const sent = [];
    let renewed = 0;
    globalThis.fetch = async (href, { body, headers }) => {
      const answer = answers[sent.length];
      sent.push([href, body, headers["Idempotency-Key"]]);
      if (!answer) throw new TypeError("network");
      const told = answer.after ? { "Retry-After": String(answer.after) } : {};
      return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status, headers: told });
    };
    const outcome = await attemptStatus(() =>
      submit.deliver({
        href: "/api", stmt: "s", body: "{}", told: () => {}, rest: async (seconds) => waits.push(Math.floor(seconds)),
        renew: async () => (renewed += 1),
      }),
    );
    return { ...outcome, tries: sent.length, waits, renewed, same: new Set(sent.map(String)).size === 1 };
  },
  // ---- a committee member's browser
  async makeKeyFile({ passphrase, ...about }) {
    const made = await keyfile.makeKeys(about);
    return { file: await keyfile.writeKeyFile(made, passphrase), vkey: made.vkey, khkeys: await holder.makeKhkeys(made) };
  },
  openKeyFiles: (cases) =>
    each(cases, ({ file, passphrase, expected }) =>
      attempt(async () => {
        const { tender, holder: who, vkey, note, lanes } = await keyfile.openKeyFile(file, passphrase, expected);
        const secrets = Object.fromEntries(Object.entries(lanes).map(([lane, { secret }]) => [lane, canon.hex(secret)]));
        return { tender, holder: who, vkey, note: canon.hex(note), lanes: secrets };
      }),
    ),
  strength: (passphrases) => passphrases.map(keyfile.strengthOf),
  suggest: (count) => Array.from({ length: count }, () => keyfile.suggestPassphrase()),
  async openTests({ envelopes, ...key }) {
    const mine = await member(key);
    return each(envelopes, (envelope) => attempt(async () => canon.b64u(await holder.openTest(envelope, mine))));
  },
  async checkRequests({ cases, ...key }) {
    const mine = await member(key);
    return each(cases, ({ request, now }) =>
      attempt(async () => {
        const passed = await holder.checkRequest(request, mine, "price", now);
        return { asked: [...passed.asked].sort(), cosigned: passed.cosigned.sort(), bids: passed.bids };
      }),
    );
  },
  async givePieces({ request, items, now, ...key }) {
    const mine = await member(key);
    const told = [];
    const passed = await holder.checkRequest(request, mine, "price", now);
    const made = await attempt(() => holder.makePieces(items, passed, mine, (done) => told.push(done)));
    return { ...made, told };
  },
  async makeSeeds({ box, count, ...key }) {
    const mine = await member(key);
    return each(Array.from({ length: count }), () => attempt(() => holder.makeSeed(box, mine)));
  },
  treeRoots: (trees) => each(trees, async (leaves) => canon.hex(await merkle.rootOf(leaves.map(fromHex)))),
  readBoxFiles: (texts) => each(texts, (text) => attempt(async () => (await boxFile.readBoxFile(text)).needsDocuments)),
  makeBidFiles: (cases) =>
    each(cases, ({ submission, price, docs, passphrase, receipt }) =>
      attempt(() => bidFile.makeBidFile(submission, { price: fromHex(price), docs: docs && fromHex(docs) }, passphrase, receipt))),
  openBidFiles: (cases) =>
    each(cases, ({ text, passphrase }) =>
      attempt(async () => {
        const file = await bidFile.readBidFile(text);
        const { amount, picks, keys } = await bidFile.openBidFile(file, passphrase);
        return { stmt: file.stmt, amount, picks, price: canon.hex(keys.price), ...(file.stampedAt && { stampedAt: file.stampedAt }) };
      }),
    ),
  resupply: (cases) => each(cases, ({ text, passphrase, ...asked }) => attempt(() => resupply.sealFromFile(text, passphrase, asked))),
  makeAuditFiles: (cases) => each(cases, (values) => auditFile.makeAuditFile(values)),
  audits: (texts) => each(texts, (text) => attempt(() => auditFile.audit(text))),
  makeSigningFiles: (cases) => each(cases, ({ seed, passphrase, ...head }) => signingFile.writeKeyFile({ ...head, seed: fromHex(seed) }, passphrase)),
  openSigningFiles: (cases) =>
    each(cases, ({ text, passphrase, message }) =>
      attempt(async () => {
        const { kid, supplier, label, privateKey } = await signingFile.openKeyFile(text, passphrase);
        const signature = canon.b64u(await keys.sign({ privateKey }, canon.utf8(message)));
        return { kid, supplier, label, signature };
      }),
    ),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { what, values } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ answer: await questions[what](values) }));
  } catch (fault) {
    console.log(JSON.stringify({ stumbled: String(fault.stack ?? fault) }));
  }
}
