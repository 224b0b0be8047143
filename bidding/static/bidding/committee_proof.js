// The proof that a saved file opens: the server seals a fresh word to the member's key, the file just read opens it.

import { b64u } from "./canon.js";
import { openTest } from "./holder.js";
import { send } from "./http.js";
import { KeyFileField } from "./key_file_field.js";
import { byId, fill, notice } from "./view.js";

export class Proof {
  // `done(answer)` is called once the server has the word back.
  constructor(page, medium, done = () => {}) {
    Object.assign(this, { page, medium, done });
    this.field = new KeyFileField(medium, { expected: page.expected, faults: page.texts.faults });
    byId(`prove-${medium}`).addEventListener("click", () => this.run());
  }

  get said() {
    return byId(`${this.medium}-said`);
  }

  reset() {
    this.field.clear();
    this.said.replaceChildren();
  }

  async run() {
    const act = byId(`prove-${this.medium}`);
    this.said.replaceChildren();
    const keys = await this.field.open();
    if (!keys) return;
    act.disabled = true;
    try {
      const answer = await this.prove(keys);
      const { proof_ok: title, proof_bad: bad } = this.page.texts;
      this.said.replaceChildren(notice(answer.is_opened ? "success" : "danger", answer.is_opened ? title : bad, ""));
      if (answer.is_opened) this.done(answer);
    } catch (problem) {
      const text = problem.status === 0 ? this.page.texts.no_connection : (problem.body?.detail ?? problem.message);
      this.said.replaceChildren(notice("danger", this.page.texts.proof_bad, text));
    } finally {
      act.disabled = false;
    }
  }

  // Asked for only now: a word sealed before the file was read would prove less.
  async prove(keys) {
    const { test, envelopes } = await send("POST", this.page.urls.tests, { medium: this.medium });
    const texts = {};
    for (const [lane, envelope] of Object.entries(envelopes)) {
      try {
        texts[lane] = b64u(await openTest(envelope, keys, lane));
      } catch {
        texts[lane] = ""; // the keys of this file are not the registered ones: the server keeps that on record
      }
    }
    return send("POST", fill(this.page.urls.test, { test }), { texts });
  }
}
