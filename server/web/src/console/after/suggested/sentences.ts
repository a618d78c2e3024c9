/** Why something is suggested, with the numbers that it comes from. */

import { percent } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { Decision, Suggestion } from "../../api/schema";
import { about } from "../report/numbers";
import { known } from "../report/sentences";
import { decidedText } from "./operations";

/** Numbers that are shares of 1. */
const SHARES: ReadonlySet<string> = new Set(["share", "with_share"]);

/** "Restock to 120 units: 40 sold, 25 people got none". */
export function suggestionText(suggestion: Suggestion, titleOf: (sku: string) => string): string {
  return t("after.suggestion", {
    what: decidedText(suggestion.kind, suggestion.units),
    why: becauseText(suggestion, titleOf),
  });
}

export function becauseText({ because, numbers, with_sku }: Suggestion, titleOf: (sku: string) => string): string {
  const written = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, SHARES.has(name) ? percent(value) : about(value)]),
  );
  const bare = Object.entries(written).map(([name, value]) => `${name} ${value}`);
  const other = with_sku ? titleOf(with_sku) : "";
  return known(`after.because.${because}`, [because, ...bare].join(t("after.between")), { ...written, other });
}

/** What was decided, and who did. */
export function decisionText({ kind, units, note, by }: Decision): string {
  const said = t("after.decided.by", { what: decidedText(kind, units), who: by });
  return note === "" ? said : t("after.decided.note", { said, note });
}
