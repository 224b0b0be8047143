// The box as a file: read, and its signatures checked. Twin of bidding/box_file.py, which has the format.

import { hex, jcs, parse, utf8 } from "./canon.js";
import { boxId, verifyBox } from "./notes.js";

const LARGEST = 262_144; // characters
const MEMBERS = "box,box_note,closes_at,khkeys,lot,opens_at,type,v,vkeys";

// Where the tender asks for documents, `needsDocuments` says whether every bid has to bring one, as far as the file tells.
// { box, id, lot, needsDocuments, vkeys, closesAt, opensAt }. `agency`: the verifier key to pin, or "" to take the one that the file claims.
// Throws an Error that says what does not fit.
export async function readBoxFile(text, agency = "") {
  if (text.length > LARGEST) throw new Error("not a box file");
  const file = parse(utf8(text.replace(/\n+$/, "")));
  const { notice, ...rest } = file ?? {};
  if (Object.keys(rest).sort().join() !== MEMBERS || file.v !== 1 || file.type !== "box-file") throw new Error("not a box file");
  const id = await boxId(file.box);
  const vkeys = { ...file.vkeys, agency: agency || file.vkeys.agency };
  const answer = { ...file, vkeys, box_id: id, notice_sha256: file.box.notice_sha256 };
  const box = await verifyBox(answer, file.box.tender);
  const needsDocuments = Boolean(box.lanes.docs) && (await asksForOne(box, notice));
  return { box, id, needsDocuments, lot: file.lot, vkeys, closesAt: file.closes_at, opensAt: file.opens_at };
}

async function asksForOne(box, notice) {
  if (notice === undefined) return true;
  const found = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", jcs(notice))));
  if (found !== box.notice_sha256) throw new Error("the notice is not the one that the box names");
  return notice.documents.some((one) => one.required !== false);
}
