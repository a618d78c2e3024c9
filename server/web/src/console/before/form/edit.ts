/** What somebody types over a definition that others may change meanwhile: nothing of anybody's is lost without a word. */

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { Answer } from "../../api/client";
import type { Problem } from "../../api/schema";
import { problemText } from "../../operations/problem";
import { type Conflict, isSame, type Merged, merge } from "./merge";
import type { Kind } from "./values";

export type Kinds<V> = { readonly [K in keyof V]: Kind<V[K]> };

/** A definition as it was read. */
export interface Seen<V> {
  readonly values: V;
  readonly revision: number;
}

export interface Place<V extends object> {
  readonly kinds: Kinds<V>;
  /** The definition as it is shown; null where it is not known. */
  readonly seen: () => Seen<V> | null;
  /** Write these fields, if the definition is still as it was when the typing `began`. `all` has the other fields, too. */
  readonly write: (changes: Partial<V>, began: Seen<V>, all: V) => Promise<Answer<unknown>>;
  /** What a refusal says that it has become meanwhile, in the shape that a GET answers. */
  readonly theirs: (current: object) => Seen<V>;
  /** What a refusal means here; "" where it means what it means everywhere. */
  readonly words?: (problem: Partial<Problem>) => string;
}

type Of<V, T> = { readonly [K in keyof V]?: T };

/** So often somebody else may be faster with another field until it is given up. */
const ATTEMPTS_MAX = 5;

export type Saved = "saved" | "nothing" | "faults" | "conflict" | "refused";

export class Edit<V extends object> {
  readonly #typed = signal<Of<V, string>>({});
  readonly #faults = signal<Of<V, string>>({});
  readonly #conflicts = signal<readonly Conflict<V>[]>([]);
  readonly #busy = signal(false);
  readonly #trouble = signal("");
  /** What is wrong, by field, in words. */
  readonly faults: ReadonlySignal<Of<V, string>> = this.#faults;
  /** Where somebody else was faster: one chooses. */
  readonly conflicts: ReadonlySignal<readonly Conflict<V>[]> = this.#conflicts;
  readonly busy: ReadonlySignal<boolean> = this.#busy;
  /** What stands against the whole of it. */
  readonly trouble: ReadonlySignal<string> = this.#trouble;
  /** What was there when the typing began. */
  #begun: Seen<V> | null = null;
  /** What the write that was accepted last is known by, for an undo. */
  action = "";

  constructor(private readonly place: Place<V>) {}

  get kinds(): Kinds<V> {
    return this.place.kinds;
  }

  /** What stands in a field now. */
  text<K extends keyof V>(field: K): string {
    const typed = this.#typed.value[field];
    if (typed !== undefined) return typed;
    const seen = this.place.seen();
    return seen === null ? "" : this.kinds[field].toText(seen.values[field]);
  }

  /** Whether something was typed that is not written yet. */
  get isTyped(): boolean {
    return Object.keys(this.#typed.value).length > 0;
  }

  type<K extends keyof V>(field: K, text: string): void {
    this.#begun ??= this.place.seen();
    batch(() => {
      this.#typed.value = { ...this.#typed.peek(), [field]: text };
      this.#faults.value = without(this.#faults.peek(), field);
      this.#trouble.value = "";
    });
  }

  /** As it was before the typing. */
  forget(): void {
    this.#begun = null;
    batch(() => {
      this.#typed.value = {};
      this.#faults.value = {};
      this.#conflicts.value = [];
      this.#trouble.value = "";
    });
  }

  /** Choose between two values of a field. The last choice says what is written then; with theirs alone, nothing is. */
  choose(field: keyof V, whose: "mine" | "theirs"): void {
    batch(() => {
      this.#conflicts.value = this.#conflicts.peek().filter((each) => each.field !== field);
      if (whose === "theirs") this.#typed.value = without(this.#typed.peek(), field);
    });
  }

  /** Write what was typed. */
  async save(): Promise<Saved> {
    if (this.#busy.peek() || this.#conflicts.peek().length > 0) return "conflict";
    const typed = this.#changes();
    if (typed === null) return "faults";
    let changes: Partial<V> = typed;
    this.#busy.value = true;
    try {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        const begun = this.#begun;
        if (begun === null || Object.keys(changes).length === 0) {
          this.forget();
          return "nothing";
        }
        const answer = await this.place.write(changes, begun, { ...begun.values, ...changes });
        if (answer.ok) {
          this.action = answer.action;
          return this.#written();
        }
        if (answer.problem.code !== "STALE") return this.#refused(answer.problem, answer.status);
        const { current } = answer.problem;
        // Where there is none it is not there any more.
        if (current === undefined || current === null) return this.#refused(answer.problem, answer.status);
        const theirs = this.place.theirs(current);
        const merged: Merged<V> = merge(begun.values, changes, theirs.values);
        this.#begun = theirs;
        changes = merged.rest;
        if (merged.conflicts.length > 0) {
          this.#conflicts.value = merged.conflicts;
          return "conflict";
        }
      }
      return this.#refused({ code: "STALE" }, 412);
    } finally {
      this.#busy.value = false;
    }
  }

  #written(): Saved {
    this.forget();
    return "saved";
  }

  #refused(problem: Partial<Problem>, status: number): Saved {
    const text = this.place.words?.(problem) || problemText(problem, status);
    const field = fieldOf(problem.field ?? "");
    if (field in this.kinds) this.#faults.value = { ...this.#faults.peek(), [field]: text };
    else this.#trouble.value = text;
    return "refused";
  }

  /** What differs from what was there; null where something typed is no value, which is said at its field. */
  #changes(): Partial<V> | null {
    const changes: Partial<V> = {};
    const faults: { [K in keyof V]?: string } = {};
    const begun = this.#begun?.values;
    for (const field of Object.keys(this.#typed.peek()) as (keyof V)[]) {
      const read = this.kinds[field].read(this.#typed.peek()[field] ?? "");
      if (!read.ok) faults[field] = read.expected;
      else if (begun === undefined || !isSame(read.value, begun[field])) changes[field] = read.value;
    }
    this.#faults.value = faults;
    return Object.keys(faults).length > 0 ? null : changes;
  }
}

/** The field that a path of a problem begins with: `run_order[3].minutes` is of `run_order`. */
function fieldOf(path: string): string {
  return /^[a-z_]*/.exec(path)?.[0] ?? "";
}

function without<V>(of: Of<V, string>, field: keyof V): Of<V, string> {
  const { [field]: _gone, ...rest } = of;
  return rest as Of<V, string>;
}
