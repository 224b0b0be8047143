// Step 1: the box file, its signatures, and the code that two people can compare.

import { readBoxFile } from "../static/bidding/box_file.js";
import { boxCode } from "../static/bidding/notes.js";
import { byId, fill, kst, notice } from "../static/bidding/view.js";
import { words } from "./words.js";

export class BoxStep {
  constructor(changed) {
    Object.assign(this, { opened: null, changed });
    for (const id of ["box-file", "agency"]) byId(id).addEventListener("change", () => this.read());
  }

  async read() {
    this.opened = null;
    byId("box-shown").hidden = true;
    byId("box-said").replaceChildren();
    const [file] = byId("box-file").files;
    if (file) {
      try {
        const opened = await readBoxFile(await file.text(), byId("agency").value.trim());
        if (opened.needsDocuments) throw new Error(words.texts.asks_documents);
        this.opened = opened;
        this.show();
        if (opened.box.lanes.docs) byId("box-said").replaceChildren(notice("info", words.texts.docs_optional, words.texts.docs_optional_why));
      } catch (fault) {
        byId("box-said").replaceChildren(notice("danger", words.texts.box_bad, String(fault.message)));
      }
    }
    this.changed();
  }

  show() {
    const { box, id, closesAt, opensAt, vkeys } = this.opened;
    const { holders, groups } = box.lanes.price;
    const least = Math.min(...groups.map((group) => group.length));
    byId("box-code-figure").textContent = boxCode(id);
    byId("box-tender").textContent = box.tender;
    byId("box-closes").textContent = kst(closesAt);
    byId("box-opens").textContent = kst(opensAt);
    byId("box-holders").textContent = fill(words.texts.holders, { holders: holders.map((one) => one.id).join(", "), least });
    byId("box-agency").textContent = vkeys.agency;
    byId("box-pinned").textContent = byId("agency").value.trim() ? words.texts.pinned : words.texts.not_pinned;
    byId("box-shown").hidden = false;
  }
}
