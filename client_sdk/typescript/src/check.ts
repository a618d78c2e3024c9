/** Refuses requests that the server could only refuse. */

import { UsageError } from "./errors.js";
import type { ClientMessage } from "./messages.js";

const ID = /^[A-Za-z0-9_.:~-]{1,64}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
const SKU = /^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$/u;
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const QTY_MAX = 1_000_000;
const LINE_MAX = 500;
const REASON_MAX = 200;
const STATUSES = ["scheduled", "live", "paused", "ended"];

/** Throws UsageError saying what was expected. */
export function check(message: ClientMessage): void {
  checkText("id", message.id, ID, "1 to 64 of A-Z a-z 0-9 _ . : ~ -");
  if ("sku" in message && !(message.sku === null && (message.type === "cue" || message.type === "spotlight"))) {
    checkText("sku", message.sku, SKU, "1 to 128 printable characters without a space at either end");
  }
  switch (message.type) {
    case "reserve":
      if (!Number.isSafeInteger(message.qty) || message.qty < 1 || message.qty > QTY_MAX) {
        unexpected("qty", `a whole number from 1 to ${QTY_MAX}`, message.qty);
      }
      if (typeof message.again !== "boolean") unexpected("again", "true or false", message.again);
      break;
    case "acknowledge":
      checkText("cue", message.cue, ID, "the id of a cue");
      break;
    case "cue":
      checkLength("text", message.text, 1, LINE_MAX);
      break;
    case "notice":
      checkLength("text", message.text, 0, LINE_MAX);
      break;
    case "status":
      if (!STATUSES.includes(message.status)) unexpected("status", `one of ${STATUSES.join(", ")}`, message.status);
      break;
    case "freeze":
      checkLength("reason", message.reason, 0, REASON_MAX);
      if (typeof message.frozen !== "boolean") unexpected("frozen", "true or false", message.frozen);
  }
}

/** Refuses what cannot be a room's name. Throws UsageError. */
export function checkRoom(room: string): void {
  checkText("room", room, NAME, "1 to 64 of a-z 0-9 _ -, beginning and ending with a letter or digit");
}

function checkText(name: string, value: unknown, pattern: RegExp, expected: string): void {
  if (typeof value !== "string" || !pattern.test(value) || LONE_SURROGATE.test(value))
    unexpected(name, expected, value);
}

function checkLength(name: string, value: unknown, least: number, most: number): void {
  // The server counts characters, JavaScript's `length` counts halves of some.
  const length = typeof value === "string" && !LONE_SURROGATE.test(value) ? [...value].length : -1;
  if (length < least || length > most) unexpected(name, `${least} to ${most} characters`, value);
}

function unexpected(name: string, expected: string, value: unknown): never {
  throw new UsageError(`${name}: expected ${expected}, got ${JSON.stringify(value)?.slice(0, 80)}`);
}
