/** What a checklist says, in the page's language: words by check and case, numbers from the item's values. */

import { age, count, timeOrDate } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import type { ChecklistItem } from "../../api/schema";
import { placeText } from "../../unitPlaces";
import type { Group } from "./groups";

type Item = Pick<ChecklistItem, "check" | "why" | "sku" | "title" | "values" | "detail">;

/** What a check is called; of one that this page does not know, its name. */
export function checkName(check: string): string {
  return known(`checklist.check.${check}`) ?? check;
}

/** The sentence of an item; of a case that this page does not know, the server's own. What its numbers say beside is left
 * out where they are 0. */
export function itemText({ check, why, sku, title, values, detail }: Item): string {
  const words = { ...shownValues(values), title: title || (sku ?? "") };
  const begins = `checklist.${check}.${why}`;
  const first = known(begins, words);
  if (first === undefined) return detail;
  const beside = Object.keys(values).filter((name) => Number(values[name]) > 0);
  const parts = [...beside, "else"].map((name) => known(`${begins}.${name}`, words));
  return [first, ...parts].filter((part) => part !== undefined).join(t("before.sentence.between"));
}

/** The sentence of an item that a refusal names, without its numbers: those the checklist has. */
export function failingText({ check, why, detail }: Readonly<Record<"check" | "why" | "detail", string>>): string {
  return known(`checklist.${check}.${why}.many`, { count: 1, n: count(1) }) ?? detail;
}

/** The sentence of several items together; "" where there is none for them. */
export function groupText({ check, why, items }: Group): string {
  return known(`checklist.${check}.${why}.many`, { count: items.length, n: count(items.length) }) ?? "";
}

/** The values of a sentence as one reads them: numbers with their separators, places, moments and
 * durations by what they are called. */
export function shownValues(values: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shown(name, value)]));
}

function shown(name: string, value: unknown): string {
  if (value === null || value === undefined) return t("before.none");
  if (Array.isArray(value)) return value.map((each) => shown(name, each)).join(t("before.list.between"));
  if (name === "source" || name === "target") return placeText(String(value));
  if (typeof value !== "number") return String(value);
  if (name === "age_ms") return age(value);
  if (name.endsWith("_ms")) return timeOrDate(value);
  return name === "difference" && value > 0 ? `+${count(value)}` : count(value);
}

/** The words of a key; undefined where this page has none. */
function known(key: string, values: Readonly<Record<string, string | number>> = {}): string | undefined {
  const text = t(key, values);
  return text === key ? undefined : text;
}
