/** Goods that expire: which lots, and how their units are pulled, that is made unsellable. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import type { LotItem } from "../../api/schema";
import type { Console } from "../../console";
import { type Operation, UNHINDERED } from "../../operations/operation";

/** How many of a lot may still lie here. */
export function leftOf({ units, pulled }: Pick<LotItem, "units" | "pulled">): number {
  return Math.max(0, units - pulled);
}

/** So many can be pulled now: what may lie here of it, as far as the book has that many free. */
export function pullable(lot: Pick<LotItem, "units" | "pulled" | "free">): number {
  return Math.min(leftOf(lot), lot.free);
}

/** How long it lasts, in words. */
export function lastsText(days: number): string {
  if (days < 0) return t("lots.expired", { count: -days });
  return days === 0 ? t("lots.today") : t("lots.days", { count: days });
}

/** What tells a lot from the others. */
export const lotKey = ({ sku, lot, expires_on }: LotItem) => `${sku}\n${lot}\n${expires_on}`;

/** Make units of a lot unsellable. */
export function pullLot(it: Console, lot: LotItem, qty: number, again: () => void): Operation {
  const { sku, expires_on } = lot;
  const title = lot.title || sku;
  const units = count(qty);
  return {
    label: t("lots.pull"),
    says: () => t("lots.pull.says", { units, title, lot: lot.lot, expires: expires_on, free: count(lot.free) }),
    hindered: qty > 0 ? UNHINDERED : () => t("lots.pull.none", { title }),
    done: t("lots.pull.done", { units, title, lot: lot.lot }),
    of: lotKey(lot),
    run: async (key) => {
      const params = { path: { pool: it.pool } };
      const body = { id: key, sku, lot: lot.lot, expires_on, qty };
      const answer = await answerOfWrite(() => it.api.POST("/v1/pools/{pool}/lots/pull", { params, body }));
      again();
      return answer;
    },
  };
}
