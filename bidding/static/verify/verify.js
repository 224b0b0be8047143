// All 28 checks of a bundle, in order. Written from docs/protocol.md alone; it shares no code with bidding/verify.py.

import { Refused } from "./bytes.js";
import { Bundle, NotABundle } from "./bundle.js";
import { v28 } from "./checks/auction.js";
import { v08, v09, v10, v11, v12, v14 } from "./checks/bids.js";
import { v05, v06, v07 } from "./checks/box.js";
import { v01, v02, v03, v04, v25 } from "./checks/log.js";
import { v15, v16, v17, v18 } from "./checks/opening.js";
import { v24 } from "./checks/receipt.js";
import { v19, v20, v21, v22, v23, v26 } from "./checks/result.js";
import { v13 } from "./checks/stamps.js";
import { v27 } from "./checks/technical.js";
import { readPolicy } from "./policy.js";

export { NotABundle };

// code -> what it does, and which checks must not have failed before it. In the order of the report.
const CHECKS = [
  ["V01", v01, []], ["V02", v02, []], ["V03", v03, ["V02"]], ["V04", v04, ["V03"]], ["V05", v05, ["V03"]],
  ["V06", v06, ["V05"]], ["V07", v07, ["V03"]], ["V08", v08, ["V05"]], ["V09", v09, ["V08"]], ["V10", v10, ["V09"]],
  ["V11", v11, ["V07", "V08"]], ["V12", v12, ["V11"]], ["V13", v13, ["V07"]], ["V14", v14, ["V06", "V09"]], ["V15", v15, ["V14"]],
  ["V16", v16, ["V15"]], ["V17", v17, ["V16"]], ["V18", v18, ["V06", "V09"]], ["V19", v19, ["V17", "V18"]], ["V20", v20, ["V19"]],
  ["V21", v21, ["V19"]], ["V22", v22, ["V21"]], ["V23", v23, ["V21"]], ["V24", v24, ["V09", "V11"]], ["V25", v25, ["V02"]],
  ["V26", v26, ["V21"]], ["V27", v27, ["V15"]], ["V28", v28, ["V10", "V21"]],
];
const STEPS = CHECKS.length + 1;
const SHARE = 1000;

// What was thrown, as a sentence. Anything but a refusal means that the material had a shape nobody thought of.
function reasonOf(fault) {
  if (fault instanceof Refused) return { sentence: fault.sentence, values: fault.values };
  return { sentence: "not in the shape it must have (%(fault)s)", values: { fault: String(fault?.message ?? fault) } };
}

async function run([code, check, needs], failed, context) {
  const lines = [];
  const warn = (sentence, values = {}) => lines.push({ result: "WARN", code, sentence, values });
  const missing = needs.find((need) => failed.has(need));
  if (missing) return [{ result: "FAIL", code, sentence: "needs %(code)s", values: { code: missing } }];
  try {
    const found = await check(context, warn);
    return [{ code, ...found }, ...lines];
  } catch (fault) {
    return [{ result: "FAIL", code, ...reasonOf(fault) }];
  }
}

// Lines {result, code, sentence, values}. `given`: bundle (bytes); policy, receipt, oldCheckpoint, consistency (texts or null).
// `told(done, of)` hears how far it is. NotABundle where the bytes are none; Refused where the policy is none.
export async function verify(given, told = () => {}) {
  const pinned = given.policy ? readPolicy(given.policy) : null;
  const within = (step) => (done, of) => told(Math.floor(SHARE * (step + done / Math.max(of, 1))), SHARE * STEPS);
  const bundle = await Bundle.open(given.bundle, within(0));
  const context = { bundle, given, pinned };
  const [lines, failed] = [[], new Set()];
  for (const [step, check] of CHECKS.entries()) {
    context.told = within(step + 1);
    context.told(0, 1);
    const own = await run(check, failed, context);
    if (own[0].result === "FAIL") failed.add(check[0]);
    lines.push(...own);
    await new Promise((resume) => setTimeout(resume)); // lets a page that has no worker draw itself
  }
  return lines;
}
