/** What an operator (or, for the spotlight and cues, a host) may ask for. */

import type { ClientMessage, Done, Refused, Result, RoomStatus, Unanswered } from "./messages.js";

export type OperatorResult = Done | Refused | Unanswered;
type Ask = (message: ClientMessage) => Promise<Result>;

/** A message without what every request has. */
type Body<M> = M extends ClientMessage ? Omit<M, "id"> : never;

/** Each answers `done`, `refused` or `unanswered`. */
export class Operator {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Ask the host something; it stands until somebody acknowledges it. The answer's `id` is the cue's. */
  cue(text: string, sku: string | null = null): Promise<OperatorResult> {
    return this.#send({ type: "cue", text, sku });
  }

  /** Say, as host or operator, that a cue is noted. */
  acknowledge(cue: string): Promise<OperatorResult> {
    return this.#send({ type: "acknowledge", cue });
  }

  /** Tell everybody something, from now on; an empty text takes the last notice back. */
  notice(text: string): Promise<OperatorResult> {
    return this.#send({ type: "notice", text });
  }

  /** Show this SKU, or none. */
  spotlight(sku: string | null): Promise<OperatorResult> {
    return this.#send({ type: "spotlight", sku });
  }

  /** Start ("live"), pause, resume or end the show. */
  status(status: RoomStatus): Promise<OperatorResult> {
    return this.#send({ type: "status", status });
  }

  /** Stop (or, with false, resume) the sales of a SKU in every room of the pool. */
  freeze(sku: string, frozen = true, reason = ""): Promise<OperatorResult> {
    return this.#send({ type: "freeze", sku, frozen, reason });
  }

  #send({ type, ...body }: Body<ClientMessage>): Promise<OperatorResult> {
    return this.#ask({ type, id: newId(), ...body } as ClientMessage) as Promise<OperatorResult>;
  }
}

/** About 128 random bits; `crypto.randomUUID` is there in secure contexts alone. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join("");
}
