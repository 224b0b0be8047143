// Step 2, where the notice asks for documents: choose, look at, encrypt, upload. One file after the other; each can be
// paused and taken away, and all go on after a lost connection or a closed page.

import { DocLine, fileSize } from "./doc_line.js";
import { DocShelf, MOST_BYTES, MOST_FILES } from "./doc_shelf.js";
import { plainHash, sealedLength } from "./docs_sealing.js";
import { renewToken, send } from "./http.js";
import { MEDIA, sniff } from "./sniff.js";
import { makeRest } from "./submit.js";
import { upload } from "./upload.js";
import { byId, element, fill, notice } from "./view.js";

const slotOf = (asked) => document.querySelector(`.doc-slot[data-asked="${asked}"]`);
const PAUSED = "paused";

export class DocumentsStep {
  // `told()` is called whenever something has changed. Without documents asked for there is no step.
  constructor(page, clock, told) {
    Object.assign(this, { page, clock, told, shelf: null, lines: new Map(), blobs: new Map(), running: null, queue: [] });
    this.resting = makeRest();
    this.progress = new Map();
    this.isWanted = Boolean(byId("documents-next"));
    if (this.isWanted) this.watch();
  }

  watch() {
    for (const slot of document.querySelectorAll(".doc-slot")) this.watchSlot(slot);
    byId("documents-pause").addEventListener("click", () => this.pauseAll());
    byId("documents-resume").addEventListener("click", () => this.resumeAll());
  }

  watchSlot(slot) {
    const input = slot.querySelector("input[type=file]");
    const drop = slot.querySelector("[data-drop]");
    input.addEventListener("change", async () => {
      await this.choose(slot, [...input.files]);
      input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.dataset.over = "";
      });
    }
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => delete drop.dataset.over);
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.choose(slot, [...event.dataTransfer.files]);
    });
  }

  // Once the box is known: what was begun here before.
  async start(name, { box_id: box, lot, supplier }, tender) {
    if (!this.isWanted || this.shelf) return;
    this.shelf = await DocShelf.open(name, { box, tender, lot, supplier }, this.clock.now());
    for (const file of this.shelf.files) {
      this.list(file);
      this.lines.get(file).show(file.stored ? "stored" : "missing");
    }
    this.count();
  }

  get isBusy() {
    return this.running !== null || this.queue.length > 0;
  }

  async choose(slot, files) {
    const warnings = [];
    for (const blob of files) {
      const { kind, problem } = await sniff(blob);
      const why = this.whyNot(slot, blob) ?? (problem && problem !== "protected" ? problem : null);
      if (why) {
        warnings.push(["danger", fill(this.page.texts.doc_problems[why], this.facts(slot, blob))]);
        continue;
      }
      if (problem) warnings.push(["warning", fill(this.page.texts.doc_problems[problem], this.facts(slot, blob))]);
      const file = await this.shelf.add({
        asked: Number(slot.dataset.asked),
        name: blob.name.normalize("NFC").slice(-200),
        size: blob.size,
        media_type: blob.type || (MEDIA[kind] ?? "application/octet-stream"),
      });
      this.list(file);
      this.blobs.set(file, blob);
      this.enqueue(file);
    }
    const { doc_refused: refused, look_again: again } = this.page.texts;
    slot.querySelector("[data-warnings]").replaceChildren(...warnings.map(([tone, text]) => notice(tone, tone === "danger" ? refused : again, text)));
    this.clearErrors();
    this.count();
  }

  whyNot(slot, blob) {
    const total = this.shelf.files.reduce((sum, file) => sum + sealedLength(file.size), 0);
    if (blob.size > Number(slot.dataset.max) || total + sealedLength(blob.size) > MOST_BYTES) return "large";
    if (this.shelf.files.length >= MOST_FILES) return "many";
    const isHere = this.shelf.files.some((file) => file.name === blob.name && file.size === blob.size && file.asked === Number(slot.dataset.asked));
    return isHere ? "twice" : null;
  }

  facts(slot, blob) {
    return { name: blob.name, size: fileSize(blob.size), most: fileSize(Number(slot.dataset.max)), files: MOST_FILES };
  }

  list(file) {
    const line = new DocLine(file, this.page.texts, {
      pause: () => this.pause(file),
      resume: () => this.enqueue(file),
      remove: () => this.remove(file),
      choose: (blob) => this.chooseAgain(file, blob),
    });
    this.lines.set(file, line);
    slotOf(file.asked)?.querySelector("[data-files]").append(line.item);
  }

  // ---- one after the other

  enqueue(file) {
    if (file.stored || this.queue.includes(file) || this.running?.file === file) return;
    this.queue.push(file);
    this.lines.get(file).show("waiting");
    this.count();
    this.work();
  }

  async work() {
    while (!this.running && this.queue.length) {
      const file = this.queue.shift();
      this.running = { file, stop: new AbortController() };
      await this.bring(file, this.running.stop.signal);
      this.running = null;
      this.count();
    }
  }

  async bring(file, signal) {
    const line = this.lines.get(file);
    try {
      const sealed = await this.shelf.sealed(file, this.blobs.get(file));
      if (!file.ct_sha256) {
        line.show("hashing", { percent: "0%", part: 0 });
        const { sealed: ct_sha256, plain } = await sealed.hashes((bytes) => this.far(file, "hashing", bytes / file.size), signal);
        Object.assign(file, { ct_sha256, sha256: plain, ct_len: sealed.length });
        this.progress.set(file, 0);
        await this.shelf.save();
      }
      await upload({
        href: this.hrefOf(file.ct_sha256), file: sealed, signal, rest: this.resting.rest,
        renew: () => renewToken(this.page.urls.csrf),
        told: (event, facts) => this.hear(file, event, facts),
      });
      file.stored = true;
      await this.shelf.save();
      line.show("stored");
      byId("documents-said").textContent = fill(this.page.texts.doc_said_stored, { name: file.name });
    } catch (fault) {
      if (signal.aborted) {
        if (signal.reason === PAUSED) line.show("paused", { part: this.progress.get(file) ?? 0 });
        return;
      }
      line.show("failed", { fault: fault.message });
    }
  }

  hear(file, event, { bytes, seconds }) {
    if (event === "waiting") this.lines.get(file).show("lost", { seconds });
    else this.far(file, "sending", bytes / file.ct_len);
  }

  far(file, state, part) {
    this.progress.set(file, part);
    this.lines.get(file).show(state, { percent: `${Math.floor(part * 100)}%`, part });
    this.count();
  }

  hrefOf(sha256) {
    return `${this.page.urls.blobs}/${sha256}`;
  }

  // ---- stop, go on, take away

  pause(file) {
    this.queue = this.queue.filter((other) => other !== file);
    if (this.running?.file === file) {
      this.running.stop.abort(PAUSED);
      this.resting.now();
    } else this.lines.get(file).show("paused", { part: this.progress.get(file) ?? 0 });
    this.count();
  }

  pauseAll() {
    for (const file of [...this.queue, this.running?.file].filter(Boolean)) this.pause(file);
  }

  resumeAll() {
    for (const file of this.shelf.files) if (!file.stored && this.blobs.has(file)) this.enqueue(file);
  }

  async remove(file) {
    this.queue = this.queue.filter((other) => other !== file);
    if (this.running?.file === file) {
      this.running.stop.abort("removed");
      this.resting.now();
    }
    await this.shelf.take(file);
    this.lines.get(file).item.remove();
    for (const held of [this.lines, this.blobs, this.progress]) held.delete(file);
    this.count();
    // What stays there is cleared away some day; nobody can read it.
    if (file.ct_sha256) send("DELETE", this.hrefOf(file.ct_sha256)).catch(() => {});
  }

  // The file that was begun with goes on; another one is not taken for it: its key stream must never be used twice.
  async chooseAgain(file, blob) {
    const line = this.lines.get(file);
    const isSame = blob.size === file.size && (!file.sha256 || (await plainHash(blob)) === file.sha256);
    if (!isSame) {
      line.state.textContent = this.page.texts.doc_other;
      return;
    }
    if (!file.sha256) {
      await this.remove(file);
      await this.choose(slotOf(file.asked), [blob]);
      return;
    }
    this.blobs.set(file, blob);
    this.enqueue(file);
  }

  // ---- all together

  count() {
    if (!this.isWanted || !this.shelf) return;
    const { files } = this.shelf;
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const done = files.reduce((sum, file) => sum + (file.stored ? 1 : file.ct_sha256 ? (this.progress.get(file) ?? 0) : 0) * file.size, 0);
    byId("documents-total").hidden = files.length === 0;
    byId("documents-progress").value = total ? done / total : 0;
    byId("documents-figures").textContent = `${fileSize(done)} / ${fileSize(total)}`;
    byId("documents-pause").hidden = !this.isBusy;
    byId("documents-resume").hidden = this.isBusy || !files.some((file) => !file.stored && this.blobs.has(file));
    this.told();
  }

  clearErrors() {
    byId("documents-errors").hidden = true;
  }

  // Nothing missing and everything stored? Else says what, beside its place.
  check() {
    const errors = [];
    const error = (id, text) => errors.push(element("li", {}, element("a", { href: `#${id}`, text })));
    for (const slot of document.querySelectorAll(".doc-slot[data-required]")) {
      const asked = Number(slot.dataset.asked);
      if (!this.shelf.files.some((file) => file.asked === asked)) error(`doc-${asked}`, fill(this.page.texts.doc_missing, { name: slot.dataset.name }));
    }
    for (const file of this.shelf.files) {
      if (!file.stored) error(`doc-${file.asked}`, fill(this.page.texts.doc_unfinished, { name: file.name }));
    }
    const box = byId("documents-errors");
    box.hidden = errors.length === 0;
    box.querySelector("ul").replaceChildren(...errors);
    if (errors.length) box.focus();
    return errors.length === 0;
  }

  review() {
    const lines = this.shelf.inOrder().map((file) => element("li", { text: `${file.name} (${fileSize(file.size)})` }));
    byId("review-documents").replaceChildren(...(lines.length ? lines : [element("li", { text: this.page.texts.doc_none })]));
  }

  // The envelope of the documents, its manifest uploaded, and the key that a bid file keeps; null where there are none.
  async seal(lane, told = () => {}) {
    if (!this.isWanted || this.shelf.isEmpty) return null;
    const manifest = await this.shelf.manifest();
    const renew = () => renewToken(this.page.urls.csrf);
    await upload({ href: this.hrefOf(manifest.ct_sha256), file: manifest.file, rest: this.resting.rest, renew, told });
    return { envelope: await this.shelf.envelope(lane, manifest), cek: this.shelf.record.cek };
  }

  // Some of what was stored is not there any more: back to "to be uploaded".
  async lost(missing) {
    for (const file of this.shelf.files.filter(({ ct_sha256 }) => missing.includes(ct_sha256))) {
      file.stored = false;
      this.lines.get(file).show(this.blobs.has(file) ? "paused" : "missing", { part: 0 });
    }
    await this.shelf.save();
    this.count();
  }
}
