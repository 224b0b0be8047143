// node bidding/static/verify/cli.mjs BUNDLE.zip [--policy FILE] [--receipt FILE] [--old-checkpoint FILE [--consistency FILE]]
//                                               [--json] [--lang ko]
// Prints one line for each check. Exit status: 0 nothing fails, 1 something fails, 2 not a bundle or a wrong argument.
// Node 20 or newer; no package, no network.

import { readFileSync } from "node:fs";
import { register } from "node:module";
import { parseArgs } from "node:util";

process.removeAllListeners("warning"); // Node calls Ed25519 in WebCrypto experimental
register("./node_paths.mjs", import.meta.url);
const { verify } = await import("./verify.js");
const { Refused } = await import("./bytes.js");
const { sayLine } = await import("./said.js");

const OPTIONS = { policy: "policy", receipt: "receipt", "old-checkpoint": "oldCheckpoint", consistency: "consistency" };

function readArguments() {
  const spelled = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, { type: "string" }]));
  const { values, positionals } = parseArgs({ options: { ...spelled, json: { type: "boolean" }, lang: { type: "string" } }, allowPositionals: true });
  if (positionals.length !== 1) throw new Error("usage: cli.mjs BUNDLE.zip [--policy FILE] [--receipt FILE] [--old-checkpoint FILE] [--consistency FILE] [--json] [--lang ko]");
  const given = { bundle: new Uint8Array(readFileSync(positionals[0])) };
  for (const [option, name] of Object.entries(OPTIONS)) given[name] = values[option] === undefined ? null : readFileSync(values[option], "utf8");
  return { given, ...values };
}

try {
  const { given, json, lang } = readArguments();
  const lines = await verify(given);
  const checks = lines.map((line) => ({ result: line.result, code: line.code, text: sayLine(line, lang ?? "en") }));
  const verdict = lines.find(({ result }) => result === "FAIL")?.code ?? null;
  console.log(json ? JSON.stringify({ verdict, checks }) : checks.map(({ result, code, text }) => `${result} ${code} ${text}`).join("\n"));
  process.exitCode = lines.some(({ result }) => result === "FAIL") ? 1 : 0;
} catch (fault) {
  if (!(fault instanceof Refused || fault instanceof Error)) throw fault;
  console.error(fault.message);
  process.exitCode = 2;
}
