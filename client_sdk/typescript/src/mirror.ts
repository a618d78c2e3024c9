/** The room as this client knows it: fed with messages, read by anybody. No I/O, no clock. */

import type { Change } from "./events.js";
import type * as m from "./messages.js";
import { readMessage } from "./read.js";

/** The last known state of a room.
 *
 * Values are absolute and carry the pool's sequence, so the rule is short: within an epoch, what is older than what is
 * shown is not applied, and counts never run backwards; a snapshot of another epoch replaces everything. After a
 * reconnect to a server that lags behind, its first snapshot is therefore passed over: whatever happened after it
 * arrives as changes, and those that are new are applied.
 *
 * A `SkuView` is never changed but replaced, so that a view can tell by identity what to draw anew. */
export class Mirror {
  epoch = 0;
  seq = -1;
  title = "";
  demonstration = false;
  waitlist = false;
  status: m.RoomStatus = "scheduled";
  spotlight: string | null = null;
  viewers = 0;
  notice: m.NoticeText | null = null;
  /** Whether the numbers can be believed now: a snapshot came on the present connection, nothing has been missed since,
   * and the server has not said that its own view may be old. */
  current = false;
  shelf: readonly string[] = [];
  readonly stock = new Map<string, m.SkuView>();
  readonly reservations = new Map<string, m.Holding>();
  readonly waiting = new Map<string, m.Place>();
  /** What changed since `takeChange`. The session keeps what is pending, and says so here. */
  changed = unchanged();
  #believed = false;
  #doubted = false;

  /** A decoded value as a message. Throws ProtocolError. */
  read = readMessage;

  /** Take over what a message says, if it says anything of the state. False: it is older than what is shown. */
  apply(message: m.ServerMessage): boolean {
    switch (message.type) {
      case "snapshot":
        return this.#snapshot(message);
      case "stock":
        return this.#stock(message);
      case "sale": {
        const { type, ...terms } = message;
        this.#view(message.sku, terms);
        break;
      }
      case "spotlight":
        this.#set("spotlight", message.sku);
        break;
      case "status":
        this.#set("status", message.status);
        break;
      case "viewers":
        this.#set("viewers", message.viewers);
        break;
      case "notice":
        this.#set("notice", message.text ? { text: message.text, at_ms: message.at_ms } : null);
        break;
      case "me":
        this.forgetUser();
        for (const holding of message.reservations) this.reservations.set(holding.id, holding);
        for (const place of message.waiting) this.waiting.set(place.id, place);
        break;
      case "reserved":
        if (message.state === "active" || message.state === "payment_pending") {
          const { id, sku, qty, state, expires_at_ms } = message;
          this.#hold({ id, sku, qty, state, expires_at_ms, offered: false });
        }
        break;
      case "offer": {
        const { id, sku, qty, expires_at_ms } = message;
        const state = this.reservations.get(id)?.state ?? "active";
        this.#hold({ id, sku, qty, state, expires_at_ms, offered: true });
        break;
      }
      case "waiting":
        // One that is a reservation already is passed over: its turn came while the place was being told.
        if (!this.reservations.has(message.id)) {
          const { type, ...place } = message;
          this.waiting.set(message.id, place);
          this.changed.reservations = true;
        }
        break;
      case "waitlist":
        for (const [sku, waiting] of message.rows) this.#view(sku, { waiting });
        break;
      case "cancelled":
      case "confirmed":
      case "expired":
      case "wait_over":
        for (const known of [this.reservations, this.waiting])
          if (known.delete(message.id)) this.changed.reservations = true;
        break;
      case "error":
        if (message.code === "UNAVAILABLE" && message.id === null) this.#believe(false);
    }
    return true;
  }

  /** Nothing of what was held or waited for is the user's. */
  forgetUser(): void {
    this.reservations.clear();
    this.waiting.clear();
    this.changed.reservations = true;
  }

  /** Another connection. */
  connected(): void {
    this.#doubted = false;
  }

  /** The connection is gone: the numbers stay, but they are no longer current. */
  disconnected(): void {
    this.#believe(false);
  }

  /** Say whether it is doubtful that anything arrives at all. */
  doubt(isDoubted: boolean): void {
    this.#doubted = isDoubted;
    this.#believe(this.#believed);
  }

  /** What changed since this was last asked, or null. */
  takeChange(): Change | null {
    const { changed } = this;
    const { skus, room, reservations, backstage } = changed;
    if (!(skus === "all" || skus.size || room || reservations || backstage)) return null;
    this.changed = unchanged();
    return changed;
  }

  #hold(holding: m.Holding): void {
    this.waiting.delete(holding.id);
    this.reservations.set(holding.id, holding);
    this.changed.reservations = true;
  }

  #believe(believed: boolean): void {
    this.#believed = believed;
    this.#set("current", believed && !this.#doubted);
  }

  #snapshot(snapshot: m.Snapshot): boolean {
    this.#believe(true);
    this.#set("viewers", snapshot.viewers);
    if (snapshot.epoch === this.epoch && snapshot.seq < this.seq) return false;
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    for (const key of ["status", "spotlight", "title", "demonstration", "waitlist"] as const)
      this.#set(key, snapshot[key] as never);
    if (!same(snapshot.notice, this.notice)) this.#set("notice", snapshot.notice);
    this.#shelf(snapshot.skus);
    return true;
  }

  #shelf(views: readonly m.SkuView[]): void {
    const before = new Map(this.stock);
    this.stock.clear();
    for (const view of views) this.#put(view, before.get(view.sku));
    const shelf = [...this.stock.keys()];
    if (!same(shelf, this.shelf)) {
      this.shelf = shelf;
      this.changed.skus = "all";
    }
  }

  #stock(stock: m.Stock): boolean {
    if (stock.seq < this.seq) return false;
    this.seq = stock.seq;
    for (const [sku, available, held, level] of stock.rows) this.#view(sku, { available, held, level });
    return true;
  }

  /** A SKU that is not on the shelf yet comes with the next snapshot, which carries everything of it. */
  #view(sku: string, changed: Partial<m.SkuView>): void {
    const before = this.stock.get(sku);
    if (before) this.#put({ ...before, ...changed }, before);
  }

  #put(view: m.SkuView, before?: m.SkuView): void {
    const isSame = before && same(view, before);
    this.stock.set(view.sku, isSame ? before : view);
    if (!isSame && this.changed.skus !== "all") this.changed.skus.add(view.sku);
  }

  #set<K extends "title" | "demonstration" | "waitlist" | "status" | "spotlight" | "viewers" | "notice" | "current">(
    key: K,
    value: this[K],
  ): void {
    if (this[key] === value) return;
    this[key] = value;
    this.changed.room = true;
  }
}

/** Two lists or plain objects with the same values; null has none. */
function same(one: object | null, other: object | null | undefined): boolean {
  const values = Object.entries(one ?? {});
  const others = (other ?? {}) as Record<string, unknown>;
  return values.length === Object.keys(others).length && values.every(([key, value]) => others[key] === value);
}

function unchanged() {
  return {
    type: "change" as const,
    skus: new Set<string>() as Set<string> | "all",
    room: false,
    reservations: false,
    backstage: false,
  };
}
