// The report as a file to keep.

import { element } from "./elements.js";
import { summaryOf } from "./report.js";
import { sayLine } from "./said.js";

export function textReport({ lines, bundle, receipt, at }, options) {
  const { title } = summaryOf(lines, options);
  const shown = lines.map((line) => `${line.result} ${line.code} ${sayLine(line, options.lang)}`);
  return [title, "", `${bundle}${receipt ? ` + ${receipt}` : ""}  ${at.toISOString()}`, "", ...shown, ""].join("\n");
}

export function jsonReport({ lines, bundle, receipt, at }) {
  const checks = lines.map(({ result, code, ...line }) => ({ result, code, text: sayLine(line, "en") }));
  const verdict = lines.find(({ result }) => result === "FAIL")?.code ?? null;
  return `${JSON.stringify({ at: at.toISOString(), bundle, receipt, verdict, checks }, null, 2)}\n`;
}

export function download(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
