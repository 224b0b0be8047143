// "Submit a sealed bid from a file": a bid that was sealed and signed elsewhere. The page checks that it belongs here; its
// price stays sealed to this page too.

import { readBidFile, submissionOf } from "./bid_file.js";
import { canonical } from "./canon.js";
import { byId, fill, kst, notice } from "./view.js";

export class FromFile {
  // `step`: the check step, which has the box and the server's answer; `submit(sealed)` sends.
  constructor(page, step, submit) {
    Object.assign(this, { page, step, sealed: null });
    byId("sealed-file").addEventListener("change", () => this.read());
    byId("sealed-file-agree").addEventListener("change", () => (byId("sealed-file-submit").disabled = !byId("sealed-file-agree").checked));
    byId("sealed-file-submit").addEventListener("click", () => submit(this.sealed));
  }

  offer() {
    byId("from-file").hidden = this.step.box === null;
  }

  async read() {
    const { texts } = this.page;
    const [chosen] = byId("sealed-file").files;
    byId("sealed-file-send").hidden = true;
    byId("sealed-file-agree").checked = false;
    byId("sealed-file-submit").disabled = true;
    byId("sealed-file-said").replaceChildren();
    if (!chosen) return;
    try {
      const file = await readBidFile(await chosen.text());
      this.check(file);
      const { statement, signature, stmt } = file;
      const { tender, bid, made } = statement;
      this.sealed = { stmt, body: canonical(submissionOf(file)), bid, tender, sealedAt: made };
      const facts = { at: kst(made), program: `${statement.client.slice(0, 16)}…`, kid: signature.kid };
      byId("sealed-file-said").replaceChildren(notice("success", texts.file_whole, fill(texts.file_facts, facts)));
      byId("sealed-file-send").hidden = false;
    } catch (fault) {
      byId("sealed-file-said").replaceChildren(notice("danger", texts.file_not_read, texts.file_faults[fault.code] ?? String(fault.message)));
    }
  }

  check({ statement, signature }) {
    const { answer, page } = { answer: this.step.answer, page: this.page };
    const faults = {
      unsigned: signature === null,
      "other-tender": statement.tender !== page.reference,
      "other-box": statement.box !== answer.box_id,
      "other-supplier": statement.supplier !== answer.supplier,
    };
    const code = Object.keys(faults).find((name) => faults[name]);
    if (code) throw Object.assign(new Error(code), { code });
  }
}
