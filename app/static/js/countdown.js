// <… data-countdown="2026-11-23T01:00:00.000000Z"><b data-left>…</b></…>: time left by the server's clock,
// every second in the last hour, every half minute before. Only a few moments are read aloud.
import { serverNow, syncClock } from "./clock.js";
import { duration, element, say } from "./words.js";

const SPOKEN = [3600, 600, 60, 0];

export function startCountdowns(root) {
  const all = [...root.querySelectorAll("[data-countdown]")].map((mark) => ({
    mark,
    at: Date.parse(mark.dataset.countdown.replace(/\.(\d{3})\d*Z$/, ".$1Z")),
    left: mark.querySelector("[data-left]"),
    before: null,
  }));
  const watched = all.filter((one) => one.left && !Number.isNaN(one.at));
  if (!watched.length) return;
  const voice = element("div", { class: "visually-hidden", "aria-live": "polite" });
  document.body.append(voice);
  const tick = () => {
    let pause = 30000;
    for (const one of watched) {
      const seconds = Math.ceil((one.at - serverNow()) / 1000);
      show(one, seconds, voice);
      if (seconds > 0 && seconds < 3660) pause = 1000 - (serverNow() % 1000) + 5;
    }
    if (watched.some((one) => one.at > serverNow())) setTimeout(tick, pause);
  };
  syncClock().then(tick);
}

function show(one, seconds, voice) {
  const told = seconds > 0 ? say("left", { time: duration(seconds) }) : say("over");
  if (one.left.textContent !== told) one.left.textContent = told;
  one.mark.toggleAttribute("data-soon", seconds > 0 && seconds <= 3600);
  if (one.before !== null && SPOKEN.some((limit) => one.before > limit && seconds <= limit)) voice.textContent = told;
  if (one.before !== null && one.before > 0 && seconds <= 0) {
    one.mark.dispatchEvent(new CustomEvent("naru:time-over", { bubbles: true }));
  }
  one.before = seconds;
}
