/** Why the server refused, in the page's language. */

import { t } from "../../shared/i18n";
import type { Problem } from "../api/schema";

/** The sentence of a refusal; of a code that this page does not know, the server's own words. `status` 0: no answer came. */
export function problemText(problem: Partial<Problem>, status: number): string {
  if (status === 0) return t("problem.no_answer");
  return refusedText(problem, status);
}

/** The same of a question, which changes nothing. */
export function unreadText(problem: Partial<Problem>, status: number): string {
  return status === 0 ? t("problem.unread") : refusedText(problem, status);
}

function refusedText(problem: Partial<Problem>, status: number): string {
  const key = `problem.${problem.code ?? "none"}`;
  const text = t(key, { available: problem.available ?? 0, field: problem.field ?? "", status });
  const words = text === key ? (problem.title ?? t("problem.none", { status })) : text;
  return problem.detail ? t("problem.detail", { words, detail: problem.detail }) : words;
}
