/** What was asked and not yet answered, and how fast it may be asked. */

import type { ClientMessage, Refused, Result, ServerMessage } from "./messages.js";

/** What answers each request, besides an `error` with its id. What is asked for again may be paid by now. */
const ANSWERS: { readonly [M in ClientMessage as M["type"]]?: readonly ServerMessage["type"][] } = {
  reserve: ["reserved", "confirmed"],
  cancel: ["cancelled"],
  wait: ["waiting", "offer", "confirmed"],
  decline: ["wait_over", "cancelled"],
  ask: ["answer"],
};

/** One request. `inFlight` means sent on the present connection; `#refusal` is what the last attempt was
 * answered with, while it waits for the next. */
export class Request {
  readonly message: ClientMessage;
  readonly deadlineMs: number;
  attempts = 0;
  notBeforeMs = 0;
  inFlight = false;
  #refusal: Refused | null = null;

  constructor(message: ClientMessage, deadlineMs: number) {
    this.message = message;
    this.deadlineMs = deadlineMs;
  }

  /** Note that it goes out now; returns what to send. A reservation says whether its id was sent before. What it was
   * refused with before says nothing any more: it may be granted this time. */
  sent(): ClientMessage {
    this.inFlight = true;
    this.#refusal = null;
    this.attempts += 1;
    const { message } = this;
    return message.type === "reserve" ? { ...message, again: message.again || this.attempts > 1 } : message;
  }

  /** It is to be sent again, but not before this time. */
  waitUntil(notBeforeMs: number, refusal = this.#refusal): void {
    this.inFlight = false;
    this.notBeforeMs = notBeforeMs;
    this.#refusal = refusal;
  }

  /** Whether this message answers the request (its id is known to match). */
  isAnswer(message: ServerMessage): message is ServerMessage & Result {
    return message.type === "refused" || (ANSWERS[this.message.type] ?? ["done"]).includes(message.type);
  }

  /** What the caller gets when there will be no answer. */
  givenUp(reason: string): Result {
    return this.#refusal ?? { type: "unanswered", id: this.message.id, reason };
  }
}

/** A token bucket that keeps this client under the server's messages a second, even when it sends all it has again after
 * a reconnect. */
export class Pace {
  readonly #aMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs = 0;

  constructor(aSecond: number, burst: number) {
    this.#aMs = aSecond / 1000;
    this.#burst = this.#tokens = burst;
  }

  /** Whether a message may go out now; if so it is counted. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#aMs);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next message may go out. */
  readyAtMs(): number {
    // A hair late rather than a hair early: a timer that fires a rounding error too soon would fire again at once.
    return this.#atMs + Math.max(0, 1 - this.#tokens) / this.#aMs + 1;
  }
}
