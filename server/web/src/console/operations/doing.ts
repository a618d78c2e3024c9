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
  readonly #busy = signal<ReadonlySet<Operation>>(new Set());
  /** What came of the last operations, newest first. */
  readonly said: ReadonlySignal<readonly Said[]> = this.#said;
  /** Those on their way. */
  readonly busy: ReadonlySignal<ReadonlySet<Operation>> = this.#busy;
  #n = 0;

  /** `finished` is told of each that was carried out. */
  constructor(private readonly finished: () => void = () => {}) {}

  /** Carry it out. A second call while it is on its way is none. */
  async perform(operation: Operation): Promise<Answer<unknown> | null> {
    if (this.#busy.peek().has(operation)) return null;
    this.#busy.value = new Set(this.#busy.peek()).add(operation);
    const answer = await operation.run(newKey());
    const rest = new Set(this.#busy.peek());
    rest.delete(operation);
    this.#busy.value = rest;
    if (answer.ok) this.say(operation.done, { action: answer.action });
    else this.say(problemText(answer.problem, answer.status), { isFault: true });
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
