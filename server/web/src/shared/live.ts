/** A live room as signals, for pages to draw: what changed is set at most once a drawing frame. */
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  type Banner,
  type Change,
  type ClientError,
  type ConnectOptions,
  connect,
  type Holding,
  type PendingReservation,
  type Place,
  type Room,
  type RoomStatus,
  type SkuView,
} from "@shelfcast/client";
import type { Access } from "./access";
import { setServerClock, tickNow } from "./clock";
import { onNextFrame } from "./frame";

/** While a page connects anew by itself, what was current is shown as such for this long, in ms. */
export const LOOK_KEPT_MS = 1_000;
/** A request that has brought no sign of life for this long may have gone to a connection that died without a word, in ms. */
export const SILENT_MS = 4_000;

export interface LiveOptions {
  room: string;
  /** Whose token is asked for at every connection, and who is told why the room is closed for good. */
  access?: Access;
}

export interface Connection {
  state: Room["state"];
  /** The counts are live, or were a moment ago and are being fetched anew. */
  current: boolean;
  /** Since when they are not, by `performance.now()`; null while they are, and before the first ones came. */
  oldSinceMs: number | null;
  /** They are not because the server has lost sight of its stock book; the connection itself is there. */
  blind: boolean;
  /** When the next attempt begins, by `performance.now()`. */
  retryAtMs: number | null;
  /** Why the connection is closed for good. */
  error: ClientError | null;
  /** Since when they are not, by `performance.now()`, the page's beginning included; null while they are. */
  absentSinceMs: number | null;
  /** Why the last attempt came to nothing, in the client's words; "" where nothing is known yet. */
  reason: string;
}

export interface Notice {
  text: string;
  at_ms: number;
}

/** One per page. Signals keep their identity; a value that did not change is not set again. */
export interface Live {
  readonly room: Room;
  readonly connection: ReadonlySignal<Connection>;
  readonly title: ReadonlySignal<string>;
  readonly status: ReadonlySignal<RoomStatus>;
  readonly spotlight: ReadonlySignal<string | null>;
  readonly viewers: ReadonlySignal<number>;
  readonly notice: ReadonlySignal<Notice | null>;
  readonly demonstration: ReadonlySignal<boolean>;
  /** Whether who is too late may wait here for what comes back. */
  readonly waitlist: ReadonlySignal<boolean>;
  readonly shelf: ReadonlySignal<readonly string[]>;
  readonly reservations: ReadonlySignal<readonly Holding[]>;
  readonly pending: ReadonlySignal<readonly PendingReservation[]>;
  /** Where the viewer waits. */
  readonly waiting: ReadonlySignal<readonly Place[]>;
  /** The latest banner; whoever subscribes is told each. */
  readonly banners: ReadonlySignal<Banner | null>;
  /** One SKU as it is shown; undefined while it is not on the shelf. */
  sku(sku: string): ReadonlySignal<SkuView | undefined>;
  /**
   * Connect anew, as this connection may have missed something. What was current stays so for LOOK_KEPT_MS: a page whose
   * connection was there all the time does not flicker.
   */
  resync(): void;
  /** The answer to a request. Where nothing at all is heard for SILENT_MS meanwhile, the room is connected anew. */
  answered<Answer>(request: Promise<Answer>): Promise<Answer>;
  dispose(): void;
}

/** Connect, and keep the signals up to date until `dispose`. */
export function openRoom(options: LiveOptions): Live {
  return follow(new LiveRoom(connect(connectOptions(options))), options);
}

/** What the client needs to know of a page's room. */
export function connectOptions({ room, access }: LiveOptions): ConnectOptions {
  // A link has no fresher token to give: when it expires the room is closed, and not tried again with the old one.
  const token = access?.kind.peek() === "link" ? access.current() : access?.token;
  return { url: location.origin, room, ...(token !== undefined && { token }) };
}

/** Begin to draw a room that was just connected. */
export function follow<L extends LiveRoom>(live: L, { access }: LiveOptions): L {
  const { room } = live;
  room.on("state", () => room.error && access?.refused(room.error));
  live.begin();
  setServerClock(() => live.room.serverNowMs());
  return live;
}

/** What changed since the last frame. */
export interface Dirty {
  skus: Set<string> | "all";
  room: boolean;
  reservations: boolean;
  backstage: boolean;
  banner: Banner | null;
}

const nothing = (): Dirty => ({ skus: new Set(), room: false, reservations: false, backstage: false, banner: null });

/** `R` is what the room can do besides. */
export class LiveRoom<R extends Room = Room> implements Live {
  readonly connection = signal<Connection>(NONE);
  readonly title = signal("");
  readonly status = signal<RoomStatus>("scheduled");
  readonly spotlight = signal<string | null>(null);
  readonly viewers = signal(0);
  readonly notice = signal<Notice | null>(null);
  readonly demonstration = signal(false);
  readonly waitlist = signal(false);
  readonly shelf = signal<readonly string[]>([]);
  readonly reservations = signal<readonly Holding[]>([]);
  readonly pending = signal<readonly PendingReservation[]>([]);
  readonly waiting = signal<readonly Place[]>([]);
  readonly banners = signal<Banner | null>(null);
  // As many as the shelf had SKUs: a page asks for what it draws.
  private readonly skus = new Map<string, Signal<SkuView | undefined>>();
  private dirty = nothing();
  private blind = false;
  private reason = "";
  /** Runs while the look of a connection that was current is kept. */
  private keeping: ReturnType<typeof setTimeout> | undefined;
  private cancelFrame: (() => void) | null = null;
  private unsubscribe: (() => void)[] = [];

  /** Another connection has taken the place of one that the server had ended, and has not brought everything yet. */
  private replacing = false;

  constructor(private connected: R) {}

  get room(): R {
    return this.connected;
  }

  /** Go on with another connection to the same room; what is drawn stays until it has brought everything. */
  protected replace(room: R): void {
    this.stop();
    this.connected = room;
    this.replacing = true;
    this.begin();
  }

  /** Draw what is there, and whatever changes. */
  begin(): void {
    const { room } = this;
    this.unsubscribe = [
      room.on("change", (change: Change) => this.note(change)),
      room.on("banner", (banner: Banner) => {
        // Each is told: one of another product must not take the place of the spotlit one's.
        if (this.dirty.banner) this.banners.value = this.dirty.banner;
        this.dirty.banner = banner;
        this.wake();
      }),
      room.on("error", ({ id, code }) => {
        if (id === null && code === "UNAVAILABLE") this.blind = true;
      }),
      // A page tells of a lost connection at once, drawn or not.
      room.on("state", ({ state, reason }) => {
        // An attempt that begins says nothing of why the last one failed.
        this.reason = state === "connected" ? "" : reason || this.reason;
        this.drawAll();
      }),
    ];
    this.dirty = { ...nothing(), skus: "all", room: true, reservations: true, backstage: true };
    this.draw();
  }

  sku(sku: string): ReadonlySignal<SkuView | undefined> {
    return entry(this.skus, sku, () => this.room.stock.get(sku));
  }

  resync(): void {
    if (this.room.current) {
      clearTimeout(this.keeping);
      this.keeping = setTimeout(() => {
        this.keeping = undefined;
        this.drawAll();
      }, LOOK_KEPT_MS);
    }
    this.room.reconnect();
  }

  async answered<Answer>(request: Promise<Answer>): Promise<Answer> {
    const { room } = this;
    const askedAtMs = performance.now();
    const timer = setTimeout(() => {
      // While there is no connection the request waits for the next, which is on its way.
      if (room.state === "connected" && (room.heardAtMs ?? 0) <= askedAtMs) this.resync();
    }, SILENT_MS);
    try {
      return await request;
    } finally {
      clearTimeout(timer);
    }
  }

  dispose(): void {
    this.stop();
  }

  private stop(): void {
    for (const end of this.unsubscribe) end();
    clearTimeout(this.keeping);
    this.keeping = undefined;
    this.cancelFrame?.();
    this.cancelFrame = null;
    this.room.close();
  }

  private note(change: Change): void {
    const dirty = this.dirty;
    if (change.skus === "all") dirty.skus = "all";
    else if (dirty.skus !== "all") for (const sku of change.skus) dirty.skus.add(sku);
    dirty.room ||= change.room;
    dirty.reservations ||= change.reservations;
    dirty.backstage ||= change.backstage;
    this.wake();
  }

  private wake(): void {
    this.cancelFrame ??= onNextFrame(() => this.draw());
  }

  private drawAll(): void {
    this.dirty = { ...this.dirty, skus: "all", room: true, reservations: true, backstage: true };
    this.draw();
    tickNow();
  }

  private draw(): void {
    this.cancelFrame?.();
    this.cancelFrame = null;
    if (this.replacing && !this.room.current) {
      this.drawConnection();
      return;
    }
    this.replacing = false;
    const dirty = this.dirty;
    this.dirty = nothing();
    // The first counts bring the server's time: nothing is held against the device's own after them.
    if (this.room.current && !this.connection.peek().current) tickNow();
    batch(() => {
      this.drawConnection();
      this.drawSkus(dirty.skus);
      if (dirty.room) this.drawRoom();
      if (dirty.reservations) {
        setList(this.reservations, this.room.reservations);
        setList(this.pending, this.room.pending);
        setList(this.waiting, this.room.waiting);
      }
      if (dirty.backstage) this.drawBackstage();
      if (dirty.banner) this.banners.value = dirty.banner;
    });
  }

  private drawConnection(): void {
    // Until it sees it again, or the connection goes too.
    this.blind &&= this.room.state === "connected" && !this.room.current;
    this.stopKeeping();
    const last = this.connection.value;
    const next = { ...connectionOf(this.room, this.blind, this.keeping !== undefined), reason: this.reason };
    if (!next.current) next.absentSinceMs = last.current ? performance.now() : last.absentSinceMs;
    const keys = Object.keys(next) as (keyof Connection)[];
    // Since when counts are old is fixed when they become so; an estimate that moves a little is no change.
    if (!next.current && !last.current && last.oldSinceMs !== null) next.oldSinceMs = last.oldSinceMs;
    if (keys.some((key) => next[key] !== last[key])) this.connection.value = next;
  }

  /** The look of what was current is kept until it is so again, or is known not to come back at once. */
  private stopKeeping(): void {
    if (this.keeping === undefined || !(this.room.current || this.blind || this.room.state === "closed")) return;
    clearTimeout(this.keeping);
    this.keeping = undefined;
  }

  private drawSkus(changed: Set<string> | "all"): void {
    for (const sku of changed === "all" ? this.skus.keys() : changed) {
      const drawn = this.skus.get(sku);
      if (drawn) drawn.value = this.room.stock.get(sku);
    }
    setList(this.shelf, this.room.shelf);
  }

  private drawRoom(): void {
    const { room } = this;
    this.title.value = room.title;
    this.status.value = room.status;
    this.spotlight.value = room.spotlight;
    this.viewers.value = room.viewers;
    this.demonstration.value = room.demonstration;
    this.waitlist.value = room.waitlist;
    const { notice } = room;
    const shown = this.notice.value;
    if (notice?.text !== shown?.text || notice?.at_ms !== shown?.at_ms) this.notice.value = notice;
  }

  /** Viewers are told nothing of it. */
  protected drawBackstage(): void {}
}

const NONE: Connection = {
  state: "disconnected",
  current: false,
  oldSinceMs: null,
  blind: false,
  retryAtMs: null,
  error: null,
  absentSinceMs: 0,
  reason: "",
};

function connectionOf(room: Room, blind: boolean, kept: boolean): Omit<Connection, "reason"> {
  const { state, heardAtMs, retryAtMs, error } = room;
  const current = room.current || kept;
  const oldSinceMs = current || heardAtMs === null ? null : performance.now() - room.ageMs();
  return { state, current, oldSinceMs, blind, retryAtMs, error, absentSinceMs: null };
}

/** The signal of a key, made with its value where there is none. */
export function entry<Value>(
  entries: Map<string, Signal<Value | undefined>>,
  key: string,
  value: () => Value | undefined,
): Signal<Value | undefined> {
  let found = entries.get(key);
  if (!found) {
    found = signal(value());
    entries.set(key, found);
  }
  return found;
}

/** The values of a map or a list, unless they are those that are drawn already. */
export function setList<Value>(drawn: Signal<readonly Value[]>, known: { values(): Iterable<Value> }): void {
  const next = [...known.values()];
  const last = drawn.peek();
  if (next.length !== last.length || next.some((value, index) => value !== last[index])) drawn.value = next;
}
