// What every page does beyond its HTML. Each part looks for its own marks (data-…) and leaves the rest alone;
// without JavaScript the pages work as they are.
import { startCountdowns } from "./countdown.js";
import { startConfirms } from "./confirm.js";
import { startTables } from "./tables.js";
import { startAutosave } from "./autosave.js";
import { startWonInputs } from "./won.js";
import { startFields } from "./fields.js";
import { startSessionWatch } from "./session.js";
import { startCopying } from "./copying.js";

startCountdowns(document);
startConfirms(document);
startTables(document);
startAutosave(document);
startWonInputs(document);
startFields(document);
startSessionWatch(document);
startCopying(document);

// In a row that scrolls sideways (tabs, the menu on a telephone) the current one is brought into sight, once its font
// has given it its width.
document.fonts.ready.then(() => {
  for (const here of document.querySelectorAll("nav [aria-current]")) {
    for (let box = here.parentElement; box && box !== document.body; box = box.parentElement) {
      const out = here.getBoundingClientRect().right - box.getBoundingClientRect().right;
      if (out > 0 && box.scrollWidth > box.clientWidth) box.scrollLeft += out + 16;
    }
  }
});

// A menu closes when one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
