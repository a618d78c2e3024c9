/** One client of one room, without I/O: what happened goes in, what to do comes out.
 *
 * The caller owns the socket and the clock. It tells the session what happened (`start`, `opened`, `received`, `lost`,
 * `failed`, `refused`, `tick`, `close` …), with the time of its monotonic clock in milliseconds, and carries out the
 * actions each of them returns, in order. At `wakeAt()` it calls `tick`. */

import { backoffMs, type Random } from "./backoff.js";
import { ServerClock } from "./clock.js";
import { Close, mayReconnect, retryOf } from "./codes.js";
import type { Encoding } from "./encoding.js";
import { type ClientError, ClosedByServer, ProtocolError, UsageError } from "./errors.js";
import type { Event, PendingReservation, State } from "./events.js";
import type { ClientMessage, ErrorMessage, Refused, Result, ServerMessage } from "./messages.js";
import type { Mirror } from "./mirror.js";
import { Outstanding } from "./outstanding.js";
import type { Policy } from "./policy.js";
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
  /** When the next attempt comes, while disconnected. */
  dialAtMs: number | null = null;
  /** The last sign of life while the numbers were current. */
  heardAtMs: number | null = null;
  readonly mirror: Mirror;
  readonly clock = new ServerClock();
  readonly #encoding: Encoding;
  readonly #policy: Policy;
  readonly #random: Random;
  readonly #outstanding: Outstanding;
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
    this.#outstanding = new Outstanding(policy, random);
  }

  /** Reservations and waits without an answer yet, by id. */
  get pending(): ReadonlyMap<string, PendingReservation> {
    return this.#outstanding.pending;
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
    this.#giveUp("no answer in time", nowMs);
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
    return Math.min(this.#dueAtMs(), this.#outstanding.wakeAt(this.state === "connected"));
  }

  // --- messages --------------------------------------------------------------------------------------------

  /** Ask for something; a settle with the message's id follows, within `timeoutMs`. While there is no connection the
   * request waits for one. Throws UsageError, or the session's error where the server ended it. */
  request(message: ClientMessage, nowMs: number, timeoutMs = this.#policy.requestTimeoutMs): Action[] {
    if (!(timeoutMs > 0)) throw new UsageError(`timeoutMs: expected more than 0, got ${timeoutMs}`);
    if (this.state === "closed") throw this.error ?? new UsageError("the room is closed");
    this.#add(message, nowMs + timeoutMs);
    return this.#done(nowMs);
  }

  /** Take up what a page before this one left unanswered, as sent before. What is wrong or too much is left out. */
  restore(reservations: readonly PendingReservation[], nowMs: number): Action[] {
    this.#keep = true;
    for (const reservation of reservations) {
      try {
        const { kind, id, sku, qty } = reservation;
        const message: ClientMessage =
          kind === "wait" ? { type: kind, id, sku, qty } : { type: "reserve", id, sku, qty, again: true };
        this.#add(message, nowMs + this.#policy.requestTimeoutMs);
      } catch {
        // Whoever wrote it there, it is not what this client keeps.
      }
    }
    return this.#done(nowMs);
  }

  /** Give up what is unanswered, and forget what is held or waited for. */
  abandon(reason: string): Action[] {
    this.mirror.forgetUser();
    this.#keepPending();
    this.#giveUp(reason);
    return this.#done();
  }

  /** A frame came. An unreadable one ends the connection: what it said is unknown, and a new snapshot mends it. */
  received(frame: string | ArrayBuffer, nowMs: number): Action[] {
    if (this.state !== "connected") return [];
    let message: ServerMessage | null;
    try {
      message = this.mirror.read(this.#encoding.decode(frame));
    } catch (error) {
      this.#garbled(String(error), nowMs);
      return this.#done(nowMs);
    }
    this.#hear(nowMs);
    // A newer server's message of a type that is not known here is passed over.
    if (message) this.#take(message, nowMs);
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
    if ("epoch" in message && message.epoch !== this.mirror.epoch) this.clock.forget();
    if ("at_ms" in message) this.clock.observe(message.at_ms, nowMs);
    if (message.type === "draining") this.#drainMs = message.reconnect_after_ms;
    if (message.type === "alive") {
      this.#silenceMs = SILENCE_SHARE * Math.min(ALIVE_MAX_MS, Math.max(ALIVE_MIN_MS, message.next_ms));
      return;
    }
    if (!this.mirror.apply(message)) return;
    const answer = message.type === "error" ? this.#refusal(message, nowMs) : message;
    const request = this.#outstanding.answeredBy(answer);
    if (request) {
      if (answer.type === "refused" && this.#outstanding.again(request, answer, nowMs)) return;
      this.#settle(answer as Result);
    }
    this.#emit(message);
  }

  /** An `error` with the id of a request refuses that request; a traffic one without an id says to slow down. */
  #refusal(error: ErrorMessage, nowMs: number): Refused | ErrorMessage {
    const { id, code, message, retry_after_ms } = error;
    if (id !== null) {
      return { type: "refused", id, code, message, retry: retryOf(code), retry_after_ms, available: null, field: null };
    }
    if (code === "RATE_LIMITED") this.#outstanding.slowDown(retry_after_ms, nowMs);
    return error;
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
    this.#outstanding.disconnected();
  }

  #garbled(reason: string, nowMs: number): void {
    this.#unreadable += 1;
    this.#hangup(Close.UNREADABLE, reason.slice(0, REASON_MAX));
    if (this.#unreadable < this.#policy.unreadableMax) this.#lose(reason, nowMs);
    else this.#dismiss(new ProtocolError(`${this.#unreadable} unreadable connections: ${reason}`));
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

  /** What has waited until `untilMs` gets no answer any more; all of it, if nothing else is said. */
  #giveUp(reason: string, untilMs = Infinity): void {
    for (const request of this.#outstanding.overdue(untilMs)) this.#settle(request.givenUp(reason));
  }

  #add(message: ClientMessage, deadlineMs: number): void {
    if (this.#outstanding.add(message, deadlineMs)) this.#keepPending();
  }

  #settle(result: Result): void {
    const reservation = this.#outstanding.remove(result.id);
    this.#actions.push({ do: "settle", result });
    if (reservation) {
      this.#keepPending();
      this.#emit({ type: "settled", ...reservation, result });
    }
  }

  #keepPending(): void {
    this.#keep = this.mirror.changed.reservations = true;
  }

  #emit(event: Event): void {
    this.#actions.push({ do: "emit", event });
  }

  #tell(reason = "", retryInMs: number | null = null): void {
    this.#emit({ type: "state", state: this.state, reason, retryInMs });
  }

  /** The end of every input: send what waits and may go out, and say what changed. */
  #done(nowMs = 0): Action[] {
    for (const message of this.state === "connected" ? this.#outstanding.take(nowMs) : []) {
      this.#actions.push({ do: "send", frame: this.#encoding.encode(message) });
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
