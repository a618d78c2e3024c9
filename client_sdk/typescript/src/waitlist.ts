/** What is said of the waitlist, and what a viewer may say of it. What a server left out is null here. */

import type { Code } from "./codes.js";

/** One place of this connection's user on the waitlist of a SKU: the `first` to the `last` of those who wait. */
export interface Place {
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  readonly first: number;
  readonly last: number;
  /** Why nothing is given at the moment (FROZEN, PAUSED): the place stays; null while it goes on. */
  readonly stopped: Code | null;
}

/** The user waits; told again when its place, or `stopped`, changes. */
export interface Waiting extends Place {
  readonly type: "waiting";
}

/** It is the user's turn: `qty` units are held until `expires_at_ms`, under the id of the `wait`. From here on it is a
 * reservation as any other. */
export interface Offer {
  readonly type: "offer";
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  /** How many were waited for: who has waited long for more than there are gets what there is. */
  readonly asked: number;
  readonly expires_at_ms: number;
  readonly seq: number;
  readonly at_ms: number;
}

/** The user waits no more under this id, and gets nothing. */
export interface WaitOver {
  readonly type: "wait_over";
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
  /** OK where the user went by itself, else why. */
  readonly code: Code;
  /** In English, for people who read logs. */
  readonly message: string;
}

/** How many people wait for one SKU. */
export type WaitlistRow = readonly [sku: string, people: number];

/** How many people wait in the room, of the SKUs of which that has changed. */
export interface Waitlist {
  readonly type: "waitlist";
  readonly rows: readonly WaitlistRow[];
}

/** What is said of the waitlist. */
export type WaitlistMessage = Waiting | Offer | WaitOver | Waitlist;

/** Wait for `qty` units that come free. The id becomes that of the reservation when it is the user's turn. */
export interface Wait {
  readonly type: "wait";
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
}

/** Wait no more under this id, or give back what was offered under it: the next one gets it. */
export interface Decline {
  readonly type: "decline";
  readonly id: string;
}
