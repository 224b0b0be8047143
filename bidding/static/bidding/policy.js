// Whose word a checkpoint carries: c2sp.org/tlog-policy (log, witness, group, quorum) and tlog-cosignature v1 (0x04).

import { concat, equalBytes, hex, sha256, unbase64, utf8 } from "./canon.js";
import { NoteError, parseNote, verifyEd25519 } from "./notes.js";

const COSIGNATURE = 4;

const NONE = "none";

// The policy text -> { logs: [vkey], witnesses: Map name -> key, groups: Map name -> { least, members }, quorum }.
// Lines of other kinds are a verifier's own business and are left alone. Nobody counts twice: neither one key under two
// names, nor one member in two groups.
export async function readPolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const taken = { keys: new Set(), members: new Set() };
  for (const line of text.split("\n")) {
    const [kind, ...words] = line.split(/[ \t]+/).filter(Boolean);
    if (kind === undefined || kind.startsWith("#")) continue;
    if (kind === "log") policy.logs.push(words[0]);
    else if (kind === "witness") await addWitness(policy, taken, words);
    else if (kind === "group") addGroup(policy, taken, words);
    else if (kind === "quorum") setQuorum(policy, words[0]);
  }
  if (policy.quorum === null) throw new NoteError("policy: no quorum");
  return policy;
}

const isDefined = (policy, name) => policy.witnesses.has(name) || policy.groups.has(name);

function claim(policy, name) {
  if (!name || name === NONE || isDefined(policy, name)) throw new NoteError(`policy: the name ${name}`);
}

async function addWitness(policy, taken, [name, vkey]) {
  claim(policy, name);
  const key = await readWitness(vkey);
  if (taken.keys.has(hex(key.public))) throw new NoteError("policy: a key twice");
  taken.keys.add(hex(key.public));
  policy.witnesses.set(name, key);
}

function addGroup(policy, taken, [name, asked, ...members]) {
  claim(policy, name);
  const least = asked === "any" ? 1 : asked === "all" ? members.length : Number(asked);
  if (!Number.isInteger(least) || least < 1 || least > members.length) throw new NoteError(`policy: group ${name}`);
  for (const member of members) {
    if (!isDefined(policy, member) || taken.members.has(member)) throw new NoteError(`policy: member ${member}`);
    taken.members.add(member);
  }
  policy.groups.set(name, { least, members });
}

function setQuorum(policy, name) {
  if (policy.quorum !== null || (name !== NONE && !isDefined(policy, name))) throw new NoteError("policy: quorum");
  policy.quorum = name;
}

async function readWitness(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const body = unbase64(rest.join("+"));
  if (!name || body.length !== 33 || body[0] !== COSIGNATURE) throw new NoteError("witness key");
  const expected = (await sha256(concat(utf8(name + "\n"), body))).slice(0, 4);
  if (hex(expected) !== id) throw new NoteError("witness key hash");
  return { name, id: expected, public: body.slice(1) };
}

// Names (in the policy) of the witnesses that cosigned the checkpoint. A false cosignature counts as none.
export async function cosigners(note, policy) {
  const { text, signatures } = parseNote(note);
  const found = new Set();
  for (const [name, key] of policy.witnesses) {
    for (const line of signatures) {
      if (line.name !== key.name || !equalBytes(line.id, key.id) || line.signature.length !== 72) continue;
      const time = line.signature.slice(0, 8).reduce((total, byte) => total * 256n + BigInt(byte), 0n);
      const signed = utf8(`cosignature/v1\ntime ${time}\n${text}`);
      if (await verifyEd25519(key.public, line.signature.slice(8), signed)) found.add(name);
    }
  }
  return found;
}

export function meetsQuorum(policy, cosigned, name = policy.quorum) {
  if (name === NONE) return true;
  const group = policy.groups.get(name);
  if (!group) return cosigned.has(name);
  return group.members.filter((member) => meetsQuorum(policy, cosigned, member)).length >= group.least;
}
