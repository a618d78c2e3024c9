/** What changes the show itself: its status, and the order of its run. */

import { signal } from "@preact/signals";
import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import { type Answer, answerOf, answerOfWrite } from "../api/client";
import type { Problem, RoomPatch, Slot, StatusDone } from "../api/schema";
import type { Console } from "../console";
import { type Operation, UNHINDERED } from "./operation";
import { unreadText } from "./problem";

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

/** A turn of the show, and why the gate of its room is shut. */
export interface Turn extends Operation {
  /** As the server refuses it while the checklist fails; null where it does not. */
  readonly shut: () => Partial<Problem> | null;
}

/** The problem of a show that may not begin, since the checklist of its room fails; null where it is none. */
export function shutBy(answer: Answer<unknown> | null): Partial<Problem> | null {
  return answer?.ok === false && answer.problem.code === "GATE" ? answer.problem : null;
}

/** Begin, pause, or go on with the show of the room. What it reaches is asked of the server when it is made. */
export function turnTo(it: Console, from: Status, status: Status): Turn {
  const way = wayOf(from, status);
  const params = { path: { room: it.room } };
  const reaches = signal<Answer<StatusDone> | null>(null);
  const outlook = { status, dry_run: true };
  void answerOf(it.api.POST("/v1/rooms/{room}/status", { params, body: outlook })).then((answer) => {
    reaches.value = answer;
  });
  return {
    label: turnLabel(from, status),
    shut: () => shutBy(reaches.value),
    says: () => {
      const known = reaches.value;
      if (known?.ok !== true) return t("do.show.asking");
      const { skus, holds, units_held: units, waiting, viewers, gate } = known.value;
      const told = { skus, holds, held: units, viewers };
      const says = t(
        `do.show.${way}.says`,
        Object.fromEntries(Object.entries(told).map(([name, value]) => [name, count(value)])),
      );
      const beside = way === "pause" && waiting > 0 && t("do.show.waiting", { count: waiting, shown: count(waiting) });
      return [says, beside, foundText(gate)].filter(Boolean).join(" ");
    },
    hindered: () => {
      const known = reaches.value;
      return known?.ok === false ? unreadText(known.problem, known.status) : "";
    },
    done: t(`do.show.${way}.done`),
    run: async (key) => {
      const body = { status, id: key };
      const answer = await answerOfWrite(() => it.api.POST("/v1/rooms/{room}/status", { params, body }));
      // Since it was asked, something may have come to fail.
      if (shutBy(answer) !== null) reaches.value = answer;
      return answer;
    },
  };
}

/** What the checklist of the room says of a show that may begin; "" where it says nothing. */
export function foundText(found: StatusDone["gate"]): string {
  if (found === null || found.fails + found.warns === 0) return "";
  return t("do.show.gate", { fails: count(found.fails), warns: count(found.warns) });
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
