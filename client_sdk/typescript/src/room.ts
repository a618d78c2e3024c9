/** A live room (or pool): a `Session` joined to a WebSocket, a clock, and the tab's storage. */

import type { ConnectOptions, Events, RepeatOptions, RequestOptions, Room, Token } from "./api.js";
import { type Addresses, addresses, subprotocols, type Verdict, whyNot } from "./dial.js";
import { type Encoding, json } from "./encoding.js";
import { type ClientError, ProtocolError, UsageError } from "./errors.js";
import type { Event, PendingReservation, State } from "./events.js";
import { newId } from "./id.js";
import { Journal, tabStorage, userOf } from "./journal.js";
import type * as m from "./messages.js";
import type { Mirror } from "./mirror.js";
import { POLICY } from "./policy.js";
import { Session } from "./session.js";
import type { Socket, SocketClass } from "./socket.js";
import type { Action } from "./transitions.js";

interface Waiting {
  readonly promise: Promise<m.Result>;
  readonly settle: (result: m.Result) => void;
}

/** The largest frame; a snapshot of 2,000 SKUs with long titles is about 1 MiB. */
const FRAME_MAX = 8 * 1024 * 1024;
const OPEN = 1;
/** How long what a full server said counts: its refusals are cheap, and the question why is not. */
const WHY_MS = 30_000;
/** The longest time a timer can wait. */
const TIMER_MAX_MS = 0x7fffffff;

/** Makes of a mirror one that keeps itself up to date. `@shelfcast/client/pool` makes another one of another mirror. */
export function live(Base: typeof Mirror): new (options: ConnectOptions, places?: Addresses) => Room {
  return class extends Base implements Room {
    readonly #session: Session;
    readonly #addresses: Addresses;
    readonly #encoding: Encoding;
    readonly #token: Token;
    readonly #WebSocket: SocketClass;
    readonly #journal: Journal;
    readonly #handlers = new Map<string, Set<(event: never) => void>>();
    readonly #waiting = new Map<string, Waiting>();
    readonly #ending = new AbortController();
    #user: string | null = null;
    /** What has happened and is not told yet, while something is being carried out. */
    #untold: Event[] | null = null;
    #socket: Socket | null = null;
    #dialling: AbortController | null = null;
    #timer: ReturnType<typeof setTimeout> | undefined;
    /** Why the last handshake failed, and until when that counts for the next one too. */
    #why!: Verdict;
    #whyUntilMs = 0;

    /** Throws UsageError. */
    constructor(options: ConnectOptions, places = addresses(options.url, options.room, options.language)) {
      super();
      const made = options.WebSocket ?? (globalThis.WebSocket as SocketClass | undefined);
      if (!made) throw new UsageError("WebSocket: none here; pass that of `ws`");
      this.#WebSocket = made;
      const { encoding = json, token = null, storage = tabStorage() } = options;
      this.#addresses = places;
      this.#encoding = encoding;
      const policy = { ...POLICY, ...options.policy };
      this.#token = token;
      this.#session = new Session(encoding, policy, this);
      this.#journal = new Journal(storage, `shelfcast:${this.#addresses.entry}`, policy);
      this.#listenToTheNetwork();
      if (typeof token === "string") this.#recognise(token);
      // A moment later, so that handlers added right after `connect` see the first state too.
      queueMicrotask(() => this.#perform(this.#session.start(now())));
    }

    // --- the room as it is known ---------------------------------------------------------------------------

    get state(): State {
      return this.#session.state;
    }

    get error(): ClientError | null {
      return this.#session.error;
    }

    get retryAtMs(): number | null {
      return this.#session.dialAtMs;
    }

    get heardAtMs(): number | null {
      return this.#session.heardAtMs;
    }

    ageMs(): number {
      return this.current || this.heardAtMs === null ? 0 : now() - this.heardAtMs;
    }

    get pending(): ReadonlyMap<string, PendingReservation> {
      return this.#session.pending;
    }

    serverNowMs(): number {
      return this.#session.clock.nowMs(now()) ?? Date.now();
    }

    on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
      const handlers = this.#handlers.get(type) ?? new Set();
      this.#handlers.set(type, handlers);
      handlers.add(handler);
      return () => handlers.delete(handler);
    }

    // --- asking for something --------------------------------------------------------------------------------

    async reserve(sku: string, qty = 1, { id: given, timeoutMs }: RepeatOptions = {}) {
      // An id that was given may be in the book: a room that is sold out is not to answer in the book's place.
      const again = given !== undefined;
      return this.#make({ type: "reserve", id: given ?? newId(), sku, qty, again }, timeoutMs) as never;
    }

    async wait(sku: string, qty = 1, { id = newId(), timeoutMs }: RepeatOptions = {}) {
      return this.#make({ type: "wait", id, sku, qty }, timeoutMs) as never;
    }

    async decline(id: string, { timeoutMs }: RequestOptions = {}) {
      return this.request({ type: "decline", id }, timeoutMs) as never;
    }

    async cancel(id: string, { timeoutMs }: RequestOptions = {}) {
      return this.request({ type: "cancel", id }, timeoutMs) as never;
    }

    async ask(sku: string, { timeoutMs }: RequestOptions = {}) {
      return this.request({ type: "ask", id: newId(), sku }, timeoutMs) as never;
    }

    reconnect(): void {
      this.#perform(this.#session.reconnect(now()));
    }

    close(): void {
      this.#perform(this.#session.close());
    }

    #make(message: m.Reserve | m.Wait, timeoutMs?: number): Promise<m.Result> {
      const { type, id, sku, qty } = message;
      const pending = this.pending.get(id);
      // The same wish while it waits is the same request: one that a page before this one had made can be awaited.
      const isSame = pending && pending.kind === type && pending.sku === sku && pending.qty === qty;
      return isSame ? this.#expect(id) : this.request(message, timeoutMs);
    }

    request(message: m.ClientMessage, timeoutMs?: number): Promise<m.Result> {
      const actions = this.#session.request(message, now(), timeoutMs);
      const result = this.#expect(message.id);
      this.#perform(actions);
      return result;
    }

    /** The result of the request with this id. */
    #expect(id: string): Promise<m.Result> {
      let waiting = this.#waiting.get(id);
      if (!waiting) {
        let settle: Waiting["settle"] = () => {};
        const promise = new Promise<m.Result>((resolve) => {
          settle = resolve;
        });
        waiting = { promise, settle };
        this.#waiting.set(id, waiting);
      }
      return waiting.promise;
    }

    // --- carrying out what the session says ------------------------------------------------------------------

    /** The network comes first and the owner's handlers last: they may call anything here, and what that brings about is
     * told after what they are being told. */
    #perform(actions: readonly Action[]): void {
      const outer = this.#untold;
      const untold = outer ?? [];
      this.#untold = untold;
      for (const action of actions) {
        if (action.do === "emit") untold.push(action.event);
        else this.#act(action);
      }
      this.#setTimer();
      if (this.state === "closed") this.#ending.abort();
      if (outer) return;
      // It may grow meanwhile.
      for (const event of untold) this.#emit(event);
      this.#untold = null;
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
          this.#journal.save(this.pending, Date.now());
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
      // A timer waits whole milliseconds; one too early would only come again.
      const delayMs = Math.ceil(this.#session.wakeAt() - now());
      if (delayMs < Infinity)
        this.#timer = setTimeout(() => this.#perform(this.#session.tick(now())), Math.min(delayMs, TIMER_MAX_MS));
    }

    #listenToTheNetwork(): void {
      for (const type of ["offline", "online"] as const) {
        const heard = () => this.#perform(this.#session[type](now()));
        globalThis.addEventListener?.(type, heard, { signal: this.#ending.signal });
      }
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
      // Asked once more: those who hear what another user left unanswered may close the room.
      if (!signal.aborted) this.#recognise(token);
      if (signal.aborted) return;
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
        const isTooLarge = (data.length ?? data.byteLength) > FRAME_MAX;
        this.#perform(this.#session.received(isTooLarge ? "" : data, now()));
      };
      socket.onerror = () => {};
      socket.onclose = ({ code, reason }) => {
        this.#release();
        const hasFreshToken = typeof this.#token === "function";
        if (this.state === "connected") this.#perform(this.#session.lost(code, String(reason), now(), hasFreshToken));
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

    /** Hear no more of the present socket, but for a late error of it: without a handler Node would stop for that. */
    #release(): Socket | null {
      const socket = this.#socket;
      if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
      this.#socket = null;
      return socket;
    }

    async #failed(token: string | null, signal: AbortSignal): Promise<void> {
      if (now() >= this.#whyUntilMs) {
        this.#why = await whyNot(this.#addresses.entry, token, signal);
        this.#whyUntilMs = now() + (this.#why[1] && WHY_MS);
      }
      if (signal.aborted) return;
      const [reason, retryAfterMs] = this.#why;
      if (typeof reason === "string") this.#perform(this.#session.failed(reason, now(), retryAfterMs));
      else this.#perform(this.#session.refused(reason));
    }

    /** Whose connection this is: what a page before this one left of theirs is taken up. */
    #recognise(token: string | null): void {
      const user = userOf(token);
      const before = this.#user;
      if (user === before) return;
      this.#user = user;
      // What another user asked for is not asked in this one's name.
      if (before !== null) this.#perform(this.#session.abandon("another user"));
      this.#perform(this.#session.restore(this.#journal.open(user, Date.now()), now()));
    }
  };
}

/** The local monotonic clock. */
function now(): number {
  return performance.now();
}
