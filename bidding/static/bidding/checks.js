// Step 1: everything that must hold before a price is typed, each line with what was found.

import { send } from "./http.js";
import { enrolKey, whyUnable } from "./keys.js";
import { boxCode, verifyBox } from "./notes.js";
import { canUse, Declined, enrolPasskey } from "./passkeys.js";
import { findSigners, offerSigners } from "./signing.js";
import * as store from "./store.js";
import { byId, fill, kst, mark, notice } from "./view.js";

const line = (name) => document.querySelector(`#checks [data-check=${name}]`);
const REMEMBERED = "naru-key-label"; // the browser's name that was typed, across the page that asks the password
const WANTED = "naru-key-wanted"; // which kind of key was asked for, likewise

export class CheckStep {
  constructor(page, clock, changed) {
    Object.assign(this, { page, clock, changed, box: null, answer: null, key: null });
    byId("make-key").addEventListener("click", () => this.makeKey("browser"));
    byId("make-passkey").addEventListener("click", () => this.makeKey("passkey"));
  }

  get isReady() {
    return this.box !== null && this.key !== null;
  }

  async run() {
    mark(line("browser"), "ok", this.page.texts.browser_ok);
    await Promise.all([this.openBox(), this.findKey()]);
    this.changed();
    // Back from entering the password: go on with what was asked. A passkey wants a press of its own.
    if (new URLSearchParams(location.search).has("enrol") && !this.key) {
      if (sessionStorage.getItem(WANTED) === "passkey") byId("make-passkey").focus();
      else await this.makeKey("browser");
    }
  }

  // ---- the box and the clock come in one answer

  async openBox() {
    const sentAt = Date.now();
    try {
      this.answer = await send("GET", this.page.urls.box);
    } catch (problem) {
      this.fail("box", problem.status ? problem.message : this.page.texts.no_connection);
      mark(line("clock"), "bad", this.page.texts.no_connection);
      return;
    }
    this.clock.learn(this.answer.server_time, sentAt, Date.now());
    this.clock.moveTo(this.answer.closes_at);
    if (this.answer.already) {
      location.replace(fill(this.page.urls.receipt, { bid: this.answer.already.bid }));
      return;
    }
    this.showClock();
    await this.checkBox();
  }

  // Deadlines can be put off while a page is open: asked again before the review. Without an answer nothing changes.
  async refreshClock() {
    const sentAt = Date.now();
    try {
      const { server_time: now, closes_at: closes } = await send("GET", this.page.urls.box);
      this.clock.learn(now, sentAt, Date.now());
      this.clock.moveTo(closes);
    } catch {
      // The submission itself will say what is wrong.
    }
  }

  async checkBox() {
    try {
      const box = await verifyBox(this.answer, this.page.reference);
      this.showBox(box);
      await this.compareSeen();
      this.box = box;
    } catch (fault) {
      this.fail("box", fill(this.page.texts.box_bad, { fault: fault.message }));
    }
  }

  showBox(box) {
    const { holders, groups } = box.lanes.price;
    const least = Math.min(...groups.map((group) => group.length));
    mark(line("box"), "ok", fill(this.page.texts.box_ok, { holders: holders.length, least }));
    byId("box-code-figure").textContent = boxCode(this.answer.box_id);
    byId("box-code").hidden = false;
  }

  showClock() {
    const off = Math.abs(this.clock.offset);
    const facts = { offset: (off / 1000).toFixed(1), trip: this.clock.roundTrip, opens: kst(this.answer.opens_at) };
    mark(line("clock"), off > 5000 ? "warn" : "ok", fill(off > 5000 ? this.page.texts.clock_off : this.page.texts.clock_ok, facts));
  }

  // Keys that changed since this browser first saw them are worth a question.
  async compareSeen() {
    const { agency, receipt, log } = this.answer.vkeys;
    const seen = await store.get("seen", "vkeys");
    byId("seen-changed").hidden = !seen || (seen.agency === agency && seen.receipt === receipt && seen.log === log);
    await store.put("seen", "vkeys", { agency, receipt, log });
  }

  fail(name, text) {
    mark(line(name), "bad", text);
  }

  // ---- the signing key

  async findKey() {
    try {
      const { keys } = await send("GET", this.page.urls.keys);
      const signers = await findSigners(this.page, keys);
      offerSigners(line("key").querySelector("[data-key-choice]"), signers, this.page.texts, (signer) => this.signWith(signer));
      if (!signers.length) this.askForKey(keys.length);
    } catch (problem) {
      this.fail("key", problem.status ? problem.message : this.page.texts.no_connection);
    }
  }

  signWith(signer) {
    this.key = signer;
    mark(line("key"), "ok", signer.told);
    line("key").querySelector("[data-key-form]").hidden = true;
    this.changed();
  }

  askForKey(elsewhere) {
    mark(line("key"), "todo", elsewhere ? fill(this.page.texts.key_elsewhere, { count: elsewhere }) : this.page.texts.key_none);
    const typed = sessionStorage.getItem(REMEMBERED);
    if (typed) byId("key-label").value = typed;
    line("key").querySelector("[data-key-form]").hidden = false;
    for (const part of line("key").querySelectorAll("[data-passkey]")) part.hidden = !canUse(this.page.site);
  }

  async makeKey(kind) {
    const label = byId("key-label").value.trim();
    byId("check-problem").hidden = true;
    if (!label) {
      byId("key-label").focus();
      return;
    }
    byId("make-key").disabled = byId("make-passkey").disabled = true;
    try {
      const wanted = { person: this.page.person, site: this.page.site, label, api: this.page.urls.keys };
      await (kind === "passkey" ? enrolPasskey(wanted) : enrolKey(wanted));
      sessionStorage.removeItem(REMEMBERED);
      history.replaceState(null, "", location.pathname);
      await this.findKey();
    } catch (problem) {
      this.explain(problem, label, kind);
    } finally {
      byId("make-key").disabled = byId("make-passkey").disabled = false;
      this.changed();
    }
  }

  explain(problem, label, kind) {
    if (problem.code === "step-up-required") {
      sessionStorage.setItem(REMEMBERED, label);
      sessionStorage.setItem(WANTED, kind);
      location.assign(this.page.urls.step_up);
      return;
    }
    const said = problem instanceof Declined ? this.page.texts.passkey_declined : (problem.body?.detail ?? problem.message);
    const text = problem.status === 0 ? this.page.texts.no_connection : said;
    const box = byId("check-problem");
    box.replaceChildren(notice("danger", this.page.texts.key_failed, text));
    box.hidden = false;
  }
}

export { whyUnable };
