/** What a report says in words: its state, its events, alerts and refusals. */

import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { ruleText } from "../../../staff/alertWords";
import type { Report, ReportEvent, ReportedAlert, ShowItem } from "../../api/schema";

/** The words of a key that may have none: then the server's own. */
export function known(key: string, otherwise: string, values: Record<string, string | number> = {}): string {
  const text = t(key, values);
  return text === key ? otherwise : text;
}

export function eventText({ kind, sku, text }: ReportEvent, titleOf: (sku: string) => string): string {
  const about = sku === "" ? "" : titleOf(sku);
  const said = known(`after.event.${kind}.${text}`, "", { title: about });
  if (said !== "") return said;
  return known(`after.event.${kind}`, [kind, about, text].filter(Boolean).join(" "), { title: about, text });
}

export function alertText({ rule, threshold, value }: ReportedAlert): string {
  return ruleText({ rule, tier_percent: 0, threshold: threshold ?? 0, value: value ?? 0 });
}

export function refusedText(code: string): string {
  return known(`after.refused.${code}`, code);
}

/** What was done about an alert: an action's id is `kind`, or `kind:` and which of them. */
export function actionText(id: string): string {
  return known(`after.acted.${id.split(":")[0]}`, id);
}

/** Why there is no report, and when it comes. */
export function noReportText({ ended_at_ms, continued }: Pick<ShowItem, "ended_at_ms" | "continued">): string {
  if (ended_at_ms !== null) return t("after.report.coming");
  return t(continued > 0 ? "after.report.withdrawn" : "after.report.on_air");
}

/** What it is, and what it waits for. */
export function stateText({ state, totals }: Pick<Report, "state" | "totals">): string {
  if (state === "final") {
    const { pending } = totals;
    return pending === 0
      ? t("after.report.final")
      : t("after.report.final_open", { count: pending, units: count(pending) });
  }
  const { pending } = totals;
  return pending === 0
    ? t("after.report.provisional")
    : t("after.report.waits", { count: pending, units: count(pending) });
}
