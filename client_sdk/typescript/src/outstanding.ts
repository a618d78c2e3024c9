/** What a session has asked for and not heard about: bounded, paced, and sent again with the same ids. */

import { backoffMs, type Random } from "./backoff.js";
import { check } from "./check.js";
import { UsageError } from "./errors.js";
import type { PendingReservation } from "./events.js";
import type { ClientMessage, Refused, ServerMessage } from "./messages.js";
import type { Policy } from "./policy.js";
import { Pace, Request } from "./requests.js";

export class Outstanding {
  /** The reservations and waits among them. */
  readonly pending = new Map<string, PendingReservation>();
  /** By id, in the order they were made; at most `unansweredMax`. */
  readonly #requests = new Map<string, Request>();
  readonly #pace: Pace;
  readonly #policy: Policy;
  readonly #random: Random;

  constructor(policy: Policy, random: Random) {
    this.#policy = policy;
    this.#random = random;
    this.#pace = new Pace(policy.messagesASecond, policy.messagesBurst);
  }

  /** Returns whether it is a reservation or a wait. Throws UsageError. */
  add(message: ClientMessage, deadlineMs: number): boolean {
    const { id } = message;
    check(message);
    if (this.#requests.has(id)) throw new UsageError(`a request with id "${id}" is unanswered`);
    if (this.#requests.size >= this.#policy.unansweredMax) throw new UsageError("too many requests are unanswered");
    this.#requests.set(id, new Request(message, deadlineMs));
    if (message.type !== "reserve" && message.type !== "wait") return false;
    this.pending.set(id, { kind: message.type, id, sku: message.sku, qty: message.qty });
    return true;
  }

  /** It has its result. Returns the reservation or wait, where it is one. */
  remove(id: string): PendingReservation | undefined {
    const reservation = this.pending.get(id);
    this.#requests.delete(id);
    this.pending.delete(id);
    return reservation;
  }

  /** The request that this message answers. */
  answeredBy(message: ServerMessage): Request | undefined {
    const request = this.#requests.get((message as { id?: string }).id ?? "");
    return request?.isAnswer(message) ? request : undefined;
  }

  /** Those that have waited until their deadlines. */
  overdue(nowMs: number): Request[] {
    return [...this.#requests.values()].filter((request) => request.deadlineMs <= nowMs);
  }

  /** What may go out now; it counts as sent. */
  take(nowMs: number): ClientMessage[] {
    const ready = [...this.#requests.values()].filter(
      (request) => !request.inFlight && request.notBeforeMs <= nowMs && this.#pace.take(nowMs),
    );
    return ready.map((request) => request.sent());
  }

  /** When something of this is due next; Infinity for never. */
  wakeAt(isConnected: boolean): number {
    let atMs = Infinity;
    for (const request of this.#requests.values()) {
      atMs = Math.min(atMs, request.deadlineMs);
      if (isConnected && !request.inFlight)
        atMs = Math.min(atMs, Math.max(request.notBeforeMs, this.#pace.readyAtMs()));
    }
    return atMs;
  }

  /** Whether a refused request is to be sent again with its id; then it waits for its time. */
  again(request: Request, refusal: Refused, nowMs: number): boolean {
    const notBeforeMs = nowMs + this.#pauseMs(request, refusal.retry_after_ms);
    const inTime = request.attempts < this.#policy.sameIdAttemptsMax && notBeforeMs < request.deadlineMs;
    if (refusal.retry !== "same_id" || !inTime) return false;
    request.waitUntil(notBeforeMs, refusal);
    return true;
  }

  /** The server says to slow down, not of which request: whatever it was said of is sent again. */
  slowDown(retryAfterMs: number | null, nowMs: number): void {
    for (const each of this.#requests.values()) {
      if (each.inFlight) each.waitUntil(nowMs + this.#pauseMs(each, retryAfterMs));
    }
  }

  /** What was sent on the connection that ended is to be sent again on the next. */
  disconnected(): void {
    for (const request of this.#requests.values()) request.inFlight = false;
  }

  #pauseMs(request: Request, retryAfterMs: number | null): number {
    return (retryAfterMs ?? 0) + backoffMs(request.attempts - 1, this.#policy, this.#random);
  }
}
