/** Numbers, prices and times as the page's language writes them. */
import { serverNowMs } from "./clock";
import { type Language, language, localeOf, t } from "./i18n";
import { digitsOf } from "./money";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A moment further away than this is told by its date and time, not counted down, in ms. */
export const COUNTED_DOWN_MS = 24 * HOUR_MS;

// Making a formatter costs a hundred times what using it does. A page meets few of them: a language, a currency, a unit.
const made = new Map<string, Intl.NumberFormat>();

function formatter(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const spoken: Language = language.value;
  const key = `${spoken} ${name}`;
  let found = made.get(key);
  if (!found) {
    found = new Intl.NumberFormat(localeOf(spoken), options);
    made.set(key, found);
  }
  return found;
}

/**
 * A price in minor units of its currency. How many of them make a whole one is ISO 4217's to say: a browser has digits of
 * its own, as prices are written in shops (none for IDR), and they change with its version.
 */
export function price(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const whole = minor / 10 ** digits;
  try {
    return formatter(currency, { style: "currency", currency, ...fraction }).format(whole);
  } catch {
    return `${count(whole)} ${currency}`;
  }
}

/** A number of units or people. */
export function count(n: number): string {
  return formatter("count", {}).format(n);
}

/** A share of 1, as whole per cent. */
export function percent(share: number): string {
  return formatter("percent", { style: "percent" }).format(share);
}

/** A duration as a clock counts it down: 04:59, 1:00:00. A begun second counts as a whole one, so 0 means over. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/**
 * A day and a time of day where the device is: 29 Nov, 20:00. The year where it is another one. Nothing for a moment that
 * is beyond the dates a browser knows.
 */
export function dateAndTime(atMs: number): string {
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) return "";
  const year = at.getFullYear() === new Date(serverNowMs()).getFullYear() ? undefined : "numeric";
  const day = { year, month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(localeOf(language.value), day).format(at);
}

/** A time of day where the device is, 20:30; with its day where that is not today. Nothing beyond the dates there are. */
export function timeOrDate(atMs: number): string {
  const at = new Date(atMs);
  if (at.toDateString() !== new Date(serverNowMs()).toDateString()) return dateAndTime(atMs);
  return new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "short" }).format(at);
}

/** How long ago, in the largest unit that fits, rounded down: 12 seconds, 3 minutes. */
export function age(ms: number): string {
  if (ms < SECOND_MS) return t("age.now");
  if (ms < MINUTE_MS) return span(ms / SECOND_MS, "second");
  if (ms < HOUR_MS) return span(ms / MINUTE_MS, "minute");
  return span(ms / HOUR_MS, "hour");
}

function span(amount: number, unit: "second" | "minute" | "hour"): string {
  return formatter(unit, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(amount));
}

/** A time of day where the device is, to the second: 20:30:05. */
export function timeOfDay(atMs: number): string {
  return new Intl.DateTimeFormat(localeOf(language.value), { timeStyle: "medium" }).format(atMs);
}
