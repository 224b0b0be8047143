// "Open my bid file": reads a bid file, or a throw-away envelope, in this page alone. Nothing of it is sent anywhere.

import { audit } from "./audit_file.js";
import { group } from "./amounts.js";
import { LARGEST, openBidFile, readBidFile } from "./bid_file.js";
import { parse, utf8 } from "./canon.js";
import { verifyReceipt } from "./notes.js";
import { wire } from "./sealing.js";
import { byId, element, fill, kst, notice } from "./view.js";

document.querySelector("[data-unless-script]").hidden = true;
const page = JSON.parse(byId("bid-file-page").textContent);
const { texts } = page;
let file = null;

function facts(place, pairs) {
  byId(place).replaceChildren(
    ...pairs.map(([term, value, className = ""]) =>
      element("div", {}, element("dt", { text: term }), element("dd", { text: value, className }))),
  );
}

function say(tone, title, ...lines) {
  byId("file-said").replaceChildren(notice(tone, title, ...lines));
}

const won = (amount) => (page.lang === "ko" ? `${group(amount)}원` : `₩${group(amount)}`);
const why = (fault) => texts.faults[fault.code] ?? fill(texts.fault, { fault: fault.message });

async function read() {
  const [chosen] = byId("file").files;
  for (const id of ["file-shown", "unlock"]) byId(id).hidden = true;
  byId("file-said").replaceChildren();
  file = null;
  if (!chosen) return;
  try {
    if (chosen.size > LARGEST) throw Object.assign(new Error("size"), { code: "not-a-bid-file" });
    const text = await chosen.text();
    await (isAudit(text) ? showAudit(text) : showBid(text));
  } catch (fault) {
    say("danger", texts.not_read, why(fault));
  }
}

function isAudit(text) {
  try {
    return parse(utf8(text.replace(/\n+$/, "")))?.type === "audit-file";
  } catch {
    return false;
  }
}

async function showAudit(text) {
  const found = await audit(text);
  facts("file-facts", [
    [texts.amount, won(found.amount)],
    [texts.picks, found.picks.join(", ") || "–"],
    [texts.holders, found.holders.join(", ")],
    [texts.program, found.client, "mono"],
  ]);
  byId("file-shown").hidden = false;
  say("success", texts.audit_ok, texts.audit_is);
}

async function showBid(text) {
  file = await readBidFile(text);
  const { statement, signature } = file;
  facts("file-facts", [
    [texts.tender, statement.tender],
    [texts.bidder, statement.supplier],
    [texts.made, kst(statement.made)],
    [texts.signed, signature ? `${signature.alg} ${signature.kid}` : texts.unsigned],
    [texts.stmt, file.stmt, "mono"],
    [texts.receipt, await receiptOf(file)],
    ...(file.stampedAt === null ? [] : [[texts.stamp, fill(texts.stamp_at, { at: kst(wire(file.stampedAt)) })]]),
  ]);
  byId("file-shown").hidden = false;
  byId("unlock").hidden = file.keys === null;
  if (file.keys === null) say("info", texts.whole, texts.no_keys);
  else {
    say("info", texts.whole, texts.ask_passphrase);
    byId("passphrase").focus();
  }
}

async function receiptOf({ receipt, statement, stmt }) {
  if (receipt === null) return texts.receipt_none;
  try {
    const { received } = await verifyReceipt(receipt, page.vkeys.receipt, { ...statement, stmt });
    return fill(texts.receipt_ok, { at: kst(received, 6) });
  } catch (fault) {
    return fill(texts.receipt_bad, { fault: fault.message });
  }
}

async function unlock(event) {
  event.preventDefault();
  byId("open").disabled = true;
  try {
    const { amount, picks, quantity } = await openBidFile(file, byId("passphrase").value);
    byId("passphrase").value = "";
    byId("opened-amount").textContent = won(amount);
    byId("opened-picks").textContent = picks.join(", ") || "–";
    byId("opened-quantity-row").hidden = quantity === null;
    byId("opened-quantity").textContent = quantity === null ? "" : group(String(quantity));
    byId("opened").hidden = false;
    byId("unlock").hidden = true;
    say("success", texts.opened, texts.matches);
  } catch (fault) {
    say("danger", texts.not_opened, why(fault));
  } finally {
    byId("open").disabled = false;
  }
}

if (globalThis.crypto?.subtle) {
  byId("bid-file-form").hidden = false;
  byId("file").addEventListener("change", () => {
    byId("opened").hidden = true;
    read();
  });
  byId("unlock").addEventListener("submit", unlock);
} else byId("insecure").hidden = false;
