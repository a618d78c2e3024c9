/** What changes the show itself: its status, and the order of its run. */

import { signal } from "@preact/signals";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { answerOf, answerOfWrite } from "../api/client";
import type { RoomPatch, Slot, StatusDone } from "../api/schema";
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

/** What a turn of the show is called. */
export function turnLabel(from: Status, status: Status): string {
  return t(`do.show.${wayOf(from, status)}`);
}

/** Begin, pause, or go on with the show of the room. What it reaches is asked of the server when it is made. */
export function turnTo(it: Console, from: Status, status: Status): Operation {
  const way = wayOf(from, status);
  const params = { path: { room: it.room } };
  const reaches = signal<StatusDone | null>(null);
  const outlook = { status, dry_run: true };
  void answerOf(it.api.POST("/v1/rooms/{room}/status", { params, body: outlook })).then((answer) => {
    if (answer.ok) reaches.value = answer.value;
  });
  return {
    label: turnLabel(from, status),
    says: () => {
      const known = reaches.value;
      if (known === null) return t("do.show.asking");
      const { skus, holds, units_held: units, waiting, viewers } = known;
      const told = { skus, holds, held: units, viewers };
      const says = t(
        `do.show.${way}.says`,
        Object.fromEntries(Object.entries(told).map(([name, value]) => [name, count(value)])),
      );
      return way === "pause" && waiting > 0
        ? `${says} ${t("do.show.waiting", { count: waiting, shown: count(waiting) })}`
        : says;
    },
    hindered: UNHINDERED,
    done: t(`do.show.${way}.done`),
    run: (key) => answerOfWrite(() => it.api.POST("/v1/rooms/{room}/status", { params, body: { status, id: key } })),
  };
}

function wayOf(from: Status, status: Status): "begin" | "pause" | "resume" {
  if (status !== "live") return "pause";
  return from === "paused" ? "resume" : "begin";
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
