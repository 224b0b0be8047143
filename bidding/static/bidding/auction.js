// A reverse auction as it runs: asks every second or two whether a bid has come, and shows round and time left by the
// server's clock. What a bid changes comes ready from the server; this page only puts it in its place.

import { serverNow, syncClock } from "/static/js/clock.js";

import { Offer } from "./auction_bid.js";
import { inFigures } from "./price.js";
import { byId, duration, fill, kst } from "./view.js";

const BIDDER_MS = 1000;
const WATCHER_MS = 2000;
const CALM_MS = 5000; // before the first round
const QUIET_MS = 8000; // between two things that are read aloud
const LAST_SPOKEN = [30, 10];

const parse = (wire) => Date.parse(`${wire.slice(0, 23)}Z`);
const clockTime = (wire) => kst(wire).slice(11, 19);
const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

class Live {
  constructor(page) {
    this.page = page;
    this.texts = page.texts;
    this.offer = byId("lower") ? new Offer(page, () => this.ask()) : null;
    this.said = 0;
    this.waits = null; // what is to be said next
    this.spoken = null; // seconds left at the last look
    this.take(page.state);
  }

  take(state) {
    this.state = state;
    this.rounds = state.rounds.map(({ begins, ends, extensions }) => ({ begins: parse(begins), ends: parse(ends), extensions, wire: ends }));
  }

  // { phase, round } at this moment; the end of a round is not in it.
  now() {
    if (this.state.closed_at) return { phase: "closed" };
    const at = serverNow();
    if (at < this.rounds[0].begins) return { phase: "waiting", left: this.rounds[0].begins - at };
    const index = this.rounds.findIndex(({ ends }) => at < ends);
    if (index < 0) return { phase: "over" };
    return { phase: "running", number: index + 1, round: this.rounds[index], left: this.rounds[index].ends - at };
  }

  async start() {
    await syncClock();
    this.tick();
    setInterval(() => this.tick(), 250);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.ask());
    this.loop();
  }

  async loop() {
    for (;;) {
      const { phase } = this.now();
      const pause = phase === "waiting" && this.now().left > 2 * CALM_MS ? CALM_MS : this.page.own ? BIDDER_MS : WATCHER_MS;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (document.visibilityState === "visible") await this.ask();
    }
  }

  // The answer says the same until the next bid, and costs next to nothing: without cookies, from a cache by its version.
  async ask() {
    try {
      const options = { credentials: "omit", cache: "no-cache", signal: AbortSignal.timeout(8000) };
      const response = await fetch(this.page.urls.state, options);
      if (!response.ok) throw new Error(String(response.status));
      const state = await response.json();
      byId("auction-offline").hidden = true;
      if (state.version !== this.state.version) await this.change(state);
    } catch {
      byId("auction-offline").textContent = this.texts.offline;
      byId("auction-offline").hidden = false;
    }
  }

  async change(state) {
    if (state.closed_at) {
      location.reload(); // the end shows names, and the result
      return;
    }
    const before = this.state;
    this.take(state);
    await this.redraw();
    this.offer?.update(state, this.now());
    this.tellChange(before, state);
    this.tick();
  }

  async redraw() {
    const board = await load(this.page.urls.board);
    const shown = byId("auction-board");
    const fresh = board.getElementById("auction-board");
    if (!fresh) return;
    const scrolled = Array.from(shown.querySelectorAll(".table-wrap"), (wrap) => wrap.scrollLeft);
    const held = shown.contains(document.activeElement) ? [...shown.querySelectorAll("[tabindex], summary")].indexOf(document.activeElement) : -1;
    shown.replaceWith(document.importNode(fresh, true));
    const placed = byId("auction-board");
    placed.querySelectorAll(".table-wrap").forEach((wrap, i) => (wrap.scrollLeft = scrolled[i] ?? 0));
    if (held >= 0) placed.querySelectorAll("[tabindex], summary")[held]?.focus({ preventScroll: true });
    this.markOwn(placed);
  }

  markOwn(board) {
    const row = this.page.own && board.querySelector(`tr[data-label="${CSS.escape(this.page.own)}"]`);
    if (!row) return;
    row.classList.add("auction-own");
    row.querySelector(".auction-you").hidden = false;
  }

  tick() {
    const at = this.now();
    const { texts } = this;
    byId("auction-clock").dataset.phase = at.phase;
    byId("auction-clock").toggleAttribute("data-last", at.phase === "running" && at.left <= 1000 * this.state.start.rule.last_seconds);
    const seconds = at.left === undefined ? 0 : Math.ceil(at.left / 1000);
    show("auction-phase", at.phase === "running" ? fill(texts.running, { round: at.number, rounds: this.rounds.length }) : texts[at.phase]);
    if (at.phase === "waiting") show("auction-left", fill(texts.begins_in, { time: duration(at.left + 999, texts.units) }));
    else if (at.phase === "running") show("auction-left", fill(texts.ends_in, { time: minutes(seconds) }));
    else if (at.phase === "over") show("auction-left", texts.over_text);
    const count = at.round?.extensions ?? 0;
    byId("auction-extended").hidden = count === 0;
    show("auction-extended", count === 1 ? texts.extended_once : fill(texts.extended, { count }));
    this.showRounds(at.number ?? 0);
    this.tellTime(at, seconds);
    this.offer?.update(this.state, at);
    this.speak();
  }

  showRounds(current) {
    document.querySelectorAll(".auction-rounds li").forEach((item, i) => {
      const { begins, wire } = this.state.rounds[i] && { begins: this.state.rounds[i].begins, wire: this.state.rounds[i].ends };
      const told = `${clockTime(begins)}–${clockTime(wire)}`;
      const line = item.querySelector("span");
      if (line.textContent !== told) line.textContent = told;
      if (i + 1 === current) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  }

  tellTime(at, seconds) {
    const before = this.spoken;
    this.spoken = at.phase === "running" ? { number: at.number, seconds } : { number: 0, seconds: 0 };
    if (before === null || at.phase !== "running") return;
    if (before.number !== at.number) this.say(fill(this.texts.said_round, { round: at.number }), true);
    else if (LAST_SPOKEN.some((mark) => before.seconds > mark && seconds <= mark)) this.say(fill(this.texts.said_last, { seconds }), true);
  }

  tellChange(before, state) {
    const [first] = state.prices;
    const amount = inFigures(first.amount, this.page.lang);
    if (first.label === this.page.own) this.say(fill(this.texts.said_you_lead, { amount }));
    else if (first.label !== before.prices[0].label || first.amount !== before.prices[0].amount)
      this.say(fill(this.texts.said_leader, { label: first.label, amount }));
    const moved = state.rounds.find((round, i) => round.extensions > before.rounds[i].extensions);
    if (moved) this.say(fill(this.texts.said_extended, { at: clockTime(moved.ends) }));
  }

  // Not every bid is read aloud: the latest thing worth saying, at most every eight seconds; a new round at once.
  say(words, isUrgent = false) {
    this.waits = words;
    if (isUrgent) this.said = 0;
  }

  speak() {
    if (this.waits === null || Date.now() - this.said < QUIET_MS) return;
    byId("auction-said").textContent = this.waits;
    this.waits = null;
    this.said = Date.now();
  }
}

function show(id, words) {
  if (byId(id).textContent !== words) byId(id).textContent = words;
}

// A part of the page, parsed by the browser as it parses pages: no text becomes markup here.
function load(href) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", href);
    request.responseType = "document";
    request.timeout = 8000;
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(new Error(String(request.status))));
    request.onerror = request.ontimeout = () => reject(new Error("no answer"));
    request.send();
  });
}

await new Live(JSON.parse(byId("auction-page").textContent)).start();
