// A bidder's form in an auction: the new price, checked against the rule, signed here, sent until an answer comes.

import { serverNow } from "/static/js/clock.js";

import { readAmount } from "./amounts.js";
import { canonical, digest, hex, jcs } from "./canon.js";
import { send } from "./http.js";
import { whyUnable } from "./keys.js";
import { openObject } from "./notes.js";
import { Declined } from "./passkeys.js";
import { inFigures } from "./price.js";
import { wire } from "./sealing.js";
import { findSigners, offerSigners } from "./signing.js";
import { deliver, makeRest } from "./submit.js";
import { byId, fill, kst, notice, setError } from "./view.js";

const MANY_STEPS = 10n;

export async function statementHash(statement) {
  return digest("auction-bid", jcs(statement));
}

// The place that `amount` would have: behind everybody who offers as little already.
export function placeOf(amount, prices, own) {
  return 1 + prices.filter(({ label, amount: other }) => label !== own && BigInt(other) <= amount).length;
}

export class Offer {
  constructor(page, changed) {
    Object.assign(this, { page, changed, texts: page.texts, signer: null, isBusy: false, at: { phase: "waiting" }, resting: makeRest() });
    this.input = byId("lower-amount");
    this.input.addEventListener("input", () => this.read());
    byId("lower").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    for (const button of document.querySelectorAll("[data-steps]"))
      button.addEventListener("click", () => this.propose(this.own - this.step * BigInt(button.dataset.steps)));
    byId("lower-lead").addEventListener("click", () => this.propose(this.below()));
    byId("lower-sure").addEventListener("change", () => this.ready());
    this.state = page.state;
    this.begin();
  }

  get step() {
    return BigInt(this.state.start.step);
  }

  get own() {
    return BigInt(this.state.prices.find(({ label }) => label === this.page.own).amount);
  }

  get most() {
    return this.own - this.step;
  }

  // One won below the leader where that is a whole step for us, else our own next step.
  below() {
    const [first] = this.state.prices;
    const lead = BigInt(first.amount) - 1n;
    return first.label === this.page.own || lead > this.most ? this.most : lead;
  }

  async begin() {
    const why = await whyUnable();
    if (why) return this.problem(this.texts.not_accepted, this.texts.unable);
    try {
      const { keys } = await send("GET", this.page.urls.keys);
      const signers = await findSigners(this.page, keys);
      offerSigners(byId("lower-signer"), signers, this.texts, (signer) => {
        this.signer = signer;
        byId("lower-key").textContent = signer.told;
      });
      if (!signers.length) this.problem(this.texts.not_accepted, this.texts.no_key);
    } catch {
      this.problem(this.texts.not_accepted, this.texts.offline);
    }
    this.ready();
    return null;
  }

  update(state, at) {
    const isNew = state !== this.state;
    this.state = state;
    const before = this.at.phase;
    this.at = at;
    if (before !== at.phase) {
      byId("lower").hidden = at.phase !== "running";
      byId("lower-waits").hidden = at.phase !== "waiting";
    }
    if (isNew) {
      const { lang, own } = this.page;
      byId("own-price").textContent = inFigures(String(this.own), lang);
      byId("own-most").textContent = inFigures(String(this.most), lang);
      byId("own-place").textContent = state.prices.find(({ label }) => label === own).place;
      if (this.input.value) this.read();
    }
    this.ready();
  }

  propose(amount) {
    this.input.value = String(amount);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.input.focus();
  }

  // The typed price as a BigInt, or null with its fault said.
  read() {
    const typed = readAmount(this.input.value);
    const amount = typed ? BigInt(typed) : null;
    const { texts, page } = this;
    let fault = "";
    if (this.input.value && amount === null) fault = texts.amount_bad;
    else if (amount !== null && amount > this.most) fault = fill(texts.amount_high, { amount: inFigures(String(this.most), page.lang) });
    setError("lower-amount", fault);
    const isFar = amount !== null && !fault && amount < this.own - this.step * MANY_STEPS;
    if (byId("lower-sure-field").hidden === isFar) {
      byId("lower-sure-field").hidden = !isFar;
      byId("lower-sure").checked = false;
    }
    const place = amount !== null && !fault ? placeOf(amount, this.state.prices, page.own) : null;
    byId("lower-place").textContent = place === null ? "" : [fill(texts.place, { place }), isFar ? texts.amount_low : ""].join(" ").trim();
    this.ready();
    return fault ? null : amount;
  }

  ready() {
    const isSure = byId("lower-sure-field").hidden || byId("lower-sure").checked;
    byId("lower-send").disabled = this.isBusy || !this.signer || this.at.phase !== "running" || !isSure;
  }

  async submit() {
    if (byId("lower-send").disabled) return;
    const amount = this.read();
    if (amount === null) {
      if (!this.input.value) setError("lower-amount", this.texts.amount_bad);
      this.input.focus();
      return;
    }
    this.isBusy = true;
    this.ready();
    byId("lower-problem").replaceChildren();
    byId("lower-done").textContent = this.texts.sending;
    try {
      await this.sign(String(amount));
      this.input.value = "";
      this.read();
    } catch (problem) {
      byId("lower-done").textContent = "";
      this.problem(this.texts.not_accepted, this.why(problem));
    }
    this.isBusy = false;
    await this.changed();
    this.ready();
    if (this.at.phase === "running") this.input.focus({ preventScroll: true });
  }

  async sign(amount) {
    const { tender, lot } = this.state;
    const facts = { round: this.at.number, bid: this.page.bid, amount, prev: this.state.head, made: wire(serverNow()) };
    const statement = { v: 1, type: "auction-bid", tender, lot, ...facts };
    const hash = await statementHash(statement);
    const stmt = hex(hash);
    const signature = await this.signer.sign(hash);
    const answer = await deliver({
      href: this.page.urls.bids,
      stmt,
      body: canonical({ statement, signature }),
      told: (event) => event === "waiting" && (byId("lower-done").textContent = this.texts.no_answer),
      rest: this.resting.rest,
      renew: async () => {},
    });
    const { record } = await openObject(answer.receipt, "auction-receipt", [this.page.receipt_vkey]);
    if (record.stmt !== stmt || record.amount !== amount) throw new Error("receipt");
    const told = { at: kst(record.at, 3), amount: inFigures(amount, this.page.lang) };
    byId("lower-done").textContent = fill(this.texts.accepted, told);
  }

  why(problem) {
    if (problem instanceof Declined) return this.texts.declined;
    if (problem.message === "receipt" || problem.constructor.name === "NoteError") return this.texts.bad_receipt;
    const sentence = this.texts.faults[problem.body?.fault];
    const most = problem.body?.most_won ?? this.most;
    return sentence ? fill(sentence, { amount: inFigures(String(most), this.page.lang) }) : (problem.body?.detail ?? problem.message);
  }

  problem(title, text) {
    byId("lower-problem").replaceChildren(notice("danger", title, text));
  }
}
