/** Days of inventory, and why something does not sell, in words. */

import { price } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Inventory, SlowMover } from "../../api/schema";
import { about } from "../report/numbers";

export function inventoryText({ state, days_of_inventory, days, threshold_days, is_over }: Inventory): string {
  if (state !== "known" || days_of_inventory === null) {
    return t(`after.inventory.${state}`, { days: String(days) });
  }
  const said = t("after.inventory.days", { days: about(days_of_inventory) });
  return is_over ? t("after.inventory.over", { said, most: String(threshold_days) }) : said;
}

/** What lies there in money; "" where the price is not known. */
export function valueText({ price_minor, currency, units }: SlowMover): string {
  return price_minor === null ? "" : price(price_minor * units, currency);
}

export function whyText({ reason, idle_days, shows_on_air, minutes_on_air }: SlowMover): string {
  return t(`after.slow.reason.${reason}`, {
    count: shows_on_air,
    days: String(idle_days),
    shows: String(shows_on_air),
    minutes: about(minutes_on_air),
  });
}
