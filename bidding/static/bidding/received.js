// Step 5: the receipt is here and checked. Files to keep, and the look into the public log.

import { b64u, canonical, randomBytes, utf8 } from "./canon.js";
import { findReceiptInLog } from "./merkle.js";
import { byId, download, duration, fill, kst, mark } from "./view.js";

const PASSPHRASE_LEAST = 12;
const ITERATIONS = 600_000;
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
    byId("save-bid").addEventListener("click", () => this.saveBid());
    this.lookIntoLog();
  }

  // The bid file: everything that was sent and answered; with a passphrase also the key that opens the own envelope.
  async saveBid() {
    const { statement, signature, env_price: envelope } = JSON.parse(this.sealed.body);
    const file = { v: 1, type: "bidfile", statement, signature, env_price: envelope, receipt: this.answer.receipt };
    const passphrase = byId("passphrase").value;
    if (passphrase && passphrase.length < PASSPHRASE_LEAST) {
      byId("passphrase").closest("details").open = true;
      byId("passphrase").setAttribute("aria-invalid", "true");
      byId("passphrase").focus();
      return;
    }
    byId("passphrase").removeAttribute("aria-invalid");
    if (passphrase && this.sealed.cek) file.key = await lock(this.sealed.cek, passphrase);
    download(`${this.name}.bid.json`, "application/json", canonical(file));
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

// PBKDF2-HMAC-SHA-256 and AES-256-GCM round the 32 bytes of the key.
export async function lock(cek, passphrase, salt = randomBytes(16), iv = randomBytes(12)) {
  const base = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  const key = await crypto.subtle.deriveKey(kdf, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, cek));
  return { kdf: "PBKDF2-HMAC-SHA-256", iterations: ITERATIONS, salt: b64u(salt), iv: b64u(iv), sealed: b64u(sealed) };
}
