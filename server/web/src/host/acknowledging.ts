/** Acknowledges cues, by key or button, and tells which could not be. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** What an operator's request comes back with, as far as it matters here. */
type Outcome = { readonly type: string };

export class Acknowledging {
  readonly #failed = signal<ReadonlySet<string>>(new Set());
  readonly #asking = new Set<string>();
  readonly #acknowledge: (cue: string) => Promise<Outcome>;
  readonly #current: () => boolean;

  /** `current` is whether the counts are live: while they are old nothing is acknowledged. */
  constructor(acknowledge: (cue: string) => Promise<Outcome>, current: () => boolean) {
    this.#acknowledge = acknowledge;
    this.#current = current;
  }

  /** Cues that were not acknowledged though somebody wanted it. */
  get failed(): ReadonlySignal<ReadonlySet<string>> {
    return this.#failed;
  }

  /** Ask for this cue, unless it is asked for already. */
  async acknowledge(cue: string): Promise<void> {
    if (!this.#current() || this.#asking.has(cue)) return;
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

  /** Forget those that do not wait any more. */
  keep(waiting: readonly { readonly id: string }[]): void {
    const left = new Set(waiting.filter(({ id }) => this.#failed.peek().has(id)).map(({ id }) => id));
    if (left.size !== this.#failed.peek().size) this.#failed.value = left;
  }

  #tell(cue: string, failed: boolean): void {
    if (this.#failed.peek().has(cue) === failed) return;
    const next = new Set(this.#failed.peek());
    if (failed) next.add(cue);
    else next.delete(cue);
    this.#failed.value = next;
  }
}
