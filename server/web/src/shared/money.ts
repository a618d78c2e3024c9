/** How many digits an amount has behind its point. */

import digits from "./currencies.json";

/** Currencies that do not have two digits after the point (ISO 4217), as in the server's commands/catalogue.py. */
const DIGITS: ReadonlyMap<string, number> = new Map(Object.entries(digits));
const DIGITS_DEFAULT = 2;

/** How many of a currency's minor units, as a power of ten, make a whole one: ISO 4217 says so. */
export function digitsOf(currency: string): number {
  return DIGITS.get(currency) ?? DIGITS_DEFAULT;
}
