// Step 5: the receipt is here and checked. Files to keep, and the look into the public log.

import { findReceiptInLog } from "./merkle.js";
import { offerBidFile } from "./saving.js";
import { byId, download, duration, fill, kst, mark } from "./view.js";

const LOOKS = 20; // at the log, a second and a half apart: an entry stands in it within moments

export class Received {
  // `sealed`: what was sealed and signed; `receipt`: the checked object; `answer`: what the server said with it.
  constructor(page, { answer, receipt, sealed, vkeys, closesAt }) {
    Object.assign(this, { page, answer, receipt, sealed, vkeys, closesAt });
    this.name = `${page.reference}_${answer.number ?? receipt.bid}`;
  }

  show() {
    byId("received-number").textContent = this.answer.number ?? this.receipt.bid;
    const at = byId("received-at");
    at.textContent = kst(this.receipt.received, 6);
    at.setAttribute("datetime", this.receipt.received);
    const early = this.closesAt - Date.parse(this.receipt.received);
    byId("received-early").textContent = fill(this.page.texts.received_early, { time: duration(early, this.page.texts.units) });
    byId("received-stmt").textContent = this.receipt.stmt;
    byId("received-key").textContent = this.vkeys.receipt.split("+").slice(0, 2).join(" ");
    const urls = this.page.urls;
    byId("received-page").href = fill(urls.receipt, { bid: this.receipt.bid });
    byId("received-pdf").href = fill(urls.receipt_pdf, { bid: this.receipt.bid });
    byId("received-pdf").hidden = false;
    byId("save-receipt").addEventListener("click", () => download(`${this.name}.receipt.note`, "text/plain", this.answer.receipt));
    const facts = () => ({ name: this.name, sealed: this.sealed, receipt: this.answer.receipt });
    offerBidFile(document.querySelector("[data-bid-file-at=received]"), this.page.texts, facts);
    this.lookIntoLog();
  }

  async lookIntoLog() {
    const line = byId("received-log");
    mark(line, "busy", this.page.texts.log_waiting);
    for (let look = 0; look < LOOKS; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      try {
        const response = await fetch(fill(this.page.urls.proof, { bid: this.receipt.bid }), { cache: "no-store" });
        if (response.status !== 200) continue; // 202: not yet
        const { index, size } = await findReceiptInLog(this.receipt, await response.text(), this.vkeys.log);
        mark(line, "ok", fill(this.page.texts.log_ok, { index, size }));
        return;
      } catch (fault) {
        if (fault instanceof TypeError && !navigator.onLine) continue;
        mark(line, "bad", fill(this.page.texts.log_bad, { fault: fault.message }));
        return;
      }
    }
    mark(line, "warn", fill(this.page.texts.log_later, { seconds: this.receipt.mmd_s }));
  }
}
