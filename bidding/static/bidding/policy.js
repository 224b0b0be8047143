// Whose word a checkpoint carries: c2sp.org/tlog-policy (log, witness, group, quorum) and tlog-cosignature v1 (0x04).

import { concat, equalBytes, hex, sha256, unbase64, utf8 } from "./canon.js";
import { NoteError, parseNote, verifyEd25519 } from "./notes.js";

const COSIGNATURE = 4;

// The policy text -> { logs: [vkey], witnesses: Map name -> vkey, groups: Map name -> { least, members }, quorum }.
// Lines of other kinds are a verifier's own business and are left alone.
export function readPolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: null };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  for (const line of text.split("\n")) {
    const [kind, ...words] = line.split("#", 1)[0].trim().split(/\s+/);
    if (kind === "log") policy.logs.push(words[0]);
    if (kind === "witness" || kind === "group") {
      if (known(words[0]) || words[0] === "none") throw new NoteError(`policy: ${words[0]} twice`);
    }
    if (kind === "witness") policy.witnesses.set(words[0], words[1]);
    if (kind === "group") {
      const [name, asked, ...members] = words;
      const least = asked === "any" ? 1 : asked === "all" ? members.length : Number(asked);
      const isSound = members.every(known) && Number.isInteger(least) && least >= 1 && least <= members.length;
      if (!isSound) throw new NoteError(`policy: group ${name}`);
      policy.groups.set(name, { least, members });
    }
    if (kind === "quorum") {
      if (policy.quorum !== null || (words[0] !== "none" && !known(words[0]))) throw new NoteError("policy: quorum");
      policy.quorum = words[0];
    }
  }
  if (policy.quorum === null) throw new NoteError("policy: no quorum");
  return policy;
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
  for (const [name, vkey] of policy.witnesses) {
    const key = await readWitness(vkey);
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
  if (name === "none") return true;
  const group = policy.groups.get(name);
  if (!group) return cosigned.has(name);
  return group.members.filter((member) => meetsQuorum(policy, cosigned, member)).length >= group.least;
}
