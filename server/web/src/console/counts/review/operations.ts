/** What an operator does with a count: each says what it will do, in units, before it does it. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import { type Operation, type Refusal, UNHINDERED } from "../../operations/operation";
import { leadRefusalText } from "../refusals";
import { titleOf } from "../sentences";
import { type Effect, PLACES } from "./differences";
import type { Work } from "./work";

/** "Moves 3 out of the pool and 2 into unsellable. 1 short against orders." Nothing where it moves nothing. */
export function effectText(effect: Effect): string {
  const parts = [
    ...PLACES.map((place) => [`lost.${place}`, effect.lost[place]] as const),
    ["gained", effect.gained] as const,
    ["to_unsellable", effect.toUnsellable] as const,
    ["from_unsellable", effect.fromUnsellable] as const,
    ["written_off", effect.writtenOff] as const,
  ];
  const moved = parts.filter(([, n]) => n > 0).map(([key, n]) => t(`counts.effect.${key}`, { units: count(n) }));
  const says = [
    moved.length === 0
      ? t("counts.effect.nothing")
      : t("counts.effect", { what: moved.join(t("counts.list.between")), count: effect.skus }),
    effect.short > 0 && t("counts.effect.short", { count: effect.short, units: count(effect.short) }),
  ];
  return says.filter(Boolean).join(t("counts.sentence.between"));
}

type Step = "reopen" | "cancel";

function step(work: Work, which: Step): () => Promise<Answer<unknown>> {
  const { desk, item } = work;
  const params = { path: { pool: desk.pool, count: item.count } };
  return () =>
    follow(
      work,
      answerOfWrite(() => desk.api.POST(`/v1/pools/{pool}/counts/{count}/${which}`, { params })),
    );
}

/** `anyway`: even while somebody has a SKU open, whose line is left out then. `onOpen`: it was refused for that. */
export function closeCount(work: Work, anyway: boolean, onOpen: () => void): Operation {
  const { item } = work;
  const left = item.rows - item.counted_rows;
  const open = item.open_rows;
  const closing = t(left > 0 ? "counts.do.close.says_left" : "counts.do.close.says", {
    count: left,
    shown: count(left),
  });
  const opened = t("counts.do.close.open", { count: open, shown: count(open) });
  return {
    label: t(anyway ? "counts.do.close.anyway" : "counts.do.close"),
    says: () => (open > 0 ? [closing, opened].join(t("counts.sentence.between")) : closing),
    hindered: UNHINDERED,
    done: t("counts.do.close.done", { title: titleOf(item) }),
    of: item.count,
    refused: refusedOf(work),
    run: async () => {
      const params = { path: { pool: work.desk.pool, count: item.count } };
      const body = { anyway };
      const answer = await follow(
        work,
        answerOfWrite(() => work.desk.api.POST("/v1/pools/{pool}/counts/{count}/close", { params, body })),
      );
      if (!answer.ok && answer.problem.field === "open_lines") onOpen();
      return answer;
    },
  };
}

export function reopenCount(work: Work): Operation {
  const { item } = work;
  const signed = item.signatures.length;
  return {
    label: t("counts.do.reopen"),
    says: () => t(signed > 0 ? "counts.do.reopen.signed" : "counts.do.reopen.says", { count: signed }),
    hindered: UNHINDERED,
    done: t("counts.do.reopen.done", { title: titleOf(item) }),
    of: item.count,
    refused: refusedOf(work),
    run: step(work, "reopen"),
  };
}

export function cancelCount(work: Work): Operation {
  const { item } = work;
  return {
    label: t("counts.do.cancel"),
    says: () => t("counts.do.cancel.says", { lines: count(item.lines) }),
    hindered: UNHINDERED,
    done: t("counts.do.cancel.done", { title: titleOf(item) }),
    of: item.count,
    final: true,
    refused: refusedOf(work),
    run: step(work, "cancel"),
  };
}

export function signCount(work: Work, effect: Effect): Operation {
  const { desk, item } = work;
  return {
    label: t("counts.do.sign"),
    says: () => t("counts.do.sign.says", { effect: effectText(effect) }),
    hindered: UNHINDERED,
    done: t("counts.do.sign.done", { title: titleOf(item) }),
    of: item.count,
    refused: refusedOf(work),
    run: () =>
      follow(
        work,
        answerOfWrite(() => desk.api.POST("/v1/pools/{pool}/counts/{count}/sign", signed(work))),
      ),
  };
}

export function applyCount(work: Work, effect: Effect): Operation {
  const { desk, item } = work;
  return {
    label: t("counts.do.apply"),
    says: () => effectText(effect),
    hindered: UNHINDERED,
    done: t("counts.do.apply.done", { title: titleOf(item) }),
    of: item.count,
    final: true,
    refused: refusedOf(work),
    run: () =>
      follow(
        work,
        answerOfWrite(() => desk.api.POST("/v1/pools/{pool}/counts/{count}/apply", signed(work))),
      ),
  };
}

function signed({ desk, item }: Work) {
  return { params: { path: { pool: desk.pool, count: item.count } }, body: { revision: item.revision } };
}

export interface Reasoned {
  readonly sku: string;
  readonly reason: CountReason;
  readonly note: string;
}

export const REASONS = [
  "mislogged_in",
  "mislogged_out",
  "damaged",
  "lost",
  "found",
  "swapped",
  "earlier_count",
  "system",
  "other",
] as const;
export type CountReason = (typeof REASONS)[number];

/** Say why SKUs differ. */
export function giveReasons(work: Work, reasoned: readonly Reasoned[]): Promise<Answer<unknown>> {
  const { desk, item } = work;
  const params = { path: { pool: desk.pool, count: item.count } };
  const body = { rows: [...reasoned] };
  return follow(
    work,
    answerOfWrite(() => desk.api.PUT("/v1/pools/{pool}/counts/{count}/reasons", { params, body })),
  );
}

/** Have SKUs counted again, by others. */
export function askRecount(work: Work, skus: readonly string[]): Promise<Answer<unknown>> {
  const { desk, item } = work;
  const params = { path: { pool: desk.pool, count: item.count } };
  const body = { skus: [...skus] };
  return follow(
    work,
    answerOfWrite(() => desk.api.POST("/v1/pools/{pool}/counts/{count}/recounts", { params, body })),
  );
}

/** Why it was refused, by what the count is by then: `follow` has read it. */
export function refusedOf({ rows, item }: Work): (answer: Refusal) => string {
  return (answer) => {
    const now = rows.item.value.peek() ?? item;
    return leadRefusalText(answer, t(`counts.state.${now.state}`));
  };
}

/** What came of it; whatever it is, the count is read anew. */
async function follow<T>({ desk, rows }: Work, call: Promise<Answer<T>>): Promise<Answer<T>> {
  const answer = await call;
  desk.changed();
  await Promise.all([rows.item.now(), rows.again()]);
  return answer;
}
