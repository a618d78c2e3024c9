/** Carries operations out one by one, and keeps what came of each to be read. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Answer } from "../api/client";
import { newKey } from "../api/key";
import type { Operation } from "./operation";
import { problemText } from "./problem";

/** So much of what was said stays to be read. */
const SAID_MAX = 20;

/** What came of an operation. `action` is what an undo takes; "" where there is none. */
export interface Said {
  readonly n: number;
  readonly text: string;
  readonly isFault: boolean;
  readonly action: string;
  readonly atMs: number;
}

export class Doing {
  readonly #said = signal<readonly Said[]>([]);
  readonly #busy = signal<ReadonlySet<string>>(new Set());
  /** What came of the last operations, newest first. */
  readonly said: ReadonlySignal<readonly Said[]> = this.#said;
  #n = 0;

  /** `finished` is told of each that was carried out. */
  constructor(private readonly finished: () => void = () => {}) {}

  /** Whether it is on its way, or one that is the same to whoever presses: a page that is drawn anew has made another of it. */
  isBusy(operation: Operation): boolean {
    return this.#busy.value.has(nameOf(operation));
  }

  /** Carry it out. A second call while it is on its way is none. */
  async perform(operation: Operation): Promise<Answer<unknown> | null> {
    const name = nameOf(operation);
    if (this.#busy.peek().has(name)) return null;
    this.#busy.value = new Set(this.#busy.peek()).add(name);
    const answer = await operation.run(newKey());
    const rest = new Set(this.#busy.peek());
    rest.delete(name);
    this.#busy.value = rest;
    if (answer.ok) this.say(operation.done, { action: answer.action });
    else this.say(operation.refused?.(answer) ?? problemText(answer.problem, answer.status), { isFault: true });
    if (answer.ok) this.finished();
    return answer;
  }

  /** Something to be read, by this page. */
  say(text: string, { isFault = false, action = "" } = {}): void {
    this.#n += 1;
    const said = { n: this.#n, text, isFault, action, atMs: performance.now() };
    this.#said.value = [said, ...this.#said.peek()].slice(0, SAID_MAX);
  }
}

/** What two presses of one button have in common. */
function nameOf({ label, done, of = "" }: Operation): string {
  return `${label}\n${done}\n${of}`;
}
