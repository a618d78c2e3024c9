/** A room as its hosts and operators see it:
 *
 *     const room = connectBackstage({ url: "https://shop.example", room: "evening-show", token });
 *     room.on("alert", ({ rule, sku, state }) => show(rule, sku, state));
 *     await room.operator.acknowledgeAlert("evening-show.3:17");
 *
 * An entry of its own, so that viewers load none of it; its error classes are its own, too. Reference: docs/protocol.md. */

import type { ConnectOptions, Room } from "./api.js";
import { BackstageMirror } from "./backstage/mirror.js";
import { Operator } from "./backstage/operator.js";
import type { Alert, ClientMessage, Cue, MetricRow, Result } from "./messages.js";
import { live } from "./room.js";

/** A live room with what its hosts and operators are told, and may do. */
export interface BackstageRoom extends Room {
  /** SKU → share left, pace, sold-out ETA, sell-through. */
  readonly metrics: ReadonlyMap<string, MetricRow>;
  /** The alerts that stand, by id, what changed last at the end. One leaves when the server says that it is resolved. */
  readonly alerts: ReadonlyMap<string, Alert>;
  /** The cues that nobody has acknowledged yet, by id. */
  readonly cues: ReadonlyMap<string, Cue>;
  /** What an operator may ask for. */
  readonly operator: Operator;
}

/** The live room of a mirror of this kind, which can be asked for anything. */
interface Asked extends Omit<BackstageRoom, "operator"> {
  request(message: ClientMessage, timeoutMs?: number): Promise<Result>;
}

const LiveRoom = live(BackstageMirror) as unknown as new (options: ConnectOptions) => Asked;

class LiveBackstage extends LiveRoom implements BackstageRoom {
  readonly operator = new Operator(async (message, timeoutMs) => this.request(message, timeoutMs));
}

/** Enter a room as a host or an operator; with a viewer's token nothing is told backstage. As `connect` otherwise. */
export function connectBackstage(options: ConnectOptions): BackstageRoom {
  return new LiveBackstage(options);
}

export type { ConnectOptions, Events, RepeatOptions, RequestOptions, Room, Token } from "./api.js";
export type { Operator, OperatorResult } from "./backstage/operator.js";
export { json } from "./encoding.js";
export { ClientError, ClosedByServer, ProtocolError, Rejected, UsageError } from "./errors.js";
export type { Change, Event, PendingReservation, Settled, State, StateChange } from "./events.js";
export type * from "./messages.js";
