/** An alert as it is on the wire: a message of a room backstage, and a row of a pool's. */

import type { Alert, AlertAction } from "../messages.js";
import { type Fields, flag, list, map, maybe, number, or, text, whole } from "../read.js";

// What a server of before leaves out.
const named = or(text, "");
const count = or(whole, 0);
const value = or(number, 0);

const action: Fields<AlertAction> = {
  id: text,
  sku: text,
  qty: maybe(whole),
  source: maybe(text),
  target: maybe(text),
  batch: maybe(text),
  remaining_after: maybe(whole),
  done_by: maybe(text),
  step: maybe(whole),
  minutes_more: maybe(whole),
  serves: maybe(whole),
};

export const alert: Fields<Alert> = {
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
};
