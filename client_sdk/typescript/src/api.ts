/** What a page works with: how to enter a room, and the room. */

import type { Encoding } from "./encoding.js";
import type { ClientError } from "./errors.js";
import type { Event, PendingReservation, State } from "./events.js";
import type * as m from "./messages.js";
import type { Policy } from "./policy.js";
import type { SocketClass } from "./socket.js";
import type { Store } from "./store.js";

/** A token, or what gives a fresh one for each connection, or none ("" or null) for an anonymous viewer. */
export type Token = string | null | (() => string | null | Promise<string | null>);

/** What `connect` needs to know. */
export interface ConnectOptions {
  /** The server's base address: http, https, ws or wss. */
  readonly url: string;
  readonly room: string;
  /** A function is asked anew for every connection, also when the server says that its last token has expired. */
  readonly token?: Token | undefined;
  /** JSON, if nothing else is said; MessagePack is in `@shelfcast/client/msgpack`. */
  readonly encoding?: Encoding | undefined;
  /** "en" or "zh": the language of answers to `ask`. */
  readonly language?: string | undefined;
  /** Where reservations and waits without an answer outlive a reload of the page: the tab's own storage, another, or null for
   * nowhere. Rooms that share one and have the same name overwrite each other's: connect once for each room and page. */
  readonly storage?: Store | null | undefined;
  readonly policy?: Partial<Policy> | undefined;
  /** Node 20 has none built in: pass that of `ws`. */
  readonly WebSocket?: SocketClass | undefined;
}

/** Name of an event → what its handlers get. */
export type Events = { readonly [E in Event as E["type"]]: E };

/** `timeoutMs`: how long to wait for the answer; 20 s if nothing else is said. */
export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
}

/** `id`: that of a reservation, wait, cue or notice whose answer is not known (`unanswered`, or refused with `retry` `same_id`),
 * to ask for it again: it is still one. */
export interface RepeatOptions extends RequestOptions {
  readonly id?: string | undefined;
}

/** A live room. Connects, and connects again, until it is closed or the server says not to come back; then every request
 * throws `error`. What it shows changes in place with every frame: read it whenever "change" says so. */
export interface Room {
  readonly state: State;
  /** Whether the counts can be believed now. False while disconnected, while the device is offline, and while the server
   * itself has lost sight of its stock book: then they are the last known ones. */
  readonly current: boolean;
  /** `performance.now()` of the last sign of life while the counts were current, or null before the first. */
  readonly heardAtMs: number | null;
  /** How old the counts are: 0 while they are current, and before the first ones. */
  ageMs(): number;
  /** Why it is closed for good, where the server ended it. */
  readonly error: ClientError | null;
  /** `performance.now()` of the next attempt, while disconnected. */
  readonly retryAtMs: number | null;

  readonly title: string;
  /** Whether anybody may reserve here, and pay for show. */
  readonly demonstration: boolean;
  /** Whether who was too late may wait here for what comes back. */
  readonly waitlist: boolean;
  readonly status: m.RoomStatus;
  /** The SKU the host shows now. */
  readonly spotlight: string | null;
  /** How many viewers are connected. */
  readonly viewers: number;
  /** The latest word of the operator to everybody. */
  readonly notice: m.NoticeText | null;
  /** The epoch of the counts, and the pool's sequence they are of: within an epoch they never run backwards. */
  readonly epoch: number;
  readonly seq: number;

  /** The SKUs in the order of the shelf. */
  readonly shelf: readonly string[];
  /** SKU → how it stands. A view is replaced when anything in it changes, and never changed. */
  readonly stock: ReadonlyMap<string, m.SkuView>;
  /** This user's live reservations in this room, by id: known from the first "me" of a connection on. */
  readonly reservations: ReadonlyMap<string, m.Holding>;
  /** This user's places on the waitlists of this room, by id; one leaves when it is offered something, or over. */
  readonly waiting: ReadonlyMap<string, m.Place>;
  /** Reservations and waits without an answer yet, also those that a page before this one had made. */
  readonly pending: ReadonlyMap<string, PendingReservation>;

  /** Call a handler for every event of a type: a message's type, "state", "change" or "settled". Returns what ends it. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void;

  /** Hold units. The result is a value: `reserved`, `refused` with a code, or `unanswered` after `timeoutMs`
   * (`confirmed` where the id is of a reservation that is paid by now).
   *
   * The request outlives a lost connection: it is sent again with its id, and the server answers an id once. After an
   * `unanswered` result, and after a refusal with `retry` `same_id`, it is not known whether it was executed: pass its id
   * the next time to learn what became of it. With a new id it may be held twice. Throws UsageError, or the room's error
   * where it is closed. */
  reserve(
    sku: string,
    qty?: number,
    options?: RepeatOptions,
  ): Promise<m.Reserved | m.Confirmed | m.Refused | m.Unanswered>;
  /** Give a reservation back. */
  cancel(id: string, options?: RequestOptions): Promise<m.Cancelled | m.Refused | m.Unanswered>;
  /** Wait for units that come free: `waiting` with the place, `offer` where there is something at once, or `refused`
   * (`confirmed` where what was offered is paid by now).
   *
   * When it is the user's turn, `qty` units or what there is are held for a while under the id of the wait: "offer" tells
   * it, and it stands in `reservations`, as any other. A new place comes as "waiting", and where nothing is to be had any
   * more, "wait_over" says why. It outlives lost connections and reloads, and is asked for again by its id, as with
   * `reserve`. */
  wait(
    sku: string,
    qty?: number,
    options?: RepeatOptions,
  ): Promise<m.Waiting | m.Offer | m.Confirmed | m.Refused | m.Unanswered>;
  /** Wait no more under this id (`wait_over`), or give back what was offered under it (`cancelled`): the next one gets it. */
  decline(id: string, options?: RequestOptions): Promise<m.WaitOver | m.Cancelled | m.Refused | m.Unanswered>;
  /** How many are left, as a line in the connection's language. */
  ask(sku: string, options?: RequestOptions): Promise<m.Answer | m.Refused | m.Unanswered>;
  /** The server's clock in milliseconds since 1970, as well as it can be known from here, for countdowns to `opens_at_ms`
   * and `expires_at_ms`; before the first snapshot the device's own. */
  serverNowMs(): number;
  /** Drop this connection and open another at once: its snapshot mends whatever was missed. */
  reconnect(): void;
  /** Leave the room. Requests still waiting get `unanswered`. Safe to call twice. */
  close(): void;
}
