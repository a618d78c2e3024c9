/** Signals that stay the same while what they say does: whatever draws them is left alone. */

import { computed, type ReadonlySignal } from "@preact/signals";

/** A computed record that keeps its identity while all its fields are equal. */
export function stable<Value extends object | null>(compute: () => Value): ReadonlySignal<Value> {
  let last: Value | undefined;
  return computed(() => {
    const next = compute();
    if (last === undefined || !sameFields(last, next)) last = next;
    return last;
  });
}

function sameFields(one: object | null, other: object | null): boolean {
  if (one === null || other === null) return one === other;
  const keys = Object.keys(one) as (keyof typeof one)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}
