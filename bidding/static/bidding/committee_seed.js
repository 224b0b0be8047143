// A member's contribution to the draw: made here, sealed to the whole committee, forgotten.

import { makeSeed } from "./holder.js";
import { send } from "./http.js";
import { KeyFileField } from "./key_file_field.js";
import { byId, notice } from "./view.js";

export class SeedPage {
  constructor(page) {
    this.page = page;
    this.field = new KeyFileField("seed", { expected: page.expected, faults: page.texts.faults });
    byId("give-seed").addEventListener("click", () => this.give());
  }

  async give() {
    const keys = await this.field.open();
    if (!keys) return;
    const act = byId("give-seed");
    act.disabled = true;
    try {
      const { box } = await send("GET", this.page.urls.box);
      await send("POST", this.page.urls.seed, { note: await makeSeed(box, keys) });
      byId("seed-said").replaceChildren(notice("success", this.page.texts.seed_ok));
      act.hidden = true;
      location.reload();
    } catch (problem) {
      act.disabled = false;
      const text = problem.rule ? this.page.texts.rules[problem.rule] : (problem.body?.detail ?? problem.message);
      byId("seed-said").replaceChildren(notice("danger", this.page.texts.seed_bad, problem.status === 0 ? this.page.texts.no_connection : text));
    }
  }
}
