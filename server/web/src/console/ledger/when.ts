/** Moments of the ledger: to the second, and the form's own day and time. */

import { language, localeOf } from "../../shared/i18n";

/** A time of day to the second, with its day where that is not `nowMs`'s: 20:14:03; 29 Nov, 20:14:03. */
export function exactTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) return "";
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const day = isToday ? {} : ({ month: "short", day: "numeric" } as const);
  const isThisYear = at.getFullYear() === new Date(nowMs).getFullYear();
  const year = isToday || isThisYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(localeOf(language.value), { ...year, ...day, ...time }).format(at);
}

/** What a field for a day and a time says, in ms since 1970; null where it says nothing that is a time. `end`: the last
 * moment of its minute (or second) rather than the first. */
export function momentOf(field: string, end = false): number | null {
  const found = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d(:\d\d)?/.exec(field);
  if (found === null) return null;
  const ms = new Date(found[0]).getTime();
  if (Number.isNaN(ms) || ms < 0) return null;
  const span = found[1] === undefined ? 60_000 : 1_000;
  return end ? ms + span - 1 : ms;
}
