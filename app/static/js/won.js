// <input data-won>: groups the digits while typing and reads the amount beside it in Korean units (억, 만), exactly.
import { language } from "./words.js";

const UNITS = ["", "만", "억", "조", "경"];

export function startWonInputs(root) {
  for (const input of root.querySelectorAll("input[data-won]")) {
    const reading = input.parentElement.querySelector("[data-won-reading]");
    const refresh = () => {
      group(input);
      if (reading) reading.textContent = read(input.value);
    };
    input.addEventListener("input", refresh);
    refresh();
    // Plain digits are sent, so that every schema may read them as a number.
    input.form?.addEventListener("formdata", (event) => {
      if (input.name && event.formData.has(input.name)) event.formData.set(input.name, input.value.replace(/,/g, ""));
    });
  }
}

function group(input) {
  const plain = input.value.replace(/,/g, "");
  if (!/^\d{1,18}$/.test(plain)) return; // not a plain figure yet: the person's own spelling stays
  const behind = input.value.slice(input.selectionStart).replace(/,/g, "").length;
  const grouped = BigInt(plain).toLocaleString("en-US");
  if (grouped === input.value) return;
  input.value = grouped;
  if (document.activeElement !== input) return;
  let position = grouped.length;
  for (let digits = 0; digits < behind && position > 0; position -= 1) if (grouped[position - 1] !== ",") digits += 1;
  input.setSelectionRange(position, position);
}

export function read(value) {
  const plain = value.replace(/,/g, "");
  if (!/^\d{5,18}$/.test(plain)) return "";
  let rest = BigInt(plain);
  const parts = [];
  for (let unit = 0; rest > 0n; unit += 1) {
    const count = rest % 10000n;
    rest /= 10000n;
    if (count) parts.unshift(`${count.toLocaleString("en-US")}${UNITS[unit]}`);
  }
  return parts.length ? `${language === "ko" ? "" : "= "}${parts.join(" ")}원` : "";
}
