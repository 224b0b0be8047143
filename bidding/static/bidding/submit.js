// Getting a sealed bid to the server: the very same bytes, as often as it takes, until a receipt or a refusal comes back.

import { Problem, send } from "./http.js";

// Answers that leave open whether the bid was taken: no answer, a fault on the way, or "still being worked on".
const OPEN = new Set([0, 408, 425, 429, 500, 502, 503, 504]);
const LONGEST_WAIT = 30;

export const isOpen = (problem) => OPEN.has(problem.status) || (problem.status === 409 && problem.retryAfter !== null);

// Seconds before the next try: 1, 2, 4, … 30, or what the server asks, a little spread so that not all come at once.
export function waitBefore(attempt, asked, spread = Math.random()) {
  const grown = Math.min(LONGEST_WAIT, 2 ** (attempt - 1));
  return Math.max(asked ?? 0, grown) + spread * Math.min(1, grown / 4);
}

// "Already done" may be this very bid, let in by a try whose answer was lost a moment ago: asked once more, the server
// finds it and gives its receipt. Said twice, it is another bid.
const ASKED_AGAIN = new Set(["form-expired", "already-done"]);

// Resolves to the server's answer; throws the Problem that is a refusal, or one the person has to solve (sign in again).
// `told(event, facts)` hears "sending" and "waiting"; `rest(seconds)` waits and may be cut short.
export async function deliver({ href, stmt, body, told, rest, renew }) {
  const asked = new Set();
  for (let attempt = 1; ; attempt += 1) {
    told("sending", { attempt });
    try {
      return await send("POST", href, body, { headers: { "Idempotency-Key": stmt } });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (ASKED_AGAIN.has(problem.code) && !asked.has(problem.code)) {
        asked.add(problem.code);
        await (problem.code === "form-expired" ? renew() : rest(1));
        continue;
      }
      if (!isOpen(problem)) throw problem;
      const seconds = waitBefore(attempt, problem.retryAfter);
      told("waiting", { attempt, seconds: Math.ceil(seconds), problem });
      await rest(seconds);
    }
  }
}

// A wait that ends early when the connection comes back or `now()` is called.
export function makeRest() {
  let wake = () => {};
  globalThis.addEventListener?.("online", () => wake());
  const rest = (seconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return { rest, now: () => wake() };
}
