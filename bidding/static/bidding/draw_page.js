// The draw's page: walks through its steps, and makes the whole draw again from the published seeds.
//
// The computation is the second verifier's (static/verify/draw.js), written apart from the server's.

import { drawOf } from "../verify/draw.js";
import { unb64u } from "./canon.js";
import { byId, fill } from "./view.js";

const { facts, texts } = JSON.parse(byId("draw-facts").textContent);
const controls = byId("draw-controls");
const steps = [...document.querySelectorAll("[data-step]")];
const said = controls.querySelector("[data-said]");

function recompute() {
  const { json } = drawOf({
    rule: facts.rule,
    lot: facts.lot,
    boxId: facts.box_id,
    boxRoot: facts.box_root,
    seeds: {
      agency: unb64u(facts.agency),
      contributions: facts.contributions.map(unb64u),
      given: facts.given.map(BigInt),
    },
    bids: facts.bids.map(({ nonce, picks }) => ({ nonce: unb64u(nonce), picks })),
  });
  const shown = facts.draw;
  return {
    inputs: json.bidders === shown.bidders,
    seeds: json.seed_n === shown.seed_n && json.seed_v === shown.seed_v,
    rates: same(json.rates, shown.rates),
    prices: same(json.prices, shown.prices),
    picks: same(json.counts, shown.counts) && same(json.drawn, shown.drawn),
    price: json.sum === shown.sum && json.estimated_price === shown.estimated_price,
  };
}

const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);

function show(verdicts) {
  for (const step of steps) {
    const isSame = verdicts[step.dataset.step];
    if (isSame === undefined) continue;
    const verdict = step.querySelector("[data-verdict]");
    verdict.hidden = false;
    verdict.dataset.is = isSame ? "same" : "other";
    verdict.textContent = isSame ? `✓ ${texts.same}` : `✗ ${texts.other}`;
  }
  const wrong = Object.values(verdicts).filter((one) => !one).length;
  said.textContent = wrong ? fill(texts.differs, { count: wrong }) : texts.all_same;
}

// ---- one step at a time

let now = 0;

function walk(isOn) {
  controls.querySelector("[data-walk]").hidden = !isOn;
  steps.forEach((step, index) => {
    step.hidden = isOn && index > now;
    step.toggleAttribute("data-is-now", isOn && index === now);
  });
  if (!isOn) return;
  controls.querySelector("[data-previous]").disabled = now === 0;
  controls.querySelector("[data-next]").disabled = now === steps.length - 1;
  said.textContent = fill(texts.step_of, { step: now + 1, steps: steps.length });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (now) steps[now].scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
}

function move(by) {
  now = Math.min(Math.max(now + by, 0), steps.length - 1);
  walk(true);
}

if (globalThis.crypto?.subtle || facts.rule) {
  controls.hidden = false;
  controls.querySelector("[data-recompute]").addEventListener("click", () => {
    try {
      show(recompute());
    } catch (fault) {
      said.textContent = fill(texts.failed, { fault: fault.message });
    }
  });
  const toggle = controls.querySelector("[data-one-by-one]");
  toggle.addEventListener("click", () => {
    const isOn = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(isOn));
    now = 0;
    walk(isOn);
    if (!isOn) said.textContent = "";
  });
  controls.querySelector("[data-previous]").addEventListener("click", () => move(-1));
  controls.querySelector("[data-next]").addEventListener("click", () => move(1));
}
