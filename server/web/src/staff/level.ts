/** How much is left of a SKU, in a word. */

import { t } from "../shared/i18n";

/** A level that this page does not know is told by the count alone. */
export function levelText(level: string): string {
  const text = t(`level.${level}`);
  return text === `level.${level}` ? "" : text;
}
