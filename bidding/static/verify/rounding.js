// Whole won and exact fractions (BigInt), each rounded once, by a named rule. There are no floating-point numbers here.

import { refuse } from "./bytes.js";

// n / d, both positive or zero, up to the next multiple of `unit`.
export const up = (n, d, unit = 1n) => ((n + d * unit - 1n) / (d * unit)) * unit;

const RULES = {
  exact: (n, d) => (n % d === 0n ? n / d : refuse("the mean is not a whole number")),
  "down-1": (n, d) => n / d,
  "up-1": (n, d) => up(n, d),
  "up-10": (n, d) => up(n, d, 10n),
  "up-100": (n, d) => up(n, d, 100n),
  "up-1000": (n, d) => up(n, d, 1000n),
};

export const byRule = (n, d, rule) => (typeof rule === "string" && Object.hasOwn(RULES, rule) ? RULES[rule](n, d) : refuse("no rounding rule %(rule)s", { rule }));

// n / d to four decimals, the half upwards, counted in ten-thousandths.
export const halfUp = (n, d) => (20_000n * n + d) / (2n * d);
