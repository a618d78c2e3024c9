/** Units as people type them. */

/** As many as a line may have: more is a barcode that went into the wrong field. */
export const UNITS_MAX = 1_000_000;

const FULL_WIDTH = /[０-９]/g;
const FULL_WIDTH_STEP = 0xfee0;

/** A whole number of units from 0 on, in digits of any keyboard, with spaces or commas between thousands; null where it is
 * none, or more than there may be. */
export function unitsOf(text: string): number | null {
  const typed = text
    .replace(FULL_WIDTH, (digit) => String.fromCharCode(digit.charCodeAt(0) - FULL_WIDTH_STEP))
    .replace(/[\s,，]/g, "");
  if (!/^\d{1,12}$/.test(typed)) return null;
  const units = Number(typed);
  return units > UNITS_MAX ? null : units;
}
