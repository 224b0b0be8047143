// <… data-copy>text</…> (or data-copy="text"): a button that copies it.
import { element, say } from "./words.js";

export function startCopying(root) {
  if (!navigator.clipboard) return;
  for (const source of root.querySelectorAll("[data-copy]")) {
    const button = element("button", { type: "button", class: "button button--small button--text", "aria-live": "polite" }, say("copy"));
    source.after(" ", button);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.dataset.copy || source.textContent.trim());
      button.textContent = say("copied");
      setTimeout(() => (button.textContent = say("copy")), 2000);
    });
  }
}
