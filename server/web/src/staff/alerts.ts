/** The order of alerts on air. What each is, and how long it stands, the server says. */

import type { Alert } from "@shelfcast/client/backstage";

/** How long an alert is left aside. */
export const SNOOZE_MINUTES = 10;
/** The gravest first; one that is not known here before all. */
const SEVERITIES = ["critical", "warning", "watch"];
/** Longer names are cut: they share a line. */
const NAME_MAX = 24;

/** Whether somebody has left it aside, and that is not over. */
export function isAside(alert: Pick<Alert, "snoozed_until_ms">, nowMs: number): boolean {
  return alert.snoozed_until_ms > nowMs;
}

/** Those that nobody has answered come first, of them what is on, then the gravest, then the latest. */
export function byUrgency(alerts: readonly Alert[], spotlight: string | null, nowMs: number): Alert[] {
  const isAnswered = (alert: Alert) => Number(alert.state !== "firing" || isAside(alert, nowMs));
  return [...alerts].sort(
    (a, b) =>
      isAnswered(a) - isAnswered(b) ||
      Number(b.sku === spotlight) - Number(a.sku === spotlight) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      b.at_ms - a.at_ms,
  );
}

/** Whoever it was, short enough for a line. */
export function nameOf(user: string): string {
  const signs = [...user];
  return signs.length > NAME_MAX ? `${signs.slice(0, NAME_MAX).join("")}…` : user;
}
