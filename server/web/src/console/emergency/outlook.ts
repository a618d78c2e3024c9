/** What a call would do as things are now: asked of the server with a dry run, and asked again while it is shown. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Answer } from "../api/client";
import type { Console } from "../console";

/** What goes on in the shop makes it old: it is asked for anew after this time, in ms. */
const AGAIN_MS = 5_000;
/** Events that change what a call would do. A room that has another status shows other calls. */
const CHANGING: ReadonlySet<string> = new Set(["frozen", "unfrozen"]);

export class Outlook<T> {
  readonly #answer = signal<Answer<T> | null>(null);
  /** The last answer; null before the first. */
  readonly answer: ReadonlySignal<Answer<T> | null> = this.#answer;
  #n = 0;

  constructor(private readonly ask: () => Promise<Answer<T>>) {}

  async now(): Promise<void> {
    this.#n += 1;
    const n = this.#n;
    const answer = await this.ask();
    if (n === this.#n) this.#answer.value = answer;
  }

  /** Let go of what is still asked for. */
  close(): void {
    this.#n += 1;
  }
}

/** The outlook of a call that is shown; `of` says which call it is. */
export function useOutlook<T>(it: Console, of: string, ask: () => Promise<Answer<T>>): Outlook<T> {
  const outlook = useMemo(() => new Outlook(ask), [it, of]);
  useEffect(() => {
    void outlook.now();
    const end = it.live.onEvent(({ type }) => {
      if (CHANGING.has(type)) void outlook.now();
    });
    const timer = setInterval(() => {
      const answer = outlook.answer.peek();
      // What was refused stays so, until an event says otherwise.
      if (answer?.ok !== false || answer.again) void outlook.now();
    }, AGAIN_MS);
    return () => {
      end();
      clearInterval(timer);
      outlook.close();
    };
  }, [outlook]);
  return outlook;
}
