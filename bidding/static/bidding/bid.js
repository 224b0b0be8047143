// The bid page: check -> price -> review -> seal, sign, send -> received. The price lives in this page's memory only, from
// the keyboard to the envelope; what leaves the page is sealed.

import { group } from "./amounts.js";
import { AuditOption } from "./audit_option.js";
import { CheckStep, whyUnable } from "./checks.js";
import { Clock } from "./clock.js";
import { DocumentsStep } from "./documents.js";
import { FromFile } from "./from_file.js";
import { PriceStep, inFigures, inWords } from "./price.js";
import { Received } from "./received.js";
import { SendStep } from "./sending.js";
import * as store from "./store.js";
import { byId, element, kst, notice } from "./view.js";

const ORDER = ["check", "documents", "price", "review", "send", "received"];

class BidPage {
  constructor(page) {
    this.page = page;
    this.shelf = `${page.person} ${page.reference}`;
    this.isDone = false;
    const [current, todo] = Array.from(document.querySelectorAll("#bid-steps .visually-hidden"), (word) => word.textContent.slice(1, -1));
    this.words = { current, todo };
    this.clock = new Clock(page);
    this.check = new CheckStep(page, this.clock, () => this.allowPrice());
    this.documents = new DocumentsStep(page, this.clock, () => {});
    this.order = ORDER.filter((step) => step !== "documents" || this.documents.isWanted);
    this.price = new PriceStep(page, () => {});
    this.audit = new AuditOption(page, this.check, this.clock);
    const back = (step = "review") => this.show(step);
    this.sending = new SendStep(page, { shelf: this.shelf, clock: this.clock, documents: this.documents, back });
    this.fromFile = new FromFile(page, this.check, (sealed) => this.submitSealed(sealed));
    this.watch();
  }

  watch() {
    byId("to-price").addEventListener("click", () => this.show(this.order[1]));
    byId("documents-next")?.addEventListener("click", () => this.documents.check() && this.show("price"));
    byId("to-review").addEventListener("click", () => this.review());
    byId("submit-bid").addEventListener("click", () => this.submit());
    byId("amount").addEventListener("keydown", (event) => event.key === "Enter" && this.review());
    byId("agree").addEventListener("change", () => (byId("agree-error").hidden = true));
    for (const back of document.querySelectorAll("[data-back]")) {
      back.addEventListener("click", () => this.show(back.dataset.back));
    }
    addEventListener("beforeunload", (event) => {
      if (!this.isDone && (this.price.hasEntry || this.sending.isUnder || this.documents.isBusy)) event.preventDefault();
    });
    // A page brought back from the browser's memory would show an old clock and a typed price.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  async start() {
    byId("bid-flow").hidden = byId("bid-steps").hidden = false;
    this.clock.start();
    await this.offerUnsent();
    await this.check.run();
    if (this.check.box) await this.documents.start(this.shelf, this.check.answer, this.check.box.tender);
    this.allowPrice();
    this.fromFile.offer();
  }

  show(step) {
    const at = this.order.indexOf(step);
    byId("bid").dataset.step = step;
    for (const section of document.querySelectorAll("[data-section]")) section.hidden = section.dataset.section !== step;
    this.mark(at);
    const head = document.querySelector(`[data-section=${step}] :is(h1, h2)[tabindex]`);
    head.focus({ preventScroll: true });
    byId("bid").scrollIntoView({ block: "start" });
  }

  // The step indicator of the page frame, kept in step.
  mark(at) {
    const words = { done: this.page.texts.done, ...this.words };
    byId("bid-steps").querySelectorAll(".steps > li").forEach((item, i) => {
      const state = i < at ? "done" : i === at ? "current" : "todo";
      item.className = state;
      item.toggleAttribute("aria-current", false);
      if (state === "current") item.setAttribute("aria-current", "step");
      item.querySelector(".visually-hidden").textContent = `(${words[state]})`;
    });
  }

  allowPrice() {
    byId("to-price").disabled = !this.check.isReady || (this.documents.isWanted && !this.documents.shelf);
  }

  review() {
    if (this.price.check().length) return;
    if (this.documents.isWanted) this.documents.review();
    this.check.refreshClock();
    const { amount } = this.price;
    const { lang } = this.page;
    byId("review-amount").textContent = inFigures(amount, lang);
    byId("review-words").textContent = inWords(amount, lang);
    byId("review-ratio").textContent = this.price.ratioText(amount);
    const warning = this.price.warning(amount);
    byId("review-warning").replaceChildren(...(warning ? [notice("warning", this.page.texts.look_again, warning)] : []));
    byId("review-picks").replaceChildren(...this.price.sortedPicks().map((pick) => element("b", { text: pick })));
    const { quantity } = this.price;
    if (quantity !== null) byId("review-quantity").textContent = `${group(String(quantity))} ${this.page.quantity.unit}`;
    byId("review-key").textContent = this.check.key.label;
    byId("review-box").textContent = byId("box-code-figure").textContent;
    byId("agree").checked = false;
    byId("agree-error").hidden = true;
    this.show("review");
  }

  async submit() {
    if (!byId("agree").checked) {
      byId("agree-error").hidden = false;
      byId("agree").focus();
      return;
    }
    this.show("send");
    const bid = { amount: this.price.amount, picks: this.price.sortedPicks(), quantity: this.price.quantity };
    const { box, answer, key } = this.check;
    await this.finish(() => this.sending.sealAndSend({ bid, box, answer, key }));
  }

  // A bid that was sealed elsewhere goes the same way from here on.
  async submitSealed(sealed) {
    this.show("send");
    await store.put("outbox", this.shelf, sealed);
    await this.finish(() => this.sending.sendAgain(sealed, this.check.answer));
  }

  // `act` resolves to the checked receipt, or to null where the person has been told why there is none.
  async finish(act) {
    const done = await act();
    if (!done) return;
    this.isDone = true;
    this.price.wipe();
    document.querySelector("[data-before-receipt]").classList.add("is-received");
    document.title = `${this.page.texts.received_title} · ${document.title}`;
    this.show("received");
    new Received(this.page, done).show();
  }

  // A bid that was sealed here before and never answered.
  async offerUnsent() {
    const waiting = await store.get("outbox", this.shelf);
    if (!waiting) return;
    const line = byId("unsent");
    line.querySelector("p span").textContent = kst(waiting.sealedAt);
    line.hidden = false;
    byId("unsent-drop").addEventListener("click", async () => {
      await store.remove("outbox", this.shelf);
      line.hidden = true;
    });
    byId("unsent-send").addEventListener("click", async () => {
      if (!this.check.answer) return;
      line.hidden = true;
      this.show("send");
      await this.finish(() => this.sending.sendAgain(waiting, this.check.answer));
    });
  }
}

async function main() {
  document.querySelector("[data-unless-script]").hidden = true;
  const page = JSON.parse(byId("bid-page").textContent);
  let why = await whyUnable();
  if (!why) {
    try {
      await store.all("keys");
    } catch {
      why = "storage";
    }
  }
  if (why) {
    byId("bid-unable").hidden = false;
    document.querySelector(`[data-unable=${why}]`).hidden = false;
    return;
  }
  await new BidPage(page).start();
}

await main();
