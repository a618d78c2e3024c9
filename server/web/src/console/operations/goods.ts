/** Goods that come in, and units that are set aside of them. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { Console } from "../console";
import type { Operation } from "./operation";
import { move } from "./units";

/** What has arrived: units that come in from outside. */
export function receive(it: Console, sku: string, qty: number, reason: string): Operation {
  const title = it.titleOf(sku);
  const pool = () => it.live.units(sku).value?.pool ?? 0;
  const units = count(qty);
  return {
    label: t("do.receive"),
    says: () => t("do.receive.says", { units, title, pool: count(pool()), pool_after: count(pool() + qty) }),
    hindered: () => "",
    done: t("do.receive.done", { units, title }),
    run: (key) => move(it, { id: key, kind: "receive", sku, qty, target: "pool", reason }),
  };
}

/** Where units can be set aside, beside batches. */
export const ASIDE = ["safety", "elastic"] as const;
export type Aside = (typeof ASIDE)[number];

/** Set units of the pool aside, into the safety buffer or the elastic reserve; a negative number: back into the pool. */
export function setAside(it: Console, sku: string, place: Aside, qty: number): Operation {
  return carve(it, sku, qty, {
    place,
    called: t(`place.${place}`),
    there: () => it.live.units(sku).value?.[place] ?? 0,
  });
}

/** Put units of the pool into a batch that is not open yet; a negative number: back into the pool. */
export function fillBatch(it: Console, sku: string, batch: string, called: string, qty: number): Operation {
  const there = () => it.live.units(sku).value?.batches.find((each) => each.batch === batch)?.units ?? 0;
  return carve(it, sku, qty, { place: `batch:${batch}`, called, there });
}

interface Carved {
  /** As a move names it, and as people call it. */
  readonly place: string;
  readonly called: string;
  /** How many are there now. */
  readonly there: () => number;
}

function carve(it: Console, sku: string, qty: number, { place, called, there }: Carved): Operation {
  const title = it.titleOf(sku);
  const units = Math.abs(qty);
  const pool = () => it.live.units(sku).value?.pool ?? 0;
  const [source, target] = qty > 0 ? ["pool", place] : [place, "pool"];
  return {
    label: t(qty > 0 ? "do.aside" : "do.aside.back"),
    says: () =>
      t(qty > 0 ? "do.aside.says" : "do.aside.back.says", {
        title,
        place: called,
        units: count(units),
        pool: count(pool()),
        pool_after: count(pool() - qty),
        there: count(there()),
        there_after: count(there() + qty),
      }),
    hindered: () => {
      const free = qty > 0 ? pool() : there();
      return free < units ? t("do.aside.few", { units: count(free), place: qty > 0 ? t("place.pool") : called }) : "";
    },
    done: t(qty > 0 ? "do.aside.done" : "do.aside.back.done", { title, place: called, units: count(units) }),
    run: (key) => move(it, { id: key, kind: "carve", sku, qty: units, source, target }),
  };
}
