/** Why the server refused something about a count or a receipt, in words of counting. */

import { t } from "../../shared/i18n";
import type { Refusal } from "../operations/operation";
import { problemText } from "../operations/problem";

/** The sentence of a refusal. One about what people enter is told with what it means for them. */
export function refusalText({ problem, status }: Refusal): string {
  if (status === 401) return t("counts.ended");
  return ownText(`counts.refused.${problem.code}.${problem.field}`) ?? problemText(problem, status);
}

/** Codes whose own words say enough: what the server adds stands in English. */
const SAID = new Set(["STALE", "NEEDS_APPROVAL", "SAME_SIGNER", "NOT_FOUND", "SHELF_FULL"]);

/** The sentence for whoever leads a count or a receipt, which is `state` by now (as it is called); "" where nobody knows. */
export function leadRefusalText({ problem, status }: Refusal, state: string): string {
  if (status === 401) return t("counts.ended");
  const { code = "", field } = problem;
  if (code === "BAD_MESSAGE" && field === "state" && state !== "") return t("counts.refused.lead.state", { state });
  const own = ownText(`counts.refused.lead.${code}.${field}`);
  return own ?? problemText(SAID.has(code) ? { ...problem, detail: "" } : problem, status);
}

function ownText(key: string): string | undefined {
  const text = t(key);
  return text === key ? undefined : text;
}
