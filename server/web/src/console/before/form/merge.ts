/** Two people have changed one thing: what can stand side by side does, and what cannot is asked. */

/** A field that both have changed, to different values. */
export interface Conflict<V, K extends keyof V = keyof V> {
  readonly field: K;
  readonly mine: V[K];
  readonly theirs: V[K];
}

export interface Merged<V> {
  /** What of mine is still to be written: where they have written the same, there is nothing left to do. */
  readonly rest: Partial<V>;
  readonly conflicts: readonly Conflict<V>[];
}

/** Lay my changes over theirs. `seen` is what both began from. */
export function merge<V extends object>(seen: V, mine: Partial<V>, theirs: V): Merged<V> {
  const rest: Partial<V> = {};
  const conflicts: Conflict<V>[] = [];
  for (const field of Object.keys(mine) as (keyof V)[]) {
    const wanted = mine[field] as V[keyof V];
    if (isSame(wanted, theirs[field])) continue;
    rest[field] = wanted;
    if (!isSame(seen[field], theirs[field])) conflicts.push({ field, mine: wanted, theirs: theirs[field] });
  }
  return { rest, conflicts };
}

/** Whether two values say the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
