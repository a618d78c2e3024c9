/** The golden vectors that every client shares with the server (tests/vectors). */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readBackstage } from "../src/backstage/read.js";
import { RULES } from "../src/backstage/rules.js";
import { check } from "../src/check.js";
import { Close, type KnownCode, mayReconnect, retryOf } from "../src/codes.js";
import { json } from "../src/encoding.js";
import { UsageError } from "../src/errors.js";
import type { ClientMessage } from "../src/messages.js";
import { msgpack } from "../src/msgpack.js";
import { readPoolMessage } from "../src/pool/read.js";

interface Vector {
  readonly name: string;
  readonly type: string;
  readonly json: string;
  readonly msgpack: string;
}

function vectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../../tests/vectors/${file}.json`, import.meta.url), "utf8"));
}

/** What JSON says, with null for whatever was left out. */
function withNulls(message: Record<string, unknown>): Record<string, unknown> {
  const terms = ["link", "image_url", "next_batch_at_ms"];
  const absent: Record<string, readonly string[]> = {
    refused: ["retry_after_ms", "available", "field"],
    error: ["id", "retry_after_ms"],
    sale: terms,
    banner: ["opens_at_ms"],
    waiting: ["stopped"],
  };
  const nulls = (fields: readonly string[] = []) => Object.fromEntries(fields.map((field) => [field, null]));
  const effect = ["qty", "source", "target", "batch", "remaining_after", "done_by", "step", "minutes_more", "serves"];
  if (Array.isArray(message.actions)) message.actions = message.actions.map((row) => ({ ...nulls(effect), ...row }));
  if (message.type === "alerts") message.rows = (message.rows as Record<string, unknown>[]).map(withNulls);
  // What nobody waits for, and what the waitlist did not give, has a value of its own.
  const filled = (key: string, fields: object) =>
    Array.isArray(message[key]) ? { [key]: message[key].map((row) => ({ ...fields, ...row })) } : {};
  const rows = { ...filled("skus", { ...nulls(terms), waiting: 0 }), ...filled("reservations", { offered: false }) };
  return { ...nulls(absent[String(message.type)]), ...message, ...rows, ...filled("waiting", { stopped: null }) };
}

const fromServer = vectors<Vector[]>("from_server");
const fromClient = vectors<Vector[]>("from_client");

test.each(fromServer)("reads $name in both encodings", ({ type, json: text, msgpack: hex }) => {
  const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
  const read = readBackstage(json.decode(text));
  expect(read?.type).toBe(type);
  expect(read).toEqual(withNulls(JSON.parse(text)));
  expect(readBackstage(msgpack.decode(bytes.buffer))).toEqual(read);
});

test.each(vectors<Vector[]>("from_pool"))("reads $name of a pool in both encodings", ({ json: text, msgpack: hex }) => {
  const said = JSON.parse(text);
  const read = readPoolMessage(json.decode(text));
  expect(readPoolMessage(msgpack.decode(Uint8Array.from(Buffer.from(hex, "hex")).buffer))).toEqual(read);
  const { rows, ...rest } = withNulls(said) as { rows?: unknown[] };
  expect(read).toMatchObject(rest);
  if (said.type === "alerts") return expect(read).toEqual({ ...rest, rows });
  // A row is an array on the wire, and has its values in that order.
  const values = (row: unknown): unknown =>
    typeof row === "object" && row !== null && "sku" in row
      ? Object.values(row).map((value) => (Array.isArray(value) ? value.map((part) => Object.values(part)) : value))
      : Object.values(row as object);
  expect(((read as { rows?: unknown[] }).rows ?? []).map(values)).toEqual(rows ?? []);
});

test.each(fromClient)("writes $name byte for byte in both encodings", ({ json: text, msgpack: hex }) => {
  const message = JSON.parse(text) as ClientMessage;
  check(message);
  check(message, RULES);
  expect(json.encode(message)).toBe(text);
  expect(Buffer.from(msgpack.encode(message) as Uint8Array).toString("hex")).toBe(hex);
});

test("writes every message that a client may say", () => {
  const said: Record<ClientMessage["type"], true> = {
    reserve: true,
    cancel: true,
    wait: true,
    decline: true,
    ask: true,
    cue: true,
    acknowledge: true,
    acknowledge_alert: true,
    snooze_alert: true,
    notice: true,
    spotlight: true,
    status: true,
    freeze: true,
    freeze_room: true,
    undo: true,
  };
  expect(new Set(fromClient.map((vector) => vector.type))).toEqual(new Set(Object.keys(said)));
});

// Those that are wrong as a whole (no map, no known type, a field that is missing) cannot be written in TypeScript.
const invalid = vectors<{ name: string; message: ClientMessage; field: string }[]>("invalid");
test.each(invalid.filter(({ field }) => field && !["type", "again"].includes(field)))(
  "does not send $name",
  ({ message, field }) => {
    const checkAll = () => [check(message), check(message, RULES)];
    expect(checkAll).toThrow(UsageError);
    expect(checkAll).toThrow(`${field}: expected`);
  },
);

describe("codes", () => {
  const { codes, closes, may_reconnect } = vectors<{
    codes: Record<string, { retry: string }>;
    closes: Record<string, number>;
    may_reconnect: Record<string, boolean>;
  }>("codes");

  test("are known, each with how to ask again", () => {
    for (const [code, { retry }] of Object.entries(codes)) expect([code, retryOf(code)]).toEqual([code, retry]);
    expect(retryOf("MOONSTRUCK")).toBe("never");
    const known: Record<KnownCode, true> = {
      OK: true,
      SOLD_OUT: true,
      ALL_HELD: true,
      INSUFFICIENT: true,
      NOT_OPEN: true,
      SALE_ENDED: true,
      BATCH_EXHAUSTED: true,
      FROZEN: true,
      PAUSED: true,
      LIMIT_PER_ORDER: true,
      LIMIT_PER_USER: true,
      REVIEW: true,
      BLOCKED: true,
      ID_CONFLICT: true,
      NOT_FOUND: true,
      ALREADY_CONFIRMED: true,
      ALREADY_CANCELLED: true,
      EXPIRED: true,
      PAID_NO_STOCK: true,
      RATE_LIMITED: true,
      OVERLOADED: true,
      UNAVAILABLE: true,
      BAD_MESSAGE: true,
      UNKNOWN_SKU: true,
      FORBIDDEN: true,
      SHELF_FULL: true,
      STALE: true,
      ARCHIVED: true,
      NEEDS_APPROVAL: true,
      SAME_SIGNER: true,
      GATE: true,
    };
    expect(new Set(Object.keys(codes))).toEqual(new Set(Object.keys(known)));
  });

  test("of closing are the server's, with the client's own two", () => {
    const own = { UNREADABLE: Close.UNREADABLE, SILENT: Close.SILENT };
    const known = Object.fromEntries(Object.entries(Close).filter(([, code]) => typeof code === "number"));
    expect(known).toEqual({ ...closes, ...own });
    for (const [code, may] of Object.entries(may_reconnect))
      expect([code, mayReconnect(Number(code))]).toEqual([code, may]);
  });
});

test.each<[string, string | ArrayBuffer]>([
  ["a text frame", '{"type":"viewers","viewers":1}'],
  ["half a message", new Uint8Array([0x82, 0xa4]).buffer],
  ["two messages", new Uint8Array([0x80, 0x80]).buffer],
  ["nothing", new ArrayBuffer(0)],
])("MessagePack refuses %s", (_, frame) => {
  expect(() => msgpack.decode(frame)).toThrow();
});
