/** TanStack's table on signals: what it derives is derived anew where a signal that it has read changes. */

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { TableReactivityBindings } from "@tanstack/table-core/reactivity";

type Atom = ReturnType<TableReactivityBindings["createWritableAtom"]>;
type Next = (value: unknown) => void;

export const signalReactivity: TableReactivityBindings = {
  // Its options are a signal, too: new data is all that a sorting anew needs.
  createOptionsStore: true,
  wrapExternalAtoms: false,
  addSubscription: () => {},
  createWritableAtom: (<T>(initial: T) => {
    const kept = signal(initial);
    const set = (next: T | ((before: T) => T)) => {
      kept.value = typeof next === "function" ? (next as (before: T) => T)(kept.peek()) : next;
    };
    return { get: () => kept.value, set, subscribe: subscribing(() => kept.value) };
  }) as never,
  createReadonlyAtom: (<T>(derive: () => T) => {
    const derived = computed(derive);
    return { get: () => derived.value, subscribe: subscribing(() => derived.value) };
  }) as never,
  untrack: untracked,
  batch,
  schedule: queueMicrotask,
};

/** As an observable has it; nothing of the first value, which whoever subscribes knows. */
function subscribing(read: () => unknown): Atom["subscribe"] {
  return ((observer: Next | { next?: Next }) => {
    const next = typeof observer === "function" ? observer : (value: unknown) => observer.next?.(value);
    let isFirst = true;
    const end = effect(() => {
      const value = read();
      if (!isFirst) untracked(() => next(value));
      isFirst = false;
    });
    return { unsubscribe: end };
  }) as Atom["subscribe"];
}
