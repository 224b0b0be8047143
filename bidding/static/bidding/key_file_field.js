// A file and its passphrase on a committee page: what was chosen becomes keys, or a clear word beside the field.

import { KeyFileError, openKeyFile } from "./keyfile.js";
import { byId, setError } from "./view.js";

const OF_PASSPHRASE = ["passphrase", "short"];

export class KeyFileField {
  // `id` names the pair of fields; `expected`: { tender, holder }; `faults`: sentence by code.
  constructor(id, { expected, faults }) {
    Object.assign(this, { id, expected, faults });
    this.file = byId(`${id}-file`);
    this.passphrase = byId(`${id}-passphrase`);
  }

  // The keys, or null where the person has been told what is wrong. The file is read anew each time: that is the proof.
  async open() {
    setError(`${this.id}-file`, "");
    setError(`${this.id}-passphrase`, "");
    if (!this.file.files.length) return this.tell("no-file");
    if (!this.passphrase.value) return this.tell("passphrase");
    try {
      const keys = await openKeyFile(await this.file.files[0].text(), this.passphrase.value, this.expected);
      this.passphrase.value = "";
      return keys;
    } catch (fault) {
      return this.tell(fault instanceof KeyFileError ? fault.code : "unreadable");
    }
  }

  tell(code) {
    const field = OF_PASSPHRASE.includes(code) ? "passphrase" : "file";
    setError(`${this.id}-${field}`, this.faults[code] ?? this.faults.unreadable);
    byId(`${this.id}-${field}`).focus();
    return null;
  }

  clear() {
    this.file.value = "";
    this.passphrase.value = "";
  }
}
