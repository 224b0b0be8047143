// The page /verify: takes files by drop or by choice, has them checked beside the page, shows the numbered result.
// Nothing leaves the machine: once `ready` is said, no request is made.

import { element } from "./elements.js";
import { reportOf } from "./report.js";
import { download, jsonReport, textReport } from "./saving.js";
import { fill } from "./bytes.js";

const byId = (id) => document.getElementById(id);
const { texts, lang, worker: workerAddress } = JSON.parse(byId("verify-page").textContent);
const chosen = { bundle: null, receipt: null, checkpoint: null };
let [running, last] = [0, null];

// Browsers that know Trusted Types take a worker's address from a named policy only.
function startWorker() {
  const inline = byId("verify-worker");
  const address = inline ? URL.createObjectURL(new Blob([inline.textContent], { type: "text/javascript" })) : workerAddress;
  const policy = globalThis.trustedTypes?.createPolicy("naru", { createScriptURL: (url) => (url === address ? url : "") });
  return new Worker(policy ? policy.createScriptURL(address) : address, inline ? {} : { type: "module" });
}

byId("verify-unless-script")?.remove();
const worker = startWorker();
const answers = new Map();

worker.addEventListener("message", ({ data }) => {
  if (data.isReady) return ready();
  const waiting = answers.get(data.id);
  if (!waiting) return undefined;
  if (data.lines || data.fault) answers.delete(data.id);
  if (data.lines) return waiting.done(data.lines);
  return data.fault ? waiting.failed(new Error(data.fault)) : waiting.told(data.done, data.of);
});
worker.addEventListener("error", () => say("bad", texts.broken));

const ask = (given, told) =>
  new Promise((done, failed) => {
    running += 1;
    answers.set(running, { done, failed, told });
    worker.postMessage({ id: running, given });
  });

function say(state, text) {
  byId("verify-state").dataset.state = state;
  byId("verify-state").querySelector("span").textContent = text;
}

function ready() {
  byId("verify-check").disabled = false;
  say("ok", texts.ready);
}

function show(kind, file) {
  chosen[kind] = file;
  byId(`chosen-${kind}`).textContent = file ? fill(texts.chosen, { name: file.name, size: Math.ceil(file.size / 1024).toLocaleString(lang) }) : "";
}

const KINDS = ["bundle", "receipt", "checkpoint"];
for (const kind of KINDS) {
  byId(kind).addEventListener("change", ({ target }) => show(kind, target.files[0] ?? null));
  show(kind, byId(kind).files[0] ?? null); // a page that was gone back to still has them
}

// What a dropped file is shows in its first bytes: a zip, a receipt's heading, else a checkpoint.
async function kindOf(file) {
  const head = new Uint8Array(await file.slice(0, 24).arrayBuffer());
  if (head[0] === 0x50 && head[1] === 0x4b) return "bundle";
  return new TextDecoder().decode(head).startsWith("koneps/v1/receipt") ? "receipt" : "checkpoint";
}

const zone = byId("drop");
for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.dataset.over = "";
  });
}
zone.addEventListener("dragleave", () => delete zone.dataset.over);
zone.addEventListener("drop", async (event) => {
  event.preventDefault();
  delete zone.dataset.over;
  for (const file of event.dataTransfer.files) {
    const kind = await kindOf(file);
    byId(kind).value = "";
    show(kind, file);
  }
});

const textOf = async (file) => (file ? file.text() : null);

async function gather() {
  return {
    bundle: new Uint8Array(await chosen.bundle.arrayBuffer()),
    receipt: await textOf(chosen.receipt),
    oldCheckpoint: await textOf(chosen.checkpoint),
    policy: byId("policy").value.trim() ? `${byId("policy").value.replaceAll("\r", "").trim()}\n` : null,
  };
}

function setError(text) {
  byId("bundle-error").hidden = !text;
  byId("bundle-error").querySelector("span").textContent = text;
  if (text) byId("bundle").setAttribute("aria-invalid", "true");
  else byId("bundle").removeAttribute("aria-invalid");
}

function told(done, of) {
  byId("verify-bar").max = of;
  byId("verify-bar").value = done;
}

async function check() {
  setError(chosen.bundle ? "" : texts.choose);
  if (!chosen.bundle) return byId("bundle").focus();
  byId("verify-check").disabled = true;
  byId("verify-progress").hidden = false;
  byId("verify-result").replaceChildren();
  byId("verify-after").hidden = true;
  say("busy", texts.busy);
  try {
    const lines = await ask(await gather(), told);
    last = { lines, bundle: chosen.bundle.name, receipt: chosen.receipt?.name ?? null, at: new Date() };
    byId("verify-result").replaceChildren(...reportOf(lines, { lang, texts }));
    byId("verify-after").hidden = false;
    say("ok", texts.done);
  } catch (fault) {
    byId("verify-result").replaceChildren(element("p", { className: "notice notice--danger", text: fill(texts.fault, { fault: fault.message }) }));
    say("bad", texts.broken);
  }
  byId("verify-progress").hidden = true;
  byId("verify-check").disabled = false;
  return byId("verify-result").querySelector("h2")?.focus();
}

byId("verify-form").addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
byId("verify-print").addEventListener("click", () => globalThis.print());
byId("verify-text").addEventListener("click", () => download(`${last.bundle}.txt`, "text/plain", textReport(last, { lang, texts })));
byId("verify-json").addEventListener("click", () => download(`${last.bundle}.json`, "application/json", jsonReport(last)));
