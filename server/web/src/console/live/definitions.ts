/** What the pool and the room are defined as, read over HTTP where somebody shows it and anew when it changes. */

import type { ActionRow } from "@shelfcast/client/pool";
import { type Answer, type Api, answerOf } from "../api/client";
import type {
  ActionItem,
  Batch,
  Channel,
  Emergencies,
  Pool,
  PoolSku,
  ProposalItem,
  Room,
  RoomSku,
  SkuPage,
} from "../api/schema";
import { Kept } from "./kept";
import type { LivePool } from "./pool";

/** The undo list shows so many of everybody's. */
export const ACTIONS_SHOWN = 50;
const PAGE = 1_000;
/** Pages of SKUs at most: as many as a pool may have. */
const PAGES_MAX = 50;

/** Kind of a definition (`what` of an event) → what is read anew. */
const OF_WHAT: Readonly<Record<string, readonly (keyof Definitions)[]>> = {
  pool: ["settings"],
  sku: ["skus"],
  channel: ["channels"],
  batch: ["batches"],
  room: ["room"],
  listing: ["listings"],
};

export class Definitions {
  readonly settings: Kept<Pool>;
  readonly channels: Kept<readonly Channel[]>;
  readonly batches: Kept<readonly Batch[]>;
  readonly skus: Kept<readonly PoolSku[]>;
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
    this.skus = new Kept(() => allSkus(api, pool));
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

  #heard({ type, data }: ActionRow): void {
    this.actions.changed();
    const what = typeof data.what === "string" ? data.what : "";
    for (const name of OF_WHAT[what] ?? []) (this[name] as Kept<unknown>).changed();
    if (type.startsWith("batch_") || data.kind === "open_batch") this.batches.changed();
    if (type === "status" || type === "frozen" || type === "unfrozen" || data.dropped) this.emergencies.changed();
    if (type === "proposal") this.proposals.changed();
    if (type === "status" || type === "spotlight" || type === "frozen" || type === "unfrozen") this.room.changed();
    // Whatever moved units, or may have.
    if (type === "action" || type === "undone" || type.startsWith("batch_")) this.skus.changed();
  }
}

async function allSkus(api: Api, pool: string): Promise<Answer<readonly PoolSku[]>> {
  const found: PoolSku[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
    const answer = await answerOf(api.GET("/v1/pools/{pool}/skus", { params: { path: { pool }, query } }));
    if (!answer.ok) return answer;
    // The catalogue is CSV, too, for whoever asks for that.
    const { skus, next } = answer.value as SkuPage;
    found.push(...skus);
    if (next === null) return { ...answer, value: found };
    after = next;
  }
  return { ok: true, value: found, action: "", etag: "" };
}
