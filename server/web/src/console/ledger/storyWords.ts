/** The story of a reservation as lines that are read from top to bottom. */

import { count } from "../../shared/format";
import { t } from "../../shared/i18n";
import type { LedgerEntry, Reservation, ReservationStory } from "../api/schema";
import { type Names, stepsOf, stepWords } from "./entryWords";

export interface Line {
  readonly key: number;
  readonly atMs: number;
  readonly says: string;
}

/** Each step of it. Until when it was held is said of the step that made the hold, by its record. */
export function linesOf({ reservation, steps }: ReservationStory, names: Names): readonly Line[] {
  return stepsOf(steps).map((step) => {
    const [first] = step;
    return { key: first.pool_seq, atMs: first.at_ms, says: stepWords(step, names, heldUntil(first, reservation)) };
  });
}

/** What it is about and how it stands, in one line; of one without a record, what its first step says. */
export function standingOf({ reservation, steps }: ReservationStory, names: Names): string {
  const [first] = steps;
  const whose = reservation ?? first;
  if (whose === undefined) return "";
  const values = { units: count(whose.qty), title: names.titleOf(whose.sku), user: whose.user };
  const state = reservation === null ? "" : t(`ledger.state.${reservation.state}`);
  const says = t(whose.user === "" ? "ledger.story.nobody" : "ledger.story.state", { ...values, state });
  return state === "" ? says.replace(/ · $/, "") : says;
}

function heldUntil(first: LedgerEntry, reservation: Reservation | null): number | null {
  const ends = reservation?.expires_at_ms ?? 0;
  return first.kind === "reserve" && ends > 0 ? ends : null;
}
