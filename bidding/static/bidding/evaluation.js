// The score sheet saves itself a moment after the last key. What does not reach the server stays in the form, and the
// page says so; the button works without this script.

const WAIT = 1200; // ms after the last key

const form = document.getElementById("sheet-form");
const state = document.getElementById("autosave-state");
let timer = null;
let isDirty = false;

async function save() {
  timer = null;
  const sent = new FormData(form);
  state.textContent = form.dataset.saving;
  try {
    const answer = await fetch(location.pathname, { method: "POST", body: sent, headers: { "X-Requested-With": "autosave" }, redirect: "error" });
    const body = await answer.json();
    show(body.errors ?? {});
    if (!answer.ok) throw new Error(String(answer.status));
    isDirty = timer !== null;
    state.textContent = `${form.dataset.saved} (${body.saved} / ${body.of})`;
  } catch {
    state.textContent = form.dataset.failed;
  }
}

function show(errors) {
  for (const box of form.querySelectorAll("[data-score]")) {
    if (box.name in errors) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
  }
}

form.addEventListener("input", () => {
  isDirty = true;
  clearTimeout(timer);
  timer = setTimeout(save, WAIT);
});
form.addEventListener("submit", () => {
  isDirty = false;
  clearTimeout(timer);
});
addEventListener("beforeunload", (event) => isDirty && event.preventDefault());
