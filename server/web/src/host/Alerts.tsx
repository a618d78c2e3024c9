/** The alerts that stand, as the server says: what each is about, since when, what to do, and who has taken note. */

import type { Alert } from "@shelfcast/client/backstage";
import type { ComponentChildren } from "preact";
import type { LiveBackstage } from "../shared/backstage";
import { useSecond } from "../shared/clock";
import { clockTime, count } from "../shared/format";
import { t } from "../shared/i18n";
import { byUrgency, isAside, nameOf, SNOOZE_MINUTES } from "../staff/alerts";
import { aboutText, adviceText, ruleText } from "../staff/alertWords";
import type { Acknowledging } from "./acknowledging";

/** More than these would not be read on air. */
const SHOWN_MAX = 6;

interface Props {
  readonly live: LiveBackstage;
  /** Takes note of an alert. */
  readonly noting: Acknowledging;
  /** Leaves one aside for a while. */
  readonly snoozing: Acknowledging;
}

export function Alerts(props: Props) {
  const { live } = props;
  const second = useSecond().value;
  const alerts = byUrgency(live.alerts.value, live.spotlight.value, second);
  const more = alerts.length - SHOWN_MAX;
  return (
    <section class="alerts" aria-labelledby="alerts-title">
      <h2 id="alerts-title">{t("alerts.title")}</h2>
      <ul>
        {alerts.slice(0, SHOWN_MAX).map((alert) => (
          <AlertCard key={alert.id || alert.sku} alert={alert} {...props} />
        ))}
      </ul>
      {alerts.length === 0 && <p class="quiet">{t("alerts.none")}</p>}
      {more > 0 && <p class="quiet">{t("alerts.more", { more: count(more) })}</p>}
    </section>
  );
}

function AlertCard({ live, alert, noting, snoozing }: Props & { readonly alert: Alert }) {
  const product = live.sku(alert.sku).value;
  const name = aboutText(alert, product?.title ?? alert.sku);
  const left = product?.available ?? alert.remaining;
  const noted = alert.acknowledged_by !== "";
  const failed = noting.failed.value.has(alert.id) || snoozing.failed.value.has(alert.id);
  return (
    <li class="alert" data-severity={alert.severity} data-state={alert.state}>
      <strong class="rule">{ruleText(alert)}</strong>
      {/* A server of before knows no way to take note of one. */}
      {alert.id !== "" && (
        <span class="answers">
          <Answer live={live} about={name} onPress={() => void snoozing.acknowledge(alert.id)}>
            {t("alerts.snooze", { minutes: count(SNOOZE_MINUTES) })}
          </Answer>
          {!noted && (
            <Answer live={live} about={name} onPress={() => void noting.acknowledge(alert.id)}>
              {t("alerts.acknowledge")}
            </Answer>
          )}
        </span>
      )}
      <span class="about">
        <span class="name">
          {alert.sku !== "" && <b>{t("alerts.left", { left: count(left) })}</b>} {name}
        </span>
        {failed ? (
          <span class="since" role="alert">
            {t("cues.failed")}
          </span>
        ) : (
          <Since alert={alert} />
        )}
      </span>
      <span class="advice">{adviceText(alert)}</span>
    </li>
  );
}

interface AnswerProps {
  readonly live: LiveBackstage;
  /** Several buttons say the same: this tells them apart for who does not see where they stand. */
  readonly about: string;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

function Answer({ live, about, onPress, children }: AnswerProps) {
  return (
    <button type="button" disabled={!live.connection.value.current} onClick={onPress}>
      {children}
      <span class="visually-hidden">{`: ${about}`}</span>
    </button>
  );
}

/** Since when it stands, or who has taken note of it, or how long it is left aside. */
function Since({ alert }: { readonly alert: Alert }) {
  const second = useSecond().value;
  const parts: string[] = [];
  if (isAside(alert, second)) parts.push(t("alerts.aside", { wait: clockTime(alert.snoozed_until_ms - second) }));
  else if (alert.acknowledged_by !== "") parts.push(t("alerts.noted", { who: nameOf(alert.acknowledged_by) }));
  else parts.push(t("alerts.since", { wait: clockTime(Math.max(0, second - (alert.since_ms || alert.at_ms))) }));
  if (alert.unsteady) parts.push(t("alerts.unsteady"));
  return <span class="since">{parts.join(" · ")}</span>;
}
