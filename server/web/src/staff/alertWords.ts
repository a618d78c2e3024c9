/** What an alert is about, and what to do, in words. */

import type { Alert, AlertAction } from "@shelfcast/client/backstage";
import { count, percent } from "../shared/format";
import { t } from "../shared/i18n";

type Effect = Pick<AlertAction, "qty" | "remaining_after" | "minutes_more" | "serves">;

/** What it is about; of a rule that this page does not know, its name. */
export function ruleText({
  rule,
  tier_percent: tier,
  threshold,
  value,
}: Pick<Alert, "rule" | "tier_percent" | "threshold" | "value">): string {
  switch (rule) {
    case "share_left":
      return t("alerts.rule.share_left", { share: percent(tier > 0 ? tier / 100 : threshold) });
    case "sold_out_eta":
      return t("alerts.rule.sold_out_eta", { minutes: count(Math.max(1, Math.floor(value))) });
    case "elastic":
      return t("alerts.rule.elastic");
    case "gate":
      return t("alerts.rule.gate", { count: value, fails: count(value), minutes: count(threshold) });
    case "shortage":
      return t("alerts.rule.shortage", { units: count(value) });
    case "sell_through":
    case "active_sku_rate":
      return t(`alerts.rule.${rule}`, { share: percent(value) });
    default:
      return rule;
  }
}

/** What it is about besides: an article by `title`, a room before its show, the whole pool, or the whole show. */
export function aboutText({ sku, show, room }: Pick<Alert, "sku" | "show" | "room">, title: string): string {
  if (sku !== "") return title;
  return show === "" ? room || t("alerts.whole_pool") : t("alerts.whole_show");
}

/** In the page's language; of what is not known here the server's own words. */
export function adviceText({ rule, severity, advice, actions }: Alert): string {
  const release = rule === "elastic" ? actions.find((action) => action.step !== null) : undefined;
  const effect = release && effectText("elastic", release);
  if (effect) return effect;
  const key = rule === "share_left" ? `advice.${rule}.${severity}` : `advice.${rule}`;
  const text = t(key);
  return text === key ? advice : text;
}

/** What units do that go on sale by an answer of this kind; "" where the server has not said. */
export function effectText(
  kind: string,
  { qty, remaining_after: after, minutes_more: minutes, serves }: Effect,
): string {
  if (qty === null || after === null) return "";
  const effect = { units: count(qty), left: count(after - qty), after: count(after) };
  // Who waits gets its units first: what is left now and then says nothing of them.
  if (serves !== null) return t(`advice.${kind}.serves`, { ...effect, count: serves, shown: count(serves) });
  return minutes === null
    ? t(`advice.${kind}`, effect)
    : t(`advice.${kind}.minutes`, { ...effect, minutes: count(minutes) });
}
