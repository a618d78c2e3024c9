/** What a step of the ledger says in words. A step is what one call did to one SKU under one id: units from several places
 * are entries that stand side by side. */

import { count, price } from "../../shared/format";
import { language, localeOf, t } from "../../shared/i18n";
import type { LedgerEntry } from "../api/schema";
import { placeInSentence } from "../unitPlaces";

/** Entries of one step, in the order of the ledger. There is at least one. */
export type Step = readonly [LedgerEntry, ...LedgerEntry[]];

export interface Names {
  /** What a SKU is called. */
  readonly titleOf: (sku: string) => string;
  /** A moment as it is shown. */
  readonly timeOf: (atMs: number) => string;
}

/** Kinds of entries that are about a reservation or an order. */
const OF_RESERVATION: ReadonlySet<string> = new Set([
  "reserve",
  "confirm",
  "cancel",
  "expire",
  "paid_no_stock",
  "reacquire",
  "refund",
  "refund_only",
  "ship",
  "cancel_paid",
  "fulfil",
  "settle",
  "external",
  "external_oversold",
]);
/** Those that are a move from one place to another and nothing more. */
const MOVED: ReadonlySet<string> = new Set(["carve", "allocate", "quarantine", "return", "release_lot"]);
const OUTSIDE = "outside";
/** Who does what the book does by itself. */
const BOOK = "book";

export function isOfReservation(kind: string): boolean {
  return OF_RESERVATION.has(kind);
}

/** Entries that stand side by side as steps. `entries` may be in either order, and stay in it. */
export function stepsOf(entries: readonly LedgerEntry[]): readonly Step[] {
  const steps: [LedgerEntry, ...LedgerEntry[]][] = [];
  for (const entry of entries) {
    const step = steps.at(-1);
    const last = step?.at(-1);
    const isSame =
      last !== undefined &&
      last.id === entry.id &&
      last.kind === entry.kind &&
      last.sku === entry.sku &&
      last.at_ms === entry.at_ms &&
      Math.abs(last.pool_seq - entry.pool_seq) === 1;
    if (step !== undefined && isSame) step.push(entry);
    else steps.push([entry]);
  }
  return steps;
}

/** What a step did, in a sentence without its time. `heldUntilMs`: when the hold that it made ends, where that is known. */
export function stepWords(step: Step, names: Names, heldUntilMs: number | null = null): string {
  const [first] = step;
  const units = step.filter(({ target, kind }) => kind === "external_oversold" || target !== OUTSIDE);
  const qty = units.reduce((sum, entry) => sum + entry.qty, 0);
  const values = {
    units: count(qty),
    title: first.sku === "" ? "" : names.titleOf(first.sku),
    user: first.user,
    channel: first.channel,
    from: listed(units.map(({ source }) => source)),
    to: listed(units.map(({ target }) => target)),
    paid: amount(first.paid_minor, first.currency),
    refunded: amount(first.refunded_minor, first.currency),
    about: aboutOf(first),
  };
  const says = t(`ledger.step.${formOf(step, values)}`, values);
  return tidy([says, ...tails(first, names, heldUntilMs)].join(t("ledger.and")));
}

/** A name in a sentence of another script has a space on either side, but none beside a space or in front of a stop. */
function tidy(text: string): string {
  return text.replace(/ {2,}/g, " ").replace(/ (?=[\uff0c\u3002\uff1a\uff09]|$)/g, "");
}

/** Which sentence it is. */
function formOf([first]: Step, said: { readonly paid: string; readonly refunded: string }): string {
  const { kind, sku } = first;
  if (MOVED.has(kind)) return "moved";
  if (kind === "confirm" || kind === "paid_no_stock" || kind === "reacquire") {
    return said.paid === "" ? kind : `${kind}_paid`;
  }
  if (kind === "refund" || kind === "cancel_paid") return said.refunded === "" ? kind : `${kind}_money`;
  if (kind === "reserve" && first.user === "") return "reserve_nobody";
  if ((kind === "freeze" || kind === "unfreeze") && sku === "") return `${kind}_scope`;
  if (kind === "undo" && first.qty === 0) return "undo_flag";
  const key = `ledger.step.${kind}`;
  return t(key) === key ? "other" : kind;
}

/** What stands behind the sentence: until when, who, why, which paper. */
function tails(first: LedgerEntry, names: Names, heldUntilMs: number | null): readonly string[] {
  const { actor, user, reason, reference, kind } = first;
  const isOfFlag = first.sku === "";
  return [
    heldUntilMs === null ? "" : t("ledger.tail.until", { time: names.timeOf(heldUntilMs) }),
    actor === "" || actor === user || actor === BOOK ? "" : t("ledger.tail.by", { actor }),
    reason === "" ? "" : t("ledger.tail.reason", { reason }),
    reference === "" || isOfFlag || kind === "undo" ? "" : t("ledger.tail.reference", { reference }),
  ].filter((tail) => tail !== "");
}

/** What a freeze of no SKU is over: its reference says `channel:live`, or `pool`. */
function aboutOf({ reference, kind }: LedgerEntry): string {
  if (kind === "undo") return reference;
  const [scope = "", ...name] = reference.split(":");
  const key = `ledger.scope.${scope}`;
  const word = t(key, { name: name.join(":") });
  return word === key ? reference : word;
}

function amount(minor: number | null, currency: string): string {
  return minor === null ? "" : price(minor, currency);
}

/** Places in a sentence, each once. */
function listed(places: readonly string[]): string {
  const names = [...new Set(places.filter((place) => place !== OUTSIDE).map(placeInSentence))];
  return new Intl.ListFormat(localeOf(language.value), { type: "conjunction" }).format(names);
}
