/** Decoded values to messages that are told backstage, beside those that a viewer may be told. */

import type * as m from "../messages.js";
import { type Fields, flag, list, map, maybe, number, or, orNull, READERS, reading, text, whole } from "../read.js";

// What a server of before leaves out.
const named = or(text, "");
const count = or(whole, 0);
const value = or(number, 0);

const metric: Fields<m.MetricRow> = {
  sku: text,
  remaining: whole,
  held: whole,
  offered: count,
  share_left: maybe(number),
  sold: whole,
  units_a_minute: orNull(number),
  sold_out_in_minutes: orNull(number),
  sell_through: number,
};

const action: Fields<m.AlertAction> = {
  id: text,
  sku: text,
  qty: maybe(whole),
  source: maybe(text),
  target: maybe(text),
  batch: maybe(text),
  remaining_after: maybe(whole),
  done_by: maybe(text),
};

const BACKSTAGE: { readonly [M in m.BackstageMessage as M["type"]]: Fields<M> } = {
  metrics: { at_ms: whole, viewers: whole, rows: list(map(metric)) },
  alert: {
    id: named,
    room: named,
    show: named,
    rule: or(text, "share_left"),
    sku: text,
    tier_percent: whole,
    state: or(text, "firing"),
    severity: or(text, "watch"),
    value,
    threshold: value,
    peak: value,
    remaining: whole,
    offered: count,
    remaining_share: number,
    advice: text,
    actions: or(list(map(action)), []),
    acknowledged_by: named,
    note: named,
    snoozed_until_ms: count,
    resolved_at_ms: count,
    unsteady: or(flag, false),
    since_ms: count,
    changed_at_ms: count,
    at_ms: whole,
  },
  cue: { id: text, text, sku: maybe(text), at_ms: whole },
  acknowledged: { cue: text, by: text, at_ms: whole },
};

/** A message, or null for one of a type this version does not know: a newer server's. Throws ProtocolError. */
export const readBackstage = reading<m.ServerMessage>({ ...READERS, ...BACKSTAGE });
