/** A live room: a `Session` joined to a WebSocket, a clock, and the tab's storage. */

import { type Addresses, addresses, type Socket, type SocketClass, subprotocols, whyNot } from "./dial.js";
import { type Encoding, json } from "./encoding.js";
import { type ClientError, ProtocolError, Rejected, UsageError } from "./errors.js";
import { Journal, type Store, tabStorage, userOf } from "./journal.js";
import type * as m from "./messages.js";
import { newId, Operator } from "./operator.js";
import { POLICY, type Policy } from "./policy.js";
import { type Action, type Event, type PendingReservation, Session, type State } from "./session.js";

/** A token, or what gives a fresh one for each connection, or none for an anonymous viewer. */
export type Token = string | null | (() => string | null | Promise<string | null>);

/** What `connect` needs to know. */
export interface ConnectOptions {
  /** The server's base address: http, https, ws or wss. */
  readonly url: string;
  readonly room: string;
  /** A function is asked anew for every connection. */
  readonly token?: Token | undefined;
  /** JSON, if nothing else is said; MessagePack is in `@shelfcast/client/msgpack`. */
  readonly encoding?: Encoding | undefined;
  /** "en" or "zh": the language of answers to `ask`. */
  readonly language?: string | undefined;
  /** Where unanswered reservations outlive a reload of the page: the tab's own storage, another, or null for nowhere. */
  readonly storage?: Store | null | undefined;
  readonly policy?: Partial<Policy> | undefined;
  /** Node 20 has none built in: pass that of `ws`. */
  readonly WebSocket?: SocketClass | undefined;
}

/** Name of an event → what its handlers get. */
export type Events = { readonly [E in Event as E["type"]]: E };

/** `timeoutMs`: how long to wait for the answer; 20 s if nothing else is said. */
export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
}

interface Waiting {
  readonly promise: Promise<m.Result>;
  readonly settle: (result: m.Result) => void;
}

/** The largest frame; a snapshot of 2,000 SKUs with long titles is about 1 MiB. */
const FRAME_MAX = 8 * 1024 * 1024;
/** After the server has answered over HTTP but not opened a socket, it is not asked again for so long: many clients
 * of a server that is full would keep it busy with their questions. */
const ASK_AGAIN_MS = 60_000;
const OPEN = 1;

/** A live room. Made by `connect`; reconnects by itself until it is closed, or the server says not to come back. */
export class Room {
  readonly operator: Operator;
  readonly #session: Session;
  readonly #addresses: Addresses;
  readonly #encoding: Encoding;
  readonly #policy: Policy;
  readonly #token: Token;
  readonly #WebSocket: SocketClass;
  readonly #journal: Journal;
  readonly #handlers = new Map<string, Set<(event: never) => void>>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #stopListening: () => void;
  #user: string | null = null;
  #socket: Socket | null = null;
  #dialling: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askNotBeforeMs = 0;

  /** Use `connect`. Throws UsageError. */
  constructor(options: ConnectOptions) {
    const made = options.WebSocket ?? (globalThis.WebSocket as SocketClass | undefined);
    if (!made) throw new UsageError("WebSocket: there is none here; pass that of the `ws` package");
    this.#WebSocket = made;
    this.#addresses = addresses(options.url, options.room, options.language);
    this.#encoding = options.encoding ?? json;
    this.#policy = { ...POLICY, ...options.policy };
    this.#token = options.token ?? null;
    this.#session = new Session(this.#encoding, this.#policy);
    const { unansweredMax, storedForMs } = this.#policy;
    const store = options.storage === undefined ? tabStorage() : options.storage;
    this.#journal = new Journal(store, `shelfcast:${this.#addresses.snapshot}`, unansweredMax, storedForMs);
    this.operator = new Operator((message, timeoutMs) => this.#request(message, timeoutMs));
    this.#stopListening = this.#listenToTheNetwork();
    if (typeof this.#token === "string") this.#recognise(this.#token);
    // A moment later, so that handlers added right after `connect` see the first state too.
    queueMicrotask(() => this.#perform(this.#session.start(now())));
  }

  // --- the room as it is known ---------------------------------------------------------------------------

  get state(): State {
    return this.#session.state;
  }
  /** Whether the counts can be believed now. False while disconnected, while the device is offline, and while the server
   * itself has lost sight of its stock book: then they are the last known ones. */
  get current(): boolean {
    return this.#session.mirror.current;
  }
  /** `performance.now()` of the last sign of life while the counts were current, or null before the first. */
  get heardAtMs(): number | null {
    return this.#session.heardAtMs;
  }
  /** How old the counts are: 0 while they are current. */
  ageMs(): number {
    return this.current || this.heardAtMs === null ? 0 : now() - this.heardAtMs;
  }
  /** Why it is closed for good, where the server ended it. */
  get error(): ClientError | null {
    return this.#session.error;
  }
  /** `performance.now()` of the next attempt, while disconnected. */
  get retryAtMs(): number | null {
    return this.#session.dialAtMs;
  }
  get title(): string {
    return this.#session.mirror.title;
  }
  /** Whether anybody may reserve here, and pay for show. */
  get demonstration(): boolean {
    return this.#session.mirror.demonstration;
  }
  get status(): m.RoomStatus {
    return this.#session.mirror.status;
  }
  /** The SKU the host shows now. */
  get spotlight(): string | null {
    return this.#session.mirror.spotlight;
  }
  get viewers(): number {
    return this.#session.mirror.viewers;
  }
  /** The latest word of the operator to everybody. */
  get notice(): m.NoticeText | null {
    return this.#session.mirror.notice;
  }
  /** Within an epoch, counts never run backwards. */
  get epoch(): number {
    return this.#session.mirror.epoch;
  }
  /** The pool's sequence the counts are of. */
  get seq(): number {
    return this.#session.mirror.seq;
  }
  /** The SKUs in the order of the shelf. */
  get shelf(): readonly string[] {
    return this.#session.mirror.shelf;
  }
  /** SKU → how it stands. A view is replaced when anything in it changes, and never changed. */
  get stock(): ReadonlyMap<string, m.SkuView> {
    return this.#session.mirror.stock;
  }
  /** This user's live reservations in this room, by id. */
  get reservations(): ReadonlyMap<string, m.Holding> {
    return this.#session.mirror.reservations;
  }
  /** Reservations without an answer yet, also those that a page before this one had made. */
  get pending(): ReadonlyMap<string, PendingReservation> {
    return this.#session.pending;
  }
  /** Backstage: SKU → its pace. */
  get metrics(): ReadonlyMap<string, m.MetricRow> {
    return this.#session.mirror.metrics;
  }
  /** Backstage: SKU → the last stock tier it crossed, until its stock recovers. */
  get alerts(): ReadonlyMap<string, m.Alert> {
    return this.#session.mirror.alerts;
  }
  /** Backstage: the cues that nobody has acknowledged yet, by id. */
  get cues(): ReadonlyMap<string, m.Cue> {
    return this.#session.mirror.cues;
  }
  /** The server's clock in milliseconds since 1970, as well as it can be known from here; before the first snapshot the
   * device's own. */
  serverNowMs(): number {
    return this.#session.clock.nowMs(now()) ?? Date.now();
  }

  /** Call a handler for every event of a type: a message's type, "state", "change" or "settled". Returns what ends it. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  // --- asking for something --------------------------------------------------------------------------------

  /** Hold units. The result is a value: `reserved`, `refused` with a code, or `unanswered` after `timeoutMs`
   * (`confirmed` where the id is of a reservation that is paid by now).
   *
   * The request outlives a lost connection: it is sent again with its id, and the server answers an id once. Pass the id
   * of an `unanswered` result to learn what became of it. Throws UsageError, or the room's error where it is closed. */
  async reserve(
    sku: string,
    qty = 1,
    options: RequestOptions & { readonly id?: string | undefined } = {},
  ): Promise<m.Reserved | m.Confirmed | m.Refused | m.Unanswered> {
    const id = options.id ?? newId();
    const pending = this.pending.get(id);
    const waiting = this.#waiting.get(id);
    if (pending && waiting && pending.sku === sku && pending.qty === qty) return waiting.promise as never;
    return this.#request({ type: "reserve", id, sku, qty, again: false }, options.timeoutMs) as never;
  }

  /** Give a reservation back. */
  async cancel(id: string, options: RequestOptions = {}): Promise<m.Cancelled | m.Refused | m.Unanswered> {
    return this.#request({ type: "cancel", id }, options.timeoutMs) as never;
  }

  /** How many are left, as a line in the connection's language. */
  async ask(sku: string, options: RequestOptions = {}): Promise<m.Answer | m.Refused | m.Unanswered> {
    return this.#request({ type: "ask", id: newId(), sku }, options.timeoutMs) as never;
  }

  /** Drop this connection and open another at once: its snapshot mends whatever was missed. */
  reconnect(): void {
    this.#perform(this.#session.reconnect(now()));
  }

  /** Leave the room. Requests still waiting get `unanswered`. Safe to call twice. */
  close(): void {
    this.#perform(this.#session.close());
  }

  #request(message: m.ClientMessage, timeoutMs?: number): Promise<m.Result> {
    const actions = this.#session.request(message, now(), timeoutMs);
    const { promise } = this.#expect(message.id);
    this.#perform(actions);
    return promise;
  }

  #expect(id: string): Waiting {
    let settle: Waiting["settle"] = () => {};
    const promise = new Promise<m.Result>((resolve) => {
      settle = resolve;
    });
    const waiting = { promise, settle };
    this.#waiting.set(id, waiting);
    return waiting;
  }

  // --- carrying out what the session says ------------------------------------------------------------------

  /** The network comes first and the owner's handlers last: they may call anything here. */
  #perform(actions: readonly Action[]): void {
    const events: Event[] = [];
    for (const action of actions) {
      if (action.do === "emit") events.push(action.event);
      else this.#act(action);
    }
    this.#setTimer();
    if (this.state === "closed") this.#stopListening();
    for (const event of events) this.#emit(event);
  }

  #act(action: Exclude<Action, { do: "emit" }>): void {
    switch (action.do) {
      case "dial":
        this.#dialling = new AbortController();
        void this.#dial(this.#dialling.signal);
        break;
      case "send":
        if (this.#socket?.readyState === OPEN) this.#socket.send(action.frame);
        break;
      case "hangup":
        this.#dialling?.abort();
        this.#release()?.close(action.code, action.reason);
        break;
      case "settle":
        this.#waiting.get(action.result.id)?.settle(action.result);
        this.#waiting.delete(action.result.id);
        break;
      case "keep":
        this.#journal.save(this.pending.values(), Date.now());
    }
  }

  #emit(event: Event): void {
    for (const handler of [...(this.#handlers.get(event.type) ?? [])]) {
      try {
        handler(event as never);
      } catch (error) {
        // A fault of the page's own code: shown as one, and no harm to the room.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const wakeAtMs = this.#session.wakeAt();
    if (wakeAtMs === null) return;
    // A timer waits whole milliseconds; one too early would only come again.
    const delayMs = Math.max(0, Math.ceil(wakeAtMs - now()));
    this.#timer = setTimeout(() => this.#perform(this.#session.tick(now())), delayMs);
  }

  #listenToTheNetwork(): () => void {
    if (typeof globalThis.addEventListener !== "function") return () => {};
    const offline = () => this.#perform(this.#session.offline(now()));
    const online = () => this.#perform(this.#session.online(now()));
    globalThis.addEventListener("offline", offline);
    globalThis.addEventListener("online", online);
    return () => {
      globalThis.removeEventListener("offline", offline);
      globalThis.removeEventListener("online", online);
    };
  }

  // --- one connection, from the handshake to its end -----------------------------------------------------

  async #dial(signal: AbortSignal): Promise<void> {
    let token: string | null;
    try {
      token = typeof this.#token === "function" ? await this.#token() : this.#token;
    } catch (error) {
      // Whatever the owner's function may throw: it is asked again with the next attempt.
      if (!signal.aborted) this.#perform(this.#session.failed(`no token: ${error}`, now()));
      return;
    }
    if (signal.aborted) return;
    this.#recognise(token);
    try {
      const socket = new this.#WebSocket(this.#addresses.socket, subprotocols(this.#encoding.protocol, token));
      this.#adopt(socket, () => void this.#failed(token, signal));
    } catch (error) {
      // The page may not open such a socket at all (an insecure one from a secure page), or the token can be none.
      this.#perform(this.#session.refused(error instanceof UsageError ? error : new UsageError(String(error))));
    }
  }

  #adopt(socket: Socket, failed: () => void): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) => {
      const size = typeof data === "string" ? data.length : data.byteLength;
      this.#perform(this.#session.received(size > FRAME_MAX ? "" : data, now()));
    };
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      this.#release();
      if (this.state === "connected") this.#perform(this.#session.lost(code, String(reason), now()));
      else failed();
    };
  }

  #opened(socket: Socket): void {
    const { protocol } = this.#encoding;
    if (socket.protocol === protocol) {
      this.#perform(this.#session.opened(now()));
      return;
    }
    this.#release()?.close();
    const error = new ProtocolError(`the server does not speak ${protocol} (it chose "${socket.protocol}")`);
    this.#perform(this.#session.refused(error));
  }

  /** Hear no more of the present socket. A late error of it must still find a handler, or Node would stop for it. */
  #release(): Socket | null {
    const socket = this.#socket;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.onerror = () => {};
    }
    this.#socket = null;
    return socket;
  }

  async #failed(token: string | null, signal: AbortSignal): Promise<void> {
    let reason = "the socket could not be opened";
    let retryAfterMs = 0;
    if (now() >= this.#askNotBeforeMs) {
      const verdict = await whyNot(this.#addresses.snapshot, token, signal);
      if (signal.aborted) return;
      if (verdict instanceof Rejected) {
        this.#perform(this.#session.refused(verdict));
        return;
      }
      ({ reason, retryAfterMs } = verdict);
      if (verdict.status === 200) this.#askNotBeforeMs = now() + ASK_AGAIN_MS;
    }
    this.#perform(this.#session.failed(reason, now(), retryAfterMs));
  }

  /** Whose connection this is: what a page before this one left of theirs is taken up. */
  #recognise(token: string | null): void {
    const user = userOf(token);
    if (user === this.#user) return;
    this.#user = user;
    const left = this.#journal.open(user, Date.now());
    for (const { id } of left) if (!this.#waiting.has(id)) this.#expect(id);
    if (user) this.#perform(this.#session.restore(left, now()));
  }
}

/** The local monotonic clock. */
function now(): number {
  return performance.now();
}
