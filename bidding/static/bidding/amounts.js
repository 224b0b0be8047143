// Reading amounts: whole won as people type, group, say and compare them. BigInt throughout; no floats near money.

const KOREAN_GROUPS = [
  [10n ** 12n, "조"],
  [10n ** 8n, "억"],
  [10n ** 4n, "만"],
  [1n, ""],
];

// "123,456,000원" -> "123456000"; null where it is no amount of 1 to 16 digits.
export function readAmount(typed) {
  const plain = typed.normalize("NFKC").replace(/[\s,'’₩원]/g, "").replace(/^0+(?=\d)/, "");
  return /^[1-9]\d{0,15}$/.test(plain) ? plain : null;
}

export const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

// 123456000 -> "1억 2,345만 6,000원"
export function koreanUnits(digits) {
  let rest = BigInt(digits);
  const parts = [];
  for (const [size, unit] of KOREAN_GROUPS) {
    if (rest >= size) parts.push(group(String(rest / size)) + unit);
    rest %= size;
  }
  return (parts.join(" ") || "0") + "원";
}

// 123456000 -> "금 일억이천삼백사십오만육천원정", as a contract says it: every 일 stays, so that nothing fits in front.
export function koreanWords(digits) {
  let rest = BigInt(digits);
  let words = "";
  for (const [size, unit] of KOREAN_GROUPS) {
    if (rest >= size) words += koreanThousands(rest / size) + unit;
    rest %= size;
  }
  return `금 ${words}원정`;
}

function koreanThousands(count) {
  const figures = Array.from(String(count), Number);
  return figures.map((figure, i) => (figure ? NUMERALS[figure] + PLACES[figures.length - 1 - i] : "")).join("");
}

const NUMERALS = "영일이삼사오육칠팔구";
const PLACES = ["", "십", "백", "천"];
const ONES = (
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen " +
  "eighteen nineteen"
).split(" ");
const TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ENGLISH_GROUPS = ["quadrillion", "trillion", "billion", "million", "thousand", ""];

// 123456000 -> "one hundred and twenty-three million four hundred and fifty-six thousand won"
export function englishWords(digits) {
  const threes = group(digits).split(",").map(Number);
  const units = ENGLISH_GROUPS.slice(-threes.length);
  const parts = threes.map((count, i) => (count ? `${englishHundreds(count)} ${units[i]}`.trim() : "")).filter(Boolean);
  return `${parts.join(" ")} won`;
}

function englishHundreds(count) {
  const rest = count % 100;
  const low = rest < 20 ? ONES[rest] : TENS[Math.floor(rest / 10)] + (rest % 10 ? `-${ONES[rest % 10]}` : "");
  if (count < 100) return low;
  return `${ONES[Math.floor(count / 100)]} hundred${rest ? ` and ${low}` : ""}`;
}

// Share of `base` in thousandths of a percent, rounded down: ratio("87745", "100000") = 87745n.
export const ratio = (digits, base) => (BigInt(digits) * 100000n) / BigInt(base);

export function percent(thousandths) {
  const text = String(thousandths).padStart(4, "0");
  return `${group(text.slice(0, -3))}.${text.slice(-3)}%`;
}

// What a price says beside what the notice already fixes. `terms` has `base` (won, digits), `low` and `high` (range of
// the estimated price round the base) and `floor` (of the estimated price, or null), all in thousandths of a percent.
// null, or the name of a warning. Nothing here decides anything: the opening does.
export function whyUnusual(digits, terms) {
  const amount = BigInt(digits);
  const base = BigInt(terms.base);
  if (amount > base * 3n) return "many-times-base";
  if (amount * 10n < base * 3n) return "small-part-of-base";
  // Reserve prices are rounded up to 100 won.
  if ((amount - 100n) * 100000n > base * BigInt(terms.high)) return "above-any-estimate";
  if (terms.floor === null) return amount * 100n < base * 60n ? "far-below-base" : null;
  // Below the floor of even the lowest estimated price: at most `low` of base, and `floor` of that.
  if (amount * 10_000_000_000n < base * BigInt(terms.low) * BigInt(terms.floor)) return "below-any-floor";
  return null;
}
