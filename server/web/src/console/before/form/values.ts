/** What is typed, as a value: each kind writes one as text and reads it back, or says what it expected. */

import { minorOf } from "../../../shared/amount";
import { t } from "../../../shared/i18n";
import { digitsOf } from "../../../shared/money";

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** How a value is typed. */
export type Input = "text" | "number" | "moment" | "choice" | "tick";

export interface Kind<T> {
  readonly input: Input;
  readonly toText: (value: T) => string;
  readonly read: (text: string) => Read<T>;
  /** Of a choice: what there is to choose from, in order. */
  readonly choices?: readonly T[];
  readonly maxLength?: number;
}

const good = <T>(value: T): Read<T> => ({ ok: true, value });
const bad = (expected: string): Read<never> => ({ ok: false, expected });

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Digits as people type them: full-width ones too, with spaces or commas between thousands. */
function plainNumber(text: string): string {
  const digits = text.replace(/[０-９．]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  return digits.replace(/[\s,，]/g, "");
}

/** A whole number; an empty field is none (null). */
export function whole({ min, max }: Bounds): Kind<number | null> {
  return {
    input: "number",
    toText: (value) => (value === null ? "" : String(value)),
    read: (text) => {
      const typed = plainNumber(text);
      if (typed === "") return good(null);
      const value = Number(typed);
      if (!/^-?\d+$/.test(typed) || value < min || value > max) return bad(t("before.expected.whole", { min, max }));
      return good(value);
    },
  };
}

/** A whole number that must be there. */
export function wholeThere(bounds: Bounds): Kind<number> {
  const loose = whole(bounds);
  return {
    input: "number",
    toText: String,
    read: (text) => {
      const read = loose.read(text);
      if (!read.ok) return read;
      return read.value === null ? bad(t("before.expected.whole", { ...bounds })) : good(read.value);
    },
  };
}

/** A number with a point that must be there. */
export function decimal({ min, max }: Bounds): Kind<number> {
  return {
    input: "text",
    toText: String,
    read: (text) => {
      const typed = plainNumber(text);
      const value = Number(typed);
      if (!/^\d+(\.\d+)?$/.test(typed) || value < min || value > max) {
        return bad(t("before.expected.number", { min, max }));
      }
      return good(value);
    },
  };
}

/** An amount in the currency's main unit, kept in minor ones; an empty field is `none`. */
export function money(currency: string, none: number): Kind<number> {
  const digits = digitsOf(currency);
  return {
    input: "text",
    toText: (minor) => (minor === none ? "" : (minor / 10 ** digits).toFixed(digits)),
    read: (text) => {
      const typed = plainNumber(text);
      if (typed === "") return good(none);
      const minor = minorOf(typed, currency);
      return minor === undefined ? bad(t("before.expected.price", { digits, currency })) : good(minor);
    },
  };
}

const SECOND_MS = 1_000;

/** A time in whole seconds, kept in ms; an empty field is none (0). */
export function seconds({ min, max }: Bounds): Kind<number> {
  const loose = whole({ min, max });
  return {
    input: "number",
    toText: (ms) => (ms === 0 ? "" : String(ms / SECOND_MS)),
    read: (text) => {
      const read = loose.read(text);
      return read.ok ? good((read.value ?? 0) * SECOND_MS) : read;
    },
  };
}

/** A moment, as a field of the browser has it: where the device is, without its seconds. */
export const moment: Kind<number | null> = {
  input: "moment",
  toText: (atMs) => (atMs === null ? "" : localMinute(atMs)),
  read: (text) => {
    if (text === "") return good(null);
    const atMs = new Date(text).getTime();
    return Number.isNaN(atMs) ? bad(t("before.expected.moment")) : good(atMs);
  },
};

function localMinute(atMs: number): string {
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** One line of text. */
export function line(maxLength: number, { needed = false } = {}): Kind<string> {
  return {
    input: "text",
    maxLength,
    toText: (value) => value,
    read: (text) => {
      const value = text.trim();
      return needed && value === "" ? bad(t("before.expected.text")) : good(value);
    },
  };
}

/** What the server calls a thing by, in addresses and on the command line. */
export const name: Kind<string> = {
  input: "text",
  maxLength: 64,
  toText: (value) => value,
  read: (text) => {
    const value = text.trim();
    return /^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/.test(value) ? good(value) : bad(t("before.expected.name"));
  },
};

const BETWEEN = /[,，;；|｜、\n]+/;

/** Several texts with commas between. */
export function list(most: number): Kind<readonly string[]> {
  return {
    input: "text",
    toText: (values) => values.join(", "),
    read: (text) => {
      const values = text.split(BETWEEN).map((each) => each.trim());
      const found = new Set(values.filter((each) => each !== ""));
      return found.size > most ? bad(t("before.expected.list", { most })) : good([...found]);
    },
  };
}

/** One of a few values. */
export function choice<T extends string>(...choices: readonly T[]): Kind<T> {
  return {
    input: "choice",
    choices,
    toText: (value) => value,
    read: (text) => {
      const found = choices.find((each) => each === text);
      return found === undefined ? bad(t("before.expected.choice")) : good(found);
    },
  };
}

/** Yes or no. */
export const tick: Kind<boolean> = {
  input: "tick",
  toText: (value) => (value ? "yes" : ""),
  read: (text) => good(text === "yes"),
};
