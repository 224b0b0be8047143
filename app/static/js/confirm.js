// <section data-confirm>: a question with its form. With JavaScript a button opens it as a dialog.
import { element, say } from "./words.js";

export function startConfirms(root) {
  for (const section of root.querySelectorAll("[data-confirm]")) enhance(section);
}

function enhance(section) {
  const opener = element("button", { type: "button", class: `button button--${section.dataset.kind}` }, section.dataset.label);
  const dialog = element("dialog", { id: section.id, "aria-labelledby": `${section.id}-title` });
  const cancel = element("button", { type: "button", class: "button button--secondary", autofocus: "" }, say("cancel"));
  dialog.append(...section.childNodes);
  dialog.querySelector(".actions")?.append(cancel);
  cancel.addEventListener("click", () => dialog.close());
  opener.addEventListener("click", () => dialog.showModal());
  opener.setAttribute("aria-haspopup", "dialog");
  section.replaceWith(opener, dialog);
  // What was typed came back with a mistake: the question is still open.
  if (dialog.querySelector("[aria-invalid]")) dialog.showModal();
}
