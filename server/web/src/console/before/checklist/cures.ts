/** What a cure comes to in the console: something to do at once, something that lacks a number, or a place to go to. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { go, VIEWS, type Where } from "../../address";
import { answerOfWrite } from "../../api/client";
import type { CureItem } from "../../api/schema";
import type { Console } from "../../console";
import { isLeftEmpty, NOTHING_LEFT } from "../../counts/make/elsewhere";
import { receive } from "../../operations/goods";
import type { Operation } from "../../operations/operation";
import { problemText } from "../../operations/problem";
import { putOnShelf } from "../../operations/shelf";
import { notYours } from "../../operations/show";
import { move } from "../../operations/units";
import { goToStep, STEPS, type Step } from "../steps";
import { isReady, type Of, request } from "./request";

export type Act =
  | { readonly kind: "do"; readonly operation: Operation }
  /** `first` is what is proposed. */
  | { readonly kind: "units"; readonly make: (units: number) => Operation; readonly first: number | null }
  | { readonly kind: "go"; readonly go: () => void };

/** Steps of the preparation where a cure is carried out, and is looked for by its article. */
const STEP_OF: Readonly<Record<string, Step>> = {
  set_run_order: "shelf",
  set_planned_start: "room",
  fill_batch: "batches",
  lower_plan: "shelf",
  set_window: "shelf",
  set_price: "shelf",
  set_limit: "shelf",
};

/** The part of this step that takes the ERP's file. */
export const ERP_PART = "checklist-erp";

/** What a cure comes to; null where this console does not know it and the server has made nothing ready. `again` has the
 * checklist read again. */
export function actOf(it: Console, item: Of, cure: CureItem, again: () => Promise<void>): Act | null {
  const { kind, about } = cure;
  const sku = item.sku;
  const step = STEP_OF[kind];
  if (step !== undefined) return goes(() => toStep(step, sku));
  if (sku !== null) {
    if (kind === "open_count") return { kind: "do", operation: openCount(it, [sku], again) };
    if (kind === "list_skus") return { kind: "do", operation: followed(putOnShelf(it, [sku]), again) };
    if (kind === "set_quota") {
      return { kind: "units", first: unitsOf(about), make: (units) => giveQuota(it, item, sku, units, again) };
    }
    if (kind === "receive") return receiving(it, sku, again);
  }
  if (kind === "list_skus") return goes(() => toStep("shelf", null));
  if (kind === "finish_count" || kind === "sign_count") {
    return goes(() => go({ view: "counts", part: `count/${String(about.count ?? "")}` }));
  }
  if (kind === "send_erp_levels") return goes(() => document.getElementById(ERP_PART)?.focus());
  // Who is owed units is decided order by order.
  if (kind === "settle") return goes(() => go({ view: "ledger" }));
  if (isReady(cure)) return { kind: "do", operation: request(it, item, cure, again) };
  return elsewhere(cure);
}

/** Open a count of these articles before the show, and go to it. `again` has the checklist read again. */
export function openCount(it: Console, skus: readonly string[], again: () => Promise<void>): Operation {
  const [first = ""] = skus;
  const words = { count: skus.length, n: count(skus.length), title: it.titleOf(first) };
  return makeCount(it, { skus: [...skus] }, words, again);
}

/** Open a count of all that the room lists, so many articles, and go to it. */
export function openCountOfRoom(it: Console, articles: number, again: () => Promise<void>): Operation {
  const words = { count: articles, n: count(articles), title: it.kept.room.want().value?.title || it.room };
  return makeCount(it, { room: it.room }, words, again);
}

type CountWords = Readonly<Record<"count" | "n" | "title", string | number>>;

function makeCount(
  it: Console,
  of: { skus: string[] } | { room: string },
  words: CountWords,
  again: () => Promise<void>,
): Operation {
  const says = "room" in of ? "checklist.count.room" : "checklist.count.says";
  return {
    label: t("checklist.count", words),
    says: () => t(says, words),
    hindered: () => notYours(it, "keep"),
    done: t("checklist.count.done", words),
    of: JSON.stringify(of),
    refused: (answer) =>
      answer === NOTHING_LEFT ? t("checklist.count.none") : problemText(answer.problem, answer.status),
    run: async (key) => {
      const params = { path: { pool: it.pool } };
      const body = { id: key, kind: "before" as const, ...of };
      const answer = await answerOfWrite(() => it.api.POST("/v1/pools/{pool}/counts", { params, body }));
      if (answer.ok && (await isLeftEmpty(it.api, it.pool, answer.value))) {
        await again();
        return NOTHING_LEFT;
      }
      if (answer.ok) go({ view: "counts", part: `count/${answer.value.count.count}` });
      else await again();
      return answer;
    },
  };
}

/** Goods that have come in; where two people enter them, that is done in Counts. */
function receiving(it: Console, sku: string, again: () => Promise<void>): Act {
  if (it.kept.settings.want().value?.receipts_by_two) return goes(() => go(NEW_RECEIPT));
  const make = (units: number) => followed(receive(it, sku, units, ""), again);
  return { kind: "units", first: null, make };
}

export const NEW_RECEIPT: Partial<Where> = { view: "counts", part: "new_receipt" };

function giveQuota(it: Console, item: Of, sku: string, units: number, again: () => Promise<void>): Operation {
  const there = Number(item.values.available ?? 0);
  const words = { title: item.title || sku, units: count(units), available: count(there), after: count(there + units) };
  return followed(
    {
      label: t("checklist.cure.set_quota"),
      says: () => t("checklist.cure.set_quota.says", words),
      hindered: () => notYours(it, "keep"),
      done: t("checklist.cure.set_quota.done", words),
      of: sku,
      run: (key) => move(it, { id: key, kind: "quota", sku, qty: units }),
    },
    again,
  );
}

function elsewhere({ view, step }: CureItem): Act | null {
  const known = VIEWS.find((each) => each === view);
  if (known === undefined) return null;
  const there = STEPS.find((each) => each === step);
  return goes(() => (known === "before" && there !== undefined ? goToStep(there) : go({ view: known })));
}

function toStep(step: Step, sku: string | null): void {
  goToStep(step, sku ?? "");
}

function goes(to: () => void): Act {
  return { kind: "go", go: to };
}

/** The same, with the checklist read again behind it. */
function followed(operation: Operation, again: () => Promise<void>): Operation {
  return {
    ...operation,
    run: async (key) => {
      const answer = await operation.run(key);
      await again();
      return answer;
    },
  };
}

function unitsOf(about: CureItem["about"]): number | null {
  return typeof about.units === "number" ? about.units : null;
}
