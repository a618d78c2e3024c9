/** The console's one live region. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { Announcements } from "./announcements";

/** A message is taken out again after this, so that somebody who reads the page on finds no old news, in ms. */
const CLEARED_AFTER_MS = 9_000;
/** The same words twice are two events: a mark that nobody hears tells the browser so. */
const AGAIN = "\u00a0";

export class Voice {
  readonly #text = signal("");
  readonly text: ReadonlySignal<string> = this.#text;
  readonly #waiting = new Announcements();
  #turn: ReturnType<typeof setTimeout> | undefined;
  #clearing: ReturnType<typeof setTimeout> | undefined;

  /** Say it when its turn comes; of what waits the weightiest first. */
  say(sentence: string, weight = 0): void {
    if (sentence === "") return;
    this.#waiting.offer(sentence, performance.now(), weight);
    this.#awaitTurn();
  }

  dispose(): void {
    clearTimeout(this.#turn);
    clearTimeout(this.#clearing);
  }

  #awaitTurn(): void {
    clearTimeout(this.#turn);
    const { dueMs } = this.#waiting;
    // Up to a whole one: browsers cut a delay down to whole milliseconds, and would come too early.
    if (dueMs !== null) this.#turn = setTimeout(() => this.#take(), Math.max(0, Math.ceil(dueMs - performance.now())));
  }

  #take(): void {
    const message = this.#waiting.take(performance.now());
    if (message !== null) {
      this.#text.value = this.#text.peek() === message ? message + AGAIN : message;
      clearTimeout(this.#clearing);
      this.#clearing = setTimeout(() => {
        this.#text.value = "";
      }, CLEARED_AFTER_MS);
    }
    this.#awaitTurn();
  }
}
