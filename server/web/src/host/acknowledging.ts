/** Acknowledges cues, by key or button, and tells which could not be. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { DOUBLE_PRESS_MS } from "./stepper";

/** What an operator's request comes back with, as far as it matters here. */
type Outcome = { readonly type: string };

/** Where a cue stands in the list, and since when if it has moved up. */
interface Place {
  readonly index: number;
  readonly sinceMs: number;
}

export class Acknowledging {
  readonly #failed = signal<ReadonlySet<string>>(new Set());
  readonly #asking = new Set<string>();
  readonly #acknowledge: (cue: string) => Promise<Outcome>;
  readonly #current: () => boolean;
  readonly #nowMs: () => number;
  #places: ReadonlyMap<string, Place> = new Map();
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `current` is whether the counts are live: while they are old nothing is acknowledged. */
  constructor(
    acknowledge: (cue: string) => Promise<Outcome>,
    current: () => boolean,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#acknowledge = acknowledge;
    this.#current = current;
    this.#nowMs = nowMs;
  }

  /** Cues that were not acknowledged though somebody wanted it. */
  get failed(): ReadonlySignal<ReadonlySet<string>> {
    return this.#failed;
  }

  /**
   * Ask for this cue. Passed over where it is asked for already, and where the press was not meant for it: the second of
   * a double press, or one on a cue that has just moved up into the place of another.
   */
  async acknowledge(cue: string): Promise<void> {
    if (!this.#current() || this.#asking.has(cue) || this.#isTooSoon(cue)) return;
    this.#lastMs = this.#nowMs();
    this.#asking.add(cue);
    this.#tell(cue, false);
    try {
      this.#tell(cue, (await this.#acknowledge(cue)).type !== "done");
    } catch {
      // The room was closed for good meanwhile; the page says why.
      this.#tell(cue, true);
    } finally {
      this.#asking.delete(cue);
    }
  }

  /** Ask for the one that waits longest, of those that wait in their order: what a key is pressed for. */
  async acknowledgeOldest(waiting: readonly { readonly id: string }[]): Promise<void> {
    const [oldest] = waiting;
    if (oldest !== undefined) await this.acknowledge(oldest.id);
  }

  /** Those that wait now, in their order. The others are forgotten. */
  keep(waiting: readonly { readonly id: string }[]): void {
    const nowMs = this.#nowMs();
    this.#places = new Map(waiting.map(({ id }, index) => [id, placeOf(this.#places.get(id), index, nowMs)]));
    const left = new Set(waiting.filter(({ id }) => this.#failed.peek().has(id)).map(({ id }) => id));
    if (left.size !== this.#failed.peek().size) this.#failed.value = left;
  }

  #isTooSoon(cue: string): boolean {
    const sinceMs = this.#places.get(cue)?.sinceMs ?? Number.NEGATIVE_INFINITY;
    return this.#nowMs() - Math.max(this.#lastMs, sinceMs) < DOUBLE_PRESS_MS;
  }

  #tell(cue: string, failed: boolean): void {
    if (this.#failed.peek().has(cue) === failed) return;
    const next = new Set(this.#failed.peek());
    if (failed) next.add(cue);
    else next.delete(cue);
    this.#failed.value = next;
  }
}

function placeOf(before: Place | undefined, index: number, nowMs: number): Place {
  if (before === undefined) return { index, sinceMs: Number.NEGATIVE_INFINITY };
  return index < before.index ? { index, sinceMs: nowMs } : { ...before, index };
}
