/** What an operator (or, for the spotlight and cues, a host) may ask for. */

import type { ClientMessage, Done, Refused, Result, RoomStatus, Unanswered } from "./messages.js";

export type OperatorResult = Done | Refused | Unanswered;
type Ask = (message: ClientMessage, timeoutMs?: number) => Promise<Result>;

/** Each answers `done`, `refused` or `unanswered`. */
export class Operator {
  constructor(private readonly ask: Ask) {}

  /** Tell the host something. Not sent again after a lost connection. */
  async cue(text: string, sku: string | null = null): Promise<OperatorResult> {
    return this.#send({ type: "cue", id: newId(), text, sku });
  }

  /** Say that a cue is seen to. */
  async acknowledge(cue: string): Promise<OperatorResult> {
    return this.#send({ type: "acknowledge", id: newId(), cue });
  }

  /** Tell everybody something; an empty text takes it back. Not sent again after a lost connection. */
  async notice(text: string): Promise<OperatorResult> {
    return this.#send({ type: "notice", id: newId(), text });
  }

  /** Show this SKU, or none. */
  async spotlight(sku: string | null): Promise<OperatorResult> {
    return this.#send({ type: "spotlight", id: newId(), sku });
  }

  /** Start ("live"), pause, resume or end the show. */
  async status(status: RoomStatus): Promise<OperatorResult> {
    return this.#send({ type: "status", id: newId(), status });
  }

  /** Stop (or, with false, resume) the sales of a SKU in every room of the pool. */
  async freeze(sku: string, frozen = true, reason = ""): Promise<OperatorResult> {
    return this.#send({ type: "freeze", id: newId(), sku, frozen, reason });
  }

  #send(message: ClientMessage): Promise<OperatorResult> {
    return this.ask(message) as Promise<OperatorResult>;
  }
}

/** 128 random bits; `crypto.randomUUID` is there in secure contexts alone. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
