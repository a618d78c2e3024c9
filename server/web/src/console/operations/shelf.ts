/** What is on the shelf of a room. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOfWrite } from "../api/client";
import type { Console } from "../console";
import type { Operation } from "./operation";

/** Put SKUs of the catalogue on the room's shelf, at its end. */
export function putOnShelf(it: Console, skus: readonly string[]): Operation {
  const titles = () => skus.map((sku) => it.titleOf(sku)).join(", ");
  const free = () => skus.reduce((sum, sku) => sum + it.leftOf(sku), 0);
  const last = () => Math.max(0, ...(it.kept.listings.value.value ?? []).map(({ position }) => position));
  return {
    label: t("do.shelf", { count: skus.length }),
    says: () => t("do.shelf.says", { count: skus.length, titles: titles(), units: count(free()) }),
    hindered: () => {
      if (it.room === "") return t("do.no_room");
      return skus.length === 0 ? t("do.shelf.none") : "";
    },
    done: t("do.shelf.done", { count: skus.length, titles: titles() }),
    run: async (key) => {
      const params = { path: { room: it.room }, header: { "Idempotency-Key": key } };
      const begin = last() + 1;
      const rows = skus.map((sku, index) => ({ sku, position: begin + index }));
      const answer = await answerOfWrite(() => it.api.POST("/v1/rooms/{room}/skus", { params, body: { skus: rows } }));
      it.kept.listings.changed();
      return answer;
    },
  };
}

/** Take a SKU off the room's shelf. */
export function takeOffShelf(it: Console, sku: string): Operation {
  const title = it.titleOf(sku);
  const row = () => it.kept.listings.value.value?.find((each) => each.sku === sku);
  return {
    label: t("do.off_shelf"),
    says: () => t("do.off_shelf.says", { title, left: count(it.leftOf(sku)), held: count(row()?.held ?? 0) }),
    hindered: () => (it.room === "" ? t("do.no_room") : ""),
    done: t("do.off_shelf.done", { title }),
    run: async (key) => {
      const params = { path: { room: it.room, sku }, header: { "Idempotency-Key": key } };
      const answer = await answerOfWrite(() => it.api.DELETE("/v1/rooms/{room}/skus/{sku}", { params }));
      it.kept.listings.changed();
      return answer;
    },
  };
}
