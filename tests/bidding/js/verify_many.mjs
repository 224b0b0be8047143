// The second verifier on many bundles in one process: a case a line in, {lines: [[result, code, text], …]} a line out,
// or {refused: why} where the bundle or the policy is none.
import { register } from "node:module";
import { createInterface } from "node:readline";

process.removeAllListeners("warning");
const verifier = new URL("../../../bidding/static/verify/", import.meta.url);
register(new URL("node_paths.mjs", verifier).href, import.meta.url);
const { verify } = await import(new URL("verify.js", verifier).href);
const { Refused } = await import(new URL("bytes.js", verifier).href);
const { sayLine } = await import(new URL("said.js", verifier).href);

async function answer({ bundle, ...rest }) {
  try {
    const lines = await verify({ bundle: new Uint8Array(Buffer.from(bundle, "base64")), ...rest });
    return { lines: lines.map((line) => [line.result, line.code, sayLine(line, "en")]) };
  } catch (fault) {
    if (fault instanceof Refused) return { refused: fault.message };
    throw fault;
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))));
