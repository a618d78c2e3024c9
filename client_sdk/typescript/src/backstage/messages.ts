/** What hosts and operators are told besides, and what they may ask for. What a server left out is null here. */

import type { AlertRule, AlertState, RoomStatus, Severity } from "../states.js";

// --- from the server -------------------------------------------------------------------------------------

/** The indicators of one SKU. Of `offered` units in the show `remaining` are left; `sold` is what this show sold of them. */
export interface MetricRow {
  readonly sku: string;
  readonly remaining: number;
  readonly held: number;
  readonly offered: number;
  /** 0 to 1; null where nothing was offered. */
  readonly share_left: number | null;
  readonly sold: number;
  /** The pace of the last half hour; null before the first minute of the show has ended. */
  readonly units_a_minute: number | null;
  readonly sold_out_in_minutes: number | null;
  /** Of ten times it lies eight times between these; null where that is not known, and the high one where it may never be. */
  readonly sold_out_in_minutes_low: number | null;
  readonly sold_out_in_minutes_high: number | null;
  readonly sell_through: number;
  /** People who wait for it in the room. */
  readonly waiting: number;
}

/** What the host and the operator watch; only the SKUs that changed. */
export interface Metrics {
  readonly type: "metrics";
  readonly at_ms: number;
  readonly viewers: number;
  readonly rows: readonly MetricRow[];
}

/** Something that answers an alert, and its effect: `qty` units of `sku` go from `source` to `target`, which makes
 * `remaining_after` of those left; `spotlight` shows `sku`. `done_by` has carried it out. A release of the elastic
 * reserve says which of the SKU's it is (`step`), and for about how long its units last. `serves` people who wait get
 * theirs first, as it was when the alert rang: `remaining_after` is what is left then. */
export interface AlertAction {
  readonly id: string;
  readonly sku: string;
  readonly qty: number | null;
  readonly source: string | null;
  readonly target: string | null;
  readonly batch: string | null;
  readonly remaining_after: number | null;
  readonly done_by: string | null;
  readonly step: number | null;
  readonly minutes_more: number | null;
  readonly serves: number | null;
}

/** An alert of the show as it is now: told when it rings and whenever it changes. */
export interface Alert {
  readonly type: "alert";
  /** "" from a server of before, which tells of crossed tiers alone. */
  readonly id: string;
  readonly room: string;
  readonly show: string;
  readonly rule: AlertRule;
  /** "" where it is about the whole show. */
  readonly sku: string;
  /** 0 where the rule has none. */
  readonly tier_percent: number;
  readonly state: AlertState;
  readonly severity: Severity;
  /** What passed `threshold`; `peak` is the gravest since. */
  readonly value: number;
  readonly threshold: number;
  readonly peak: number;
  readonly remaining: number;
  readonly offered: number;
  readonly remaining_share: number;
  readonly advice: string;
  readonly actions: readonly AlertAction[];
  readonly acknowledged_by: string;
  readonly note: string;
  /** 0 where it is not; so is the next. */
  readonly snoozed_until_ms: number;
  readonly resolved_at_ms: number;
  /** It came and went too often to ring on. */
  readonly unsteady: boolean;
  /** Since when it stands. */
  readonly since_ms: number;
  readonly changed_at_ms: number;
  /** When it rang last. */
  readonly at_ms: number;
}

/** What the operator asks the host to say or do; it stands until somebody acknowledges it. `id` is the request's. */
export interface Cue {
  readonly type: "cue";
  readonly id: string;
  readonly text: string;
  readonly sku: string | null;
  readonly at_ms: number;
}

/** A cue is settled: `by` has taken note of it. */
export interface Acknowledged {
  readonly type: "acknowledged";
  readonly cue: string;
  readonly by: string;
  readonly at_ms: number;
}

/** What is told backstage alone. */
export type BackstageMessage = Metrics | Alert | Cue | Acknowledged;

// --- from the client -------------------------------------------------------------------------------------
// The order of the fields is the order on the wire.

/** Operator: tell the host something. */
export interface SayCue {
  readonly type: "cue";
  readonly id: string;
  readonly text: string;
  readonly sku: string | null;
}

/** Host or operator: the cue of this id is noted. */
export interface Acknowledge {
  readonly type: "acknowledge";
  readonly id: string;
  readonly cue: string;
}

/** Host or operator: this alert is noted, and rings no more unless it becomes graver. */
export interface AcknowledgeAlert {
  readonly type: "acknowledge_alert";
  readonly id: string;
  readonly alert: string;
  readonly note: string;
}

/** Host or operator: leave this alert aside for 1 to 30 minutes; then it rings again, if it still stands. */
export interface SnoozeAlert {
  readonly type: "snooze_alert";
  readonly id: string;
  readonly alert: string;
  readonly minutes: number;
}

/** Operator: tell everybody something; an empty text takes it back. */
export interface SayNotice {
  readonly type: "notice";
  readonly id: string;
  readonly text: string;
}

/** Operator or host: show this SKU, or none. */
export interface SetSpotlight {
  readonly type: "spotlight";
  readonly id: string;
  readonly sku: string | null;
}

/** Operator: start, pause, resume or end the show. `continue_show`: a room that has ended and becomes live goes on with
 * its last show, where it would begin the next one. */
export interface SetStatus {
  readonly type: "status";
  readonly id: string;
  readonly status: RoomStatus;
  readonly continue_show: boolean;
}

/** Operator: stop or resume sales of one SKU in every room of the pool; a service may resume them. */
export interface SetFreeze {
  readonly type: "freeze";
  readonly id: string;
  readonly sku: string;
  readonly frozen: boolean;
  readonly reason: string;
}

/** Operator: stop or resume all sales in this room; a service may resume them. */
export interface FreezeRoom {
  readonly type: "freeze_room";
  readonly id: string;
  readonly frozen: boolean;
  readonly reason: string;
}

/** Operator: take back what was done in this room. `action` is the id of the message that did it, or of an undo. */
export interface UndoAction {
  readonly type: "undo";
  readonly id: string;
  readonly action: string;
}

/** Whatever those backstage may say besides. */
export type OperatorMessage =
  | SayCue
  | Acknowledge
  | AcknowledgeAlert
  | SnoozeAlert
  | SayNotice
  | SetSpotlight
  | SetStatus
  | SetFreeze
  | FreezeRoom
  | UndoAction;
