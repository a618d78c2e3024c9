/** Moments of the server's clock as signals that turn when they have come: for sales that open to the instant. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** A wait is cut into pieces no longer than this, in ms: the estimate of the server's clock gets better meanwhile. */
const WAIT_MAX_MS = 30_000;

export class Moments {
  readonly #now: () => number;
  readonly #reached = new Map<number, Signal<boolean>>();
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** `now` is the server's time in ms since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** False until the moment has come. One timer a moment, however many products open with it. */
  reached(atMs: number): ReadonlySignal<boolean> {
    let reached = this.#reached.get(atMs);
    if (reached === undefined) {
      reached = signal(this.#now() >= atMs);
      this.#reached.set(atMs, reached);
      if (!reached.peek()) this.#wait(atMs, reached);
    }
    return reached;
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#reached.clear();
  }

  #wait(atMs: number, reached: Signal<boolean>): void {
    const leftMs = atMs - this.#now();
    if (leftMs <= 0) {
      this.#timers.delete(atMs);
      reached.value = true;
      return;
    }
    const timer = setTimeout(() => this.#wait(atMs, reached), Math.min(Math.ceil(leftMs), WAIT_MAX_MS));
    this.#timers.set(atMs, timer);
  }
}
