/** Decoded values to messages of a pool's socket, as `../read.ts` does for a room's. */

import { alert } from "../backstage/alert.js";
import type { Alert } from "../messages.js";
import {
  type Fields,
  flag,
  isMap,
  list,
  map,
  maybe,
  or,
  orNull,
  type Read,
  reading,
  text,
  whole,
  wrong,
} from "../read.js";
import type * as p from "./messages.js";

/** On the wire an array in the order of these fields; later ones of a newer server are ignored. */
function row<T>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const reads = Object.entries(fields) as [string, Read<unknown>][];
  return (value, at) => {
    if (!Array.isArray(value)) wrong(at, "a list", value);
    return Object.fromEntries(reads.map(([name, read], place) => [name, read(value[place], `${at}[${place}]`)])) as T;
  };
}

const units = row<p.UnitsRow>({
  sku: text,
  seq: whole,
  pool: whole,
  locked: whole,
  presale: whole,
  frozen: flag,
  channels: list(
    row<p.ChannelUnits>({
      channel: text,
      allocated: whole,
      held: whole,
      sold: whole,
      presale_held: whole,
      presale_sold: whole,
    }),
  ),
  // A server of before leaves these out.
  waiting: or(list(row<p.RoomWaiting>({ room: text, people: whole })), []),
  safety: or(whole, 0),
  elastic: or(whole, 0),
  unsellable: or(whole, 0),
  batches: or(list(row<p.BatchUnits>({ batch: text, channel: text, units: whole, is_open: flag })), []),
});
const people = row<p.PeopleRow>({ room: text, status: text, spotlight: orNull(text), viewers: whole });
const actions = row<p.ActionRow>({
  n: whole,
  at_ms: whole,
  type: text,
  room: text,
  subject: text,
  data: (value, at) => (isMap(value) ? value : wrong(at, "a map", value)),
  actor: text,
  action: text,
});
const crew = row<p.CrewRow>({ user: text, role: text, connections: whole, since_ms: whole });

const oneAlert = map<Alert>(alert);
const alerts: Read<Alert> = (value, at) => ({ ...oneAlert(value, at), type: "alert" });

const READERS: { readonly [M in p.PoolMessage as M["type"]]: Fields<M> } = {
  pool: { pool: text, epoch: whole, seq: whole, at_ms: whole, topics: list(text) },
  units: { at_ms: whole, rows: list(units) },
  people: { at_ms: whole, rows: list(people) },
  actions: { at_ms: whole, rows: list(actions) },
  alerts: { at_ms: whole, rows: list(alerts) },
  crew: { at_ms: whole, rows: list(crew) },
  current: { seq: whole, at_ms: whole },
  alive: { at_ms: whole, next_ms: whole },
  error: { code: text, message: text, id: maybe(text), retry_after_ms: maybe(whole) },
  draining: { reconnect_after_ms: whole },
};

/** A message, or null for one of a type this version does not know: a newer server's. Throws ProtocolError. */
export const readPoolMessage = reading<p.PoolMessage>(READERS);
