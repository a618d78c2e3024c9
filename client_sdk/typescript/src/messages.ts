/** Every message of the socket: what the server sends, what a client may send.
 *
 * Counts are whole units, money is in minor units of its currency, times are milliseconds of the server's clock since
 * 1970 (`..._at_ms`) or durations (`..._ms`). What a server left out is null here. Reference: docs/protocol.md. */

import type { BackstageMessage, OperatorMessage } from "./backstage/messages.js";
import type { Code, Retry } from "./codes.js";
import type { BannerKind, Level, ReservationState, RoomStatus } from "./states.js";
import type { Decline, Offer, Place, Wait, Waiting, WaitlistMessage, WaitOver } from "./waitlist.js";

export type * from "./backstage/messages.js";
export type * from "./states.js";
export type * from "./waitlist.js";

// --- from the server -------------------------------------------------------------------------------------

/** What a SKU is sold at, and when. */
export interface SkuTerms {
  readonly sku: string;
  readonly title: string;
  readonly price_minor: number;
  readonly currency: string;
  readonly limit_per_user: number | null;
  readonly opens_at_ms: number | null;
  readonly closes_at_ms: number | null;
  /** The number that the host calls it by; null where it has none. */
  readonly link: number | null;
  /** Its picture, a whole address or a path of the server; null where it has none. */
  readonly image_url: string | null;
  /** When a batch brings more of it: 0 where somebody opens it by hand, null where none waits. */
  readonly next_batch_at_ms: number | null;
}

/** One SKU of the room. */
export interface SkuView extends SkuTerms {
  readonly available: number;
  /** Units in somebody's checkout. */
  readonly held: number;
  readonly level: Level;
  /** How many people wait in the room for some of it. */
  readonly waiting: number;
}

/** A line from the operator to everybody. */
export interface NoticeText {
  readonly text: string;
  readonly at_ms: number;
}

/** The whole room: always first, and again whenever this connection may have missed something. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly room: string;
  readonly epoch: number;
  readonly seq: number;
  readonly at_ms: number;
  readonly status: RoomStatus;
  readonly spotlight: string | null;
  readonly viewers: number;
  readonly skus: readonly SkuView[];
  readonly title: string;
  /** Whether anybody may reserve here, and pay for show. */
  readonly demonstration: boolean;
  /** Whether who was too late may wait here for what comes back. */
  readonly waitlist: boolean;
  readonly notice: NoticeText | null;
}

/** New absolute values of one SKU: its name, available, held, level. */
export type StockRow = readonly [sku: string, available: number, held: number, level: Level];

/** New absolute values of the SKUs that changed. */
export interface Stock {
  readonly type: "stock";
  readonly seq: number;
  readonly at_ms: number;
  readonly rows: readonly StockRow[];
}

/** A short announcement about one SKU; `left` is its available count at `seq`. */
export interface Banner {
  readonly type: "banner";
  readonly seq: number;
  readonly sku: string;
  readonly kind: BannerKind;
  readonly left: number;
  /** Of `batch_exhausted`: when the next batch opens; null where that is not known, and of other kinds. */
  readonly opens_at_ms: number | null;
}

/** A SKU's sale terms changed; all of them are given anew. */
export interface Sale extends SkuTerms {
  readonly type: "sale";
}

/** The SKU the host shows now, or null. */
export interface Spotlight {
  readonly type: "spotlight";
  readonly sku: string | null;
}

/** The room's status changed. */
export interface Status {
  readonly type: "status";
  readonly status: RoomStatus;
}

/** How many viewers are connected to the room. */
export interface Viewers {
  readonly type: "viewers";
  readonly viewers: number;
}

/** The operator says something to everybody; an empty text takes it back. */
export interface Notice extends NoticeText {
  readonly type: "notice";
}

/** One live reservation of this connection's user. */
export interface Holding {
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  readonly state: ReservationState;
  readonly expires_at_ms: number;
  /** Whether the waitlist gave it. */
  readonly offered: boolean;
}

/** All live reservations of this connection's user in this room, and its places on waitlists here. */
export interface Me {
  readonly type: "me";
  readonly reservations: readonly Holding[];
  readonly waiting: readonly Place[];
}

/** The reservation holds `qty` units until `expires_at_ms`. */
export interface Reserved extends Omit<Holding, "offered"> {
  readonly type: "reserved";
  readonly seq: number;
  readonly at_ms: number;
}

/** A request changed nothing; `retry` says whether and how asking again can help. */
export interface Refused {
  readonly type: "refused";
  readonly id: string;
  readonly code: Code;
  /** In English, for people who read logs. */
  readonly message: string;
  readonly retry: Retry;
  readonly retry_after_ms: number | null;
  /** What the room could still sell. */
  readonly available: number | null;
  /** The part that conflicts or is wrong. */
  readonly field: string | null;
}

interface Over<Type extends string> {
  readonly type: Type;
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  readonly seq: number;
}

/** The reservation was given back; `seq` is where its units returned. */
export interface Cancelled extends Over<"cancelled"> {}
/** The reservation is paid. Also the answer to a `reserve` sent again whose reservation is paid by now. */
export interface Confirmed extends Over<"confirmed"> {}
/** The hold ran out and its units went back. */
export interface Expired extends Over<"expired"> {}

/** The answer to `ask`, a line in the client's language. */
export interface Answer {
  readonly type: "answer";
  readonly id: string;
  readonly sku: string;
  readonly text: string;
  readonly left: number;
  readonly level: Level;
}

/** An operator's request was carried out. */
export interface Done {
  readonly type: "done";
  readonly id: string;
}

/** A sign of life: the next one comes within `next_ms`. */
export interface Alive {
  readonly type: "alive";
  readonly at_ms: number;
  readonly next_ms: number;
}

/** A message could not be understood or is not allowed here; the connection stays open. */
export interface ErrorMessage {
  readonly type: "error";
  readonly code: Code;
  readonly message: string;
  readonly id: string | null;
  readonly retry_after_ms: number | null;
}

/** This server is stopping; connect again after this time. */
export interface Draining {
  readonly type: "draining";
  readonly reconnect_after_ms: number;
}

/** What a viewer may be told. */
export type ViewerMessage =
  | Snapshot
  | Stock
  | Banner
  | Sale
  | Spotlight
  | Status
  | Viewers
  | Notice
  | Me
  | Reserved
  | Refused
  | Cancelled
  | Confirmed
  | Expired
  | WaitlistMessage
  | Answer
  | Done
  | Alive
  | ErrorMessage
  | Draining;

/** Whatever a server may say. */
export type ServerMessage = ViewerMessage | BackstageMessage;

// --- from the client -------------------------------------------------------------------------------------
// The order of the fields is the order on the wire.

/** Hold `qty` units. `again` says that the id was sent before, so that its reservation may be there already. */
export interface Reserve {
  readonly type: "reserve";
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  readonly again: boolean;
}

/** Give the reservation `id` back. */
export interface Cancel {
  readonly type: "cancel";
  readonly id: string;
}

/** How many are left? */
export interface Ask {
  readonly type: "ask";
  readonly id: string;
  readonly sku: string;
}

/** Whatever a client may say. */
export type ClientMessage = Reserve | Cancel | Wait | Decline | Ask | OperatorMessage;

/** No answer came in time, or the connection ended first. It is not known whether the request was executed: ask again
 * with the same id to learn, which is safe as often as you like. */
export interface Unanswered {
  readonly type: "unanswered";
  readonly id: string;
  readonly reason: string;
}

/** What a request can come to. */
export type Result =
  | Reserved
  | Confirmed
  | Cancelled
  | Waiting
  | Offer
  | WaitOver
  | Answer
  | Done
  | Refused
  | Unanswered;
