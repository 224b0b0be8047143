// Small things that the bid page's parts share: finding, showing, filling in texts. Text goes in as text, never as markup.

export const byId = (id) => document.getElementById(id);

// "%(name)s and %(other)d" filled in; the sentence comes translated from the page.
export function fill(sentence, values = {}) {
  return sentence.replace(/%\((\w+)\)[sd]/g, (found, name) => (name in values ? String(values[name]) : found));
}

export function element(tag, { text, className, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function notice(tone, title, ...paragraphs) {
  const lines = paragraphs.filter(Boolean).map((line) => (typeof line === "string" ? element("p", { text: line }) : line));
  return element("div", { className: `notice notice--${tone}` }, element("p", { className: "notice-title", text: title }), ...lines);
}

export function button(text, kind, onClick) {
  const made = element("button", { text, className: `button button--${kind}`, type: "button" });
  made.addEventListener("click", onClick);
  return made;
}

// A line of a check list: its state (todo, busy, ok, bad, warn) is a sign, a colour and a word for screen readers.
export function mark(line, state, text = "") {
  line.dataset.state = state;
  line.querySelector("span").textContent = text;
}

export function setError(name, message) {
  const line = byId(`${name}-error`);
  const field = byId(name);
  line.hidden = !message;
  if (message) line.querySelector("span").textContent = message;
  if (field && field.matches("input")) {
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

// 2026-11-23T00:59:59.123456Z -> "2026-11-23 09:59:59.123456 (UTC+9)"; `digits` of the second's fraction are kept.
export function kst(wire, digits = 0) {
  const shifted = new Date(Date.parse(wire.slice(0, 19) + "Z") + 9 * 3_600_000).toISOString();
  const fraction = digits ? `.${(wire.slice(20, -1) + "000000").slice(0, digits)}` : "";
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)}${fraction} (UTC+9)`;
}

export function duration(milliseconds, units) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const parts = [];
  if (days) parts.push(`${days}${units.day}`);
  if (days || hours) parts.push(`${days ? two(hours) : hours}${units.hour}`);
  parts.push(`${days || hours ? two(minutes) : minutes}${units.minute}`);
  if (!days) parts.push(`${two(seconds % 60)}${units.second}`);
  return parts.join(" ");
}

export function download(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
