/** One client of one room, without I/O: what happened goes in, what to do comes out.
 *
 * The caller owns the socket and the clock. It tells the session what happened (`start`, `opened`, `received`, `lost`,
 * `failed`, `refused`, `tick`, `close` …), with the time of its monotonic clock in milliseconds, and carries out the
 * actions each of them returns, in order. At `wakeAt()` it calls `tick`. */

import { Backoff, type Random } from "./backoff.js";
import { check } from "./check.js";
import { ServerClock } from "./clock.js";
import { CLOSE, mayReconnect, retryOf } from "./codes.js";
import type { Encoding } from "./encoding.js";
import { type ClientError, ClosedByServer, ProtocolError, type Rejected, UsageError } from "./errors.js";
import type { ClientMessage, ErrorMessage, Refused, Reserve, Result, ServerMessage } from "./messages.js";
import { type Change, Mirror } from "./mirror.js";
import type { Policy } from "./policy.js";
import { readMessage } from "./read.js";
import { Outstanding, Pace, Request } from "./requests.js";

/** The states of a client's connection. */
export type State = "disconnected" | "connecting" | "connected" | "closed";

/** What can happen to the connection: it is time to connect; the handshake succeeded; no connection came about, or the
 * server said to come back (429, 5xx); the server said no for good; the connection ended in a way that allows another;
 * it ended with a close code that forbids another; the owner is done. */
export type Input = "dial" | "opened" | "failed" | "rejected" | "lost" | "dismissed" | "close";

/** Every transition there is. An input that has no row here is a defect of the caller, and throws UsageError. */
export const TRANSITIONS: { readonly [S in State]: { readonly [I in Input]?: State } } = {
  disconnected: { dial: "connecting", close: "closed" },
  connecting: { opened: "connected", failed: "disconnected", rejected: "closed", close: "closed" },
  connected: { lost: "disconnected", dismissed: "closed", close: "closed" },
  // Closing takes the socket a moment, in which the network may still have its say; nothing follows from it.
  closed: {
    opened: "closed",
    failed: "closed",
    rejected: "closed",
    lost: "closed",
    dismissed: "closed",
    close: "closed",
  },
};

/** The connection's state changed; `retryInMs` says when the next attempt comes, where there is one. */
export interface StateChange {
  readonly type: "state";
  readonly state: State;
  readonly reason: string;
  readonly retryInMs: number | null;
}

/** A reservation came to its end, also one that a page before this one had made. */
export interface Settled extends PendingReservation {
  readonly type: "settled";
  readonly result: Result;
}

/** A reservation that is not answered yet. */
export interface PendingReservation {
  readonly id: string;
  readonly sku: string;
  readonly qty: number;
}

/** What the owner of a room sees. */
export type Event = ServerMessage | StateChange | Settled | ({ readonly type: "change" } & Change);

/** What the caller must do: open a connection, then say `opened`, `failed` or `refused`; send a frame; close the
 * connection and hear no more of it; settle a request; keep what is pending for a page after this one; show an event. */
export type Action =
  | { readonly do: "dial" }
  | { readonly do: "send"; readonly frame: string | Uint8Array<ArrayBuffer> }
  | { readonly do: "hangup"; readonly code: number; readonly reason: string }
  | { readonly do: "settle"; readonly result: Result }
  | { readonly do: "keep" }
  | { readonly do: "emit"; readonly event: Event };

/** Bounds of what a server may ask for between two signs of life. */
const ALIVE_MIN_MS = 1_000;
const ALIVE_MAX_MS = 600_000;
/** A frame this long after the network was said to be gone proves that it is not. */
const DOUBT_MS = 1_000;
/** A close frame holds 123 bytes of reason; a UTF-16 unit takes at most three of them. */
const REASON_MAX = 40;

/** The state machine. `mirror` is the room as known; `error` is why the server ended a closed session. */
export class Session {
  state: State = "disconnected";
  error: ClientError | null = null;
  /** Messages of a type this version does not know. */
  ignored = 0;
  /** When the next attempt comes, while disconnected. */
  dialAtMs: number | null = null;
  /** The last sign of life while the numbers were current. */
  heardAtMs: number | null = null;
  readonly mirror = new Mirror();
  readonly clock = new ServerClock();
  readonly pending = new Map<string, PendingReservation>();
  readonly #outstanding: Outstanding;
  readonly #pace: Pace;
  readonly #backoff: Backoff;
  #since = 0;
  #frameAtMs = 0;
  #silenceMs = 0;
  #doubtAtMs: number | null = null;
  #drainMs = 0;
  #unreadable = 0;

  constructor(
    private readonly encoding: Encoding,
    private readonly policy: Policy,
    private readonly random: Random = Math.random,
  ) {
    this.#outstanding = new Outstanding(policy.unansweredMax);
    this.#pace = new Pace(policy.messagesASecond, policy.messagesBurst);
    this.#backoff = new Backoff(random, policy.backoffBaseMs, policy.backoffCapMs);
  }

  // --- what happens to the connection --------------------------------------------------------------------

  /** Connect for the first time, at once. */
  start(nowMs: number): Action[] {
    return this.state === "disconnected" ? this.#dial(nowMs) : [];
  }

  /** The handshake succeeded. All that is unanswered goes out (again). */
  opened(nowMs: number): Action[] {
    if (this.#move("opened") === "closed") return [];
    this.#since = this.#frameAtMs = nowMs;
    this.#silenceMs = this.policy.silenceMaxMs;
    this.#doubtAtMs = null;
    this.#drainMs = 0;
    return [this.#changed(), ...this.#pump(nowMs)];
  }

  /** No connection came about; `retryAfterMs` is the server's wish, where it gave one. */
  failed(reason: string, nowMs: number, retryAfterMs = 0): Action[] {
    if (this.#move("failed") === "closed") return [];
    return this.#wait(reason, nowMs, retryAfterMs);
  }

  /** The server refused the handshake for good. */
  refused(error: Rejected | ProtocolError | UsageError): Action[] {
    const before = this.state;
    this.#move("rejected");
    return before === "closed" ? [] : this.#ended(error);
  }

  /** The open connection ended; 1006 where no close code was seen. */
  lost(code: number, reason: string, nowMs: number): Action[] {
    if (!mayReconnect(code)) return this.#dismissed(new ClosedByServer(code, reason));
    if (nowMs - this.#since >= this.policy.stableAfterMs) this.#unreadable = 0;
    return this.#lost(`${reason || "connection lost"} (${code})`, nowMs);
  }

  /** The owner is done. What is unanswered stays so. */
  close(): Action[] {
    const before = this.state;
    this.#move("close");
    if (before === "closed") return [];
    return [...this.#ended(null), { do: "hangup", code: CLOSE.NORMAL, reason: "" }];
  }

  /** The owner wants another connection at once: whatever this one has missed, its snapshot mends. */
  reconnect(nowMs: number): Action[] {
    if (this.state === "connected") {
      const hangup: Action = { do: "hangup", code: CLOSE.NORMAL, reason: "" };
      return [hangup, ...this.#lost("reconnecting", nowMs), ...this.#dial(nowMs)];
    }
    return this.start(nowMs);
  }

  /** The device says that its network is gone: nothing is believed until something is heard that was sent later. */
  offline(nowMs: number): Action[] {
    if (this.state !== "connected" || !this.mirror.current) return [];
    this.#doubtAtMs = nowMs;
    this.mirror.believe(false);
    return this.#change();
  }

  /** The device says that its network is back. */
  online(nowMs: number): Action[] {
    return this.state === "disconnected" || this.#doubtAtMs !== null ? this.reconnect(nowMs) : [];
  }

  /** Time has come for something: connect, send, or give up. */
  tick(nowMs: number): Action[] {
    const actions: Action[] = [];
    for (const request of this.#outstanding.all()) {
      if (request.deadlineMs <= nowMs) actions.push(...this.#settle(request, request.givenUp("no answer in time")));
    }
    if (this.state === "disconnected" && this.dialAtMs !== null && this.dialAtMs <= nowMs) {
      actions.push(...this.#dial(nowMs));
    } else if (this.state === "connecting" && nowMs - this.#since >= this.policy.openTimeoutMs) {
      actions.push(hangup("no connection in time"), ...this.failed("no connection in time", nowMs));
    } else if (this.state === "connected" && nowMs - this.#frameAtMs >= this.#silenceMs) {
      actions.push(hangup("silence"), ...this.#lost("the server fell silent", nowMs));
    }
    return [...actions, ...this.#pump(nowMs), ...this.#change()];
  }

  /** When to call `tick` next, if nothing else happens before. */
  wakeAt(): number | null {
    const requests = this.#outstanding.all();
    const times = requests.map((request) => request.deadlineMs);
    if (this.state === "disconnected" && this.dialAtMs !== null) times.push(this.dialAtMs);
    if (this.state === "connecting") times.push(this.#since + this.policy.openTimeoutMs);
    if (this.state === "connected") {
      times.push(this.#frameAtMs + this.#silenceMs);
      const waiting = requests.filter((request) => !request.inFlight).map((request) => request.notBeforeMs);
      if (waiting.length) times.push(Math.max(Math.min(...waiting), this.#pace.readyAtMs()));
    }
    return times.length ? Math.min(...times) : null;
  }

  // --- messages --------------------------------------------------------------------------------------------

  /** Ask for something; a settle with the message's id follows, within `timeoutMs`. While there is no connection the
   * request waits for one. Throws UsageError, or the session's error where the server ended it. */
  request(message: ClientMessage, nowMs: number, timeoutMs = this.policy.requestTimeoutMs): Action[] {
    check(message);
    if (!(timeoutMs > 0)) throw new UsageError(`timeoutMs: expected more than 0, got ${timeoutMs}`);
    if (this.state === "closed") throw this.error ?? new UsageError("the room is closed");
    const kept = this.#add(new Request(message, nowMs + timeoutMs));
    return [...kept, ...this.#pump(nowMs), ...this.#change()];
  }

  /** Take up what a page before this one left unanswered, as sent before. More than there is room for is left out. */
  restore(reservations: readonly PendingReservation[], nowMs: number): Action[] {
    if (this.state === "closed") return [];
    for (const { id, sku, qty } of reservations) {
      const message: Reserve = { type: "reserve", id, sku, qty, again: true };
      try {
        check(message);
        this.#add(new Request(message, nowMs + this.policy.requestTimeoutMs, 1));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    }
    return [{ do: "keep" }, ...this.#pump(nowMs), ...this.#change()];
  }

  /** A frame came. An unreadable one ends the connection: what it said is unknown, and a new snapshot mends it. */
  received(frame: string | ArrayBuffer, nowMs: number): Action[] {
    if (this.state !== "connected") return [];
    let message: ServerMessage | null;
    try {
      message = readMessage(this.encoding.decode(frame));
    } catch (error) {
      return this.#garbled(error instanceof Error ? error.message : String(error), nowMs);
    }
    this.#frameAtMs = nowMs;
    if (this.#doubtAtMs !== null && nowMs - this.#doubtAtMs > DOUBT_MS) {
      // Frames come in order: what arrives now says that none was missed.
      this.#doubtAtMs = null;
      this.mirror.believe(true);
    }
    const actions = message ? this.#take(message, nowMs) : [];
    if (!message) this.ignored += 1;
    if (this.mirror.current) this.heardAtMs = nowMs;
    return [...actions, ...this.#change()];
  }

  #take(message: ServerMessage, nowMs: number): Action[] {
    if (message.type === "snapshot" && message.epoch !== this.mirror.epoch) this.clock.forget();
    if ("at_ms" in message) this.clock.observe(message.at_ms, nowMs);
    if (message.type === "draining") this.#drainMs = message.reconnect_after_ms;
    if (message.type === "alive") {
      this.#silenceMs = 1.5 * Math.min(ALIVE_MAX_MS, Math.max(ALIVE_MIN_MS, message.next_ms));
    }
    if (!this.mirror.apply(message)) return [];
    const shown: Action = { do: "emit", event: message };
    if (message.type === "error") return this.#error(message, nowMs);
    const request = "id" in message ? this.#outstanding.get(message.id) : undefined;
    if (!request?.isAnswer(message)) return [shown];
    if (message.type === "refused" && this.#again(request, message, nowMs)) return this.#pump(nowMs);
    return [...this.#settle(request, message), shown];
  }

  /** An `error` with the id of a request refuses that request; a traffic one without an id says to slow down, and
   * whatever it was said of is sent again. */
  #error(error: ErrorMessage, nowMs: number): Action[] {
    const { id, code, message, retry_after_ms } = error;
    const shown: Action = { do: "emit", event: error };
    const request = id === null ? undefined : this.#outstanding.get(id);
    if (request) {
      const { id } = request.message;
      const retry = retryOf(code);
      const refusal: Refused = {
        type: "refused",
        id,
        code,
        message,
        retry,
        retry_after_ms,
        available: null,
        field: null,
      };
      return this.#again(request, refusal, nowMs) ? this.#pump(nowMs) : [...this.#settle(request, refusal), shown];
    }
    if (id === null && code === "RATE_LIMITED") {
      for (const each of this.#outstanding.all()) {
        if (!each.inFlight || each.isSaidOnce) continue;
        each.inFlight = false;
        each.notBeforeMs = nowMs + this.#pauseMs(each, retry_after_ms);
      }
    }
    return [shown];
  }

  /** Whether the request is to be sent again with its id; then it waits for its time. */
  #again(request: Request, refusal: Refused, nowMs: number): boolean {
    if (refusal.retry !== "same_id" || request.attempts >= this.policy.sameIdAttemptsMax) return false;
    const notBeforeMs = nowMs + this.#pauseMs(request, refusal.retry_after_ms);
    if (notBeforeMs >= request.deadlineMs) return false;
    Object.assign(request, { inFlight: false, notBeforeMs, refusal });
    return true;
  }

  #pauseMs(request: Request, retryAfterMs: number | null): number {
    const { backoffBaseMs, backoffCapMs } = this.policy;
    const attempt = Math.max(0, request.attempts - 1);
    return new Backoff(this.random, backoffBaseMs, backoffCapMs, attempt).nextMs(retryAfterMs ?? 0);
  }

  // --- the machinery -----------------------------------------------------------------------------------------

  #move(happened: Input): State {
    const after = TRANSITIONS[this.state][happened];
    if (!after) throw new UsageError(`${happened} cannot happen while ${this.state}`);
    this.state = after;
    return after;
  }

  #dial(nowMs: number): Action[] {
    this.#move("dial");
    this.dialAtMs = null;
    this.#since = nowMs;
    return [this.#changed(), { do: "dial" }];
  }

  #lost(reason: string, nowMs: number): Action[] {
    if (this.#move("lost") === "closed") return [];
    if (nowMs - this.#since >= this.policy.stableAfterMs) this.#backoff.reset();
    const actions = this.#wait(reason, nowMs, this.#drainMs);
    for (const request of this.#outstanding.all()) {
      if (request.inFlight && request.isSaidOnce) {
        actions.push(...this.#settle(request, request.givenUp("connection lost before the answer")));
      }
      request.inFlight = false;
    }
    return actions;
  }

  #garbled(reason: string, nowMs: number): Action[] {
    this.#unreadable += 1;
    const gone = { do: "hangup", code: CLOSE.UNREADABLE, reason: reason.slice(0, REASON_MAX) } as const;
    if (this.#unreadable < this.policy.unreadableMax) return [gone, ...this.#lost(reason, nowMs)];
    const error = new ProtocolError(`gave up after ${this.#unreadable} unreadable connections: ${reason}`);
    return [gone, ...this.#dismissed(error)];
  }

  #dismissed(error: ClientError): Action[] {
    const before = this.state;
    this.#move("dismissed");
    return before === "closed" ? [] : this.#ended(error);
  }

  #wait(reason: string, nowMs: number, floorMs: number): Action[] {
    const delayMs = this.#backoff.nextMs(floorMs);
    this.dialAtMs = nowMs + delayMs;
    this.mirror.disconnected();
    return [this.#changed(reason, delayMs), ...this.#change()];
  }

  #ended(error: ClientError | null): Action[] {
    this.error = error;
    this.mirror.disconnected();
    const reason = error ? error.message : "closed by its owner";
    const settled = this.#outstanding.all().flatMap((each) => this.#settle(each, each.givenUp(reason)));
    // What is pending stays kept: a page after this one, or the next room, takes it up.
    return [...settled.filter((action) => action.do !== "keep"), this.#changed(reason), ...this.#change()];
  }

  #add(request: Request): Action[] {
    this.#outstanding.add(request);
    const { message } = request;
    if (message.type !== "reserve") return [];
    this.pending.set(message.id, { id: message.id, sku: message.sku, qty: message.qty });
    this.mirror.touchReservations();
    return [{ do: "keep" }];
  }

  #settle(request: Request, result: Result): Action[] {
    this.#outstanding.remove(request);
    const settle: Action = { do: "settle", result };
    const reservation = this.pending.get(result.id);
    if (!reservation) return [settle];
    this.pending.delete(result.id);
    this.mirror.touchReservations();
    return [settle, { do: "keep" }, { do: "emit", event: { type: "settled", ...reservation, result } }];
  }

  /** Send what waits and may go out. */
  #pump(nowMs: number): Action[] {
    const actions: Action[] = [];
    if (this.state !== "connected") return actions;
    for (const request of this.#outstanding.all()) {
      if (request.inFlight || request.notBeforeMs > nowMs) continue;
      if (!this.#pace.take(nowMs)) break;
      actions.push({ do: "send", frame: this.encoding.encode(request.sent()) });
    }
    return actions;
  }

  #changed(reason = "", retryInMs: number | null = null): Action {
    return { do: "emit", event: { type: "state", state: this.state, reason, retryInMs } };
  }

  #change(): Action[] {
    const change = this.mirror.takeChange();
    return change ? [{ do: "emit", event: { type: "change", ...change } }] : [];
  }
}

function hangup(reason: string): Action {
  return { do: "hangup", code: CLOSE.NORMAL, reason };
}
