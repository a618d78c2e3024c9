/** Units as people write them into a field. */

const UNITS_MAX = 1_000_000;

/** Units as people write them; null where it is no number of units. */
export function unitsOf(text: string): number | null {
  const plain = text.normalize("NFKC").replace(/[\s,]/g, "");
  if (!/^\d{1,7}$/.test(plain)) return null;
  const units = Number(plain);
  return units >= 1 && units <= UNITS_MAX ? units : null;
}
