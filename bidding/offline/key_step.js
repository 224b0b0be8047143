// Step 2: the signing key, from its file; or a new one made here, with what the site needs to enrol it.

import { b64u, canonical, parse, utf8 } from "../static/bidding/canon.js";
import { importSeed, makePair, openKeyFile, writeKeyFile } from "../static/bidding/key_file.js";
import { enrolmentBytes, sign } from "../static/bidding/signatures.js";
import { byId, download, fill, notice } from "../static/bidding/view.js";
import { words } from "./words.js";

const CHALLENGE = "challenge,kid,supplier,type,v";

export class KeyStep {
  constructor(changed) {
    Object.assign(this, { key: null, changed });
    byId("open-key").addEventListener("click", () => this.open());
    byId("make-key").addEventListener("click", () => this.make());
  }

  say(tone, title, ...lines) {
    byId("key-said").replaceChildren(notice(tone, title, ...lines));
  }

  fail(fault) {
    const { texts } = words;
    this.say("danger", texts.key_bad, texts.faults[fault.code] ?? String(fault.message));
  }

  async open() {
    const [file] = byId("key-file").files;
    if (!file) return byId("key-file").focus();
    try {
      this.key = await openKeyFile(await file.text(), byId("key-passphrase").value);
      byId("key-passphrase").value = "";
      this.say("success", words.texts.key_open, fill(words.texts.key_is, this.key));
    } catch (fault) {
      this.key = null;
      this.fail(fault);
    }
    return this.changed();
  }

  // Answers the site's challenge: the site never sees this machine, and this machine never the site.
  async make() {
    const [file] = byId("challenge-file").files;
    const label = byId("new-label").value.trim();
    if (!file) return byId("challenge-file").focus();
    if (!label) return byId("new-label").focus();
    try {
      const asked = parse(utf8((await file.text()).replace(/\n+$/, "")));
      if (Object.keys(asked).sort().join() !== CHALLENGE || asked.type !== "enrolment-challenge") throw new Error(words.texts.no_challenge);
      const { kid, challenge, supplier } = asked;
      const { seed, publicKey } = await makePair();
      const text = await writeKeyFile({ kid, supplier, label, seed }, byId("new-passphrase").value);
      const { privateKey } = await importSeed(seed);
      const signature = b64u(await sign({ privateKey }, enrolmentBytes({ kid, publicKey, challenge, supplier })));
      download(`${kid}.key.json`, "application/json", text);
      const enrolment = { v: 1, type: "enrolment-file", kid, challenge, public: publicKey, label, signature };
      download(`${kid}.enrolment.json`, "application/json", `${canonical(enrolment)}\n`);
      byId("new-passphrase").value = "";
      this.say("success", words.texts.key_made, words.texts.key_made_next);
    } catch (fault) {
      this.fail(fault);
    }
    return undefined;
  }
}
