// <form data-autosave="/address">: saves a draft a moment after the last keystroke (POST of the form's fields,
// header X-Autosave: 1) and says when. [data-saved] shows it; where there is none, one is put at the form's end.
import { serverNow } from "./clock.js";
import { element, koreanTime, say } from "./words.js";

const PAUSE = 1200;

export function startAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) watch(form);
}

function watch(form) {
  let status = form.querySelector("[data-saved]");
  if (!status) {
    status = element("p", { class: "saved", "data-saved": "", role: "status" });
    form.append(status);
  }
  let waiting = null;
  let unsaved = false;
  let running = false;
  const save = async () => {
    if (running) return later();
    running = true;
    unsaved = false;
    tell("saving", say("saving"));
    try {
      const answer = await send(form);
      form.dispatchEvent(new CustomEvent("autosaved", { detail: answer, bubbles: true }));
      if (!unsaved) tell("saved", say("saved", { time: koreanTime(serverNow()) }));
    } catch {
      unsaved = true;
      tell("failed", say("unsaved"));
    } finally {
      running = false;
    }
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  };
  const tell = (state, words) => {
    status.dataset.state = state;
    status.textContent = words;
  };
  const changed = (event) => {
    if (event.target.type === "file") return;
    unsaved = true;
    later();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

async function send(form) {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const response = await fetch(form.dataset.autosave || form.action, {
    method: "POST",
    body: fields,
    headers: { "X-CSRFToken": token, "X-Autosave": "1", Accept: "application/json" },
    redirect: "error",
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.json().catch(() => ({}));
}
