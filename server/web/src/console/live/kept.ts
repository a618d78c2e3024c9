/** Something that is read over HTTP and kept, read anew when the server tells that it has changed. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Answer } from "../api/client";

/** What changes again within this time is read once, in ms. */
const GATHERED_MS = 200;
/** A read that failed is tried again after this time, in ms. */
const AGAIN_MS = 3_000;

export class Kept<T> {
  readonly #value = signal<T | null>(null);
  readonly #trouble = signal<number | null>(null);
  /** As it was read last; null before the first time. */
  readonly value: ReadonlySignal<T | null> = this.#value;
  /** The status of a read that failed (0: no answer), while no later one has gone well. */
  readonly trouble: ReadonlySignal<number | null> = this.#trouble;
  #reading = false;
  #again = false;
  #wanted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly read: () => Promise<Answer<T>>) {}

  /** Read it, if nobody has yet: somebody is about to show it. From then on it is kept up to date. */
  want(): ReadonlySignal<T | null> {
    if (!this.#wanted) {
      this.#wanted = true;
      void this.now();
    }
    return this.value;
  }

  /** It may have changed. */
  changed(): void {
    if (!this.#wanted || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.now(), GATHERED_MS);
  }

  /** Whether somebody shows it. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Read it now. One that is under way is followed by another. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = true;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const answer = await this.read();
    this.#reading = false;
    if (answer.ok) {
      this.#value.value = answer.value;
      this.#trouble.value = null;
    } else {
      this.#trouble.value = answer.status;
      // What is refused stays so; what was not answered may be, soon.
      if (answer.again) this.#timer = setTimeout(() => void this.now(), AGAIN_MS);
    }
    if (this.#again) {
      this.#again = false;
      this.changed();
    }
  }

  /** A part of it was read anew. */
  protected put(value: T): void {
    this.#value.value = value;
  }

  /** Read nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#wanted = false;
  }
}
