// Step 1: everything that must hold before a price is typed, each line with what was found.

import { send } from "./http.js";
import { enrolKey, findUsableKey, whyUnable } from "./keys.js";
import { boxCode, verifyBox } from "./notes.js";
import * as store from "./store.js";
import { byId, fill, kst, mark, notice } from "./view.js";

const line = (name) => document.querySelector(`#checks [data-check=${name}]`);
const REMEMBERED = "naru-key-label"; // the browser's name that was typed, across the page that asks the password

export class CheckStep {
  constructor(page, clock, changed) {
    Object.assign(this, { page, clock, changed, box: null, answer: null, key: null });
    byId("make-key").addEventListener("click", () => this.makeKey());
  }

  get isReady() {
    return this.box !== null && this.key !== null;
  }

  async run() {
    mark(line("browser"), "ok", this.page.texts.browser_ok);
    await Promise.all([this.openBox(), this.findKey()]);
    this.changed();
    if (new URLSearchParams(location.search).has("enrol") && !this.key) await this.makeKey();
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
    byId("single-operator").hidden = least > 1;
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
      this.key = await findUsableKey(this.page.person, keys.map(({ kid }) => kid));
      if (this.key) this.showKey();
      else this.askForKey(keys.length);
    } catch (problem) {
      this.fail("key", problem.status ? problem.message : this.page.texts.no_connection);
    }
  }

  showKey() {
    mark(line("key"), "ok", fill(this.page.texts.key_ok, { label: this.key.label, since: kst(new Date(this.key.made).toISOString()) }));
    line("key").querySelector("[data-key-form]").hidden = true;
  }

  askForKey(elsewhere) {
    mark(line("key"), "todo", elsewhere ? fill(this.page.texts.key_elsewhere, { count: elsewhere }) : this.page.texts.key_none);
    const typed = sessionStorage.getItem(REMEMBERED);
    if (typed) byId("key-label").value = typed;
    line("key").querySelector("[data-key-form]").hidden = false;
  }

  async makeKey() {
    const make = byId("make-key");
    const label = byId("key-label").value.trim();
    byId("check-problem").hidden = true;
    if (!label) {
      byId("key-label").focus();
      return;
    }
    make.disabled = true;
    try {
      this.key = await enrolKey({ person: this.page.person, label, api: this.page.urls.keys });
      sessionStorage.removeItem(REMEMBERED);
      history.replaceState(null, "", location.pathname);
      this.showKey();
    } catch (problem) {
      this.explain(problem, label);
    } finally {
      make.disabled = false;
      this.changed();
    }
  }

  explain(problem, label) {
    if (problem.code === "step-up-required") {
      sessionStorage.setItem(REMEMBERED, label);
      location.assign(this.page.urls.step_up);
      return;
    }
    const text = problem.status === 0 ? this.page.texts.no_connection : (problem.body?.detail ?? problem.message);
    const box = byId("check-problem");
    box.replaceChildren(notice("danger", this.page.texts.key_failed, text));
    box.hidden = false;
  }
}

export { whyUnable };
