/** What was asked and not yet answered: bounded, paced, sent again where that is safe. */

import { UsageError } from "./errors.js";
import type { ClientMessage, Refused, Result, ServerMessage } from "./messages.js";

/** What answers each request, besides an `error` with its id. A reservation that is asked for again may be paid. */
const ANSWERS: { readonly [M in ClientMessage as M["type"]]?: readonly ServerMessage["type"][] } = {
  reserve: ["reserved", "confirmed"],
  cancel: ["cancelled"],
  ask: ["answer"],
};

/** One request. `inFlight` means sent on the present connection; `refusal` is the last one that allows a retry. */
export class Request {
  notBeforeMs = 0;
  inFlight = false;
  refusal: Refused | null = null;

  constructor(
    readonly message: ClientMessage,
    readonly deadlineMs: number,
    public attempts = 0,
  ) {}

  /** Not sent again after a lost connection: everybody might read it twice. */
  get isSaidOnce(): boolean {
    return this.message.type === "cue" || this.message.type === "notice";
  }

  /** Note that it goes out now; returns what to send. A reservation says whether its id was sent before. */
  sent(): ClientMessage {
    this.inFlight = true;
    this.attempts += 1;
    return this.message.type === "reserve" ? { ...this.message, again: this.attempts > 1 } : this.message;
  }

  /** Whether this message answers the request (its id is known to match). */
  isAnswer(message: ServerMessage): message is ServerMessage & Result {
    return message.type === "refused" || (ANSWERS[this.message.type] ?? ["done"]).includes(message.type);
  }

  /** What the caller gets when there will be no answer. */
  givenUp(reason: string): Result {
    if (this.refusal && !this.inFlight) return this.refusal;
    return { type: "unanswered", id: this.message.id, reason };
  }
}

/** The unanswered requests, in the order they were made; at most `limit`. */
export class Outstanding {
  readonly #byId = new Map<string, Request>();

  constructor(private readonly limit: number) {}

  /** Remember a request. Throws UsageError for an id in use and when there are too many. */
  add(request: Request): void {
    const { id } = request.message;
    if (this.#byId.has(id)) throw new UsageError(`a request with id "${id}" is still unanswered; await it first`);
    if (this.#byId.size >= this.limit)
      throw new UsageError(`${this.limit} requests are unanswered; await some of them first`);
    this.#byId.set(id, request);
  }

  get(id: string): Request | undefined {
    return this.#byId.get(id);
  }

  /** It was answered or given up. */
  remove(request: Request): void {
    this.#byId.delete(request.message.id);
  }

  /** The requests as they are now: removing some meanwhile is allowed. */
  all(): Request[] {
    return [...this.#byId.values()];
  }
}

/** A token bucket that keeps this client under the server's messages a second, even when it sends all it has again after
 * a reconnect. */
export class Pace {
  #tokens: number;
  #atMs = 0;

  constructor(
    private readonly aSecond: number,
    private readonly burst: number,
  ) {
    this.#tokens = burst;
  }

  /** Whether a message may go out now; if so it is counted. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.burst, this.#tokens + ((nowMs - this.#atMs) * this.aSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next message may go out. */
  readyAtMs(): number {
    // A hair late rather than a hair early: a timer that fires a rounding error too soon would fire again at once.
    return this.#atMs + (Math.max(0, 1 - this.#tokens) * 1000) / this.aSecond + 1;
  }
}
