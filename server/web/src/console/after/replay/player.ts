/** Plays the minutes of a show: which is shown, which are read, and how fast it goes on. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Answer } from "../../api/client";
import type { MinuteState, ShowAt } from "../../api/schema";
import { PART_MINUTES, Part, partOf } from "./folding";

const MINUTE_MS = 60_000;
/** As many times as fast as the show was. */
export const SPEEDS = [1, 10, 60] as const;
export type Speed = (typeof SPEEDS)[number];
/** Parts that are kept: of a long show those around the minute that is shown. */
const PARTS_MAX = 8;

export type ReadAt = (minute: number, minutes: number) => Promise<Answer<ShowAt>>;

export class Player {
  readonly #minute = signal(0);
  readonly #shown = signal<MinuteState | null>(null);
  readonly #minutes = signal<number | null>(null);
  readonly #isFull = signal(false);
  readonly #trouble = signal<number | null>(null);
  readonly #playing = signal(false);
  readonly #parts = new Map<number, Part>();
  readonly #reading = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly speed = signal<Speed>(60);
  /** The minute that is wanted; what is shown follows when it is read. */
  readonly minute: ReadonlySignal<number> = this.#minute;
  /** The whole state of the last minute that could be shown. */
  readonly shown: ReadonlySignal<MinuteState | null> = this.#shown;
  /** How many minutes there are; null before the first answer. */
  readonly minutes: ReadonlySignal<number | null> = this.#minutes;
  /** No more were kept, though the show went on. */
  readonly isFull: ReadonlySignal<boolean> = this.#isFull;
  /** The status of a read that failed. */
  readonly trouble: ReadonlySignal<number | null> = this.#trouble;
  readonly playing: ReadonlySignal<boolean> = this.#playing;

  constructor(
    private readonly read: ReadAt,
    first = 0,
  ) {
    this.#minute.value = first;
  }

  /** Show this minute. */
  seek(minute: number): void {
    const last = (this.#minutes.peek() ?? Number.POSITIVE_INFINITY) - 1;
    this.#minute.value = Math.max(0, Math.min(minute, last));
    this.#show();
    if (this.#playing.peek()) this.#goOn();
  }

  /** Go on from here; from the end, from the beginning. */
  play(): void {
    const minutes = this.#minutes.peek();
    if (minutes === null) return;
    this.#playing.value = true;
    if (this.#minute.peek() >= minutes - 1) this.#minute.value = 0;
    this.#show();
    this.#goOn();
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#playing.value = false;
  }

  setSpeed(speed: Speed): void {
    this.speed.value = speed;
    if (this.#playing.peek()) this.#goOn();
  }

  /** Read again what could not be read. */
  again(): void {
    this.#trouble.value = null;
    this.#show();
  }

  close(): void {
    this.#closed = true;
    this.pause();
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const minutes = this.#minutes.peek() ?? 0;
      const next = this.#minute.peek() + 1;
      if (next >= minutes) {
        this.pause();
        return;
      }
      // It waits for a minute that is not here yet, rather than skip it.
      if (this.#parts.has(partOf(next))) this.#minute.value = next;
      this.#show(next);
      this.#goOn();
    }, MINUTE_MS / this.speed.peek());
  }

  /** Show the minute if it is here, and have this part and the next one read. */
  #show(wanted = this.#minute.peek()): void {
    const state = this.#parts.get(partOf(wanted))?.at(wanted);
    if (state !== undefined) this.#shown.value = state;
    this.#want(partOf(wanted));
    const next = partOf(wanted) + PART_MINUTES;
    if (next < (this.#minutes.peek() ?? 0)) this.#want(next);
  }

  #want(part: number): void {
    if (this.#parts.has(part) || this.#reading.has(part) || this.#trouble.peek() !== null) return;
    this.#reading.add(part);
    void this.read(part, PART_MINUTES).then((answer) => this.#take(part, answer));
  }

  #take(part: number, answer: Answer<ShowAt>): void {
    this.#reading.delete(part);
    if (this.#closed) return;
    if (!answer.ok) {
      this.#trouble.value = answer.status;
      this.pause();
      return;
    }
    const { state, changes, minutes, is_full } = answer.value;
    this.#parts.set(part, new Part(part, state, changes));
    this.#minutes.value = minutes;
    this.#isFull.value = is_full;
    this.#forget();
    if (this.#minute.peek() >= minutes) this.#minute.value = Math.max(0, minutes - 1);
    this.#show();
  }

  #forget(): void {
    const here = partOf(this.#minute.peek());
    const far = [...this.#parts.keys()].sort((a, b) => Math.abs(b - here) - Math.abs(a - here));
    for (const part of far.slice(0, Math.max(0, far.length - PARTS_MAX))) this.#parts.delete(part);
  }
}
