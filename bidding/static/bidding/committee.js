// A committee member's page: which of its parts runs depends on the phase of the tender.

import { Proof } from "./committee_proof.js";
import { whyUnable } from "./keys.js";
import { KeysPage } from "./committee_keys.js";
import { OpeningPage } from "./committee_opening.js";
import { SeedPage } from "./committee_seed.js";
import { byId } from "./view.js";

const PAUSE_MS = 10_000;
const page = JSON.parse(byId("committee-page").textContent);

function start() {
  if (page.phase === "keys") new KeysPage(page).start();
  if (page.phase === "contribution" && byId("give-seed")) new SeedPage(page);
  if (page.phase === "waiting") {
    const medium = document.querySelector("[id^=prove-]").id.slice("prove-".length);
    new Proof(page, medium);
  }
  if (byId("check-opening")) new OpeningPage(page);
}

// A member who waits for the others sees them come without loading the page by hand; never while acting.
function watch() {
  const isActing = byId("committee") !== null || document.querySelector("[data-confirm]") !== null;
  if (page.phase !== "opening" || isActing) return;
  setInterval(() => document.visibilityState === "visible" && location.reload(), PAUSE_MS);
}

const main = byId("committee");
if (main) {
  document.querySelector("[data-unless-script]").hidden = true;
  const why = await whyUnable();
  if (why) {
    byId("unable").hidden = false;
    document.querySelector(`[data-unable=${why}]`).hidden = false;
  } else {
    main.hidden = false;
    start();
  }
}
watch();
