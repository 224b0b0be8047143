// V13: the closing was witnessed in time, and time stamps of others agree.

import { hex, refuse } from "../bytes.js";
import { SECOND, instant } from "../shape.js";
import { checkToken, readToken } from "../tokens.js";
import { witnessedAt } from "./bids.js";
import { imprintOf } from "./log.js";
import { pass, skip } from "./outcome.js";

const FILE_OF_SIZE = /^tokens\/(\d{12})\.tsr$/;
const [MARGIN, SLACK] = [120 * SECOND, 60 * SECOND];

async function readStamp({ bundle, checkpoint, archived, entries, pinned }, path) {
  const [, digits] = FILE_OF_SIZE.exec(path) ?? refuse("%(path)s has a name that is not allowed", { path });
  const size = Number(digits);
  const stamped = [checkpoint, ...archived].find((one) => one.size === size) ?? refuse("%(path)s is of no checkpoint here", { path });
  const token = readToken(bundle.bytes(path));
  if (hex(token.imprint) !== hex(imprintOf(stamped))) refuse("%(path)s is over something else", { path });
  const latest = Math.max(...entries.filter(({ index }) => index < size).map(({ event }) => instant(event.at, "at")));
  if (token.at < latest - SLACK) refuse("%(path)s is older than what it covers", { path });
  if (pinned?.tsas.length) await checkToken(token, pinned.tsas.map(({ certificate }) => certificate));
  return { size, at: token.at };
}

export async function v13(context, warn) {
  const { bundle, witnesses, closed, deadline, pinned } = context;
  const paths = bundle.under("tokens");
  if (!witnesses && !paths.length) return skip("no witnesses and no time stamps");
  if (witnesses) {
    const at = witnessedAt(context, closed.index);
    if (at > deadline + MARGIN) warn("witnesses signed the closing %(seconds)s seconds after the deadline", { seconds: Math.ceil((at - deadline) / SECOND) });
  }
  const stamps = [];
  for (const path of paths) stamps.push(await readStamp(context, path));
  if (stamps.length && !pinned?.tsas.length) warn("no time-stamping authority is pinned: whose stamps these are was not checked");
  const inTime = stamps.some(({ size, at }) => size > closed.index && at <= deadline + MARGIN);
  if (stamps.length && !inTime) warn("no time stamp of the closing within two minutes of the deadline");
  return pass("closing seen by witnesses or time stamps (%(count)s) as it should be", { count: stamps.length });
}
