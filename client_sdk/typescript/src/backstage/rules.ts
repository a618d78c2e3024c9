/** What the fields of an operator's requests must be, beside those of a viewer's. */

import { ID, matches, type Rule } from "../check.js";

const ANYTHING = /^/;
const ALERT = /^[a-z0-9_-]{1,64}\.[0-9]{1,9}:[0-9]{1,9}$/;
const ACTION = /^[A-Za-z0-9_.:~-]{1,128}$/;
const LINE_MAX = 500;
const REASON_MAX = 200;
const SNOOZE_MINUTES_MAX = 30;
const STATUSES: readonly unknown[] = ["scheduled", "live", "paused", "ended"];
const FLAG: Rule = [(value) => typeof value === "boolean", "true or false"];

/** Field → what it must be. */
export const RULES: Readonly<Record<string, Rule>> = {
  cue: [(id) => matches(id, ID), "a cue's id"],
  alert: [(id) => matches(id, ALERT), "an alert's id, as evening.3:17"],
  action: [(id) => matches(id, ACTION), "an action's id"],
  note: [(note) => hasLength(note, 0, REASON_MAX), `at most ${REASON_MAX} characters`],
  minutes: [
    (minutes) => Number.isSafeInteger(minutes) && (minutes as number) > 0 && (minutes as number) <= SNOOZE_MINUTES_MAX,
    `1 to ${SNOOZE_MINUTES_MAX} whole minutes`,
  ],
  // An empty notice takes the last one back.
  text: [(text, type) => hasLength(text, type === "notice" ? 0 : 1, LINE_MAX), `at most ${LINE_MAX} characters`],
  status: [(status) => STATUSES.includes(status), `one of ${STATUSES}`],
  continue_show: FLAG,
  frozen: FLAG,
  reason: [(reason) => hasLength(reason, 0, REASON_MAX), `at most ${REASON_MAX} characters`],
};

function hasLength(value: unknown, least: number, most: number): boolean {
  // The server counts characters, JavaScript's `length` counts halves of some.
  const length = matches(value, ANYTHING) ? [...String(value)].length : -1;
  return length >= least && length <= most;
}
