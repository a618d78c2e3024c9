/** Deciding what becomes of SKUs after a show. It moves nothing; the last decision about a SKU stands. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { type Answer, answerOfWrite } from "../../api/client";
import type { Decided, DecisionMade } from "../../api/schema";
import type { Console } from "../../console";
import type { Operation } from "../../operations/operation";
import { notYours } from "../../operations/show";

export const KINDS = ["restock", "discount", "bundle", "clear", "drop", "keep"] as const satisfies readonly Decided[];
/** Kinds that are about a number of units. */
export const WITH_UNITS: ReadonlySet<Decided> = new Set(["restock", "discount", "bundle", "clear"]);

/** Requests that are on their way at a time. */
const AT_A_TIME = 4;

export interface Deciding {
  readonly sku: string;
  readonly title: string;
  readonly kind: Decided;
  readonly units: number | null;
}

/** What a decision says, in units. */
export function decidedText(kind: Decided, units: number | null): string {
  return units === null || !WITH_UNITS.has(kind)
    ? t(`after.kind.${kind}`)
    : t(`after.kind.${kind}.units`, { units: count(units) });
}

interface Told {
  readonly show: string;
  readonly note: string;
  /** Called for each that was noted. */
  readonly onDecided: (made: DecisionMade) => void;
}

/** Decide about one SKU, or about many. */
export function decide(it: Console, chosen: readonly Deciding[], { show, note, onDecided }: Told): Operation {
  const [first] = chosen;
  const one = chosen.length === 1 && first !== undefined;
  const what = one ? decidedText(first.kind, first.units) : sumsText(chosen);
  const said = { count: chosen.length, shown: count(chosen.length), title: first?.title ?? "", what };
  return {
    label: one ? t("after.decision.one") : t("after.decision.many", said),
    says: () => t(one ? "after.decision.says_of" : "after.decision.says", said),
    hindered: () => (first === undefined ? t("after.decision.none") : notYours(it, "decide")),
    done: one ? t("after.decision.done", said) : t("after.decision.done_many", said),
    of: show,
    run: async () => {
      const left = [...chosen];
      let last: Answer<unknown> = { ok: true, value: null, action: "", etag: "" };
      const work = async () => {
        for (let next = left.shift(); next !== undefined && last.ok; next = left.shift()) {
          const answer = await post(it, show, next, note);
          if (answer.ok) onDecided(answer.value);
          if (last.ok) last = answer;
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, work));
      return last;
    },
  };
}

function post(it: Console, show: string, { sku, kind, units }: Deciding, note: string) {
  const params = { path: { show } };
  const text = note.trim();
  const body = {
    sku,
    kind,
    ...(units !== null && WITH_UNITS.has(kind) && { units }),
    ...(text !== "" && { note: text }),
  };
  return answerOfWrite(() => it.api.POST("/v1/shows/{show}/report/decisions", { params, body }));
}

/** "12 to restock, 3 to clear". */
function sumsText(chosen: readonly Deciding[]): string {
  return KINDS.map((kind) => [kind, chosen.filter((each) => each.kind === kind).length] as const)
    .filter(([, skus]) => skus > 0)
    .map(([kind, skus]) => t(`after.kind.${kind}.skus`, { skus: count(skus) }))
    .join(t("after.comma"));
}
