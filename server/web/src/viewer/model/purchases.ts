/** The viewer's own wishes and holds: what was asked, what is held, what became of it, and what to say of that. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Holding, type PendingReservation, type Result, userOf } from "@shelfcast/client";
import type { Live } from "../../shared/live";
import { LastWords } from "./lastword";
import { Lengths } from "./lengths";
import type { Notes } from "./notes";
import { payForShow } from "./payment";
import {
  type Held,
  lookInto,
  type Promised,
  promiseOf,
  type Receipt,
  ReceiptStore,
  unitsPaid,
  type Wish,
  withReceipt,
} from "./receipts";
import {
  type Fate,
  fateOf,
  keepsId,
  type Saying,
  type Settled,
  sayingOfFate,
  sayingOfRefusal,
  sayingOfReturn,
  sayingOfWish,
} from "./verdicts";

/** A wish waits this long for its answer, over reconnects, in ms. */
const WISH_TIMEOUT_MS = 30_000;

/** What is being done with a hold just now. */
export type Doing = "paying" | "giving_back";

/** Something that happened to the viewer's own reservation, for whoever says it aloud. */
export interface Told {
  kind: "reserved" | "turn" | "refused" | Fate;
  wish: Wish;
  /** Null for a hold, which is said with its time. */
  saying: Saying | null;
  /** The end of a hold by the server's clock, where there is one. */
  expiresAtMs: number | null;
  /** How many were waited for, of what the waitlist gave; else null. */
  asked: number | null;
}

const NONE: readonly never[] = [];

export class Purchases {
  readonly receipts: Signal<readonly Receipt[]>;
  /** Wishes that are not answered yet. */
  readonly asking: ReadonlySignal<readonly PendingReservation[]>;
  readonly lengths = new Lengths();
  readonly lastWords = new LastWords();
  readonly #live: Live;
  readonly #room: string;
  readonly #token: () => string;
  readonly #tell: (told: Told) => void;
  readonly #store: ReceiptStore;
  readonly #held: Map<string, Held>;
  /** What is promised of a wish that is on its way, by its id. */
  readonly #promises = new Map<string, Promised | undefined>();
  readonly #notes: Notes;
  readonly #doing = signal<ReadonlyMap<string, Doing>>(new Map());
  /** The id of a wish whose answer is not known, by SKU: pressed again, it is the same wish. */
  readonly #unsure = new Map<string, Wish>();
  /** Ids whose end is being asked for. */
  readonly #asked: Set<string>;
  readonly #holdsBySku: ReadonlySignal<ReadonlyMap<string, readonly Holding[]>>;
  readonly #pendingBySku: ReadonlySignal<ReadonlyMap<string, readonly PendingReservation[]>>;
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
      tell: (told: Told) => void;
      notes: Notes;
      asked: Set<string>;
      storage: Storage | null;
    },
  ) {
    this.#live = live;
    this.#room = room;
    this.#token = token;
    this.#tell = tell;
    this.#notes = notes;
    this.#asked = asked;
    this.#store = new ReceiptStore(room, storage);
    const kept = this.#store.read();
    this.receipts = signal(kept.receipts);
    this.#held = new Map(kept.held.map((wish) => [wish.id, wish]));
    this.#holdsBySku = computed(() => bySku(live.reservations.value));
    this.asking = computed(() => live.pending.value.filter((wish) => this.#isWish(wish)));
    this.#pendingBySku = computed(() => bySku(this.asking.value));
    this.#stops = this.#listen();
  }

  /** Not a wish to wait, and not a question what became of a hold. */
  #isWish({ kind, id }: PendingReservation): boolean {
    return kind === "reserve" && !this.#asked.has(id);
  }

  /** What the room knows, drawn or not. */
  #isBusy(sku: string): boolean {
    const { pending, reservations } = this.#live.room;
    const wishes = [...pending.values()].filter((wish) => this.#isWish(wish));
    return [...wishes, ...reservations.values()].some((each) => each.sku === sku);
  }

  /** Live holds of a SKU; the same empty list while there are none, so that nothing is drawn for nothing. */
  holds(sku: string): readonly Holding[] {
    return this.#holdsBySku.value.get(sku) ?? NONE;
  }

  /** Wishes for a SKU that are not answered yet. */
  pending(sku: string): readonly PendingReservation[] {
    return this.#pendingBySku.value.get(sku) ?? NONE;
  }

  /** Units of a SKU that are held, asked for or paid: what counts towards a customer's limit. */
  units(sku: string): number {
    const paid = unitsPaid(this.receipts.value, sku, userOf(this.#token()));
    return [...this.holds(sku), ...this.pending(sku)].reduce((sum, wish) => sum + wish.qty, paid);
  }

  /** How many were waited for, of a hold that the waitlist gave; null of any other. */
  asked({ id, qty, offered }: Holding): number | null {
    return offered ? (this.#held.get(id)?.asked ?? qty) : null;
  }

  /** What was promised of a wish or a hold when it was made; nothing where this page does not know. */
  promised(id: string): Promised | undefined {
    return this.#held.get(id)?.promised ?? this.#promises.get(id);
  }

  doing(id: string): Doing | null {
    return this.#doing.value.get(id) ?? null;
  }

  /**
   * The answer is heard as "settled", like that of a wish from before a reload. Nothing is asked for while a wish is on
   * its way or its hold is there: the second of two presses within one drawing frame comes before the first is drawn.
   */
  async reserve(sku: string, qty: number): Promise<void> {
    if (this.#isBusy(sku)) return;
    this.#notes.set(sku, null);
    const unsure = this.#unsure.get(sku);
    const again = unsure !== undefined && unsure.qty === qty ? { id: unsure.id } : {};
    // As it is drawn: that is what was pressed.
    const promised = promiseOf(this.#live.sku(sku).peek());
    try {
      const answer = this.#live.room.reserve(sku, qty, { ...again, timeoutMs: WISH_TIMEOUT_MS });
      for (const wish of this.#live.room.pending.values()) {
        if (wish.sku === sku && this.#isWish(wish)) this.#promises.set(wish.id, promised);
      }
      await this.#live.answered(answer);
    } catch (error) {
      this.#say({ id: "", sku, qty }, this.#failure(error));
    }
  }

  /** Of what the waitlist gave: the next one gets it. */
  async giveBack(hold: Holding): Promise<void> {
    if (!this.#begin(hold.id, "giving_back")) return;
    const { room } = this.#live;
    try {
      const result = await this.#live.answered(hold.offered ? room.decline(hold.id) : room.cancel(hold.id));
      if (result.type === "cancelled" || result.type === "wait_over") this.#ended(hold, "cancelled");
      else this.#say(hold, sayingOfReturn(result));
    } catch (error) {
      this.#say(hold, this.#failure(error));
    } finally {
      this.#done(hold.id);
    }
  }

  async pay(hold: Holding): Promise<void> {
    if (!this.#begin(hold.id, "paying")) return;
    const payment = await payForShow(this.#room, hold.id, this.#token());
    this.#done(hold.id);
    if (payment.paid) this.#ended(hold, "paid");
    else if (payment.code === "PAID_NO_STOCK") this.#ended(hold, "paid_no_stock");
    else if (payment.code === null) this.#say(hold, { key: "unanswered.pay", values: {}, tone: "wait" });
    else this.#say(hold, sayingOfRefusal(payment));
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  #listen(): (() => void)[] {
    const { room } = this.#live;
    return [
      room.on("settled", ({ kind, id, sku, qty, result }) => {
        if (this.#isWish({ kind, id, sku, qty }) && isSettled(result))
          this.#settle(this.#describe({ id, sku, qty }), result);
        this.#promises.delete(id);
      }),
      room.on("offer", ({ id, sku, qty, asked, expires_at_ms }) => {
        this.#offered(this.#describe({ id, sku, qty }), asked, expires_at_ms);
      }),
      room.on("confirmed", (message) => this.#ended(message, "paid")),
      room.on("cancelled", (message) => this.#ended(message, "cancelled")),
      room.on("expired", (message) => this.#ended(message, "expired")),
      room.on("me", ({ reservations }) => this.#compare(reservations)),
    ];
  }

  #settle(wish: Wish, result: Settled): void {
    if (keepsId(result)) this.#unsure.set(wish.sku, wish);
    else this.#unsure.delete(wish.sku);
    // As it is drawn: that is what was there when it was said.
    this.lastWords.heard(wish.sku, result, this.#live.sku(wish.sku).peek());
    if (result.type === "confirmed") {
      this.#ended(wish, "paid");
    } else if (result.type === "reserved") {
      this.#hold(wish, result.expires_at_ms);
      this.#keep();
      this.#tell({ kind: "reserved", wish, saying: null, expiresAtMs: result.expires_at_ms, asked: null });
    } else {
      this.#say(wish, sayingOfWish(result, wish.qty));
    }
  }

  /** It is the viewer's turn. Told once: whoever asks for the same again is told the same again. */
  #offered(wish: Wish, asked: number, expiresAtMs: number): void {
    const known = this.#held.has(wish.id);
    this.#hold(wish, expiresAtMs, asked);
    this.#keep();
    this.#notes.set(wish.sku, null);
    if (!known) this.#tell({ kind: "turn", wish, saying: null, expiresAtMs, asked });
  }

  /** The wish with what was promised of it; where that was never seen, with what the shelf says now. */
  #describe({ id, sku, qty }: Wish): Wish {
    const promised = this.promised(id) ?? promiseOf(this.#live.room.stock.get(sku));
    return { id, sku, qty, promised };
  }

  /** A reservation came to its end. Told once, however many ways the news comes. */
  #ended({ id, sku, qty }: Wish, fate: Fate): void {
    const before = this.receipts.value.find((receipt) => receipt.id === id);
    const described = this.#describe({ id, sku, qty });
    const wish = { ...described, promised: before?.promised ?? described.promised };
    const asked = this.#held.get(id)?.asked ?? null;
    this.#held.delete(id);
    if (before?.fate === fate || (before !== undefined && fate === "gone")) return;
    const atMs = this.#live.room.serverNowMs();
    const user = userOf(this.#token());
    this.receipts.value = withReceipt(this.receipts.value, { ...wish, fate, atMs, user, offered: asked !== null });
    this.lastWords.forget(sku);
    this.#keep();
    const saying = sayingOfFate(fate, qty, asked !== null);
    this.#notes.set(sku, saying);
    this.#tell({ kind: fate, wish, saying, expiresAtMs: null, asked });
  }

  /** Nothing was sent: the room is closed for good, or there were too many wishes at once. */
  #failure(error: unknown): Saying {
    if (this.#live.room.state === "closed") return { key: "obstacle.closed", values: {}, tone: "stop" };
    return sayingOfRefusal({ code: "", message: error instanceof Error ? error.message : String(error) });
  }

  #say(wish: Wish, saying: Saying | null): void {
    this.#notes.set(wish.sku, saying);
    if (saying !== null) this.#tell({ kind: "refused", wish, saying, expiresAtMs: null, asked: null });
  }

  /** The server's list of what is held: the end of what is not in it any more was missed. */
  #compare(reservations: readonly Holding[]): void {
    const { room } = this.#live;
    const here = { user: userOf(this.#token()), epoch: room.epoch, nowMs: room.serverNowMs() };
    const live = new Set(reservations.map((hold) => hold.id));
    for (const held of [...this.#held.values()].filter(({ id }) => !live.has(id))) {
      const next = lookInto(held, here);
      if (next === "ask") void this.#learn(held);
      else if (next === "gone") this.#ended(held, "gone");
      else this.#held.delete(held.id);
    }
    for (const hold of reservations) {
      const { id, sku, qty, expires_at_ms } = hold;
      const wish = this.#describe({ id, sku, qty });
      // Its turn came while this page was away, or before it.
      if (hold.offered && !this.#held.has(id)) this.#offered(wish, qty, expires_at_ms);
      else this.#hold(wish, expires_at_ms, this.asked(hold));
    }
    this.#keep();
  }

  #hold(wish: Wish, expiresAtMs: number, asked: number | null = null): void {
    const { room } = this.#live;
    const held: Held = { ...wish, user: userOf(this.#token()), epoch: room.epoch, expiresAtMs };
    this.#held.set(wish.id, asked === null ? held : { ...held, asked });
    this.lengths.heard(wish.id, expiresAtMs, room.serverNowMs());
  }

  /** The same id gets the same answer, and by now that says what became of it. */
  async #learn({ id, sku, qty, asked }: Held): Promise<void> {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    const { room } = this.#live;
    const again = { id, timeoutMs: WISH_TIMEOUT_MS };
    try {
      const result = await (asked === undefined ? room.reserve(sku, qty, again) : room.wait(sku, asked, again));
      const fate = fateOf(result);
      if (fate !== null && this.#held.has(id)) this.#ended({ id, sku, qty }, fate);
    } catch {
      // The room was closed meanwhile, and the page says so; a later page asks again.
    } finally {
      this.#asked.delete(id);
    }
  }

  #keep(): void {
    this.lengths.keep(this.#held);
    this.#store.write({ receipts: this.receipts.value, held: [...this.#held.values()] });
  }

  /** False where something is being done with this hold already. */
  #begin(id: string, doing: Doing): boolean {
    if (this.#doing.value.has(id)) return false;
    this.#doing.value = new Map(this.#doing.value).set(id, doing);
    return true;
  }

  #done(id: string): void {
    const doing = new Map(this.#doing.value);
    doing.delete(id);
    this.#doing.value = doing;
  }
}

function isSettled(result: Result): result is Settled {
  return ["reserved", "confirmed", "refused", "unanswered"].includes(result.type);
}

function bySku<Item extends { readonly sku: string }>(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.sku);
    if (group === undefined) groups.set(item.sku, [item]);
    else group.push(item);
  }
  return groups;
}
