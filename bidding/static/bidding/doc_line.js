// One file's line in the list: its name, how far it is, and what can be done with it.

import { button, element, fill } from "./view.js";

// As the pages spell sizes: `999 B`, `1.2 kB`, `3.4 MB`; decimal units.
export function fileSize(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let [size, unit] = [bytes, 0];
  for (; size >= 999.95 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${unit ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

export class DocLine {
  // `acts`: { pause, resume, remove, choose } called without arguments, `choose` with the File.
  constructor(file, texts, acts) {
    Object.assign(this, { file, texts, acts });
    this.bar = element("progress", { max: "1", value: "0", "aria-label": file.name });
    this.state = element("span", { className: "doc-state block" });
    this.buttons = element("span", { className: "doc-acts" });
    const size = element("span", { className: "quiet", text: fileSize(file.size) });
    const about = element("span", {}, element("b", { text: file.name }), " ", size, this.state);
    this.item = element("li", {}, about, this.buttons, this.bar);
  }

  // `state`: waiting, hashing, sending, lost, paused, missing, stored, failed; `facts` fill its sentence.
  show(state, facts = {}) {
    const said = fill(this.texts.doc_states[state], facts);
    if (this.item.dataset.state !== state) {
      this.item.dataset.state = state;
      this.buttons.replaceChildren(...this.offered(state));
    }
    this.state.textContent = said;
    this.bar.hidden = !["hashing", "sending", "lost", "paused"].includes(state);
    if ("part" in facts) this.bar.value = facts.part;
  }

  offered(state) {
    const named = (text, act) => {
      const made = button(text, "text", act);
      made.append(element("span", { className: "visually-hidden", text: ` – ${this.file.name}` }));
      return made;
    };
    const made = [];
    if (["waiting", "hashing", "sending", "lost"].includes(state)) made.push(named(this.texts.doc_pause, this.acts.pause));
    if (["paused", "failed"].includes(state)) made.push(named(this.texts.doc_resume, this.acts.resume));
    if (state === "missing") made.push(this.chooser());
    made.push(named(state === "stored" ? this.texts.doc_remove : this.texts.doc_cancel, this.acts.remove));
    return made;
  }

  // After a reload the page has no way to the file: the person shows it again.
  chooser() {
    const input = element("input", { type: "file", className: "visually-hidden", "aria-label": `${this.texts.doc_again} – ${this.file.name}` });
    const open = button(this.texts.doc_again, "secondary button--small", () => input.click());
    input.tabIndex = -1;
    input.addEventListener("change", () => input.files[0] && this.acts.choose(input.files[0]));
    return element("span", {}, open, input);
  }
}
