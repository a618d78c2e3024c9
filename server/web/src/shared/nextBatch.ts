/** When a batch brings more of a product, in words. */

import { timeOrDate } from "./format";
import { t } from "./i18n";

/** `atMs` as the protocol has it: 0 where somebody opens the batch by hand. */
export function nextBatchText(atMs: number): string {
  const at = atMs > 0 ? timeOrDate(atMs) : "";
  return at === "" ? t("next_batch") : t("next_batch_at", { at });
}
