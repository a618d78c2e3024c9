/** The room as this client knows it: fed with messages, read by anybody. No I/O, no clock. */

import type { Change } from "./events.js";
import type * as m from "./messages.js";
import { readMessage } from "./read.js";

/** As many as the server keeps of those that nobody has acknowledged. */
const CUES_MAX = 20;
/** Metrics or alerts at most; the server lists 2,000 SKUs in a room. */
const ROWS_MAX = 4_096;

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
  readonly metrics = new Map<string, m.MetricRow>();
  readonly alerts = new Map<string, m.Alert>();
  readonly cues = new Map<string, m.Cue>();
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
        this.reservations.clear();
        for (const holding of message.reservations) this.reservations.set(holding.id, holding);
        this.changed.reservations = true;
        break;
      case "reserved":
        if (message.state === "active" || message.state === "payment_pending") {
          const { id, sku, qty, state, expires_at_ms } = message;
          this.reservations.set(id, { id, sku, qty, state, expires_at_ms });
          this.changed.reservations = true;
        }
        break;
      case "cancelled":
      case "confirmed":
      case "expired":
        if (this.reservations.delete(message.id)) this.changed.reservations = true;
        break;
      case "metrics":
        for (const row of message.rows) this.#keep(this.metrics, row.sku, row);
        break;
      case "alert":
        this.#keep(this.alerts, message.sku, message);
        break;
      case "cue":
        this.#keep(this.cues, message.id, message, CUES_MAX);
        break;
      case "acknowledged":
        this.#drop(this.cues, message.cue);
        break;
      case "error":
        if (message.code === "UNAVAILABLE" && message.id === null) this.#believe(false);
    }
    return true;
  }

  /** Another connection: the cues that still stand are told anew. */
  connected(): void {
    this.#doubted = false;
    for (const id of this.cues.keys()) this.#drop(this.cues, id);
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
    for (const key of ["status", "spotlight", "title", "demonstration"] as const)
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
    for (const kept of [this.metrics, this.alerts]) {
      for (const sku of kept.keys()) if (!this.stock.has(sku)) this.#drop(kept, sku);
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
    if (isSame) return;
    if (this.changed.skus !== "all") this.changed.skus.add(view.sku);
    // The stock recovered: what was said when it was short is over.
    if (view.level === "ok" && before?.level !== "ok") this.#drop(this.alerts, view.sku);
  }

  #set<K extends "title" | "demonstration" | "status" | "spotlight" | "viewers" | "notice" | "current">(
    key: K,
    value: this[K],
  ): void {
    if (this[key] === value) return;
    this[key] = value;
    this.changed.room = true;
  }

  /** The newest goes last, the oldest gives way. */
  #keep<T>(kept: Map<string, T>, key: string, value: T, max = ROWS_MAX): void {
    kept.delete(key);
    kept.set(key, value);
    while (kept.size > max) kept.delete(kept.keys().next().value as string);
    this.changed.backstage = true;
  }

  #drop(kept: Map<string, unknown>, key: string): void {
    if (kept.delete(key)) this.changed.backstage = true;
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
