/** Shelfcast for browsers and Node: a live room's stock, and reservations in it.
 *
 *     const room = connect({ url: "https://shop.example", room: "evening-show", token });
 *     room.on("change", () => console.log(room.stock.get("MUG-01")?.available));
 *     const result = await room.reserve("MUG-01", 2);
 *
 * Reference: docs/protocol.md. */

import type { ConnectOptions, Room } from "./api.js";
import { Mirror } from "./mirror.js";
import { live } from "./room.js";

const LiveRoom = live(Mirror);

/** Enter a room: connects at once, and goes on connecting. Throws UsageError for options that cannot be right; whatever
 * the network does shows in the room's `state` and `error`. */
export function connect(options: ConnectOptions): Room {
  return new LiveRoom(options);
}

export type { ConnectOptions, Events, RepeatOptions, RequestOptions, Room, Token } from "./api.js";
export { type Code, type KnownCode, mayReconnect, type Retry, retryOf } from "./codes.js";
export { type Encoding, json } from "./encoding.js";
export { ClientError, ClosedByServer, ProtocolError, Rejected, UsageError } from "./errors.js";
export type { Change, Event, PendingReservation, Settled, State, StateChange } from "./events.js";
export { userOf } from "./journal.js";
export type * from "./messages.js";
export type { Policy } from "./policy.js";
export type { Socket, SocketClass } from "./socket.js";
export type { Store } from "./store.js";
