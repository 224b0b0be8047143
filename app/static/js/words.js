// The sentences that scripts show, put into the page by the server in the page's language.
const source = document.getElementById("words");
const words = source ? JSON.parse(source.textContent) : {};

export const language = words.lang === "en" ? "en" : "ko";

export function say(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

const UNITS = [
  [86400, "일", "day"],
  [3600, "시간", "hour"],
  [60, "분", "minute"],
  [1, "초", "second"],
];

// The same spelling as app.formats.duration: the two largest units.
export function duration(seconds) {
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [size, korean, english] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count || (parts.length && parts.length < 2)) parts.push([count, korean, english]);
    if (parts.length === 2) break;
  }
  const told = parts.filter(([count]) => count);
  if (!told.length) told.push([0, "초", "second"]);
  return told
    .map(([count, korean, english]) => (language === "ko" ? `${count}${korean}` : `${count} ${english}${count === 1 ? "" : "s"}`))
    .join(" ");
}

export function koreanTime(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString("en-GB", { timeZone: "Asia/Seoul", hour12: false });
}

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
