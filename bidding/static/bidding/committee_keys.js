// A member's keys for one tender: made here, saved on two media, and proved from each by reading the file back.

import { byId, download, element, notice, setError } from "./view.js";
import { b64u } from "./canon.js";
import { makeKhkeys } from "./holder.js";
import { send } from "./http.js";
import { PASSPHRASE_LEAST, makeKeys, strengthOf, suggestPassphrase, writeKeyFile } from "./keyfile.js";
import { openCheckpoint } from "./merkle.js";
import { Proof } from "./committee_proof.js";
import { wire } from "./sealing.js";

export class KeysPage {
  constructor(page) {
    this.page = page;
    this.text = null; // the file as it was written, until it has been proved from two media
    byId("make-keys").addEventListener("click", () => this.make());
    byId("suggest").addEventListener("click", () => this.suggest());
    byId("new-passphrase").addEventListener("input", () => this.showStrength());
    for (const save of document.querySelectorAll("[data-save]")) save.addEventListener("click", () => this.save());
    this.proofs = ["medium-1", "medium-2"].map((medium) => new Proof(page, medium, (answer) => this.proved(medium, answer)));
    addEventListener("beforeunload", (event) => this.text && event.preventDefault());
  }

  start() {
    this.showSave();
  }

  suggest() {
    const made = suggestPassphrase();
    byId("new-passphrase").value = byId("repeat-passphrase").value = made;
    byId("suggested").hidden = false;
    byId("suggested").querySelector("code").textContent = made;
    this.showStrength();
  }

  showStrength() {
    const strength = strengthOf(byId("new-passphrase").value);
    byId("strength").value = strength;
    byId("strength-said").textContent = byId("new-passphrase").value ? this.page.texts.strength[strength] : "";
  }

  // The passphrase, or null where the person has been told what is wrong with it.
  passphrase() {
    const [first, again] = [byId("new-passphrase"), byId("repeat-passphrase")];
    const isLong = [...first.value.normalize("NFC")].length >= PASSPHRASE_LEAST;
    setError("new-passphrase", isLong ? "" : this.page.texts.faults.short);
    setError("repeat-passphrase", !isLong || first.value === again.value ? "" : this.page.texts.faults.different);
    if (!isLong) first.focus();
    else if (first.value !== again.value) again.focus();
    return isLong && first.value === again.value ? first.value : null;
  }

  async make() {
    const passphrase = this.passphrase();
    if (passphrase === null) return;
    byId("make-keys").disabled = true;
    byId("make-problem").replaceChildren();
    try {
      const keys = await this.fresh();
      const text = await writeKeyFile(keys, passphrase);
      await send("POST", this.page.urls.keys, { vkey: keys.vkey, khkeys: await makeKhkeys(keys) });
      this.text = text;
      this.made();
    } catch (problem) {
      byId("make-problem").replaceChildren(this.explained(problem));
    } finally {
      byId("make-keys").disabled = false;
    }
  }

  // The log as it stands now goes into the file: the opening is held against it.
  async fresh() {
    const facts = await send("POST", this.page.urls.facts, {});
    const { origin, size, root } = await openCheckpoint(facts.checkpoint, facts.log_vkey);
    const log = { origin, vkey: facts.log_vkey, size, root: b64u(root) };
    const { tender, holder, lanes, agency_vkey: agency } = facts;
    return makeKeys({ tender, holder, lanes, log, agency, created: wire(Date.now()) });
  }

  made() {
    for (const id of ["new-passphrase", "repeat-passphrase"]) byId(id).value = "";
    byId("suggested").hidden = true;
    this.showStrength();
    this.mark("make", "done");
    for (const proof of this.proofs) proof.reset();
    this.mark("medium-1", "current");
    this.mark("medium-2", "todo");
    this.showSave();
    byId("h-medium-1").focus();
  }

  mark(step, state) {
    const section = byId(`step-${step}`);
    section.dataset.state = state;
    section.querySelector("[data-state-word]").textContent = this.page.texts.states[state];
  }

  // Saving is possible while this page holds the text; afterwards a copy of the first file serves.
  showSave() {
    for (const save of document.querySelectorAll("[data-save]")) save.disabled = this.text === null;
    for (const line of document.querySelectorAll("[data-unsaved]")) line.hidden = this.text !== null;
  }

  save() {
    download(this.page.file_name, "application/json", this.text);
  }

  proved(medium, answer) {
    this.mark(medium, "done");
    if (answer.is_ready) {
      this.text = null;
      location.reload(); // the page as somebody who is ready sees it
    } else if (medium === "medium-1") {
      this.mark("medium-2", "current");
      byId("h-medium-2").focus();
    }
  }

  explained(problem) {
    const text = problem.status === 0 ? this.page.texts.no_connection : (problem.body?.detail ?? problem.message);
    if (problem.code !== "step-up-required") return notice("danger", this.page.texts.make_failed, text);
    const link = element("a", { text: this.page.texts.step_up, href: this.page.urls.step_up });
    return notice("warning", this.page.texts.step_up_title, element("p", {}, link));
  }
}
