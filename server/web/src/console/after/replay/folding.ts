/** A show's minutes: a whole state, and those that follow as they differ from the one before. Pure.
 *
 * The same rule as the server's (archive/minutes.py). */

import type { MinuteState } from "../../api/schema";

/** Minutes that are read together: they begin with a whole state. */
export const PART_MINUTES = 15;

/** The whole state at the end of the minute that follows on this one. */
export function followed(state: MinuteState, change: MinuteState): MinuteState {
  const units = new Map(state.units.map((row) => [row[0], row]));
  for (const row of change.units) units.set(row[0], row);
  const terms = new Map(state.terms.map((one) => [one.sku, one]));
  for (const one of change.terms) terms.set(one.sku, one);
  for (const sku of change.gone) {
    units.delete(sku);
    terms.delete(sku);
  }
  return {
    ...change,
    alerts: change.alerts ?? state.alerts,
    units: [...units.values()],
    terms: [...terms.values()].sort((a, b) => a.place - b.place || (a.sku < b.sku ? -1 : 1)),
    gone: [],
  };
}

/** A quarter of an hour as it was read; each minute is made whole once, when it is first looked at. */
export class Part {
  readonly #whole: MinuteState[];

  constructor(
    readonly first: number,
    state: MinuteState,
    private readonly changes: readonly MinuteState[],
  ) {
    this.#whole = [state];
  }

  /** So many minutes it has. */
  get length(): number {
    return this.changes.length + 1;
  }

  /** The whole state at a minute of the show; undefined for one that it does not have. */
  at(minute: number): MinuteState | undefined {
    const place = minute - this.first;
    if (place < 0 || place >= this.length) return undefined;
    for (let known = this.#whole.length; known <= place; known += 1) {
      const [before, change] = [this.#whole[known - 1], this.changes[known - 1]];
      if (before === undefined || change === undefined) return undefined;
      this.#whole.push(followed(before, change));
    }
    return this.#whole[place];
  }
}

/** The first minute of the part that has this one. */
export function partOf(minute: number): number {
  return minute - (minute % PART_MINUTES);
}
