/** What the pool and the room are defined as, read over HTTP where somebody shows it and anew when it changes. */

import type { ActionRow } from "@shelfcast/client/pool";
import { type Answer, type Api, answerOf } from "../api/client";
import type { ActionItem, Batch, Channel, Emergencies, Pool, ProposalItem, Room, RoomSku } from "../api/schema";
import { Catalogue } from "./catalogue";
import { Kept } from "./kept";
import type { LivePool } from "./pool";

/** The undo list shows so many of everybody's. */
export const ACTIONS_SHOWN = 50;

/** Kind of a definition (`what` of an event) → what is read anew. */
const OF_WHAT: Readonly<Record<string, readonly (keyof Definitions)[]>> = {
  pool: ["settings"],
  channel: ["channels"],
  batch: ["batches"],
  room: ["room"],
  listing: ["listings"],
};

export class Definitions {
  readonly settings: Kept<Pool>;
  readonly channels: Kept<readonly Channel[]>;
  readonly batches: Kept<readonly Batch[]>;
  readonly skus: Catalogue;
  /** What operators did, newest first. */
  readonly actions: Kept<readonly ActionItem[]>;
  readonly proposals: Kept<readonly ProposalItem[]>;
  /** What stops sales now. */
  readonly emergencies: Kept<Emergencies>;
  /** Those of the room that is chosen; where none is, they stay unread. */
  readonly room: Kept<Room>;
  readonly listings: Kept<readonly RoomSku[]>;
  readonly #end: () => void;

  constructor(api: Api, live: LivePool, pool: string, room: string) {
    const path = { pool };
    const of = <T, R>(answer: Answer<T>, pick: (value: T) => R): Answer<R> =>
      answer.ok ? { ...answer, value: pick(answer.value) } : answer;
    const get = { params: { path } };
    this.settings = new Kept(() => answerOf(api.GET("/v1/pools/{pool}", get)));
    this.channels = new Kept(async () =>
      of(await answerOf(api.GET("/v1/pools/{pool}/channels", get)), (v) => v.channels),
    );
    this.batches = new Kept(async () => of(await answerOf(api.GET("/v1/pools/{pool}/batches", get)), (v) => v.batches));
    this.proposals = new Kept(async () =>
      of(await answerOf(api.GET("/v1/pools/{pool}/allocation/proposals", get)), (v) => v.proposals),
    );
    this.emergencies = new Kept(() => answerOf(api.GET("/v1/pools/{pool}/emergencies", get)));
    this.actions = new Kept(async () => {
      const query = { limit: ACTIONS_SHOWN };
      return of(await answerOf(api.GET("/v1/pools/{pool}/actions", { params: { path, query } })), (v) => v.actions);
    });
    this.skus = new Catalogue(api, pool);
    const ofRoom = { params: { path: { room } } };
    this.room = new Kept(() => answerOf(api.GET("/v1/rooms/{room}", ofRoom)));
    this.listings = new Kept(async () => of(await answerOf(api.GET("/v1/rooms/{room}/skus", ofRoom)), (v) => v.skus));
    this.#end = live.onEvent((event) => this.#heard(event));
  }

  close(): void {
    this.#end();
    for (const kept of this.#all) kept.close();
  }

  /** Read anew what somebody shows: it may have changed while nothing was heard. */
  again(): void {
    for (const kept of this.#all) if (kept.wanted) void kept.now();
  }

  get #all(): readonly Kept<unknown>[] {
    const ofPool = [this.settings, this.channels, this.batches, this.skus, this.actions, this.proposals];
    return [...ofPool, this.emergencies, this.room, this.listings] as Kept<unknown>[];
  }

  #heard({ type, subject, data }: ActionRow): void {
    this.actions.changed();
    const what = typeof data.what === "string" ? data.what : "";
    for (const name of OF_WHAT[what] ?? []) (this[name] as Kept<unknown>).changed();
    if (type.startsWith("batch_") || data.kind === "open_batch") this.batches.changed();
    if (type === "status" || type === "frozen" || type === "unfrozen" || data.dropped) this.emergencies.changed();
    if (type === "proposal") this.proposals.changed();
    if (type === "status" || type === "spotlight" || type === "frozen" || type === "unfrozen") this.room.changed();
    // Where its units are, the pool's socket says.
    if (type === "definition" && what === "sku" && typeof data.key === "string") this.skus.skuChanged(data.key);
    if (data.kind === "release_elastic") this.skus.skuChanged(subject);
  }
}
