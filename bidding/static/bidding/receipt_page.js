// A receipt's page: the browser checks the note's signature, and that its entry is in the public log.

import { findReceiptInLog } from "./merkle.js";
import { verifyReceipt } from "./notes.js";
import { byId, fill, mark } from "./view.js";

const page = JSON.parse(byId("receipt-page").textContent);

async function read(href) {
  const response = await fetch(href, { credentials: "same-origin", cache: "no-store" });
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`); // 202: not yet
  return response.text();
}

async function checkNote() {
  const receipt = await verifyReceipt(await read(page.urls.note), page.vkeys.receipt, page.bid);
  mark(byId("check-note"), "ok", page.texts.receipt_ok);
  return receipt;
}

async function checkLog(receipt) {
  const line = byId("check-log");
  let proof;
  try {
    proof = await read(page.urls.proof);
  } catch {
    mark(line, "warn", fill(page.texts.log_later, { seconds: receipt.mmd_s }));
    return;
  }
  try {
    const { index, size } = await findReceiptInLog(receipt, proof, page.vkeys.log);
    mark(line, "ok", fill(page.texts.log_ok, { index, size }));
  } catch (fault) {
    mark(line, "bad", fill(page.texts.log_bad, { fault: fault.message }));
  }
}

if (globalThis.crypto?.subtle) {
  byId("receipt-checks").hidden = false;
  try {
    await checkLog(await checkNote());
  } catch (fault) {
    mark(byId("check-note"), "bad", fill(page.texts.receipt_bad_here, { fault: fault.message }));
    mark(byId("check-log"), "todo");
  }
}
