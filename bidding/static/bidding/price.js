// Step 2: the price as it is typed, what it says beside the base amount, and the two numbers.

import { englishWords, group, koreanUnits, koreanWords, percent, ratio, readAmount, whyUnusual } from "./amounts.js";
import { byId, element, fill, notice, setError } from "./view.js";

export const inWords = (amount, lang) => (lang === "ko" ? koreanWords(amount) : englishWords(amount));
export const inFigures = (amount, lang) => (lang === "ko" ? `${group(amount)}원` : `₩${group(amount)}`);

// Keep the digits grouped while typing, the caret behind the same digit.
function regroup(input) {
  const behind = input.value.slice(0, input.selectionStart).replace(/\D/g, "").length;
  const digits = input.value.normalize("NFKC").replace(/[\s,'’₩원]/g, "");
  if (!/^\d*$/.test(digits)) return;
  input.value = group(digits);
  let at = 0;
  for (let seen = 0; seen < behind && at < input.value.length; at += 1) if (/\d/.test(input.value[at])) seen += 1;
  input.setSelectionRange(at, at);
}

export class PriceStep {
  constructor(page, changed) {
    this.page = page;
    this.picks = new Set();
    this.told = [];
    this.changed = changed;
    this.input = byId("amount");
    this.input.addEventListener("input", () => {
      regroup(this.input);
      this.compare();
      this.recheck();
      changed();
    });
    if (page.picks) this.watchPicks();
    if (page.quantity) {
      byId("quantity").addEventListener("input", () => {
        this.recheck();
        changed();
      });
    }
  }

  get amount() {
    return readAmount(this.input.value);
  }

  // How many are offered, where the tender asks for it: 1 to as many as are wanted, or null.
  get quantity() {
    if (!this.page.quantity) return null;
    const typed = Number(readAmount(byId("quantity").value) ?? 0);
    return typed >= 1 && typed <= this.page.quantity.most ? typed : null;
  }

  get hasEntry() {
    return this.input.value !== "" || this.picks.size > 0;
  }

  wipe() {
    this.input.value = "";
    if (this.page.quantity) byId("quantity").value = "";
    this.picks.clear();
  }

  ratioText(amount) {
    return fill(this.page.texts.ratio, { percent: percent(ratio(amount, this.page.terms.base)) });
  }

  warning(amount) {
    const code = whyUnusual(amount, this.page.terms);
    return code && this.page.texts.unusual[code];
  }

  compare() {
    const { amount } = this;
    const reading = byId("amount-reading");
    reading.querySelector("[data-units]").textContent = amount && this.page.lang === "ko" ? koreanUnits(amount) : "";
    reading.querySelector("[data-words]").textContent = amount ? inWords(amount, this.page.lang) : "";
    byId("amount-ratio").textContent = amount ? this.ratioText(amount) : "–";
    const warning = amount && this.warning(amount);
    byId("amount-warning").replaceChildren(...(warning ? [notice("warning", this.page.texts.look_again, warning)] : []));
  }

  watchPicks() {
    this.buttons = Array.from(byId("picks").querySelectorAll("[data-pick]"));
    for (const one of this.buttons) one.addEventListener("click", () => this.toggle(Number(one.dataset.pick)));
    byId("picks").addEventListener("keydown", (event) => this.move(event));
    byId("draw-picks").addEventListener("click", () => this.draw());
    this.showPicks();
  }

  toggle(number) {
    if (this.picks.has(number)) this.picks.delete(number);
    else if (this.picks.size < this.page.picks.pick) this.picks.add(number);
    else {
      byId("picks-said").textContent = this.page.texts.picks_full;
      return;
    }
    this.showPicks();
    this.changed();
  }

  // Arrow keys walk the grid; each number stays reachable by Tab too.
  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns(), ArrowUp: -this.columns() }[event.key];
    const here = this.buttons.indexOf(document.activeElement);
    if (!step || here < 0) return;
    event.preventDefault();
    this.buttons[Math.min(this.buttons.length - 1, Math.max(0, here + step))].focus();
  }

  columns() {
    const top = this.buttons[0].offsetTop;
    const second = this.buttons.findIndex((one) => one.offsetTop > top);
    return second < 0 ? this.buttons.length : second;
  }

  draw() {
    this.picks = new Set(drawNumbers(this.page.picks.pick, this.page.picks.of));
    this.showPicks();
    this.changed();
  }

  showPicks() {
    const { pick } = this.page.picks;
    for (const one of this.buttons) {
      const isPicked = this.picks.has(Number(one.dataset.pick));
      one.setAttribute("aria-pressed", String(isPicked));
    }
    const chosen = this.sortedPicks().join(", ");
    const { picks_none: none, picks_some: some, picks_done: done } = this.page.texts;
    const sentence = this.picks.size === 0 ? none : this.picks.size < pick ? some : done;
    byId("picks-said").textContent = fill(sentence, { chosen, missing: pick - this.picks.size, pick });
    this.recheck();
  }

  sortedPicks() {
    return [...this.picks].sort((left, right) => left - right);
  }

  // [] where all is well; else what to correct, as pairs of field and sentence.
  faults() {
    const found = [];
    if (!this.amount) found.push(["amount", this.input.value.trim() ? this.page.texts.amount_bad : this.page.texts.amount_missing]);
    if (this.page.quantity && this.quantity === null) {
      found.push(["quantity", fill(this.page.texts.quantity_bad, { most: group(String(this.page.quantity.most)) })]);
    }
    if (this.page.picks && this.picks.size !== this.page.picks.pick) {
      found.push(["picks", fill(this.page.texts.picks_missing, { pick: this.page.picks.pick })]);
    }
    return found;
  }

  // Shown beside the fields and in one list above them, which takes the focus.
  check() {
    const found = this.faults();
    this.tell(found);
    if (found.length) byId("price-errors").focus();
    return found;
  }

  // What has been corrected goes away while typing; nothing new is complained of before it is asked for.
  recheck() {
    if (byId("price-errors").hidden) return;
    this.tell(this.faults().filter(([field]) => this.told.includes(field)));
  }

  tell(found) {
    this.told = found.map(([name]) => name);
    for (const name of ["amount", ...(this.page.quantity ? ["quantity"] : []), ...(this.page.picks ? ["picks"] : [])]) {
      setError(name, found.find(([field]) => field === name)?.[1] ?? "");
    }
    const box = byId("price-errors");
    box.hidden = found.length === 0;
    const lines = found.map(([name, message]) => {
      const link = element("a", { text: message, href: `#${name}` });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        (name === "picks" ? this.buttons[0] : byId(name)).focus();
      });
      return element("li", {}, link);
    });
    box.querySelector("ul").replaceChildren(...lines);
  }
}

// `pick` different numbers of 1..`of`, each choice equally likely: bytes that would favour some are thrown away.
export function drawNumbers(pick, of) {
  const drawn = new Set();
  const limit = 256 - (256 % of);
  while (drawn.size < pick) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) drawn.add((byte % of) + 1);
  }
  return [...drawn].sort((left, right) => left - right);
}
