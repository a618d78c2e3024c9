/** A whole pool, for the pages of those who run it:
 *
 *     const pool = connectPool({ url: "https://shop.example", pool: "main", token, topics: ["units", "people"] });
 *     pool.on("change", () => console.log(pool.units.get("MUG-01")?.pool));
 *
 * An entry of its own, so that viewers load none of it; its error classes are its own, too. Reference: docs/protocol.md
 * (A pool's socket). */

import type { Token } from "./api.js";
import { addresses } from "./dial.js";
import type { Encoding } from "./encoding.js";
import { type ClientError, UsageError } from "./errors.js";
import type { State, StateChange } from "./events.js";
import type { Alert, Alive } from "./messages.js";
import type { Mirror } from "./mirror.js";
import type { Policy } from "./policy.js";
import type { ActionRow, CrewRow, PeopleRow, PoolMessage, Topic, UnitsRow } from "./pool/messages.js";
import { type PoolChange, PoolMirror } from "./pool/mirror.js";
import { live } from "./room.js";
import type { SocketClass } from "./socket.js";

/** What `connectPool` needs to know. */
export interface PoolOptions {
  /** The server's base address: http, https, ws or wss. */
  readonly url: string;
  readonly pool: string;
  /** That of an operator or service of the pool. A function is asked anew for every connection. */
  readonly token: Token;
  /** All that the server has, if nothing is said. Other topics are another connection. */
  readonly topics?: readonly Topic[] | undefined;
  /** JSON, if nothing else is said; MessagePack is in `@shelfcast/client/msgpack`. */
  readonly encoding?: Encoding | undefined;
  readonly policy?: Partial<Policy> | undefined;
  /** Node 20 has none built in: pass that of `ws`. */
  readonly WebSocket?: SocketClass | undefined;
}

/** What the owner of a pool sees. A sign of life is nothing to show. */
export type PoolEvent = Exclude<PoolMessage, Alive> | StateChange | PoolChange;

/** Name of an event → what its handlers get. */
export type PoolEvents = { readonly [E in PoolEvent as E["type"]]: E };

/** A pool that is followed. Connects, and connects again, until it is closed or the server says not to come back. What it
 * shows changes in place with every frame: read it whenever "change" says so. */
export interface Pool {
  readonly state: State;
  /** Whether everything is known and can be believed now. */
  readonly current: boolean;
  /** `performance.now()` of the last sign of life while it was current, or null before the first. */
  readonly heardAtMs: number | null;
  /** How old what is shown is: 0 while it is current, and before the first of it. */
  ageMs(): number;
  /** Why it is closed for good, where the server ended it. */
  readonly error: ClientError | null;
  /** `performance.now()` of the next attempt, while disconnected. */
  readonly retryAtMs: number | null;
  /** The epoch of the counts, and the pool's sequence they are of: within an epoch no SKU runs backwards. */
  readonly epoch: number;
  readonly seq: number;

  /** SKU → where its units are. */
  readonly units: ReadonlyMap<string, UnitsRow>;
  /** Room → its status, its spotlight, and its viewers over all servers. */
  readonly rooms: ReadonlyMap<string, PeopleRow>;
  /** Number → event: what happened besides moves, the last of it. A gap in the numbers is what was missed. */
  readonly actions: ReadonlyMap<number, ActionRow>;
  /** Id → alert: those of the pool's shows that stand. One leaves when the server says that it is resolved. */
  readonly alerts: ReadonlyMap<string, Alert>;
  /** `<role> <user>` → who follows the pool, with how many connections, and since when. */
  readonly crew: ReadonlyMap<string, CrewRow>;

  /** Call a handler for every event of a type: a message's type, "state" or "change". Returns what ends it. */
  on<T extends keyof PoolEvents>(type: T, handler: (event: PoolEvents[T]) => void): () => void;
  /** The server's clock in milliseconds since 1970, as well as it can be known from here. */
  serverNowMs(): number;
  /** Drop this connection and open another at once. */
  reconnect(): void;
  /** Leave. Safe to call twice. */
  close(): void;
}

/** The same as a live room but for what it keeps and reads; that it could ask for something is not shown. */
const LivePool = live(PoolMirror as unknown as typeof Mirror);

/** Follow a pool: connects at once, and goes on connecting. Throws UsageError for options that cannot be right; whatever
 * the network does shows in the pool's `state` and `error`. */
export function connectPool({ url, pool, topics, ...options }: PoolOptions): Pool {
  if (topics && !topics.length) throw new UsageError("topics: expected at least one, or none said for all");
  const query = topics ? `?topics=${topics.map(encodeURIComponent)}` : "";
  const { socket, entry } = addresses(url, pool, undefined, "pool");
  const places = { socket: socket + query, entry: entry + query };
  return new LivePool({ ...options, url, room: pool, storage: null }, places) as unknown as Pool;
}

export { json } from "./encoding.js";
export { ClientError, ClosedByServer, ProtocolError, Rejected, UsageError } from "./errors.js";
export type { Alert, AlertAction } from "./messages.js";
export type * from "./pool/messages.js";
export type { PoolChange } from "./pool/mirror.js";
