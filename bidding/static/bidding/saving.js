// The form that saves the bid file: once what was sealed is there, and again once its receipt is. Nothing is sent.

import { unb64u } from "./canon.js";
import { imprintOf } from "./stamp.js";
import { makeBidFile } from "./bid_file.js";
import { PASSPHRASE_LEAST } from "./locking.js";
import { download, fill } from "./view.js";

// `place` holds the passphrase, the button and a line to answer in; `facts()` gives { name, sealed, receipt }: `sealed` is
// what was sealed here ({ body, cek, stamp }), `receipt` the note or null. A bid that outlived its page has no key any more.
export function offerBidFile(place, texts, facts) {
  const [input, button, said] = ["passphrase", "save", "said"].map((name) => place.querySelector(`[data-bid-file=${name}]`));
  const { cek } = facts().sealed;
  place.hidden = false;
  place.querySelector("[data-bid-file=lock]").hidden = !cek;
  offerStamp(place, facts());
  button.onclick = async () => {
    const { name, sealed, receipt } = facts();
    const isShort = input.value !== "" && [...input.value].length < PASSPHRASE_LEAST;
    input.toggleAttribute("aria-invalid", false);
    said.textContent = isShort ? fill(texts.passphrase_short, { least: PASSPHRASE_LEAST }) : "";
    if (isShort) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    button.disabled = true;
    try {
      const keys = input.value && sealed.cek ? { price: sealed.cek, docs: sealed.docsCek ?? null } : null;
      download(`${name}.bid.json`, "application/json", await makeBidFile(JSON.parse(sealed.body), keys, input.value, receipt, sealed.stamp ?? null));
      said.textContent = keys ? texts.file_saved : texts.file_saved_bare;
    } finally {
      button.disabled = false;
    }
  };
}

// The time stamp as a file of its own, with the command that checks it.
async function offerStamp(place, { name, sealed: { stamp, stmt } }) {
  place.querySelector("[data-bid-file=stamped]").hidden = !stamp;
  if (!stamp) return;
  place.querySelector("[data-bid-file=tsr]").onclick = () => download(`${name}.tsr`, "application/timestamp-reply", unb64u(stamp));
  place.querySelector("[data-bid-file=command]").textContent =
    `openssl ts -verify -digest ${await imprintOf(stmt)} -in ${name}.tsr -CAfile ROOT.pem`;
}
