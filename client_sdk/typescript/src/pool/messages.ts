/** What a pool's socket says. Rows are arrays on the wire (those of alerts: maps), objects here. Reference: docs/protocol.md (A pool's socket). */

import type { Alert, Alive, Draining, ErrorMessage, RoomStatus } from "../messages.js";

/** What a pool's socket can be asked for; a newer server may know more. */
export type Topic = "units" | "people" | "actions" | "alerts" | "crew" | (string & {});

/** The beginning of everything: of a connection, and of a new epoch. */
export interface PoolSnapshot {
  readonly type: "pool";
  readonly pool: string;
  readonly epoch: number;
  readonly seq: number;
  readonly at_ms: number;
  readonly topics: readonly Topic[];
}

/** One channel's units of one SKU. */
export interface ChannelUnits {
  readonly channel: string;
  readonly allocated: number;
  readonly held: number;
  readonly sold: number;
  readonly presale_held: number;
  readonly presale_sold: number;
}

/** How many people wait for a SKU in one room. */
export interface RoomWaiting {
  readonly room: string;
  readonly people: number;
}

/** One batch's units of one SKU. `channel` is the one it serves, empty where it serves all shared ones. */
export interface BatchUnits {
  readonly batch: string;
  readonly channel: string;
  readonly units: number;
  readonly is_open: boolean;
}

/** Where the units of one SKU are, as of `seq`: `locked` wait in unopened batches, `presale` is the quota still free; `safety`,
 * `elastic` and `unsellable` are the units of these three places (0 from a server of before).
 * Channels and batches without any are left out, and so are rooms in which nobody waits for it. */
export interface UnitsRow {
  readonly sku: string;
  readonly seq: number;
  readonly pool: number;
  readonly locked: number;
  readonly presale: number;
  readonly frozen: boolean;
  readonly channels: readonly ChannelUnits[];
  readonly waiting: readonly RoomWaiting[];
  readonly safety: number;
  readonly elastic: number;
  readonly unsellable: number;
  readonly batches: readonly BatchUnits[];
}

export interface Units {
  readonly type: "units";
  readonly at_ms: number;
  readonly rows: readonly UnitsRow[];
}

/** One room: `viewers` are those of all servers. */
export interface PeopleRow {
  readonly room: string;
  readonly status: RoomStatus;
  readonly spotlight: string | null;
  readonly viewers: number;
}

export interface People {
  readonly type: "people";
  readonly at_ms: number;
  readonly rows: readonly PeopleRow[];
}

/** An event of the pool. `n` counts them without a gap; `room` is empty where it is the whole pool's, `actor` and `action`
 * (the id of the write behind it) where the book did it by itself. */
export interface ActionRow {
  readonly n: number;
  readonly at_ms: number;
  readonly type: string;
  readonly room: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly action: string;
}

export interface Actions {
  readonly type: "actions";
  readonly at_ms: number;
  readonly rows: readonly ActionRow[];
}

/** Alerts of the pool's shows as they are now. One that is resolved is told once more, and then no longer. */
export interface Alerts {
  readonly type: "alerts";
  readonly at_ms: number;
  readonly rows: readonly Alert[];
}

/** Somebody who follows the pool with this role: so many `connections` over all servers, 0 where they have gone, the first
 * since `since_ms`. */
export interface CrewRow {
  readonly user: string;
  readonly role: string;
  readonly connections: number;
  readonly since_ms: number;
}

export interface Crew {
  readonly type: "crew";
  readonly at_ms: number;
  readonly rows: readonly CrewRow[];
}

/** Everything up to `seq` has been said: what is shown now is the pool as it is. */
export interface Current {
  readonly type: "current";
  readonly seq: number;
  readonly at_ms: number;
}

export type PoolMessage =
  | PoolSnapshot
  | Units
  | People
  | Actions
  | Alerts
  | Crew
  | Current
  | Alive
  | ErrorMessage
  | Draining;
