/** One client of one room, without I/O: what happened goes in, what to do comes out.
 *
 * The caller owns the socket and the clock. It tells the session what happened (`start`, `opened`, `received`, `lost`,
 * `failed`, `refused`, `tick`, `close` …), with the time of its monotonic clock in milliseconds, and carries out the
 * actions each of them returns, in order. At `wakeAt()` it calls `tick`. */

import { backoffMs, type Random } from "./backoff.js";
import { check } from "./check.js";
import { ServerClock } from "./clock.js";
import { Close, mayReconnect, retryOf } from "./codes.js";
import type { Encoding } from "./encoding.js";
import { type ClientError, ClosedByServer, ProtocolError, UsageError } from "./errors.js";
import type { Event, PendingReservation, State } from "./events.js";
import type { ClientMessage, ErrorMessage, Refused, Result, ServerMessage } from "./messages.js";
import type { Mirror } from "./mirror.js";
import type { Policy } from "./policy.js";
import { readMessage } from "./read.js";
import { Pace, Request } from "./requests.js";
import { type Action, type Input, TRANSITIONS } from "./transitions.js";

/** How many times the promised time may pass in silence, and the bounds of what a server may promise. */
const SILENCE_SHARE = 1.5;
const ALIVE_MIN_MS = 1_000;
const ALIVE_MAX_MS = 600_000;
/** A frame this long after the network was said to be gone proves that it is not. */
const DOUBT_MS = 1_000;
/** A close frame holds 123 bytes of reason; a UTF-16 unit takes at most three of them. */
const REASON_MAX = 40;

/** The state machine. It keeps `mirror`, the room as known, up to date; `error` is why the server ended a closed session. */
export class Session {
  state: State = "disconnected";
  error: ClientError | null = null;
  /** Messages of a type this version does not know. */
  ignored = 0;
  /** When the next attempt comes, while disconnected. */
  dialAtMs: number | null = null;
  /** The last sign of life while the numbers were current. */
  heardAtMs: number | null = null;
  readonly mirror: Mirror;
  readonly clock = new ServerClock();
  readonly pending = new Map<string, PendingReservation>();
  readonly #encoding: Encoding;
  readonly #policy: Policy;
  readonly #random: Random;
  /** By id, in the order they were made; at most `unansweredMax`. */
  readonly #outstanding = new Map<string, Request>();
  readonly #pace: Pace;
  #actions: Action[] = [];
  #keep = false;
  #attempt = 0;
  /** When the present connection, or the attempt at one, began. */
  #sinceMs = 0;
  #frameAtMs = 0;
  #silenceMs = 0;
  #doubtAtMs: number | null = null;
  #drainMs = 0;
  #unreadable = 0;

  constructor(encoding: Encoding, policy: Policy, mirror: Mirror, random: Random = Math.random) {
    this.mirror = mirror;
    this.#encoding = encoding;
    this.#policy = policy;
    this.#random = random;
    this.#pace = new Pace(policy.messagesASecond, policy.messagesBurst);
  }

  // --- what happens to the connection --------------------------------------------------------------------

  /** Connect at once, if there is no connection. */
  start(nowMs: number): Action[] {
    if (this.state === "disconnected") this.#dial(nowMs);
    return this.#done(nowMs);
  }

  /** The handshake succeeded. All that is unanswered goes out (again). */
  opened(nowMs: number): Action[] {
    if (this.#move("opened")) {
      this.#sinceMs = this.#frameAtMs = nowMs;
      this.#silenceMs = this.#policy.silenceMaxMs;
      this.#doubtAtMs = null;
      this.#drainMs = 0;
      this.mirror.connected();
      this.#tell();
    }
    return this.#done(nowMs);
  }

  /** No connection came about; `retryAfterMs` is the server's wish, where it gave one. */
  failed(reason: string, nowMs: number, retryAfterMs = 0): Action[] {
    if (this.#move("failed")) this.#wait(reason, nowMs, retryAfterMs);
    return this.#done(nowMs);
  }

  /** The server refused the handshake for good, or the owner asked for what cannot be. */
  refused(error: ClientError): Action[] {
    if (this.#move("rejected")) this.#end(error);
    return this.#done();
  }

  /** The open connection ended; 1006 where no close code was seen. An expired token is no end where there can be a
   * fresh one. */
  lost(code: number, reason: string, nowMs: number, hasFreshToken = false): Action[] {
    if (mayReconnect(code) || (hasFreshToken && code === Close.TOKEN_EXPIRED)) {
      if (this.#wasGood(nowMs)) this.#unreadable = 0;
      this.#lose(`${reason || "connection lost"} (${code})`, nowMs);
    } else {
      this.#dismiss(new ClosedByServer(code, reason));
    }
    return this.#done(nowMs);
  }

  /** The owner is done. What is unanswered stays so. */
  close(): Action[] {
    if (this.#move("close")) {
      this.#hangup();
      this.#end(null);
    }
    return this.#done();
  }

  /** The owner wants another connection at once: whatever this one has missed, its snapshot mends. */
  reconnect(nowMs: number): Action[] {
    if (this.state === "connected") {
      this.#hangup();
      this.#lose("reconnecting", nowMs);
    }
    return this.start(nowMs);
  }

  /** The device says that its network is gone: nothing is believed until something is heard that was sent later. */
  offline(nowMs: number): Action[] {
    if (this.mirror.current) {
      this.#doubtAtMs = nowMs;
      this.mirror.doubt(true);
    }
    return this.#done(nowMs);
  }

  /** The device says that its network is back. */
  online(nowMs: number): Action[] {
    return this.#doubtAtMs === null ? this.start(nowMs) : this.reconnect(nowMs);
  }

  /** Time has come for something: connect, send, or give up. */
  tick(nowMs: number): Action[] {
    for (const request of this.#outstanding.values()) {
      if (request.deadlineMs <= nowMs) this.#settle(request.givenUp("no answer in time"));
    }
    if (this.#dueAtMs() <= nowMs) {
      if (this.state === "disconnected") {
        this.#dial(nowMs);
      } else if (this.state === "connecting") {
        this.#move("failed");
        this.#hangup();
        this.#wait("no connection in time", nowMs, 0);
      } else {
        // The network may have died without a word: nothing that is shown can be believed from here on.
        this.#hangup(Close.SILENT, "no sign of life");
        this.#lose("no sign of life", nowMs);
      }
    }
    return this.#done(nowMs);
  }

  /** When to call `tick` next, if nothing else happens before; Infinity for never. */
  wakeAt(): number {
    const requests = [...this.#outstanding.values()];
    const times = [this.#dueAtMs(), ...requests.map((request) => request.deadlineMs)];
    if (this.state === "connected") {
      const waiting = requests.filter((request) => !request.inFlight).map((request) => request.notBeforeMs);
      times.push(Math.max(Math.min(...waiting), this.#pace.readyAtMs()));
    }
    return Math.min(...times);
  }

  // --- messages --------------------------------------------------------------------------------------------

  /** Ask for something; a settle with the message's id follows, within `timeoutMs`. While there is no connection the
   * request waits for one. Throws UsageError, or the session's error where the server ended it. */
  request(message: ClientMessage, nowMs: number, timeoutMs = this.#policy.requestTimeoutMs): Action[] {
    if (!(timeoutMs > 0)) throw new UsageError(`timeoutMs: expected more than 0, got ${timeoutMs}`);
    if (this.state === "closed") throw this.error ?? new UsageError("the room is closed");
    this.#add(new Request(message, nowMs + timeoutMs));
    return this.#done(nowMs);
  }

  /** Take up what a page before this one left unanswered, as sent before. What is wrong or too much is left out. */
  restore(reservations: readonly PendingReservation[], nowMs: number): Action[] {
    this.#keep = true;
    for (const reservation of reservations) {
      try {
        const { id, sku, qty } = reservation;
        const message = { type: "reserve", id, sku, qty, again: true } as const;
        this.#add(new Request(message, nowMs + this.#policy.requestTimeoutMs, 1));
      } catch {
        // Whoever wrote it there, it is not what this client keeps.
      }
    }
    return this.#done(nowMs);
  }

  /** Give up what is unanswered. */
  abandon(reason: string): Action[] {
    this.#giveUp(reason);
    return this.#done();
  }

  /** A frame came. An unreadable one ends the connection: what it said is unknown, and a new snapshot mends it. */
  received(frame: string | ArrayBuffer, nowMs: number): Action[] {
    if (this.state !== "connected") return [];
    let message: ServerMessage | null;
    try {
      message = readMessage(this.#encoding.decode(frame));
    } catch (error) {
      this.#garbled(String(error), nowMs);
      return this.#done(nowMs);
    }
    this.#hear(nowMs);
    if (message) this.#take(message, nowMs);
    else this.ignored += 1;
    if (this.mirror.current) this.heardAtMs = nowMs;
    return this.#done(nowMs);
  }

  #hear(nowMs: number): void {
    this.#frameAtMs = nowMs;
    if (this.#doubtAtMs !== null && nowMs - this.#doubtAtMs > DOUBT_MS) {
      // Frames come in order: what arrives now says that none was missed.
      this.#doubtAtMs = null;
      this.mirror.doubt(false);
    }
  }

  #take(message: ServerMessage, nowMs: number): void {
    if (message.type === "snapshot" && message.epoch !== this.mirror.epoch) this.clock.forget();
    if ("at_ms" in message) this.clock.observe(message.at_ms, nowMs);
    if (message.type === "draining") this.#drainMs = message.reconnect_after_ms;
    if (message.type === "alive") {
      // A sign of life is nothing to show.
      this.#silenceMs = SILENCE_SHARE * Math.min(ALIVE_MAX_MS, Math.max(ALIVE_MIN_MS, message.next_ms));
      return;
    }
    if (!this.mirror.apply(message)) return;
    const answer = message.type === "error" ? this.#refusal(message, nowMs) : message;
    const request = "id" in answer && answer.id !== null ? this.#outstanding.get(answer.id) : undefined;
    if (request?.isAnswer(answer)) {
      if (answer.type === "refused" && this.#again(request, answer, nowMs)) return;
      this.#settle(answer);
    }
    this.#emit(message);
  }

  /** An `error` with the id of a request refuses that request; a traffic one without an id says to slow down, and
   * whatever it was said of is sent again. */
  #refusal(error: ErrorMessage, nowMs: number): Refused | ErrorMessage {
    const { id, code, message, retry_after_ms } = error;
    if (id !== null) {
      return { type: "refused", id, code, message, retry: retryOf(code), retry_after_ms, available: null, field: null };
    }
    if (code === "RATE_LIMITED") {
      for (const each of this.#outstanding.values()) {
        if (each.inFlight) each.waitUntil(nowMs + this.#pauseMs(each, retry_after_ms));
      }
    }
    return error;
  }

  /** Whether the request is to be sent again with its id; then it waits for its time. */
  #again(request: Request, refusal: Refused, nowMs: number): boolean {
    const notBeforeMs = nowMs + this.#pauseMs(request, refusal.retry_after_ms);
    const tooOften = request.attempts >= this.#policy.sameIdAttemptsMax;
    if (refusal.retry !== "same_id" || tooOften || notBeforeMs >= request.deadlineMs) return false;
    request.waitUntil(notBeforeMs, refusal);
    return true;
  }

  #pauseMs(request: Request, retryAfterMs: number | null): number {
    return (retryAfterMs ?? 0) + backoffMs(Math.max(0, request.attempts - 1), this.#policy, this.#random);
  }

  // --- the machinery -----------------------------------------------------------------------------------------

  /** Whether anything follows from it: from a closed session nothing does. */
  #move(happened: Input): boolean {
    if (this.state === "closed") return false;
    const after = TRANSITIONS[this.state][happened];
    if (!after) throw new UsageError(`${happened} cannot happen while ${this.state}`);
    this.state = after;
    return true;
  }

  #dial(nowMs: number): void {
    this.#move("dial");
    this.dialAtMs = null;
    this.#sinceMs = nowMs;
    this.#tell();
    this.#actions.push({ do: "dial" });
  }

  #hangup(code = Close.NORMAL, reason = ""): void {
    this.#actions.push({ do: "hangup", code, reason });
  }

  #wasGood(nowMs: number): boolean {
    return nowMs - this.#sinceMs >= this.#policy.stableAfterMs;
  }

  #lose(reason: string, nowMs: number): void {
    if (!this.#move("lost")) return;
    if (this.#wasGood(nowMs)) this.#attempt = 0;
    this.#wait(reason, nowMs, this.#drainMs);
    for (const request of this.#outstanding.values()) {
      request.inFlight = false;
    }
  }

  #garbled(reason: string, nowMs: number): void {
    this.#unreadable += 1;
    this.#hangup(Close.UNREADABLE, reason.slice(0, REASON_MAX));
    if (this.#unreadable < this.#policy.unreadableMax) this.#lose(reason, nowMs);
    else this.#dismiss(new ProtocolError(`gave up after ${this.#unreadable} unreadable connections: ${reason}`));
  }

  #dismiss(error: ClientError): void {
    if (this.#move("dismissed")) this.#end(error);
  }

  #wait(reason: string, nowMs: number, floorMs: number): void {
    const delayMs = floorMs + backoffMs(this.#attempt, this.#policy, this.#random);
    this.#attempt += 1;
    this.dialAtMs = nowMs + delayMs;
    this.mirror.disconnected();
    this.#tell(reason, delayMs);
  }

  #end(error: ClientError | null): void {
    this.error = error;
    this.dialAtMs = null;
    this.mirror.disconnected();
    const reason = error ? error.message : "closed by its owner";
    this.#giveUp(reason);
    // What is pending stays kept: a page after this one, or the next room, takes it up.
    this.#keep = false;
    this.#tell(reason);
  }

  #giveUp(reason: string): void {
    for (const request of this.#outstanding.values()) this.#settle(request.givenUp(reason));
  }

  #add(request: Request): void {
    const { message } = request;
    const { id } = message;
    check(message);
    if (this.#outstanding.has(id)) throw new UsageError(`a request with id "${id}" is still unanswered`);
    if (this.#outstanding.size >= this.#policy.unansweredMax) throw new UsageError("too many requests are unanswered");
    this.#outstanding.set(id, request);
    if (message.type === "reserve") {
      this.pending.set(id, { id, sku: message.sku, qty: message.qty });
      this.#keep = this.mirror.changed.reservations = true;
    }
  }

  #settle(result: Result): void {
    this.#outstanding.delete(result.id);
    this.#actions.push({ do: "settle", result });
    const reservation = this.pending.get(result.id);
    if (reservation) {
      this.pending.delete(result.id);
      this.#keep = this.mirror.changed.reservations = true;
      this.#emit({ type: "settled", ...reservation, result });
    }
  }

  #emit(event: Event): void {
    this.#actions.push({ do: "emit", event });
  }

  #tell(reason = "", retryInMs: number | null = null): void {
    this.#emit({ type: "state", state: this.state, reason, retryInMs });
  }

  /** The end of every input: send what waits and may go out, and say what changed. */
  #done(nowMs = 0): Action[] {
    for (const request of this.state === "connected" ? this.#outstanding.values() : []) {
      if (request.inFlight || request.notBeforeMs > nowMs) continue;
      if (!this.#pace.take(nowMs)) break;
      this.#actions.push({ do: "send", frame: this.#encoding.encode(request.sent()) });
    }
    if (this.#keep) this.#actions.push({ do: "keep" });
    const change = this.mirror.takeChange();
    if (change) this.#emit(change);
    const actions = this.#actions;
    this.#actions = [];
    this.#keep = false;
    return actions;
  }

  /** When something is due for the connection itself. */
  #dueAtMs(): number {
    if (this.state === "disconnected") return this.dialAtMs ?? Infinity;
    if (this.state === "connecting") return this.#sinceMs + this.#policy.openTimeoutMs;
    return this.state === "connected" ? this.#frameAtMs + this.#silenceMs : Infinity;
  }
}
