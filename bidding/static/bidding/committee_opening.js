// A member at the opening: load the key file, check everything here, then give the pieces of every part that is asked.

import { checkRequest, makePieces } from "./holder.js";
import { send } from "./http.js";
import { KeyFileField } from "./key_file_field.js";
import { boxCode } from "./notes.js";
import * as store from "./store.js";
import { byId, element, fill, kst, mark, notice } from "./view.js";

const ORDER = ["log", "witnesses", "story", "box", "technical", "time", "list"];
// Which line of the list of checks a rule belongs to.
const LINE_OF = { R1: "box", R2: "time", R3: "log", R4: "story", R5: "list", R6: "box", R7: "story" };
const PATIENCE = { timeout: 120_000 };

export class OpeningPage {
  constructor(page) {
    this.page = page;
    this.field = new KeyFileField("opening", { expected: page.expected, faults: page.texts.faults });
    this.keys = null;
    this.lanes = [];
    byId("check-opening").addEventListener("click", () => this.check());
    byId("give").addEventListener("click", () => this.give());
    addEventListener("beforeunload", (event) => this.isGiving && event.preventDefault());
  }

  line(name) {
    return document.querySelector(`#checks [data-check=${name}]`);
  }

  // The lines of this page: not every session has every one.
  names() {
    return ORDER.filter((name) => this.line(name));
  }

  say(...parts) {
    byId("opening-said").replaceChildren(...parts);
  }

  async check() {
    const act = byId("check-opening");
    this.say();
    this.keys = await this.field.open();
    if (!this.keys) return;
    act.disabled = true;
    byId("checks").hidden = false;
    for (const name of this.names()) mark(this.line(name), "busy");
    try {
      await this.checkAll();
      byId("load").hidden = true;
      byId("give-actions").hidden = false;
      byId("give").focus();
    } catch (problem) {
      this.refuse(problem);
    } finally {
      act.disabled = false;
    }
  }

  // Every lane that this member is asked in: all of them hold, or nothing is given.
  async checkAll() {
    const { lanes } = await send("GET", `${this.page.urls.opening}?seen=${this.keys.log.size}`, undefined, PATIENCE);
    if (!lanes.length) throw new Error(this.page.texts.nothing_asked);
    this.lanes = [];
    for (const { request, parts } of lanes) {
      const passed = await checkRequest(request, this.keys, request.lane, Date.now());
      await this.rememberList(passed);
      this.lanes.push({ passed, parts });
    }
    this.show(this.lanes[0].passed);
  }

  // R1 for a person: this browser gives pieces for one list of a tender, ever.
  async rememberList({ tender, lane, boxRoot, closedIndex }) {
    const name = `closed ${tender} ${lane}`;
    const seen = await store.get("seen", name);
    if (seen && (seen.boxRoot !== boxRoot || seen.closedIndex !== closedIndex)) throw new Error(this.page.texts.another_list);
    await store.put("seen", name, { boxRoot, closedIndex });
  }

  show(passed) {
    const { texts } = this.page;
    mark(this.line("log"), "ok", fill(texts.log_ok, { size: passed.checkpoint.size }));
    const names = passed.cosigned.join(", ");
    mark(this.line("witnesses"), names ? "ok" : "warn", names ? fill(texts.witnesses_ok, { names }) : texts.witnesses_none);
    mark(this.line("story"), "ok", texts.story_ok);
    mark(this.line("box"), "ok", fill(texts.box_ok, { code: boxCode(passed.box) }));
    if (passed.leftOut !== null) mark(this.line("technical"), "ok", fill(texts.technical_ok, { count: passed.leftOut }));
    mark(this.line("time"), "ok", fill(texts.time_ok, { time: kst(passed.opens) }));
    mark(this.line("list"), "ok", fill(texts.list_ok, { count: passed.bids }));
  }

  refuse(problem) {
    const { texts } = this.page;
    for (const name of this.names()) mark(this.line(name), "todo");
    if (problem.rule) mark(this.line(LINE_OF[problem.rule]), "bad", `${texts.rules[problem.rule]} (${problem.why})`);
    const why = problem.status === 0 ? texts.no_connection : (problem.body?.detail ?? problem.why ?? problem.message);
    this.say(notice("danger", problem.rule ? texts.rules[problem.rule] : texts.give_failed, fill(texts.refused, { why })));
  }

  async give() {
    byId("give").disabled = true;
    byId("giving").hidden = false;
    this.isGiving = true;
    try {
      const empty = await this.giveAll();
      this.isGiving = false;
      byId("give-actions").hidden = true;
      const more = empty ? fill(this.page.texts.given_more, { empty }) : "";
      this.say(notice("success", this.page.texts.given, more));
      byId("h-give").focus();
    } catch (problem) {
      this.isGiving = false;
      byId("give").disabled = false;
      this.explain(problem);
    }
  }

  // Part by part; what has been taken is not asked for again. Resolves to the number of envelopes that did not open.
  async giveAll() {
    const total = this.lanes.flatMap(({ parts }) => parts).reduce((sum, part) => sum + part.envelopes, 0);
    let [before, empty] = [0, 0];
    for (const { passed, parts } of this.lanes) {
      while (parts.length) {
        const [{ part, envelopes }] = parts;
        const { items } = await send("GET", `${this.page.urls.items}?lane=${passed.lane}&part=${part}`, undefined, PATIENCE);
        const { note, pieces } = await makePieces(items, passed, this.keys, (done) => this.progress(before + done, total));
        await send("POST", this.page.urls.pieces, { lane: passed.lane, part, note }, PATIENCE);
        empty += Object.values(pieces).filter((piece) => piece === null).length;
        before += envelopes;
        parts.shift();
      }
    }
    return empty;
  }

  progress(done, total) {
    byId("given-bar").max = Math.max(total, 1);
    byId("given-bar").value = done;
    byId("given-figure").textContent = fill(this.page.texts.giving, { done, total });
  }

  explain(problem) {
    const { texts, urls } = this.page;
    if (problem.code === "step-up-required") {
      const link = element("a", { text: texts.step_up, href: urls.step_up });
      this.say(notice("warning", texts.step_up_title, element("p", {}, link)));
    } else if (problem.rule) {
      this.refuse(problem);
    } else {
      this.say(notice("danger", texts.give_failed, problem.status === 0 ? texts.no_connection : (problem.body?.detail ?? problem.message)));
    }
  }
}
