/** What was decided about the SKUs of a show, as the server has it and as it is decided here. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { answerOf } from "../../api/client";
import type { Decision, DecisionMade } from "../../api/schema";
import type { Console } from "../../console";

export class Decisions {
  readonly #made = signal<ReadonlyMap<string, Decision>>(new Map());
  readonly #trouble = signal<number | null>(null);
  /** By SKU. */
  readonly made: ReadonlySignal<ReadonlyMap<string, Decision>> = this.#made;
  /** The status of a read that failed. */
  readonly trouble: ReadonlySignal<number | null> = this.#trouble;

  constructor(
    private readonly it: Console,
    private readonly show: string,
  ) {}

  async read(): Promise<void> {
    const params = { path: { show: this.show } };
    const answer = await answerOf(this.it.api.GET("/v1/shows/{show}/report/decisions", { params }));
    this.#trouble.value = answer.ok ? null : answer.status;
    if (answer.ok) this.#made.value = new Map(answer.value.decisions.map(({ sku, decision }) => [sku, decision]));
  }

  /** One that was noted. */
  readonly noted = ({ sku, decision }: DecisionMade): void => {
    this.#made.value = new Map(this.#made.peek()).set(sku, decision);
  };
}
