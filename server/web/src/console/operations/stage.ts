/** What changes the show itself: its status, and the order of its run. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOfWrite } from "../api/client";
import type { RoomPatch, Slot } from "../api/schema";
import type { Console } from "../console";
import { type Operation, UNHINDERED } from "./operation";

export type Status = NonNullable<RoomPatch["status"]>;

/** What may follow each status here; ending a show is the emergencies' to do. */
export const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  scheduled: ["live"],
  live: ["paused"],
  paused: ["live"],
  ended: ["live"],
};

/** Begin, pause, or go on with the show of the room. */
export function turnTo(it: Console, from: Status, status: Status): Operation {
  const way = status === "live" ? (from === "paused" ? "resume" : "begin") : "pause";
  const shelf = () => it.stage?.shelf.value.length ?? 0;
  const held = () =>
    (it.stage?.shelf.value ?? []).reduce((sum, sku) => sum + (it.stage?.room.stock.get(sku)?.held ?? 0), 0);
  return {
    label: t(`do.show.${way}`),
    says: () =>
      t(`do.show.${way}.says`, {
        skus: count(shelf()),
        held: count(held()),
        viewers: count(it.stage?.viewers.value ?? 0),
      }),
    hindered: UNHINDERED,
    done: t(`do.show.${way}.done`),
    run: (key) => {
      const params = { path: { room: it.room }, header: { "Idempotency-Key": key } };
      return answerOfWrite(() => it.api.PATCH("/v1/rooms/{room}", { params, body: { status } }));
    },
  };
}

/** Save the order of the run, where nobody has changed the room since `revision`. */
export function saveRunOrder(it: Console, slots: readonly (string | Slot)[], revision: number): Operation {
  return {
    label: t("do.order"),
    says: () => t("do.order.says", { slots: count(slots.length) }),
    hindered: UNHINDERED,
    done: t("do.order.done"),
    run: (key) => {
      const header = { "Idempotency-Key": key, "If-Match": `"${revision}"` };
      const params = { path: { room: it.room }, header };
      const body = { run_order: [...slots] };
      return answerOfWrite(() => it.api.PATCH("/v1/rooms/{room}", { params, body }));
    },
  };
}
