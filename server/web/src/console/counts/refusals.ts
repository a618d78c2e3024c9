/** Why the server refused something about a count or a receipt, in words of counting. */

import { t } from "../../shared/i18n";
import type { Answer } from "../api/client";
import { problemText } from "../operations/problem";

type Refusal = Extract<Answer<unknown>, { ok: false }>;

/** The sentence of a refusal. One about what people enter is told with what it means for them. */
export function refusalText({ problem, status }: Refusal): string {
  if (status === 401) return t("counts.ended");
  const key = `counts.refused.${problem.code}.${problem.field}`;
  const text = t(key);
  return text === key ? problemText(problem, status) : text;
}
