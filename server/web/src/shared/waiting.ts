/** How many people wait for a product, in words. */

import { count } from "./format";
import { t } from "./i18n";

/** "23 wait"; "" where nobody does. */
export function waitingText(people: number): string {
  return people > 0 ? t("waiting", { count: people, shown: count(people) }) : "";
}
