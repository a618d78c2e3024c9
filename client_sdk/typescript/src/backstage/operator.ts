/** What an operator (or, for the spotlight, cues and alerts, a host) may ask for. */

import type { RepeatOptions, RequestOptions } from "../api.js";
import { check } from "../check.js";
import { newId } from "../id.js";
import type { ClientMessage, Done, OperatorMessage, Refused, Result, RoomStatus, Unanswered } from "../messages.js";
import { RULES } from "./rules.js";

export type OperatorResult = Done | Refused | Unanswered;
type Ask = (message: ClientMessage, timeoutMs?: number) => Promise<Result>;

/** How long an alert is left aside, where nothing is said. */
const SNOOZE_MINUTES = 10;

/** A message without what every request has. */
type Body<M> = M extends OperatorMessage ? Omit<M, "id"> : never;

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

  /** Say, as host or operator, that an alert is noted: it rings no more unless it becomes graver. */
  acknowledgeAlert(alert: string, note = "", options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "acknowledge_alert", alert, note }, options);
  }

  /** Leave an alert aside for 1 to 30 minutes, as host or operator; then it rings again, if it still stands. */
  snoozeAlert(alert: string, minutes = SNOOZE_MINUTES, options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "snooze_alert", alert, minutes }, options);
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

  /** Stop (or, with false, resume) all sales in this room; whatever else is frozen stays so. */
  freezeRoom(frozen = true, reason = "", options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "freeze_room", frozen, reason }, options);
  }

  /** Take back what was done in this room, all of it or nothing. `action` is the `id` of the answer to it; the undo's own,
   * which can be undone, too, is that behind "undo:". */
  undo(action: string, options?: RequestOptions): Promise<OperatorResult> {
    return this.#send({ type: "undo", action }, options);
  }

  async #send(
    { type, ...body }: Body<OperatorMessage>,
    { id = newId(), timeoutMs }: RepeatOptions = {},
  ): Promise<OperatorResult> {
    const message = { type, id, ...body } as OperatorMessage;
    check(message, RULES);
    return (await this.#ask(message, timeoutMs)) as OperatorResult;
  }
}
