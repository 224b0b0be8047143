// How figures are written in steps of arithmetic: digits, signs and codes, the same in every language.

export const step = (label, expression, value) => ({ label, expression, value });
export const compared = (label, a, sign, b) => step(label, `${a} ${sign} ${b}`, sign);

// Thousandths of a percent: 90394 is "90.394".
export const percent = (rate) => `${Math.floor(rate / 1000)}.${String(rate % 1000).padStart(3, "0")}`;

// Ten-thousandths of a point: 649600n is "64.9600".
export const points = (value) => `${value / 10_000n}.${String(value % 10_000n).padStart(4, "0")}`;

// A ratio in ten-thousandths as a percentage: 8975n is "89.75".
export const ratio = (value) => `${value / 100n}.${String(value % 100n).padStart(2, "0")}`;

// Hundredths of a won, without noughts at the end: 8050n is "80.5".
export function hundredths(value) {
  const rest = String(value % 100n).padStart(2, "0").replace(/0+$/, "");
  return rest ? `${value / 100n}.${rest}` : `${value / 100n}`;
}

// "20" or "3/8" -> [20n, 1n] or [3n, 8n].
export function fraction(spelled) {
  const [over, under = "1"] = spelled.split("/");
  return [BigInt(over), BigInt(under)];
}
