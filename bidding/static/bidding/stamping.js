// Asks, through our own server, for a time stamp over a sealed bid. Never in the way: no answer in time is an answer.

import { unb64u } from "./canon.js";
import { send } from "./http.js";
import { stampedAt } from "./stamp.js";

const PATIENCE = 5_000; // ms

// { stamp (b64u), at (ms) }, its imprint checked; null where none came, or one over something else.
export async function askForStamp(href, stmt) {
  try {
    const { token } = await send("POST", href, { stmt }, { timeout: PATIENCE });
    return { stamp: token, at: await stampedAt(unb64u(token), stmt) };
  } catch {
    return null;
  }
}
