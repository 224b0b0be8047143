// A page that waits for the opening looks again every ten seconds, and never while somebody reads with the tab hidden.
const PAUSE_MS = 10_000;

setInterval(() => {
  if (document.visibilityState === "visible") location.reload();
}, PAUSE_MS);
