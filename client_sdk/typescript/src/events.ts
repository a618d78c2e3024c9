/** What the owner of a room sees, besides the server's messages. */

import type { Alive, Result, ServerMessage } from "./messages.js";

/** The states of a client's connection. The transitions stand in `transitions.ts`. */
export type State = "disconnected" | "connecting" | "connected" | "closed";

/** The connection's state changed; `retryInMs` says when the next attempt comes, where there is one. */
export interface StateChange {
  readonly type: "state";
  readonly state: State;
  readonly reason: string;
  readonly retryInMs: number | null;
}

/** What a frame changed. `room` also stands for `current`, `reservations` also for `waiting` and `pending`. */
export interface Change {
  readonly type: "change";
  readonly skus: ReadonlySet<string> | "all";
  readonly room: boolean;
  readonly reservations: boolean;
  /** Metrics, alerts or cues. */
  readonly backstage: boolean;
}

/** A reservation, or a wait for one, that is not answered yet. */
export interface PendingReservation {
  readonly kind: "reserve" | "wait";
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
}

/** A reservation, or a wait for one, has its answer, also one that a page before this one had made. */
export interface Settled extends PendingReservation {
  readonly type: "settled";
  readonly result: Result;
}

/** A sign of life is nothing to show. */
export type Event = Exclude<ServerMessage, Alive> | StateChange | Change | Settled;
