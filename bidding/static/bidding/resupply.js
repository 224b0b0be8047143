// The key of one's own bid, sealed to the fresh key of a recovery (protocol 3.11): the browser's twin of bidding/resupply.py
// and bidding/recover.py. Nothing here asks the network for anything.

import { BidFileError, LARGEST, openBidFile, readBidFile } from "./bid_file.js";
import { concat, jcs, utf8 } from "./canon.js";
import { sealTo } from "./sealing.js";

export const recoveryInfo = (ctx) => concat(utf8("koneps/v1/recovery\0"), jcs(ctx));

// 80 bytes as base64url: what whoever holds the private half of `pub` opens.
export async function sealKeyAgain(cek, ctx, pub) {
  return (await sealTo(pub, recoveryInfo(ctx), cek)).wrap;
}

// The same from the text of a bid file. `stmt`: the bid that it must be of. Throws BidFileError, also with `other-bid`.
export async function sealFromFile(text, passphrase, { stmt, pub }) {
  if (text.length > LARGEST) throw new BidFileError("not-a-bid-file");
  const file = await readBidFile(text);
  if (file.stmt !== stmt) throw new BidFileError("other-bid");
  const { keys } = await openBidFile(file, passphrase);
  return sealKeyAgain(keys.price, file.env_price.ctx, pub);
}
