/** What the server's last word on a wish for a SKU leaves, as long as nothing has come of it since. */

import { type Signal, signal } from "@preact/signals";
import type { SkuView } from "@shelfcast/client";
import type { Lack } from "./offer";
import { leftBy, type Settled } from "./verdicts";

/** Refusals that say that there is none, in the words that its count will say it with. */
const LACKS: Readonly<Record<string, Lack>> = {
  SOLD_OUT: "sold_out",
  BATCH_EXHAUSTED: "sold_out",
  ALL_HELD: "all_held",
};

type Counts = Pick<SkuView, "available" | "held">;

interface LastWord {
  /** How many more units one wish may be for; null where that was not said. */
  left: number | null;
  lack: Lack | null;
  /** What the page showed when there was said to be none. */
  shown: Counts | undefined;
}

export class LastWords {
  readonly #words: Signal<ReadonlyMap<string, LastWord>> = signal(new Map());

  /** A wish was settled while the page showed these counts. */
  heard(sku: string, result: Settled, shown: Counts | undefined): void {
    const refused = result.type === "refused" ? result : null;
    const left = refused && leftBy(refused);
    const lack = (refused && LACKS[refused.code]) ?? null;
    this.#set(sku, left === null && lack === null ? null : { left, lack, shown });
  }

  /** Something came of an earlier wish: what was said before may not hold any more. */
  forget(sku: string): void {
    this.#set(sku, null);
  }

  /** The most units that it leaves for one wish. */
  left(sku: string): number {
    return this.#words.value.get(sku)?.left ?? Number.POSITIVE_INFINITY;
  }

  /** What there is said to be none for, while the counts are those that were shown then. */
  lack(sku: string, now: Counts): Lack | null {
    const { lack, shown } = this.#words.value.get(sku) ?? { lack: null, shown: undefined };
    return shown?.available === now.available && shown.held === now.held ? lack : null;
  }

  #set(sku: string, word: LastWord | null): void {
    if (word === null && !this.#words.peek().has(sku)) return;
    const words = new Map(this.#words.peek());
    if (word === null) words.delete(sku);
    else words.set(sku, word);
    this.#words.value = words;
  }
}
