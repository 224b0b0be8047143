// Small services of form fields: the error list takes the focus and names its fields, characters left are counted,
// chosen files are listed, and a form is sent once.
import { element, say } from "./words.js";

export function startFields(root) {
  for (const list of root.querySelectorAll("[data-form-errors]")) introduce(list);
  for (const area of root.querySelectorAll("textarea[maxlength]")) count(area);
  for (const input of root.querySelectorAll('input[type="file"][multiple]:not([data-own-list])')) listFiles(input);
  for (const form of root.querySelectorAll('form[method="post"]')) form.addEventListener("submit", once);
  // Coming back by the Back button finds the buttons usable again.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[data-sent]")) release(button);
  });
}

function introduce(list) {
  for (const link of list.querySelectorAll('a[href^="#"]')) {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const label = field?.closest("fieldset")?.querySelector("legend") ?? field?.labels?.[0];
    const name = label?.firstChild?.textContent.trim();
    if (name && !link.textContent.startsWith(name)) link.prepend(`${name}: `);
    link.addEventListener("click", (event) => {
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.scrollIntoView({ block: "center" });
    });
  }
  list.focus();
}

function count(area) {
  const shown = element("p", { class: "counter", "aria-live": "polite" });
  area.after(shown);
  const refresh = () => {
    const left = area.maxLength - area.value.length;
    shown.textContent = left <= area.maxLength / 4 ? say("characters", { count: left }) : "";
  };
  area.addEventListener("input", refresh);
  refresh();
}

function listFiles(input) {
  const list = element("ul", { class: "file-names", "aria-live": "polite" });
  input.after(list);
  input.addEventListener("change", () => {
    list.replaceChildren(...[...input.files].map((file) => element("li", {}, `${file.name} (${size(file.size)})`)));
  });
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function once(event) {
  const form = event.currentTarget;
  if (event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "1";
  const button = event.submitter;
  // Downloads leave the page where it is.
  setTimeout(() => delete form.dataset.sending, 8000);
  if (!button) return;
  button.dataset.sent = button.textContent;
  setTimeout(() => {
    button.setAttribute("aria-disabled", "true");
    button.textContent = say("sending");
  }, 400);
  setTimeout(() => release(button), 8000);
}

function release(button) {
  if (button.dataset.sent === undefined) return;
  button.textContent = button.dataset.sent;
  button.removeAttribute("aria-disabled");
  delete button.dataset.sent;
  if (button.form) delete button.form.dataset.sending;
}
