// "Test the sealing": a throw-away envelope, sealed as a bid is, then revealed in full, so that this page or any other
// program can make it again and compare. It is never signed, and the real bid gets a bid id and a key of its own.

import { audit, makeAuditFile } from "./audit_file.js";
import { group, readAmount } from "./amounts.js";
import { digest, hex, jcs, parse, utf8 } from "./canon.js";
import { drawNumbers } from "./price.js";
import { wire } from "./sealing.js";
import { byId, download, element, fill, notice } from "./view.js";

// Between half of the base amount and all of it: looks like a bid, and is none.
function randomAmount(base) {
  // Where the box names no base amount, any figure will do.
  const [word] = crypto.getRandomValues(new BigUint64Array(1));
  const half = BigInt(base ?? 100_000_000) / 2n;
  return String(half + (word % (half + 1n)) || 1n);
}

export class AuditOption {
  // `step`: the check step, which has the box and the server's answer.
  constructor(page, step, clock) {
    Object.assign(this, { page, step, clock, text: "" });
    byId("audit-make").addEventListener("click", () => this.make());
    byId("audit-save").addEventListener("click", () => download(`${page.reference}.audit.json`, "application/json", this.text));
  }

  async make() {
    const typed = byId("audit-amount").value.trim();
    const amount = typed ? readAmount(typed) : randomAmount(this.page.terms.base);
    byId("audit-amount-error").hidden = amount !== null;
    byId("audit-save").hidden = true;
    if (amount === null) {
      byId("audit-amount").focus();
      return;
    }
    const { texts, picks, quantity } = this.page;
    byId("audit-make").disabled = true;
    try {
      await this.seal({ amount, picks: picks ? drawNumbers(picks.pick, picks.of) : [], ...(quantity ? { quantity: 1 } : {}) });
      const found = await audit(this.text);
      const { envelope } = parse(utf8(this.text.trimEnd()));
      const code = hex(await digest("envelope", jcs(envelope))).slice(0, 16);
      const facts = { amount: group(found.amount), picks: found.picks.join(", ") || "–", holders: found.holders.join(", "), code };
      byId("audit-said").replaceChildren(
        notice("success", texts.audit_ok, fill(texts.audit_found, facts), texts.audit_then, element("p", { className: "mono mono--small", text: `python -m bidding.seal --audit ${this.page.reference}.audit.json` })),
      );
      byId("audit-save").hidden = false;
    } catch (fault) {
      byId("audit-said").replaceChildren(notice("danger", texts.audit_bad_title, fill(texts.audit_bad, { fault: fault.message })));
    } finally {
      byId("audit-make").disabled = false;
    }
  }

  async seal(price) {
    const { box, answer } = this.step;
    const now = this.clock.now();
    const { client, lot, supplier } = answer;
    this.text = await makeAuditFile({ box, client, lot, supplier, price, now, made: wire(now) });
  }
}
