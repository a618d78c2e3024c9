/** Decoded values to messages: every type is checked, unknown fields are ignored, and what is wrong is named. */

import { ProtocolError } from "./errors.js";
import type * as m from "./messages.js";

export type Read<T> = (value: unknown, at: string) => T;
export type Fields<T> = { readonly [K in Exclude<keyof T, "type">]: Read<T[K]> };
export type Body = Record<string, unknown>;

/** Reads the messages of these types, and gives null for one of another: a newer server's. Throws ProtocolError. */
export function reading<M>(readers: object): (value: unknown) => M | null {
  return (value) => {
    if (!isMap(value)) wrong("message", "a map", value);
    const type = text(value.type, "type");
    if (!Object.hasOwn(readers, type)) return null;
    return { type, ...readFields((readers as Record<string, Fields<Body>>)[type]!, value, "") } as M;
  };
}

export function isMap(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function wrong(at: string, expected: string, value: unknown): never {
  throw new ProtocolError(`${at}: expected ${expected}, got ${value === null ? value : typeof value}`);
}

export const text: Read<string> = (value, at) => (typeof value === "string" ? value : wrong(at, "text", value));
export const flag: Read<boolean> = (value, at) =>
  typeof value === "boolean" ? value : wrong(at, "true or false", value);
export const number: Read<number> = (value, at) =>
  Number.isFinite(value) ? (value as number) : wrong(at, "a number", value);
export const whole: Read<number> = (value, at) =>
  Number.isSafeInteger(value) ? (value as number) : wrong(at, "a whole number", value);

/** Null is a value of this field. */
export function orNull<T>(read: Read<T>): Read<T | null> {
  return (value, at) => (value === null ? null : read(value, at));
}

/** The field may be absent. */
export function or<T, F>(read: Read<T>, absent: F): Read<T | F> {
  return (value, at) => (value === undefined ? absent : read(value, at));
}

/** The field may be absent or null. */
export function maybe<T>(read: Read<T>): Read<T | null> {
  return or(orNull(read), null);
}

export function list<T>(read: Read<T>): Read<T[]> {
  return (value, at) =>
    Array.isArray(value) ? value.map((item, place) => read(item, `${at}[${place}]`)) : wrong(at, "a list", value);
}

export function map<T>(fields: Fields<T>): Read<T> {
  return (value, at) =>
    isMap(value) ? (readFields(fields as Fields<Body>, value, at) as T) : wrong(at, "a map", value);
}

export function readFields(fields: Fields<Body>, body: Body, at: string): Body {
  const read: Body = {};
  for (const name in fields) read[name] = fields[name]!(body[name], at ? `${at}.${name}` : name);
  return read;
}

/** On the wire an array, so that it is short; later fields of a newer server are ignored. */
function row<T>(...reads: readonly Read<string | number>[]): Read<T> {
  return (value, at) =>
    Array.isArray(value)
      ? (reads.map((read, place) => read(value[place], `${at}[${place}]`)) as T)
      : wrong(at, "a list", value);
}

const terms: Fields<m.SkuTerms> = {
  sku: text,
  title: text,
  price_minor: whole,
  currency: text,
  limit_per_user: maybe(whole),
  opens_at_ms: maybe(whole),
  closes_at_ms: maybe(whole),
  link: maybe(whole),
  image_url: maybe(text),
  next_batch_at_ms: maybe(whole),
};
const units = { id: text, sku: text, qty: whole };
const reservation = { ...units, state: text, expires_at_ms: whole };
const holding: Fields<m.Holding> = { ...reservation, offered: or(flag, false) };
const place: Fields<m.Place> = { ...units, first: whole, last: whole, stopped: maybe(text) };
const over = { ...units, seq: whole };
const notice: Fields<m.NoticeText> = { text, at_ms: whole };

/** Of what a viewer may be told. */
export const READERS: { readonly [M in m.ViewerMessage as M["type"]]: Fields<M> } = {
  snapshot: {
    room: text,
    epoch: whole,
    seq: whole,
    at_ms: whole,
    status: text,
    spotlight: orNull(text),
    viewers: whole,
    skus: list(map<m.SkuView>({ ...terms, available: whole, held: whole, level: text, waiting: or(whole, 0) })),
    title: or(text, ""),
    demonstration: or(flag, false),
    waitlist: or(flag, false),
    notice: maybe(map(notice)),
  },
  stock: { seq: whole, at_ms: whole, rows: list(row<m.StockRow>(text, whole, whole, text)) },
  banner: { seq: whole, sku: text, kind: text, left: whole, opens_at_ms: maybe(whole) },
  sale: terms,
  spotlight: { sku: orNull(text) },
  status: { status: text },
  viewers: { viewers: whole },
  notice,
  me: { reservations: list(map(holding)), waiting: or(list(map(place)), []) },
  reserved: { ...reservation, seq: whole, at_ms: whole },
  refused: {
    id: text,
    code: text,
    message: text,
    retry: text,
    retry_after_ms: maybe(whole),
    available: maybe(whole),
    field: maybe(text),
  },
  cancelled: over,
  confirmed: over,
  expired: over,
  waiting: place,
  offer: { ...units, asked: whole, expires_at_ms: whole, seq: whole, at_ms: whole },
  wait_over: { ...units, code: text, message: text },
  waitlist: { rows: list(row<m.WaitlistRow>(text, whole)) },
  answer: { id: text, sku: text, text, left: whole, level: text },
  done: { id: text },
  alive: { at_ms: whole, next_ms: whole },
  error: { code: text, message: text, id: maybe(text), retry_after_ms: maybe(whole) },
  draining: { reconnect_after_ms: whole },
};

export const readMessage = reading<m.ServerMessage>(READERS);
