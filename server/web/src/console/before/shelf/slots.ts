/** A SKU's place in the run order of a room: how long, how many, and what the host should know. */

import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import { newKey } from "../../api/key";
import type { Room, Slot } from "../../api/schema";
import type { Console } from "../../console";
import { Edit, type Kinds, type Seen } from "../form/edit";
import { line, tick, whole } from "../form/values";

export type RunOrder = Room["run_order"];

export interface Plan {
  readonly planned: boolean;
  readonly minutes: number | null;
  readonly expected_units: number | null;
  readonly note: string;
}

const MINUTES_MAX = 1_440;
const UNITS_MAX = 1_000_000;
const NOTE_MAX = 200;

export const PLAN_KINDS: Kinds<Plan> = {
  planned: tick,
  minutes: whole({ min: 1, max: MINUTES_MAX }),
  expected_units: whole({ min: 0, max: UNITS_MAX }),
  note: line(NOTE_MAX),
};

export const planName = (field: string) => t(`before.plan.${field}`);

const skuOfSlot = (slot: string | Slot) => (typeof slot === "string" ? slot : slot.sku);

/** What the run order says of a SKU; its first place counts. */
export function planOf(order: RunOrder, sku: string): Plan {
  const slot = order.find((each) => skuOfSlot(each) === sku);
  const planned = slot !== undefined;
  if (slot === undefined || typeof slot === "string") return { planned, minutes: null, expected_units: null, note: "" };
  return {
    planned,
    minutes: slot.minutes ?? null,
    expected_units: slot.expected_units ?? null,
    note: slot.note ?? "",
  };
}

/** The run order with a SKU's plan in it: where it stood, else at the end; all others stay. */
export function withPlan(order: RunOrder, sku: string, plan: Plan): RunOrder {
  if (!plan.planned) return order.filter((each) => skuOfSlot(each) !== sku);
  const { minutes, expected_units } = plan;
  const isPlain = minutes === null && expected_units === null && plan.note === "";
  const slot = isPlain ? sku : { sku, minutes, expected_units, note: plan.note };
  const at = order.findIndex((each) => skuOfSlot(each) === sku);
  return at < 0 ? [...order, slot] : order.map((each, index) => (index === at ? slot : each));
}

/** With the whole order, as it was then: it is written whole. */
interface SeenOrder extends Seen<Plan> {
  readonly order: RunOrder;
}

function seenIn({ run_order, revision }: Room, sku: string): SeenOrder {
  return { values: planOf(run_order, sku), revision, order: run_order };
}

/** An edit of a SKU's place in the run order. */
export function editPlan(it: Console, sku: string): Edit<Plan> {
  const path = { room: it.room };
  return new Edit<Plan>({
    kinds: PLAN_KINDS,
    seen: () => {
      const room = it.kept.room.value.value;
      return room === null ? null : seenIn(room, sku);
    },
    write: async (_changes, began, all) => {
      const header = { "If-Match": `"${began.revision}"`, "Idempotency-Key": newKey() };
      const body = { run_order: withPlan((began as SeenOrder).order, sku, all) };
      const answer = await answerOfWrite(() => it.api.PATCH("/v1/rooms/{room}", { params: { path, header }, body }));
      await it.kept.room.now();
      return answer;
    },
    theirs: (current) => seenIn(current as Room, sku),
  });
}
