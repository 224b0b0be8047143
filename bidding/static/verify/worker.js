// Runs the checks beside the page, which stays alive meanwhile. In: what was given. Out: progress, then the lines.

import { verify } from "./verify.js";

self.addEventListener("message", async ({ data }) => {
  const { id, given } = data;
  try {
    const lines = await verify(given, (done, of) => self.postMessage({ id, done, of }));
    self.postMessage({ id, lines });
  } catch (fault) {
    self.postMessage({ id, fault: String(fault?.message ?? fault) });
  }
});
self.postMessage({ isReady: true });
