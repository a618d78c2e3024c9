/** Stock tiers that were crossed and still hold, with what to do. */

import type { Alert } from "@shelfcast/client";
import { count, percent } from "../shared/format";
import { t } from "../shared/i18n";
import type { Live } from "../shared/live";
import { stands } from "./pace";

/** More than these would not be read on air. */
const SHOWN_MAX = 6;

export function Alerts({ live }: { live: Live }) {
  const spotlight = live.spotlight.value;
  // What is on comes first, then the gravest and the latest.
  const alerts = live.alerts.value
    .filter((alert) => stands(alert, live.metric(alert.sku).value))
    .sort(
      (a, b) =>
        Number(b.sku === spotlight) - Number(a.sku === spotlight) ||
        a.tier_percent - b.tier_percent ||
        b.at_ms - a.at_ms,
    );
  const more = alerts.length - SHOWN_MAX;
  return (
    <section class="alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title">{t("alerts.title")}</h2>
      <ul>
        {alerts.slice(0, SHOWN_MAX).map((alert) => (
          <AlertCard key={alert.sku} live={live} alert={alert} />
        ))}
      </ul>
      {alerts.length === 0 && <p class="quiet">{t("alerts.none")}</p>}
      {more > 0 && <p class="quiet">{t("alerts.more", { more: count(more) })}</p>}
    </section>
  );
}

function AlertCard({ live, alert }: { live: Live; alert: Alert }) {
  const product = live.sku(alert.sku).value;
  const left = product?.available ?? alert.remaining;
  return (
    <li class="alert" data-tier={alert.tier_percent}>
      <strong class="tier">≤ {percent(alert.tier_percent / 100)}</strong>
      <span class="units">{t("alerts.left", { left: count(left) })}</span>
      <span class="name">{product?.title ?? alert.sku}</span>
      <span class="advice">{adviceText(alert)}</span>
    </li>
  );
}

/** In the page's language; a tier that is not known here comes with the server's own words. */
function adviceText({ tier_percent: tier, advice }: Alert): string {
  const text = t(`advice.${tier}`);
  return text === `advice.${tier}` ? advice : text;
}
