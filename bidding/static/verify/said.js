// A line's sentence in the reader's language. What has no Korean is said in English.

import { fill } from "./bytes.js";
import { KOREAN } from "./korean.js";

const inKorean = (text) => (typeof text === "string" && Object.hasOwn(KOREAN, text) ? KOREAN[text] : text);

export function sayLine({ sentence, values }, lang) {
  if (lang !== "ko") return fill(sentence, values);
  const said = Object.entries(values ?? {}).map(([name, value]) => [name, inKorean(value)]);
  return fill(inKorean(sentence), Object.fromEntries(said));
}
