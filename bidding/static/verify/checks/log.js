// V01 to V04 and V25: the bundle is whole, the log is signed and witnessed, every entry is in it, in the order of the law.

import { concat, digest, fromB64u, hex, refuse, sameBytes, sha256, utf8 } from "../bytes.js";
import { jcs, member, spelling } from "../canon.js";
import { checkConsistency, leafHash, rootFromPath } from "../merkle.js";
import { openNote, readCheckpoint } from "../note.js";
import { quorumTime, readPolicy } from "../policy.js";
import { anyText, approvedByTwo, array, bytes, equal, exactly, instant, integer, object, same, text } from "../shape.js";
import { logInUse } from "./keys.js";
import { pass, skip } from "./outcome.js";

const HASHES = 32;
const OF_NO_TENDER = /^(?:supplier|outage|client|clock|rules|keyholder)\./;
const ALWAYS_OPEN = /^(?:tender|opening|review|award)\./;
const BY_RULE = ["no-answer", "refused", "wrong-piece"];
const FILE_OF_SIZE = /^checkpoints\/(\d{12})\.json$/;
const FILE_OF_INDEX = /^events\/(\d{12})\.json$/;

export function v01({ bundle }) {
  const manifest = bundle.object("MANIFEST");
  const paths = bundle.paths.filter((path) => path !== "MANIFEST");
  for (const path of Object.keys(manifest)) if (!bundle.has(path)) refuse("%(path)s is missing", { path });
  for (const path of paths) {
    const named = member(manifest, path) ?? refuse("%(path)s is not in the manifest", { path });
    if (bundle.sha256(path) !== named) refuse("%(path)s was changed", { path });
  }
  return pass("%(count)s files are as the manifest says", { count: paths.length });
}

async function readSigned(note, key) {
  const found = readCheckpoint(await openNote(note, key));
  if (found.origin !== key.name) refuse("a checkpoint of another log");
  return { ...found, note };
}

const hashes = (proof) => array(proof, "proof").map((one) => bytes(one, "proof", HASHES));

async function readArchived(context, path) {
  const { bundle, log, checkpoint } = context;
  const [, size] = FILE_OF_SIZE.exec(path) ?? refuse("%(path)s has a name that is not allowed", { path });
  const { note, consistency } = exactly(bundle.json(path), ["note", "consistency"], path);
  const archived = await readSigned(anyText(note, path), log.key);
  if (archived.size !== Number(size) || archived.size > checkpoint.size) refuse("%(path)s is of another size", { path });
  checkConsistency(archived.size, archived.root, checkpoint.size, checkpoint.root, hashes(consistency));
  return { ...archived, time: await quorumTime(context.policy, note) };
}

function readEntry(bundle, path) {
  const [, index] = FILE_OF_INDEX.exec(path) ?? refuse("%(path)s has a name that is not allowed", { path });
  const entry = exactly(bundle.json(path), ["v", "type", "index", "event", "salt", "proof"], path);
  equal(entry.v, 1, path);
  equal(entry.type, "entry", path);
  equal(integer(entry.index, path, 0), Number(index), path);
  const event = object(entry.event, path);
  for (const one of array(entry.proof, "proof")) bytes(one, "proof");
  if (entry.salt !== null) bytes(entry.salt, "salt");
  const type = anyText(member(event, "type"), "type");
  instant(member(event, "at"), "at");
  return { index: entry.index, event, type, salt: entry.salt, proof: entry.proof };
}

export async function v02(context, warn) {
  const { bundle, pinned } = context;
  const note = bundle.text("checkpoint.note");
  const log = logInUse(context);
  context.checkpoint = await readSigned(note, log.key);
  const own = bundle.has("policy.txt") ? readPolicy(bundle.text("policy.txt")) : null;
  if (own?.logs.length && !own.logs.some(({ spelled }) => spelled === log.key.spelled)) refuse("the bundle's policy names another log");
  const policy = pinned?.quorum !== undefined ? pinned : own;
  Object.assign(context, { log, policy, witnesses: policy?.quorum ? policy : null });
  context.checkpoint.time = await quorumTime(policy, note);
  if (context.witnesses && context.checkpoint.time === null) refuse("too few witnesses signed the checkpoint");
  context.archived = [];
  for (const path of bundle.under("checkpoints")) context.archived.push(await readArchived(context, path));
  context.entries = bundle.under("events").map((path) => readEntry(bundle, path));
  if (!log.isPinned) warn("the log's key is the bundle's own claim: pin it");
  if (!context.witnesses) warn("no witnesses: the log could be shown to others in another form");
  return pass("checkpoint of %(size)s entries signed by %(name)s", { size: context.checkpoint.size, name: log.key.name });
}

function leafOf({ event, salt }) {
  if (salt === null) return jcs({ e: event, v: 1 });
  return jcs({ c: hex(digest("event", concat(fromB64u(salt, 32), jcs(event)))), v: 1 });
}

export function v03(context) {
  const { entries, checkpoint, told } = context;
  entries.forEach((entry, done) => {
    const root = rootFromPath(entry.index, checkpoint.size, leafHash(leafOf(entry)), hashes(entry.proof));
    if (!sameBytes(root, checkpoint.root)) refuse("entry %(index)s is not in the log", { index: entry.index });
    if (entry.salt !== null && ALWAYS_OPEN.test(entry.type)) refuse("entry %(index)s must be open", { index: entry.index });
    told(done, entries.length);
  });
  context.published = only(entries, "tender.published");
  context.closed = only(entries, "tender.closed");
  context.tender = member(context.published.event, "tender");
  context.of = (type) => entries.filter((entry) => entry.type === type);
  return pass("%(count)s entries are in the log", { count: entries.length });
}

function only(entries, type) {
  const found = entries.filter((entry) => entry.type === type);
  return found.length === 1 ? found[0] : refuse("%(count)s entries of type %(type)s", { count: found.length, type });
}

// An entry of the opening that says nothing of its lane is of the price lane.
export const laneOf = ({ event }) => (Object.hasOwn(event, "lane") ? event.lane : "price");

// Each stage wholly after all stages before it.
function checkStages(stages) {
  let before = -1;
  for (const stage of stages) {
    for (const { index, type } of stage) if (index <= before) refuse("%(type)s at %(index)s is too early", { type, index });
    before = Math.max(before, ...stage.map(({ index }) => index));
  }
}

function checkCounts(of) {
  for (const type of ["tender.cancellations", "technical.fixed", "tender.unqualified", "opening.opened"]) if (of(type).length > 1) refuse("%(type)s more than once", { type });
  const lanes = of("opening.group").map((group) => spelling(laneOf(group)));
  if (new Set(lanes).size !== lanes.length) refuse("%(type)s more than once", { type: "opening.group" });
}

export function v04(context, warn) {
  const { entries, published, closed, of } = context;
  const tender = text(context.tender, "tender");
  for (const { event, type, index } of entries) {
    if (!OF_NO_TENDER.test(type) && member(event, "tender") !== tender) refuse("entry %(index)s is of another tender", { index });
  }
  checkCounts(of);
  const inPrice = (type) => of(type).filter((entry) => laneOf(entry) === "price");
  const [groups, fallbacks, pieces] = ["opening.group", "opening.fallback", "opening.pieces"].map(inPrice);
  const chain = [[published], of("bid.submitted"), [closed], of("tender.cancellations"), of("technical.fixed"), of("tender.unqualified"), groups, fallbacks, of("opening.opened"), [...of("review.decided"), ...awardsIn(of)]];
  checkStages(chain);
  const chained = new Set(chain.flat());
  const start = Math.max(closed.index, ...of("tender.cancellations").map(({ index }) => index));
  for (const entry of entries) {
    if (entry.type.startsWith("opening.") && !chained.has(entry) && entry.index <= start) refuse("%(type)s at %(index)s is too early", entry);
  }
  if (pieces.length && !groups.length) refuse("pieces before any group was named");
  checkStages([groups, pieces, of("opening.opened")]);
  checkDecisions(of, warn);
  checkAwards(of);
  return pass("published, then bids, then the closing, then the opening, then the award");
}

const UNDOES = ["award.refused", "award.reopened"];
const awardsIn = (of) => ["award.confirmed", ...UNDOES].flatMap(of).sort((a, b) => a.index - b.index);

// An award, and whatever undoes it, by turns.
function checkAwards(of) {
  awardsIn(of).forEach(({ type, index }, at) => UNDOES.includes(type) === (at % 2 === 1) || refuse("%(type)s at %(index)s, out of turn", { type, index }));
}

// A keyholder's service that does not do its part is replaced by rule, without anybody's approval.
const isByRule = ({ approvals, reason }, type) =>
  type === "opening.fallback" && Array.isArray(approvals) && approvals.length === 0 && BY_RULE.includes(reason);

function checkDecisions(of, warn) {
  for (const type of ["opening.fallback", "opening.recovery", "opening.override"]) {
    for (const { event, index } of of(type)) {
      if (!isByRule(event, type)) approvedByTwo(event, type);
      warn("%(type)s at %(index)s", { type, index });
    }
  }
  for (const fallback of of("opening.fallback")) {
    const earlier = of("opening.group").filter((group) => same(laneOf(group), laneOf(fallback)) && group.index < fallback.index);
    if (!earlier.length) refuse("another group before any group was named");
  }
}

export async function v25(context) {
  const { given, log, checkpoint, archived } = context;
  if (!given.oldCheckpoint) return skip("no older checkpoint given");
  const old = await readSigned(noteIn(given.oldCheckpoint), log.key);
  const twin = [checkpoint, ...archived].find(({ size }) => size === old.size);
  if (twin && !sameBytes(twin.root, old.root)) refuse("the log was forked: two checkpoints of %(size)s entries; keep both, they are the proof", { size: old.size });
  if (!twin && old.size !== 0) {
    const proof = given.consistency ? readProof(given.consistency) : refuse("nothing links the older checkpoint of %(size)s entries to this one", { size: old.size });
    const [from, to] = old.size < checkpoint.size ? [old, checkpoint] : [checkpoint, old];
    checkConsistency(from.size, from.root, to.size, to.root, proof);
  }
  return pass("the log of %(old)s entries is continued by this one of %(size)s", { old: old.size, size: checkpoint.size });
}

// A proof of inclusion (C2SP tlog-proof) ends in the checkpoint that it leads to.
function noteIn(given) {
  if (!given.startsWith("c2sp.org/tlog-proof@v1\n")) return given;
  return given.slice(given.indexOf("\n\n") + 2);
}

const readProof = (spelled) => spelled.split(/\s+/).filter(Boolean).map((line) => fromAny(line));
const fromAny = (line) => fromB64u(line.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""), HASHES);

export const imprintOf = ({ note }) => sha256(utf8(note.slice(0, note.lastIndexOf("\n\n") + 1)));
