/** Refuses requests that the server could only refuse. */

import { UsageError } from "./errors.js";
import type { ClientMessage } from "./messages.js";

export const ID = /^[A-Za-z0-9_.:~-]{1,64}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const SKU = /^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$/u;
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
export type Rule = readonly [isRight: (value: unknown, type: string) => boolean, expected: string];

/** Field → what it must be. A name means the same in every request. */
const RULES: Readonly<Record<string, Rule>> = {
  id: [(id) => matches(id, ID), "1 to 64 of A-Z a-z 0-9 _ . : ~ -"],
  sku: [
    (sku, type) => matches(sku, SKU) || (sku === null && (type === "cue" || type === "spotlight")),
    "1 to 128 printable characters, no space around",
  ],
  qty: [
    (qty) => Number.isSafeInteger(qty) && (qty as number) > 0 && (qty as number) <= 1_000_000,
    "1 to 1000000 whole units",
  ],
};

/** Throws UsageError saying what was expected. */
export function check(message: ClientMessage, rules = RULES): void {
  for (const [field, value] of Object.entries(message)) {
    const rule = rules[field];
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

export function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value) && !LONE_SURROGATE.test(value);
}
