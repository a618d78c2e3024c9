/** A new batch: what is typed, what is sent, and what it will do in units. */

import { count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { answerOfWrite } from "../../api/client";
import type { Batch, BatchBody, Leftover } from "../../api/schema";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";

export const LEFTOVERS: readonly Leftover[] = ["pool", "next", "elastic"];

/** A line of the form: a SKU and how many of it. */
export interface Line {
  readonly sku: string;
  readonly units: number;
}

export interface NewBatch {
  readonly name: string;
  readonly title: string;
  /** null: it is opened by hand, a lot on call. */
  readonly opensAtMs: number | null;
  /** null: it stays open until it is closed by hand. */
  readonly closesAtMs: number | null;
  /** "": all shared channels. */
  readonly channel: string;
  readonly exclusive: boolean;
  readonly limit: number | null;
  readonly leftover: Leftover;
  readonly lines: readonly Line[];
}

/** How many of each SKU; several lines of one count together. */
export function unitsOf(lines: readonly Line[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { sku, units } of lines) sums[sku] = (sums[sku] ?? 0) + units;
  return sums;
}

export function bodyOf(batch: NewBatch): BatchBody {
  const { title, opensAtMs, closesAtMs, channel, exclusive, limit, leftover, lines } = batch;
  return {
    title,
    opens_at_ms: opensAtMs,
    closes_at_ms: closesAtMs,
    ...(channel !== "" && { channel }),
    exclusive,
    limit_per_user: limit,
    leftover,
    units: unitsOf(lines),
  };
}

/** What is missing yet, or contradicts itself; "" where nothing is. */
export function missing(batch: NewBatch, inPool: (sku: string) => number, titleOf: (sku: string) => string): string {
  const { opensAtMs, closesAtMs, lines } = batch;
  if (lines.length === 0) return t("before.batch.no_units");
  if (opensAtMs !== null && closesAtMs !== null && closesAtMs <= opensAtMs) return t("before.batch.closes_first");
  for (const [sku, units] of Object.entries(unitsOf(lines))) {
    const there = inPool(sku);
    if (there < units) return t("before.batch.few", { title: titleOf(sku), units: count(there) });
  }
  return "";
}

/** What it will do, in units and times. */
export function batchText(
  batch: NewBatch,
  inPool: (sku: string) => number,
  titleOf: (sku: string) => string,
  channelName: (channel: string) => string,
): string {
  const moves = Object.entries(unitsOf(batch.lines)).map(([sku, units]) =>
    t("before.batch.takes", {
      title: titleOf(sku),
      units: count(units),
      pool: count(inPool(sku)),
      pool_after: count(inPool(sku) - units),
    }),
  );
  const where = batch.channel === "" ? t("before.batch.for_all") : channelName(batch.channel);
  return [
    t("before.batch.says", { moves: moves.join(t("before.change.between")) }),
    batch.opensAtMs === null
      ? t("before.batch.by_hand", { where })
      : t("before.batch.at", { where, at: timeOrDate(batch.opensAtMs) }),
    batch.closesAtMs === null
      ? t("before.batch.stays")
      : t("before.batch.until", {
          at: timeOrDate(batch.closesAtMs),
          leftover: t(`before.leftover.${batch.leftover}.goes`),
        }),
    batch.exclusive ? t("before.batch.alone") : "",
  ]
    .filter(Boolean)
    .join(t("before.sentence.between"));
}

export function makeBatch(it: Console, batch: NewBatch): Operation {
  const inPool = (sku: string) => it.live.units(sku).value?.pool ?? 0;
  const channels = () => it.kept.channels.value.value ?? [];
  const channelName = (name: string) => channels().find((each) => each.channel === name)?.title || name;
  const titleOf = (sku: string) => it.titleOf(sku);
  const called = batch.title || batch.name;
  return {
    label: t("before.batch.make"),
    says: () => batchText(batch, inPool, titleOf, channelName),
    hindered: () => missing(batch, inPool, titleOf),
    done: t("before.batch.made", { batch: called }),
    run: async (key) => {
      const header = { "Idempotency-Key": key };
      const params = { path: { pool: it.pool, batch: batch.name }, header };
      const answer = await answerOfWrite(() =>
        it.api.PUT("/v1/pools/{pool}/batches/{batch}", { params, body: bodyOf(batch) }),
      );
      it.kept.batches.changed();
      return answer;
    },
  };
}

/** When a batch opens and closes, in words. */
export function windowText({ state, opens_at_ms, closes_at_ms }: Batch): string {
  if (state === "closed" || state === "missed") return t(`before.batch.state.${state}.when`);
  const opens = opens_at_ms === null ? t("before.batch.opens_by_hand") : timeOrDate(opens_at_ms);
  const closes = closes_at_ms === null ? t("before.batch.closes_by_hand") : timeOrDate(closes_at_ms);
  return t("before.batch.window", { opens, closes });
}
