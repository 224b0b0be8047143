// Getting one sealed file to the server in parts: asks where it stands, sends from there, waits out lost connections, and
// stops when told to. Runs in Node for the tests.

import { Problem, sendPart } from "./http.js";
import { PART } from "./docs_sealing.js";
import { isOpen, waitBefore } from "./submit.js";

const AGAIN = 3; // times that a file which arrived damaged is sent once more

// `file`: { length, bytes(start, stop) }. `told(event, facts)` hears "sent" with how many bytes are there, and "waiting".
// Resolves when all is stored; throws a Problem that waiting does not solve, or the signal's reason.
export async function upload({ href, file, told, rest, renew, signal }) {
  let at = await begin(href, file, told, rest, signal);
  let [attempt, damaged, renewed] = [1, 0, false];
  while (at < file.length) {
    signal?.throwIfAborted();
    const stop = Math.min(at + PART, file.length);
    try {
      const body = await file.bytes(at, stop);
      ({ received: at } = await sendPart(href, body, { start: at, total: file.length, signal }));
      [attempt, renewed] = [1, false];
      told("sent", { bytes: at });
    } catch (problem) {
      signal?.throwIfAborted();
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code === "upload-out-of-step" && Number.isSafeInteger(problem.body.received)) {
        // Another part of it may still be on its way in: look again in a moment.
        if (problem.body.received === at) await rest(waitBefore(attempt++, null));
        at = await standing(href, problem.body.received, signal);
        told("sent", { bytes: at });
      } else if (problem.code === "damaged-upload" && (damaged += 1) < AGAIN) {
        at = 0;
      } else if (problem.code === "form-expired" && !renewed) {
        renewed = true;
        await renew();
      } else if (isOpen(problem)) {
        at = await wait(href, at, attempt++, problem, { told, rest, signal });
      } else {
        throw problem;
      }
    }
  }
}

async function begin(href, file, told, rest, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const at = await standing(href, 0, signal);
      told("sent", { bytes: Math.min(at, file.length) });
      return at;
    } catch (problem) {
      signal?.throwIfAborted();
      if (!isOpen(problem)) throw problem;
      await pause(attempt, problem, { told, rest, signal });
    }
  }
}

// How much the server has; `otherwise` where it has not heard of the file.
async function standing(href, otherwise, signal) {
  try {
    return (await sendPart(href, null, { signal })).received;
  } catch (problem) {
    if (problem.status === 404) return otherwise;
    throw problem;
  }
}

async function pause(attempt, problem, { told, rest, signal }) {
  const seconds = waitBefore(attempt, problem.retryAfter);
  told("waiting", { seconds: Math.ceil(seconds), problem });
  await rest(seconds);
  signal?.throwIfAborted();
}

async function wait(href, at, attempt, problem, ways) {
  await pause(attempt, problem, ways);
  try {
    return await standing(href, 0, ways.signal);
  } catch (fault) {
    ways.signal?.throwIfAborted();
    if (isOpen(fault)) return at; // still away: the next part will say so again
    throw fault;
  }
}
