/** What is wrong with a cell, in the page's language: the server's sentences are known by their form. One that is not known
 * stands as the server said it. */

import { t } from "../../../shared/i18n";

/** A sentence of the server's and the word of the page; what the sentence captures are `a` and `b`. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^is empty$/, "empty"],
  [/^expected an amount .*, not (.+)$/, "amount"],
  [/^expected a whole number.*, not (.+)$/, "whole"],
  [/^expected ([\d,]+) to [\d,]+, not (.+)$/, "range"],
  [/^expected at most (\d+), not (.+)$/, "most"],
  [/^expected a currency .*, not (.+)$/, "currency"],
  [/^expected show, days .*, not (.+)$/, "window"],
  [/^expected a picture of an origin that image_origins names \((.*)\)/, "picture"],
  [/^expected an address/, "address"],
  [/^(.+) stands here twice$/, "twice"],
  [/^(.+) stands on line (\d+) already$/, "again"],
  [/^is not behind (.+)$/, "behind"],
  [/^([A-Z]{3}) has (\d) digits after the point/, "digits"],
  [/^no SKU (.+) in the pool or/, "substitute"],
  [/^the pool has no such SKU$/, "no_sku"],
  [/^the pool has no SKU (.+)$/, "substitute"],
  [/^the spreadsheet made a date or time of it, ([^;]+);/, "date"],
  [/^the spreadsheet made a number of it, ([^,;]+)/, "number"],
  [/^expected a time such as (\S+ \S+), not (.+)$/, "time"],
  [/^expected a state such as (.+), not (.+)$/, "state"],
];
/** Why a file as a whole cannot be read; before it stands the file's name. */
const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/: line \d+: no column ([^;]+); it has (.+)$/, "no_column"],
  [/: more than ([\d,]+) rows, the most that are read$/, "rows"],
  [/: the file is empty; its first line must name the columns$/, "nothing"],
];
/** A column that a sentence of a count is about. */
const COLUMN = /^([^:]{1,60}): (.+)$/;

const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^not UTF-8; read as (GB18030)/, "guessed"],
  [/^read as (.+), by its zero bytes/, "guessed"],
  [/^(.+) is read as (.+); `?dates`? says otherwise/, "date"],
];

export function faultText(message: string): string {
  const said = inWords(message, FORMS, "before.fault");
  const [, column, rest] = said === message ? (COLUMN.exec(message) ?? []) : [];
  if (column === undefined || rest === undefined) return said;
  const told = inWords(rest, FORMS, "before.fault");
  return told === rest ? message : t("before.fault.of_column", { a: column, b: told });
}

/** The same of a file as a whole. */
export function reasonText(reason: string): string {
  return inWords(reason, WHOLE, "before.unread");
}

/** The same of what was decided about a file. */
export function noteText(note: string): string {
  return inWords(note, NOTES, "before.note");
}

function inWords(said: string, forms: readonly (readonly [RegExp, string])[], prefix: string): string {
  for (const [form, word] of forms) {
    const found = form.exec(said);
    if (found !== null) return t(`${prefix}.${word}`, { a: found[1] ?? "", b: found[2] ?? "" });
  }
  return said;
}
