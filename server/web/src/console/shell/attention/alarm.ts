/** Which alerts ring, and what somebody who was away has missed. Pure: the pool's alerts and times come in. */

import type { Alert } from "@shelfcast/client/pool";

/** What is looked at here of an alert. */
export type Rung = Pick<Alert, "id" | "state" | "severity" | "at_ms" | "since_ms" | "snoozed_until_ms">;

/** An alert that rang while nobody looked. `wentAtMs` null: it stands. */
export interface Missed<A = Alert> {
  readonly alert: A;
  readonly wentAtMs: number | null;
}

/** So many that rang are remembered, so that none rings twice. */
const RUNG_MAX = 1_000;
/** So many that were missed are kept; the oldest gives way. */
export const MISSED_MAX = 50;
const GRAVE: readonly string[] = ["warning", "critical"];

/** Whether it asks for somebody now: grave, and neither answered nor put aside. */
export function asks({ severity, state, snoozed_until_ms }: Rung, nowMs: number): boolean {
  return GRAVE.includes(severity) && state === "firing" && snoozed_until_ms <= nowMs;
}

export class Alarm<A extends Rung = Alert> {
  readonly #rung = new Set<string>();
  #begun = false;
  #isAway = false;
  #missed: Missed<A>[] = [];

  /** The pool's alerts as they are at `nowMs` of the server's clock: those that ring now. What stood when the page began
   * rings no more. */
  hear(alerts: readonly A[], nowMs: number): readonly A[] {
    const ringing = alerts.filter((alert) => asks(alert, nowMs) && this.#isNew(alert));
    const first = !this.#begun;
    this.#begun = true;
    if (this.#isAway) this.#miss(alerts, first ? [] : ringing, nowMs);
    return first ? [] : ringing;
  }

  /** Nobody looks any more. */
  leave(): void {
    if (!this.#isAway) this.#missed = [];
    this.#isAway = true;
  }

  /** Somebody looks again: what rang meanwhile, the newest first. */
  come(): readonly Missed<A>[] {
    this.#isAway = false;
    const missed = this.#missed;
    this.#missed = [];
    return missed.toReversed();
  }

  #isNew({ id, at_ms }: Rung): boolean {
    // It rings anew under the same id where it has become graver.
    const key = `${id} ${at_ms}`;
    if (this.#rung.has(key)) return false;
    this.#rung.add(key);
    for (const old of this.#rung) {
      if (this.#rung.size <= RUNG_MAX) break;
      this.#rung.delete(old);
    }
    return true;
  }

  #miss(alerts: readonly A[], ringing: readonly A[], nowMs: number): void {
    const standing = new Map(alerts.map((alert) => [alert.id, alert]));
    const known = this.#missed.map(({ alert, wentAtMs }) => {
      const now = standing.get(alert.id);
      return now ? { alert: now, wentAtMs: null } : { alert, wentAtMs: wentAtMs ?? nowMs };
    });
    const ids = new Set(known.map(({ alert }) => alert.id));
    const fresh = ringing.filter(({ id }) => !ids.has(id)).map((alert) => ({ alert, wentAtMs: null }));
    this.#missed = [...known, ...fresh].slice(-MISSED_MAX);
  }
}
