// The one line of the self-check that only the browser itself can answer: whether it can seal and sign.

import { whyUnable } from "./keys.js";

const line = document.querySelector("[data-browser]");
const why = await whyUnable();
line.dataset.state = why ? "bad" : "ok";
line.querySelector("span").textContent = why ? line.dataset[why] ?? line.dataset.old : line.dataset.ok;
