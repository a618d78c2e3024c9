/** A list that stands still under a hand: nothing in it moves to where somebody is about to press. */

import type { Hold } from "../table/stillness";

interface Named {
  readonly id: string;
}

export class StillList<T extends Named> {
  readonly #holds = new Set<Hold>();
  #shown: readonly T[] = [];
  #over: ReadonlySet<string> = new Set();

  hold(by: Hold): void {
    this.#holds.add(by);
  }

  release(by: Hold): void {
    this.#holds.delete(by);
  }

  /** What is shown of `sorted`: under a hand in the order as it was, with those that are no more in their places and new
   * ones behind. */
  order(sorted: readonly T[]): readonly T[] {
    if (this.#holds.size === 0) {
      this.#over = new Set();
      this.#shown = sorted;
      return sorted;
    }
    const now = new Map(sorted.map((each) => [each.id, each]));
    const stay = this.#shown.map((each) => now.get(each.id) ?? each);
    const known = new Set(stay.map(({ id }) => id));
    this.#over = new Set([...known].filter((id) => !now.has(id)));
    this.#shown = [...stay, ...sorted.filter(({ id }) => !known.has(id))];
    return this.#shown;
  }

  isOver(id: string): boolean {
    return this.#over.has(id);
  }
}
