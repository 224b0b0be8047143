// The key of a machine without a network: the challenge goes there as a file, its answer comes back as another.

import { canonical, parse, utf8 } from "./canon.js";
import { send } from "./http.js";
import { byId, download, notice } from "./view.js";

const MEMBERS = "challenge,kid,label,public,signature,type,v";

export function watchOfflineKey(page) {
  const { texts, urls } = page;
  const say = (tone, title, text) => byId("offline-said").replaceChildren(notice(tone, title, text));
  const fail = (problem) => {
    if (problem.code === "step-up-required") location.assign(urls.step_up_plain);
    else say("danger", texts.key_failed, problem.status === 0 ? texts.no_connection : (problem.body?.detail ?? problem.message));
  };

  async function save() {
    const { kid, challenge, supplier } = await send("POST", `${urls.keys}/challenge`, { offline: true });
    download(`${kid}.challenge.json`, "application/json", `${canonical({ v: 1, type: "enrolment-challenge", kid, challenge, supplier })}\n`);
    say("success", texts.challenge_saved, texts.challenge_next);
  }

  async function enrol() {
    const [chosen] = byId("enrolment-file").files;
    if (!chosen) return byId("enrolment-file").focus();
    let file;
    try {
      file = parse(utf8((await chosen.text()).replace(/\n+$/, "")));
    } catch {
      file = {};
    }
    const { v, type, ...enrolment } = file;
    if (Object.keys(file).sort().join() !== MEMBERS || v !== 1 || type !== "enrolment-file") throw new Error(texts.no_enrolment);
    await send("POST", urls.keys, enrolment);
    return location.assign(location.pathname);
  }

  byId("offline-key").hidden = false;
  byId("challenge-save").addEventListener("click", () => save().catch(fail));
  byId("enrolment-send").addEventListener("click", () => enrol().catch(fail));
}
