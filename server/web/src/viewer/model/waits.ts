/** What the viewer waits for: the places on the list, what became of those that are over, and what to say of that. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type PendingReservation, type Place, type Result, userOf, type WaitOver } from "@shelfcast/client";
import type { Live } from "../../shared/live";
import type { Notes } from "./notes";
import { type Held, lookInto, type Promised, promiseOf, type Wish } from "./receipts";
import { keepsId, type Saying, sayingOfRefusal, sayingOfWaitOver, sayingOfWaitRefused } from "./verdicts";
import { NEWS_MAX, type WaitNews, WaitStore } from "./waitstore";

/** A wish to wait waits this long for its answer, over reconnects, in ms. */
const WISH_TIMEOUT_MS = 30_000;

/** Something that happened to a place of the viewer's, for whoever says it aloud. */
export interface WaitTold {
  kind: "waiting" | "closer" | "stopped" | "goes_on" | "refused" | "over";
  wish: Wish;
  /** Where it stands now; null for what is over or never was. */
  place: Place | null;
  /** What is written of it; null of a place, which is written with its band. */
  saying: Saying | null;
}

/** What a page remembers of one of its waits. Its place as it was told last; null where only an earlier page was told. */
interface Known {
  readonly wait: Held;
  readonly place: Place | null;
}

export class Waits {
  /** What is over without a purchase, the newest first, until the viewer has taken note of it. */
  readonly news: Signal<readonly WaitNews[]>;
  /** Wishes to wait that are not answered yet. */
  readonly asking: ReadonlySignal<readonly PendingReservation[]>;
  readonly #live: Live;
  readonly #token: () => string;
  readonly #tell: (told: WaitTold) => void;
  readonly #notes: Notes;
  readonly #store: WaitStore;
  readonly #known: Map<string, Known>;
  /** Ids of places that are being left. */
  readonly #leaving = signal<ReadonlySet<string>>(new Set());
  /** The id of a wish whose answer is not known, by SKU: pressed again, it is the same wish. */
  readonly #unsure = new Map<string, Wish>();
  /** Ids whose end is being asked for. */
  readonly #asked: Set<string>;
  readonly #bySku: ReadonlySignal<ReadonlyMap<string, Place>>;
  readonly #stops: (() => void)[];

  constructor(
    live: Live,
    {
      room,
      token,
      tell,
      notes,
      asked,
      storage,
    }: {
      room: string;
      token: () => string;
      tell: (told: WaitTold) => void;
      notes: Notes;
      asked: Set<string>;
      storage: Storage | null;
    },
  ) {
    this.#live = live;
    this.#token = token;
    this.#tell = tell;
    this.#notes = notes;
    this.#asked = asked;
    this.#store = new WaitStore(room, storage);
    const kept = this.#store.read();
    this.news = signal(kept.news);
    this.#known = new Map(kept.waits.map((wait) => [wait.id, { wait, place: null }]));
    this.#bySku = computed(() => new Map(live.waiting.value.map((place) => [place.sku, place])));
    this.asking = computed(() => live.pending.value.filter((wish) => this.#isWish(wish)));
    this.#stops = [
      live.room.on("settled", (settled) => {
        if (this.#isWish(settled)) this.#settle(settled, settled.result);
      }),
      live.room.on("waiting", ({ type: _, ...place }) => this.#see(place)),
      live.room.on("offer", ({ id, sku }) => this.#end(id, sku)),
      live.room.on("wait_over", (over) => this.#over(over)),
      live.room.on("me", ({ reservations, waiting }) => this.#compare(waiting, new Set(reservations.map(idOf)))),
    ];
  }

  /** The viewer's place on the list of a SKU: there is one at the most. */
  place(sku: string): Place | null {
    return this.#bySku.value.get(sku) ?? null;
  }

  /** Whether a wish to wait for it is on its way. */
  isAsking(sku: string): boolean {
    return this.asking.value.some((wish) => wish.sku === sku);
  }

  isLeaving(id: string): boolean {
    return this.#leaving.value.has(id);
  }

  /** What was promised of what is waited for; nothing where this page does not know. */
  promised(id: string): Promised | undefined {
    return this.#known.get(id)?.wait.promised;
  }

  /**
   * Take a place on the list, or what is free by now. The answer is heard as "settled", like that of a wish from before a
   * reload. Nothing is asked for twice.
   */
  async wait(sku: string, qty: number): Promise<void> {
    const { room } = this.#live;
    const wishes = [...room.pending.values()].filter((wish) => this.#isWish(wish));
    if ([...wishes, ...room.waiting.values()].some((each) => each.sku === sku)) return;
    this.#notes.set(sku, null);
    this.#dropNews((news) => news.sku === sku);
    const unsure = this.#unsure.get(sku);
    const again = unsure !== undefined && unsure.qty === qty ? { id: unsure.id } : {};
    try {
      await this.#live.answered(room.wait(sku, qty, { ...again, timeoutMs: WISH_TIMEOUT_MS }));
    } catch (error) {
      this.#refuse({ id: "", sku, qty }, this.#failure(error));
    }
  }

  /** Wait no more. */
  async leave(place: Place): Promise<void> {
    if (this.isLeaving(place.id)) return;
    this.#leaving.value = new Set(this.#leaving.value).add(place.id);
    try {
      const result = await this.#live.answered(this.#live.room.decline(place.id));
      if (result.type === "refused") this.#refuse(place, sayingOfRefusal(result));
      else if (result.type === "unanswered")
        this.#refuse(place, { key: "unanswered.decline", values: {}, tone: "wait" });
    } catch (error) {
      this.#refuse(place, this.#failure(error));
    } finally {
      const leaving = new Set(this.#leaving.value);
      leaving.delete(place.id);
      this.#leaving.value = leaving;
    }
  }

  /** A turn came to its end, unused. */
  lapsed({ id, sku, qty, promised }: Wish): void {
    this.#addNews({ id, sku, qty, promised, why: "lapsed", key: "turn.lapsed", values: {} });
  }

  /** The viewer has taken note of the news of this wait. */
  dismiss(id: string): void {
    this.#dropNews((news) => news.id === id);
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  /** Not a question what became of an earlier one. */
  #isWish({ kind, id }: PendingReservation): boolean {
    return kind === "wait" && !this.#asked.has(id);
  }

  /** Places and turns are told by themselves. */
  #settle({ id, sku, qty }: PendingReservation, result: Result): void {
    const wish = { id, sku, qty };
    this.#unsure.delete(sku);
    if (result.type !== "refused" && result.type !== "unanswered") return;
    if (keepsId(result)) this.#unsure.set(sku, wish);
    const unanswered: Saying = { key: "unanswered.wait", values: {}, tone: "wait", toWait: true };
    this.#refuse(wish, result.type === "refused" ? sayingOfWaitRefused(result) : unanswered);
  }

  #refuse(wish: Wish, saying: Saying): void {
    this.#notes.set(wish.sku, saying);
    this.#tell({ kind: "refused", wish, place: null, saying });
  }

  /** Where one of the viewer's waits stands now. */
  #see(place: Place): void {
    // Its turn came while the place was being told.
    if (this.#live.room.reservations.has(place.id)) return;
    const before = this.#known.get(place.id);
    const wait = this.#remember(place);
    const kind = before === undefined ? "waiting" : before.place && changeOf(before.place, place);
    if (kind !== null) this.#tell({ kind, wish: wait, place, saying: null });
  }

  #remember(place: Place): Held {
    const { room } = this.#live;
    const { id, sku, qty } = place;
    const promised = this.promised(id) ?? promiseOf(room.stock.get(sku));
    // It was live at this moment: the book remembers it for longer than it is asked for.
    const wait = {
      id,
      sku,
      qty,
      promised,
      user: userOf(this.#token()),
      epoch: room.epoch,
      expiresAtMs: room.serverNowMs(),
    };
    this.#known.set(id, { wait, place });
    this.#dropNews((news) => news.id === id);
    this.#keep();
    return wait;
  }

  /** It is a reservation now, or is bought by now. */
  #end(id: string, sku: string): void {
    this.#known.delete(id);
    this.#dropNews((news) => news.sku === sku);
    this.#keep();
  }

  #over({ id, sku, qty, code, message }: Pick<WaitOver, "id" | "sku" | "qty" | "code" | "message">): void {
    const promised = this.promised(id);
    if (!this.#known.delete(id)) return;
    this.#keep();
    const saying = sayingOfWaitOver(code, message);
    const wish = { id, sku, qty, promised };
    if (saying.tone === "good") this.#notes.set(sku, saying);
    else this.#addNews({ ...wish, why: "over", key: saying.key, values: saying.values });
    this.#tell({ kind: "over", wish, place: null, saying });
  }

  /** The server's list of places: what is not in it any more ended while nobody was told. */
  #compare(places: readonly Place[], held: ReadonlySet<string>): void {
    const { room } = this.#live;
    const here = { user: userOf(this.#token()), epoch: room.epoch, nowMs: room.serverNowMs() };
    const live = new Set(places.map(idOf));
    for (const { wait } of [...this.#known.values()].filter(({ wait: { id } }) => !live.has(id))) {
      const next = held.has(wait.id) ? "forget" : lookInto(wait, here);
      if (next === "ask") void this.#learn(wait);
      else if (next === "gone") this.#over({ ...wait, code: "NOT_FOUND", message: "" });
      else this.#known.delete(wait.id);
    }
    for (const place of places) {
      if (this.#known.has(place.id)) this.#see(place);
      else this.#remember(place);
    }
    this.#keep();
  }

  /** The same id gets the same answer, and by now that says what became of it. */
  async #learn(wait: Held): Promise<void> {
    if (this.#asked.has(wait.id)) return;
    this.#asked.add(wait.id);
    try {
      const result = await this.#live.room.wait(wait.sku, wait.qty, { id: wait.id, timeoutMs: WISH_TIMEOUT_MS });
      if (!this.#known.has(wait.id) || result.type === "unanswered" || result.type === "waiting") return;
      if (result.type !== "refused") this.#end(wait.id, wait.sku);
      else if (result.retry !== "same_id") this.#learnt(wait, result.code, result.message);
    } catch {
      // The room was closed meanwhile, and the page says so; a later page asks again.
    } finally {
      this.#asked.delete(wait.id);
    }
  }

  #learnt(wait: Held, code: string, message: string): void {
    if (code === "ALREADY_CONFIRMED" || code === "ALREADY_CANCELLED") this.#end(wait.id, wait.sku);
    else if (code === "EXPIRED") {
      this.#end(wait.id, wait.sku);
      this.lapsed(wait);
      this.#tell({ kind: "over", wish: wait, place: null, saying: { key: "turn.lapsed", values: {}, tone: "stop" } });
    } else this.#over({ ...wait, code, message });
  }

  /** Nothing was sent: the room is closed for good, or there were too many wishes at once. */
  #failure(error: unknown): Saying {
    if (this.#live.room.state === "closed") return { key: "obstacle.closed", values: {}, tone: "stop" };
    return sayingOfRefusal({ code: "", message: error instanceof Error ? error.message : String(error) });
  }

  #addNews(news: WaitNews): void {
    this.news.value = [news, ...this.news.value.filter(({ sku }) => sku !== news.sku)].slice(0, NEWS_MAX);
    this.#keep();
  }

  #dropNews(isOld: (news: WaitNews) => boolean): void {
    const next = this.news.value.filter((news) => !isOld(news));
    if (next.length === this.news.value.length) return;
    this.news.value = next;
    this.#keep();
  }

  #keep(): void {
    this.#store.write({ waits: [...this.#known.values()].map(({ wait }) => wait), news: this.news.value });
  }
}

/** What to say of a place that was told anew; null for nothing. */
function changeOf(before: Place, now: Place): "closer" | "stopped" | "goes_on" | null {
  if (before.stopped !== now.stopped) return now.stopped === null ? "goes_on" : "stopped";
  return now.last < before.last ? "closer" : null;
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}
