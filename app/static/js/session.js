// <body data-session-ends>: warns five minutes before the session ends, so that no form is lost silently.
import { serverNow, syncClock } from "./clock.js";
import { duration, element, say } from "./words.js";

const WARNING = 300; // seconds

export function startSessionWatch(root) {
  const spelled = root.body.dataset.sessionEnds;
  if (!spelled) return;
  let ends = Date.parse(spelled.replace(/\.(\d{3})\d*Z$/, ".$1Z"));
  let bar = null;
  const look = () => {
    const seconds = Math.ceil((ends - serverNow()) / 1000);
    if (seconds > WARNING) {
      bar?.remove();
      bar = null;
      setTimeout(look, Math.min((seconds - WARNING) * 1000, 60000));
      return;
    }
    bar ??= make(stay);
    bar.firstChild.textContent = seconds > 0 ? say("ends", { time: duration(seconds > 60 ? seconds - (seconds % 60) : seconds) }) : say("ended");
    if (seconds > 0) setTimeout(look, seconds > 60 ? 15000 : 1000);
    else bar.querySelector("button")?.remove();
  };
  const stay = async () => {
    const response = await fetch("/time?stay=1", { headers: { Accept: "application/json" }, cache: "no-store" });
    const { session_ends_at: later } = await response.json();
    if (later) ends = Date.parse(later.replace(/\.(\d{3})\d*Z$/, ".$1Z"));
  };
  syncClock().then(look);
}

function make(stay) {
  const button = element("button", { type: "button", class: "button button--small button--secondary" }, say("stay"));
  const bar = element("div", { class: "toast", role: "alert" }, element("p"), button);
  button.addEventListener("click", () => stay().catch(() => undefined));
  document.body.append(bar);
  return bar;
}
