/** Decoded values to messages that are told backstage, beside those that a viewer may be told. */

import type * as m from "../messages.js";
import { type Fields, list, map, maybe, number, or, orNull, READERS, reading, text, whole } from "../read.js";
import { alert } from "./alert.js";

const metric: Fields<m.MetricRow> = {
  sku: text,
  remaining: whole,
  held: whole,
  // A server of before leaves this out, and what may be absent below.
  offered: or(whole, 0),
  share_left: maybe(number),
  sold: whole,
  units_a_minute: orNull(number),
  sold_out_in_minutes: orNull(number),
  sold_out_in_minutes_low: maybe(number),
  sold_out_in_minutes_high: maybe(number),
  sell_through: number,
  waiting: or(whole, 0),
};

const BACKSTAGE: { readonly [M in m.BackstageMessage as M["type"]]: Fields<M> } = {
  metrics: { at_ms: whole, viewers: whole, rows: list(map(metric)) },
  alert,
  cue: { id: text, text, sku: maybe(text), at_ms: whole },
  acknowledged: { cue: text, by: text, at_ms: whole },
};

/** A message, or null for one of a type this version does not know: a newer server's. Throws ProtocolError. */
export const readBackstage = reading<m.ServerMessage>({ ...READERS, ...BACKSTAGE });
