// Step 4: seal, test, sign, send until receipt or refusal, check the receipt. Says at each moment what is known.

import { equalBytes, utf8 } from "./canon.js";
import { renewToken } from "./http.js";
import { verifyReceipt } from "./notes.js";
import { Declined } from "./passkeys.js";
import {
  makeContext, makeStatement, makeSubmission, newId, openWithKey, pricePayload, sealEnvelope, wire,
} from "./sealing.js";
import { offerBidFile } from "./saving.js";
import { askForStamp } from "./stamping.js";
import * as store from "./store.js";
import { deliver, makeRest } from "./submit.js";
import { byId, button, download, element, fill, kst, mark, notice } from "./view.js";

const line = (name) => document.querySelector(`#send-steps [data-send=${name}]`);
const STEPS = ["seal", "docs", "test", "sign", "stamp", "send", "receipt"].filter((name) => line(name));
const TO_SOLVE = { 401: "sign_in", "step-up-required": "step_up", "password-change-required": "sign_in" };

export class SendStep {
  constructor(page, { shelf, clock, documents, back }) {
    Object.assign(this, { page, shelf, clock, documents, back, isUnder: false, resting: makeRest() });
  }

  async sealAndSend({ bid, box, answer, key }) {
    this.reset();
    let sealed;
    try {
      sealed = await this.seal({ bid, box, answer, key });
      sealed.stamp = await this.stamp(sealed.stmt);
      // Sealed bytes only: should this page be lost now, the same bid can be sent again.
      const { cek, docsCek, ...kept } = sealed;
      await store.put("outbox", this.shelf, kept);
      const facts = () => ({ name: `${this.page.reference}_${sealed.bid}`, sealed, receipt: null });
      offerBidFile(document.querySelector("[data-bid-file-at=sealed]"), this.page.texts, facts);
    } catch (fault) {
      const isDeclined = fault instanceof Declined;
      if (isDeclined) mark(line("sign"), "bad");
      const { seal_failed: failed, sign_declined: declined, passkey_declined: why } = this.page.texts;
      this.refuse(isDeclined ? declined : failed, isDeclined ? why : String(fault.message ?? fault), true);
      return null;
    }
    return this.send(sealed, answer);
  }

  async sendAgain(waiting, answer) {
    this.reset();
    for (const name of STEPS.slice(0, -2)) if (name !== "stamp" || waiting.stamp) mark(line(name), "ok");
    return this.send(waiting, answer);
  }

  reset() {
    this.isUnder = true;
    for (const name of STEPS) mark(line(name), "todo");
    byId("send-problem").replaceChildren();
    this.say("");
    this.offer();
  }

  async seal({ bid, box, answer, key }) {
    mark(line("seal"), "busy");
    const id = this.documents.shelf?.bid ?? newId(this.clock.now());
    const ctx = makeContext({
      box: answer.box_id, tender: box.tender, lot: answer.lot, supplier: answer.supplier, bid: id,
    });
    const plain = pricePayload(bid.amount, this.page.picks ? bid.picks : [], undefined, bid.quantity ?? null);
    const { cek, envelope } = await sealEnvelope(ctx, box.lanes.price, plain);
    mark(line("seal"), "ok", fill(this.page.texts.sealed_for, { holders: box.lanes.price.holders.map(({ id: holder }) => holder).join(", ") }));
    const docs = await this.sealDocuments(box);
    mark(line("test"), "busy");
    if (!equalBytes(await openWithKey(envelope, cek), plain)) throw new Error("self-test");
    mark(line("test"), "ok");
    mark(line("sign"), "busy");
    const made = wire(this.clock.now());
    const facts = { noticeSha256: answer.notice_sha256, envelope, client: answer.client, made, docs: docs?.envelope };
    const statement = await makeStatement(ctx, facts);
    const { stmt, body } = await makeSubmission(statement, envelope, key.sign, docs?.envelope);
    if (utf8(body).length > box.bid_statement_max) throw new Error("size");
    mark(line("sign"), "ok", key.label);
    return { stmt, body, bid: id, tender: box.tender, sealedAt: made, cek, docsCek: docs?.cek ?? null };
  }

  async sealDocuments(box) {
    if (!line("docs")) return null;
    mark(line("docs"), "busy");
    const told = (event, { seconds }) => event === "waiting" && mark(line("docs"), "busy", fill(this.page.texts.doc_states.lost, { seconds }));
    const docs = await this.documents.seal(box.lanes.docs, told);
    mark(line("docs"), "ok", docs ? fill(this.page.texts.doc_sealed, { files: docs.envelope.files.length - 1 }) : this.page.texts.doc_none);
    return docs;
  }

  // An independent word on when this bid existed, where one can be had; the bid goes with it or without.
  async stamp(stmt) {
    if (!line("stamp")) return null;
    const { texts, urls } = this.page;
    if (!byId("stamp-wanted").checked) {
      mark(line("stamp"), "todo", texts.stamp_off);
      return null;
    }
    mark(line("stamp"), "busy");
    const got = await askForStamp(urls.stamps, stmt);
    mark(line("stamp"), got ? "ok" : "warn", got ? fill(texts.stamp_had, { at: kst(wire(got.at)) }) : texts.stamp_none);
    return got?.stamp ?? null;
  }

  async send(sealed, answer) {
    mark(line("send"), "busy");
    let taken;
    try {
      taken = await deliver({
        href: this.page.urls.bids,
        stmt: sealed.stmt,
        body: sealed.body,
        told: (event, facts) => this.told(event, facts),
        rest: this.resting.rest,
        renew: () => renewToken(this.page.urls.csrf),
      });
    } catch (problem) {
      return this.solve(problem, sealed, answer);
    }
    mark(line("send"), "ok");
    this.say("");
    byId("send-problem").replaceChildren();
    return this.checkReceipt(taken, sealed, answer);
  }

  async checkReceipt(taken, sealed, answer) {
    mark(line("receipt"), "busy");
    try {
      const receipt = await verifyReceipt(taken.receipt, answer.vkeys.receipt, sealed);
      mark(line("receipt"), "ok");
      await store.remove("outbox", this.shelf);
      await this.documents.shelf?.forget();
      this.isUnder = false;
      return { answer: taken, receipt, sealed, vkeys: answer.vkeys, closesAt: this.clock.closesAt };
    } catch (fault) {
      // Nothing is claimed that was not checked: the sealed bid stays here to be sent again.
      mark(line("receipt"), "bad", fault.message);
      const { receipt_bad_title: title, receipt_bad: text } = this.page.texts;
      byId("send-problem").replaceChildren(notice("danger", title, text));
      return new Promise((resolve) => this.offer(button(this.page.texts.send_again, "primary", () => resolve(this.send(sealed, answer)))));
    }
  }

  told(event, { attempt, seconds, problem }) {
    const { texts } = this.page;
    this.offer();
    if (event === "sending") {
      mark(line("send"), "busy", attempt > 1 ? fill(texts.attempt, { attempt }) : "");
      return;
    }
    this.say(fill(problem.status ? texts.answer_open : texts.answer_none, { seconds, status: problem.status }), texts.not_twice);
    this.offer(button(texts.try_now, "secondary", () => this.resting.now()));
  }

  // Not a receipt. Either the person can solve it (sign in again, in another tab) or it is a refusal.
  solve(problem, sealed, answer) {
    const { texts, urls } = this.page;
    const way = TO_SOLVE[problem.code] ?? TO_SOLVE[problem.status];
    if (!way) {
      mark(line("send"), "bad");
      store.remove("outbox", this.shelf);
      this.refuse(problem.message, problem.body?.detail, problem.code !== "deadline-passed" && problem.code !== "already-done", problem);
      return null;
    }
    mark(line("send"), "warn");
    const link = element("a", { text: texts[way], href: urls[way], target: "_blank", rel: "noopener" });
    byId("send-problem").replaceChildren(notice("warning", texts.solve_title, texts.solve, element("p", {}, link)));
    return new Promise((resolve) =>
      this.offer(
        button(texts.send_again, "primary", async () => {
          byId("send-problem").replaceChildren();
          await renewToken(urls.csrf).catch(() => {});
          resolve(this.send(sealed, answer));
        }),
      ),
    );
  }

  refuse(title, detail, canCorrect, problem = null) {
    const { texts, urls } = this.page;
    this.isUnder = false;
    this.say("");
    const refusal = problem?.body?.refusal;
    byId("send-problem").replaceChildren(notice("danger", fill(texts.not_received, { title }), detail));
    const tender = element("a", { text: texts.to_tender, href: urls.tender, className: "button button--text" });
    const save = refusal && button(texts.save_refusal, "secondary", () => download(`${this.page.reference}.refusal.note`, "text/plain", refusal));
    this.offer(...[canCorrect && this.wayBack(problem), save, tender].filter(Boolean));
  }

  wayBack(problem) {
    const { back_to_documents: documents, back_to_review: review } = this.page.texts;
    if (problem?.code !== "documents-missing") return button(review, "primary", () => this.back());
    return button(documents, "primary", async () => {
      await this.documents.lost(problem.body.missing ?? []);
      this.back("documents");
    });
  }

  say(...lines) {
    byId("send-status").replaceChildren(...lines.filter(Boolean).map((text) => element("p", { text })));
  }

  offer(...buttons) {
    byId("send-actions").replaceChildren(...buttons);
    byId("send-actions").hidden = buttons.length === 0;
  }
}
