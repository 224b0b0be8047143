// The result for people: what it comes to, then each check with its sign, its word, what was found and why it matters.

import { fill } from "./bytes.js";
import { element } from "./elements.js";
import { sayLine } from "./said.js";
import { describe } from "./words.js";

const WORST = ["FAIL", "WARN", "SKIP", "PASS"];
const TONE = { FAIL: "danger", WARN: "warning", SKIP: "info", PASS: "success" };

// [{code, result, lines}]: one for each number, the worst of its lines first.
export function byCheck(lines) {
  const found = new Map();
  for (const line of lines) found.set(line.code, [...(found.get(line.code) ?? []), line]);
  return [...found].map(([code, own]) => {
    const sorted = own.toSorted((a, b) => WORST.indexOf(a.result) - WORST.indexOf(b.result));
    return { code, result: sorted[0].result, lines: sorted };
  });
}

export function summaryOf(lines, { lang, texts }) {
  const failed = lines.filter(({ result }) => result === "FAIL");
  const count = (result) => byCheck(lines).filter((check) => check.result === result).length;
  if (failed.length) {
    const first = failed[0];
    const values = { code: first.code, name: describe(first.code, lang).name, why: whole(first, lang), count: count("FAIL") };
    return { tone: "danger", title: fill(texts.fails, values), detail: fill(texts.fails_detail, values) };
  }
  const values = { count: byCheck(lines).length, warned: count("WARN"), skipped: count("SKIP") };
  if (!values.warned && !values.skipped) return { tone: "success", title: fill(texts.holds, values), detail: "" };
  return { tone: "success", title: texts.holds_mostly, detail: fill(texts.holds_detail, values) };
}

// A finding as a sentence of its own; one that begins with a name keeps it as it is.
function whole(line, lang) {
  const text = sayLine(line, lang);
  return line.sentence.startsWith("%(") ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

function item({ code, result, lines }, { lang, texts }) {
  const { name, why } = describe(code, lang);
  const head = element("h3", {}, element("span", { className: `badge badge--${TONE[result]}`, text: texts.results[result] }), ` ${code} `, name);
  const found = lines.map((line) => element("p", { className: "found", text: whole(line, lang) }));
  return element("li", { "data-result": result, id: `check-${code}`, tabindex: "-1" }, head, ...found, element("p", { className: "quiet", text: why }));
}

// Leads to a check without a navigation: after one a browser asks for the site's icon again.
function linkTo(code, { texts }) {
  const link = element("a", { href: `#check-${code}`, text: fill(texts.go, { code }) });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(`check-${code}`).focus();
  });
  return link;
}

export function reportOf(lines, options) {
  const { tone, title, detail } = summaryOf(lines, options);
  const head = element("h2", { text: title, tabindex: "-1" });
  const more = detail ? [element("p", { text: detail })] : [];
  const failed = lines.find(({ result }) => result === "FAIL");
  if (failed) more.push(element("p", {}, linkTo(failed.code, options)));
  const summary = element("div", { className: `notice notice--${tone} verify-summary` }, head, ...more);
  const list = element("ol", { className: "verify-checks" });
  list.append(...byCheck(lines).map((check) => item(check, options)));
  return [summary, list];
}
