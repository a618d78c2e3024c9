/** What an operator (or, for the spotlight and cues, a host) may ask for. */

import type { RepeatOptions, RequestOptions } from "./api.js";
import type { ClientMessage, Done, Refused, Result, RoomStatus, Unanswered } from "./messages.js";

export type OperatorResult = Done | Refused | Unanswered;
type Ask = (message: ClientMessage, timeoutMs?: number) => Promise<Result>;

/** A message without what every request has. */
type Body<M> = M extends ClientMessage ? Omit<M, "id"> : never;

/** Each answers `done`, `refused` or `unanswered`. A cue or notice that is asked for again with its id is still one. */
export class Operator {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Ask the host something; it stands until somebody acknowledges it. The answer's `id` is the cue's. */
  cue(text: string, sku: string | null = null, options?: RepeatOptions): Promise<OperatorResult> {
    return this.#send({ type: "cue", text, sku }, options);
  }

  /** Say, as host or operator, that a cue is noted. */
  acknowledge(cue: string, options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "acknowledge", cue }, options);
  }

  /** Tell everybody something, from now on; an empty text takes the last notice back. */
  notice(text: string, options?: RepeatOptions): Promise<OperatorResult> {
    return this.#send({ type: "notice", text }, options);
  }

  /** Show this SKU, or none. */
  spotlight(sku: string | null, options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "spotlight", sku }, options);
  }

  /** Start ("live"), pause, resume or end the show. With `continueShow` a show that has just ended goes on, where "live"
   * would begin the next one. */
  status(
    status: RoomStatus,
    { continueShow = false, ...options }: RequestOptions & { continueShow?: boolean } = {},
  ): Promise<OperatorResult> {
    return this.#send({ type: "status", status, continue_show: continueShow }, options);
  }

  /** Stop (or, with false, resume) the sales of a SKU in every room of the pool. */
  freeze(sku: string, frozen = true, reason = "", options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "freeze", sku, frozen, reason }, options);
  }

  #send(
    { type, ...body }: Body<ClientMessage>,
    { id = newId(), timeoutMs }: RepeatOptions = {},
  ): Promise<OperatorResult> {
    return this.#ask({ type, id, ...body } as ClientMessage, timeoutMs) as Promise<OperatorResult>;
  }
}

/** About 128 random bits; `crypto.randomUUID` is there in secure contexts alone. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join("");
}
