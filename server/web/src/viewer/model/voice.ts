/**
 * The page's live regions: the viewer's turn at once, its own reservations next, the room when there is something to say.
 */

import { type Signal, signal } from "@preact/signals";
import { Announcer } from "./announcer";

/** A sentence is taken out again after this, so that somebody who reads the page on finds no old news, in ms. */
const CLEARED_AFTER_MS = 9_000;
/** Of two sentences that come closer together than this, only the second would be heard, in ms. */
const OWN_GAP_MS = 1_500;
/** So many of the viewer's own sentences wait for their turn at the most; then the oldest goes. */
const OWN_WAITING_MAX = 5;
/** The same words twice are two events: a mark that nobody hears tells the browser so. */
const AGAIN = "\u00a0";

export class Voice {
  /** Assertive: it interrupts what is being said. */
  readonly atOnce: Signal<string> = signal("");
  readonly own: Signal<string> = signal("");
  readonly room: Signal<string> = signal("");
  readonly #announcer = new Announcer();
  readonly #clearing = new Map<Signal<string>, ReturnType<typeof setTimeout>>();
  #waiting: string[] = [];
  /** Runs while the last of the viewer's own sentences is new. */
  #ownTurn: ReturnType<typeof setTimeout> | undefined;
  #turn: ReturnType<typeof setTimeout> | undefined;

  /** Say at once: it is about the listener's own reservation. What comes close behind is said next, together. */
  sayOwn(sentence: string): void {
    this.#waiting.push(sentence);
    if (this.#waiting.length > OWN_WAITING_MAX) this.#waiting.shift();
    if (this.#ownTurn === undefined) this.#takeOwnTurn();
  }

  /** Say before anything else: it is the listener's turn, and its time runs. */
  sayAtOnce(sentence: string): void {
    this.#say(this.atOnce, sentence);
  }

  /** Say when it is the room's turn, if nothing weightier comes until then. */
  sayRoom(sentence: string, weight = 0): void {
    this.#announcer.offer(sentence, performance.now(), weight);
    this.#awaitTurn();
  }

  /** It is not true any more: not to be said, if it still waits for its turn. */
  unsayRoom(sentence: string): void {
    this.#announcer.withdraw(sentence);
    this.#awaitTurn();
  }

  dispose(): void {
    clearTimeout(this.#turn);
    clearTimeout(this.#ownTurn);
    for (const timer of this.#clearing.values()) clearTimeout(timer);
  }

  #takeOwnTurn(): void {
    this.#ownTurn = undefined;
    if (this.#waiting.length === 0) return;
    this.#say(this.own, this.#waiting.join(" "));
    this.#waiting = [];
    this.#ownTurn = setTimeout(() => this.#takeOwnTurn(), OWN_GAP_MS);
  }

  #awaitTurn(): void {
    const dueMs = this.#announcer.dueMs;
    clearTimeout(this.#turn);
    // Up to a whole one: browsers cut a delay down to whole milliseconds, and would come too early.
    if (dueMs !== null) this.#turn = setTimeout(() => this.#takeTurn(), Math.ceil(dueMs - performance.now()));
  }

  #takeTurn(): void {
    const sentence = this.#announcer.take(performance.now());
    if (sentence !== null) this.#say(this.room, sentence);
    // A timer that came early all the same leaves the sentence waiting.
    this.#awaitTurn();
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
