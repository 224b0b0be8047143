// A policy says whom a reader believes: C2SP tlog-policy (log, witness, group, quorum), and this system's own lines for
// the agency, receipts, keyholders and time-stamping authorities.

import { fromBase64, hex, refuse } from "./bytes.js";
import { cosignedAt, readVkey, readWitnessKey, splitNote } from "./note.js";

const THRESHOLD = /^(?:any|all|[1-9][0-9]{0,3})$/;

class Reader {
  logs = [];
  agency = null;
  receipt = null;
  holders = new Map();
  tsas = [];
  quorum = undefined;
  // name -> {vkey} of a witness, or {members, least} of a group
  parts = new Map();
  #grouped = new Set();
  #witnessKeys = new Set();

  #define(name, part) {
    if (!name || name === "none" || this.parts.has(name)) refuse("policy: the name %(name)s cannot be used here", { name });
    this.parts.set(name, part);
  }

  log(vkey, url, ...rest) {
    if (rest.length) refuse("policy: more words than a line has");
    if (this.logs.some(({ spelled }) => spelled === vkey)) refuse("policy: a key is named twice");
    this.logs.push(readVkey(vkey));
  }

  witness(name, vkey, url, ...rest) {
    if (rest.length || vkey === undefined) refuse("policy: a witness has a name and a key");
    const key = readWitnessKey(vkey);
    if (this.#witnessKeys.has(hex(key.key))) refuse("policy: a key is named twice");
    this.#witnessKeys.add(hex(key.key));
    this.#define(name, { vkey: key });
  }

  group(name, threshold, ...members) {
    if (!THRESHOLD.test(threshold ?? "") || !members.length) refuse("policy: a group has a threshold and members");
    for (const one of members) if (!this.parts.has(one)) refuse("policy: %(one)s is not named before", { one });
    for (const one of members) {
      if (this.#grouped.has(one)) refuse("policy: a member is named twice");
      this.#grouped.add(one);
    }
    const least = threshold === "any" ? 1 : threshold === "all" ? members.length : Number(threshold);
    if (least > members.length) refuse("policy: a group asks for more members than it has");
    this.#define(name, { members, least });
  }

  setQuorum(name, ...rest) {
    if (this.quorum !== undefined || rest.length) refuse("policy: one quorum, of one name");
    if (name !== "none" && !this.parts.has(name)) refuse("policy: %(name)s is not named before", { name });
    this.quorum = name === "none" ? null : name;
  }

  setOne(which, vkey, ...rest) {
    if (this[which] || rest.length) refuse("policy: one %(which)s", { which });
    this[which] = readVkey(vkey);
  }

  holder(id, vkey, ...rest) {
    if (this.holders.has(id) || rest.length || vkey === undefined) refuse("policy: one key for each keyholder");
    this.holders.set(id, readVkey(vkey));
  }

  tsa(name, certificate, ...rest) {
    if (rest.length || certificate === undefined) refuse("policy: a time-stamping authority has a name and a certificate");
    this.tsas.push({ name, certificate: fromBase64(certificate) });
  }
}

const LINES = {
  log: (reader, fields) => reader.log(...fields),
  witness: (reader, fields) => reader.witness(...fields),
  group: (reader, fields) => reader.group(...fields),
  quorum: (reader, fields) => reader.setQuorum(...fields),
  agency: (reader, fields) => reader.setOne("agency", ...fields),
  receipt: (reader, fields) => reader.setOne("receipt", ...fields),
  holder: (reader, fields) => reader.holder(...fields),
  tsa: (reader, fields) => reader.tsa(...fields),
};

export function readPolicy(text) {
  const reader = new Reader();
  for (const line of text.split("\n")) {
    const [keyword, ...fields] = line.split(/[ \t\r]+/).filter(Boolean);
    if (keyword === undefined || keyword.startsWith("#")) continue;
    if (!Object.hasOwn(LINES, keyword)) refuse("policy: no line begins with %(keyword)s", { keyword });
    if (!fields.length) refuse("policy: nothing after %(keyword)s", { keyword });
    LINES[keyword](reader, fields);
  }
  if (reader.parts.size && reader.quorum === undefined) refuse("policy: witnesses, but no quorum");
  return reader;
}

function isMet(policy, name, present) {
  const part = policy.parts.get(name);
  if (part.vkey) return present.has(name);
  return part.members.filter((one) => isMet(policy, one, present)).length >= part.least;
}

// Since which second the cosignatures meet the quorum; null where they do not, or no quorum is asked for.
export async function quorumTime(policy, note) {
  const split = splitNote(note);
  const times = [];
  for (const [name, { vkey }] of policy?.parts ?? []) {
    const time = vkey ? await cosignedAt(split, vkey) : null;
    if (time !== null) times.push([name, time]);
  }
  const present = new Set();
  for (const [name, time] of times.sort((a, b) => a[1] - b[1])) {
    present.add(name);
    if (policy.quorum && isMet(policy, policy.quorum, present)) return time;
  }
  return null;
}
