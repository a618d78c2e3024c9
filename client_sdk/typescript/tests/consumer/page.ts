/** A shop's page: the DOM's types, and none of Node's. Only compiled. */

import {
  type ConnectOptions,
  connect,
  type Encoding,
  type Events,
  json,
  Rejected,
  type Room,
  type Store,
} from "@shelfcast/client";
import { type BackstageRoom, connectBackstage } from "@shelfcast/client/backstage";
import { msgpack } from "@shelfcast/client/msgpack";
import { connectPool, type Pool } from "@shelfcast/client/pool";

const storage: Store = sessionStorage;
const options: ConnectOptions = { url: "https://live.shop.example", room: "evening", token: null, storage, WebSocket };
const room: Room = connect({ ...options, encoding: Math.random() < 0.5 ? json : msgpack });
const left: number | undefined = room.stock.get("MUG-01")?.available;
room.on("stock", ({ rows }) => rows.map(([sku]) => sku));
room.on("settled", ({ result }) =>
  result.type === "unanswered" ? room.reserve("MUG-01", 1, { id: result.id }) : left,
);
room.on("offer", ({ id, qty, asked }) => (qty < asked ? room.decline(id) : left));
export const isNext = room.wait("MUG-01", 2).then((answer) => answer.type === "waiting" && answer.first === 1);
export const place: string | undefined = [...room.waiting.values()].find(({ stopped }) => stopped === null)?.id;
// @ts-expect-error nothing can be heard of it
room.on("alive", () => {});
export const isFinal = room.error instanceof Rejected;
export type Names = keyof Events;
export const own: Encoding = { protocol: "x", encode: () => new Uint8Array(1), decode: String };

const pool: Pool = connectPool({ url: "https://live.shop.example", pool: "main", token: "", topics: ["units"] });
export const free: number | undefined = pool.units.get("MUG-01")?.pool;
pool.on("change", ({ units }) => units.has("MUG-01"));
// @ts-expect-error nothing can be asked for
pool.reserve("MUG-01");

const desk: BackstageRoom = connectBackstage({ ...options, token: "" });
desk.on("alert", ({ id, state }) => state === "firing" && desk.operator.snoozeAlert(id, 5));
export const share: number | null | undefined = desk.metrics.get("MUG-01")?.share_left;
// @ts-expect-error a viewer asks for nothing of the kind
room.operator;
