/** Refuses requests that the server could only refuse. */

import { UsageError } from "./errors.js";
import type { ClientMessage } from "./messages.js";

const ID = /^[A-Za-z0-9_.:~-]{1,64}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const SKU = /^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$/u;
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ANYTHING = /^/;
const LINE_MAX = 500;
const REASON_MAX = 200;
const STATUSES: readonly unknown[] = ["scheduled", "live", "paused", "ended"];

type Rule = readonly [isRight: (value: unknown, type: string) => boolean, expected: string];

/** Field → what it must be. A name means the same in every request. */
const RULES: Readonly<Record<string, Rule>> = {
  id: [(id) => matches(id, ID), "1 to 64 of A-Z a-z 0-9 _ . : ~ -"],
  cue: [(id) => matches(id, ID), "a cue's id"],
  sku: [
    (sku, type) => matches(sku, SKU) || (sku === null && (type === "cue" || type === "spotlight")),
    "1 to 128 printable characters, no space around",
  ],
  qty: [
    (qty) => Number.isSafeInteger(qty) && (qty as number) > 0 && (qty as number) <= 1_000_000,
    "1 to 1000000 whole units",
  ],
  // An empty notice takes the last one back.
  text: [(text, type) => hasLength(text, type === "notice" ? 0 : 1, LINE_MAX), `at most ${LINE_MAX} characters`],
  status: [(status) => STATUSES.includes(status), `one of ${STATUSES}`],
  frozen: [(frozen) => typeof frozen === "boolean", "true or false"],
  reason: [(reason) => hasLength(reason, 0, REASON_MAX), `at most ${REASON_MAX} characters`],
};

/** Throws UsageError saying what was expected. */
export function check(message: ClientMessage): void {
  for (const [field, value] of Object.entries(message)) {
    const rule = RULES[field];
    if (rule && !rule[0](value, message.type)) unexpected(field, rule[1], value);
  }
}

/** Refuses what cannot be the name of a room or pool. Throws UsageError. */
export function checkName(name: string, kind: string): void {
  if (!matches(name, NAME)) unexpected(kind, "1 to 64 of a-z 0-9 _ -", name);
}

/** Throws UsageError. */
function unexpected(field: string, expected: string, value: unknown): never {
  throw new UsageError(`${field}: expected ${expected}, got ${JSON.stringify(value)?.slice(0, 80)}`);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value) && !LONE_SURROGATE.test(value);
}

function hasLength(value: unknown, least: number, most: number): boolean {
  // The server counts characters, JavaScript's `length` counts halves of some.
  const length = matches(value, ANYTHING) ? [...String(value)].length : -1;
  return length >= least && length <= most;
}
