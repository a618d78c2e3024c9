/** An amount of money as somebody types it. */

import { digitsOf } from "./money";

/** The amount in minor units of its currency; undefined for what is none, and for more digits than the currency has. */
export function minorOf(typed: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const [all, units = "", fraction = ""] = /^(\d{1,10})(?:\.(\d+))?$/.exec(typed) ?? [];
  if (all === undefined || fraction.length > digits) return undefined;
  return Number(units + fraction.padEnd(digits, "0"));
}
