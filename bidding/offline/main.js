// The offline client: a box in, a sealed and signed bid out. One file, no network, the same modules as the bid page.

import { equalBytes } from "../static/bidding/canon.js";
import { AuditOption } from "../static/bidding/audit_option.js";
import { makeBidFile } from "../static/bidding/bid_file.js";
import { PASSPHRASE_LEAST } from "../static/bidding/locking.js";
import { PriceStep, inFigures, inWords } from "../static/bidding/price.js";
import {
  makeContext, makeStatement, makeSubmission, newId, openWithKey, pricePayload, sealEnvelope, wire,
} from "../static/bidding/sealing.js";
import { signStatement } from "../static/bidding/signatures.js";
import { byId, download, element, fill, notice } from "../static/bidding/view.js";
import { BoxStep } from "./box_step.js";
import { KeyStep } from "./key_step.js";
import { startSpeaking, words } from "./words.js";

const client = document.querySelector("meta[name=naru-client]").content;
const clock = { now: () => Date.now() };

// The bid page's own step, without what only the notice knows (the floor, say).
class OfflinePrice extends PriceStep {
  compare() {
    if (this.page.terms.base) super.compare();
    else byId("amount-reading").querySelector("[data-words]").textContent = this.amount ? inWords(this.amount, this.page.lang) : "";
  }

  ratioText(amount) {
    return this.page.terms.base ? super.ratioText(amount) : "";
  }

  warning(amount) {
    return this.page.terms.base ? super.warning(amount) : null;
  }
}

class Client {
  constructor() {
    this.page = { texts: words.texts, lang: words.lang, terms: {}, picks: null, quantity: null, reference: "" };
    this.box = new BoxStep(() => this.offer());
    this.keys = new KeyStep(() => this.offer());
    this.price = null;
    this.sealed = null;
    byId("to-review").addEventListener("click", () => this.review());
    byId("seal").addEventListener("click", () => this.seal());
    for (const kind of ["submission", "bid"]) byId(`save-${kind}`).addEventListener("click", () => this.save(kind));
  }

  // Price and review are there once box and key are.
  offer() {
    const { opened } = this.box;
    byId("price").hidden = !(opened && this.keys.key);
    byId("review").hidden = byId("done").hidden = true;
    if (byId("price").hidden || this.price?.box === opened.id) return;
    const { draw, tender } = opened.box;
    const base = draw.base?.[opened.lot] ?? null;
    const picks = draw.pick ? { pick: draw.pick, of: draw.rule.n } : null;
    const quantity = draw.quantity ? { most: draw.quantity } : null;
    byId("quantity-field").hidden = byId("review-quantity-row").hidden = !quantity;
    byId("quantity").value = "";
    Object.assign(this.page, { picks, quantity, reference: tender, terms: { base, low: draw.rule.lo, high: draw.rule.hi, floor: null } });
    byId("picks-field").hidden = !picks;
    byId("picks").replaceChildren(...numbers(picks));
    byId("picks-legend").textContent = picks ? fill(words.texts.choose, picks) : "";
    byId("amount").value = "";
    this.price = new OfflinePrice(this.page, () => (byId("review").hidden = byId("done").hidden = true));
    this.price.box = opened.id;
    const { supplier } = this.keys.key;
    const answer = { client, lot: opened.lot, supplier };
    this.audit ??= new AuditOption(this.page, { box: opened.box, answer }, clock);
    this.audit.step = { box: opened.box, answer };
  }

  review() {
    if (this.price.check().length) return;
    const { amount } = this.price;
    byId("review-amount").textContent = inFigures(amount, words.lang);
    byId("review-words").textContent = inWords(amount, words.lang);
    byId("review-picks").textContent = this.price.sortedPicks().join(", ") || "–";
    byId("review-quantity").textContent = String(this.price.quantity ?? "");
    byId("review-tender").textContent = this.page.reference;
    byId("review-supplier").textContent = this.keys.key.supplier;
    byId("review-key").textContent = this.keys.key.label;
    byId("review").hidden = false;
    byId("h-review").focus();
  }

  async seal() {
    const passphrase = byId("bid-passphrase").value;
    const said = byId("seal-said");
    said.replaceChildren();
    if ([...passphrase].length < PASSPHRASE_LEAST || !byId("agree").checked) {
      const { texts } = words;
      const text = byId("agree").checked ? fill(texts.passphrase_short, { least: PASSPHRASE_LEAST }) : texts.agree_missing;
      said.replaceChildren(notice("danger", texts.not_sealed, text));
      return;
    }
    byId("seal").disabled = true;
    try {
      this.sealed = await this.make(passphrase);
      byId("bid-passphrase").value = "";
      byId("stmt").textContent = this.sealed.stmt;
      byId("done").hidden = false;
      byId("h-done").focus();
    } catch (fault) {
      said.replaceChildren(notice("danger", words.texts.not_sealed, String(fault.message)));
    } finally {
      byId("seal").disabled = false;
    }
  }

  async make(passphrase) {
    const { box, id, lot } = this.box.opened;
    const { supplier } = this.keys.key;
    const ctx = makeContext({ box: id, tender: box.tender, lot, supplier, bid: newId() });
    const plain = pricePayload(this.price.amount, this.page.picks ? this.price.sortedPicks() : [], undefined, this.price.quantity);
    const { cek, envelope } = await sealEnvelope(ctx, box.lanes.price, plain);
    if (!equalBytes(await openWithKey(envelope, cek), plain)) throw new Error("self-test");
    const facts = { noticeSha256: box.notice_sha256, envelope, client, made: wire(Date.now()) };
    const statement = await makeStatement(ctx, facts);
    const { stmt, body } = await makeSubmission(statement, envelope, (hash) => signStatement(this.keys.key, hash));
    if (body.length > box.bid_statement_max) throw new Error("size");
    const posted = JSON.parse(body);
    const name = `${box.tender}_${ctx.bid}`;
    return { name, stmt, submission: await makeBidFile(posted, null, ""), bid: await makeBidFile(posted, { price: cek, docs: null }, passphrase) };
  }

  save(kind) {
    download(`${this.sealed.name}.${kind}.json`, "application/json", this.sealed[kind]);
  }
}

function numbers(picks) {
  return Array.from({ length: picks?.of ?? 0 }, (_, i) =>
    element("button", { className: "pick", type: "button", text: String(i + 1), "aria-pressed": "false", "data-pick": String(i + 1) }));
}

async function whyNot() {
  if (!globalThis.crypto?.subtle) return "insecure";
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign"]);
    await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    return null;
  } catch {
    return "old";
  }
}

byId("needs-script").hidden = true;
byId("client").textContent = client;
const page = { made: null };
startSpeaking(() => page.made && (page.made.page.lang = words.lang));
const why = await whyNot();
if (why) byId("unable").replaceChildren(notice("danger", words.texts.unable, words.texts[why]));
else {
  byId("flow").hidden = false;
  page.made = new Client();
}
