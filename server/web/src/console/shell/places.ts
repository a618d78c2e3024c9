/** Which pools and rooms there are to choose from. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Answer, answerOf } from "../api/client";
import type { Pool, Room } from "../api/schema";
import { unreadText } from "../operations/problem";
import type { Login } from "../session";

export interface Places {
  readonly pools: readonly Pool[];
  readonly rooms: readonly Room[];
}

export class PlacesKept {
  readonly #places = signal<Places | null>(null);
  readonly #trouble = signal("");
  readonly value: ReadonlySignal<Places | null> = this.#places;
  /** Why they could not be read. */
  readonly trouble: ReadonlySignal<string> = this.#trouble;

  constructor(private readonly login: Login) {}

  /** Read them, and again: a room may be new. */
  async read(): Promise<void> {
    const { api } = this.login;
    const [pools, rooms] = await Promise.all([answerOf(api.GET("/v1/pools")), answerOf(api.GET("/v1/rooms"))]);
    const refused: Answer<unknown> | undefined = [pools, rooms].find(({ ok }) => !ok);
    this.#trouble.value = refused && !refused.ok ? unreadText(refused.problem, refused.status) : "";
    if (pools.ok && rooms.ok) this.#places.value = { pools: pools.value.pools, rooms: rooms.value.rooms };
  }
}

/** Where one begins: the first room that is live, else the first there is, else the first pool. */
export function firstOf({ pools, rooms }: Places, pool = ""): { pool: string; room: string } | null {
  const here = rooms.filter((each) => pool === "" || each.pool === pool);
  const room =
    here.find(({ status }) => status === "live") ?? here.find(({ status }) => status === "paused") ?? here[0];
  if (room !== undefined) return { pool: room.pool, room: room.room };
  const first = pools.find((each) => pool === "" || each.pool === pool);
  return first === undefined ? null : { pool: first.pool, room: "" };
}
