// The page's sentences, in Korean and English, put where `data-t` asks for them. `TEXTS` stands in the file's data block.

import { byId } from "../static/bidding/view.js";

const all = JSON.parse(byId("texts").textContent);
const LANGUAGES = ["ko", "en"];

export const words = { lang: navigator.language?.startsWith("ko") ? "ko" : "en", texts: {} };

// The same object all along: whoever holds it sees the language change.
export function speak(lang) {
  words.lang = lang;
  for (const [name, text] of Object.entries(all[lang])) words.texts[name] = text;
  document.documentElement.lang = lang;
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = words.texts[place.dataset.t];
  byId("language").textContent = lang === "ko" ? "English" : "한국어";
  document.title = words.texts.title;
}

export function startSpeaking(changed) {
  byId("language").addEventListener("click", () => {
    speak(LANGUAGES.find((lang) => lang !== words.lang));
    changed();
  });
  speak(words.lang);
}
