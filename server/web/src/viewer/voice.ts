/** The page's two live regions: the viewer's own reservations at once, the room when there is something to say. */

import { type Signal, signal } from "@preact/signals";
import { Announcer } from "./announcer";

/** A sentence is taken out again after this, so that somebody who reads the page on finds no old news, in ms. */
const CLEARED_AFTER_MS = 9_000;
/** The same words twice are two events: a mark that nobody hears tells the browser so. */
const AGAIN = "\u00a0";

export class Voice {
  readonly own: Signal<string> = signal("");
  readonly room: Signal<string> = signal("");
  readonly #announcer = new Announcer();
  readonly #clearing = new Map<Signal<string>, ReturnType<typeof setTimeout>>();
  #turn: ReturnType<typeof setTimeout> | undefined;

  /** Say at once: it is about the listener's own reservation. */
  sayOwn(sentence: string): void {
    this.#say(this.own, sentence);
  }

  /** Say when it is the room's turn, if nothing weightier comes until then. */
  sayRoom(sentence: string, weight = 0): void {
    const now = performance.now();
    const atMs = this.#announcer.offer(sentence, now, weight);
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => this.#takeTurn(), atMs - now);
  }

  dispose(): void {
    clearTimeout(this.#turn);
    for (const timer of this.#clearing.values()) clearTimeout(timer);
  }

  #takeTurn(): void {
    const sentence = this.#announcer.take(performance.now());
    if (sentence !== null) this.#say(this.room, sentence);
  }

  #say(region: Signal<string>, sentence: string): void {
    region.value = region.peek() === sentence ? sentence + AGAIN : sentence;
    clearTimeout(this.#clearing.get(region));
    this.#clearing.set(
      region,
      setTimeout(() => {
        region.value = "";
      }, CLEARED_AFTER_MS),
    );
  }
}
