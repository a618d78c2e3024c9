/** Puts a product into the spotlight, one at a time, and tells what came of it. */

import { type ReadonlySignal, signal } from "@preact/signals";

export type StepState =
  | { readonly kind: "idle" }
  | { readonly kind: "asking" | "done"; readonly sku: string }
  | { readonly kind: "failed"; readonly sku: string; readonly code: string };

/** A second press this soon after a step is one that was not meant. */
export const DOUBLE_PRESS_MS = 700;

/** What an operator's request comes back with, as far as it matters here. */
type Outcome = { readonly type: string; readonly code?: unknown };

export class Stepper {
  readonly #state = signal<StepState>({ kind: "idle" });
  readonly #spotlight: (sku: string) => Promise<Outcome>;
  readonly #nowMs: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(spotlight: (sku: string) => Promise<Outcome>, nowMs: () => number = () => performance.now()) {
    this.#spotlight = spotlight;
    this.#nowMs = nowMs;
  }

  get state(): ReadonlySignal<StepState> {
    return this.#state;
  }

  /** Ask for this product. Returns false where the press is passed over: one is under way, or was a moment ago. */
  go(sku: string): boolean {
    const nowMs = this.#nowMs();
    if (this.#state.peek().kind === "asking" || nowMs - this.#lastMs < DOUBLE_PRESS_MS) return false;
    this.#lastMs = nowMs;
    this.#state.value = { kind: "asking", sku };
    void this.#ask(sku);
    return true;
  }

  async #ask(sku: string): Promise<void> {
    try {
      const outcome = await this.#spotlight(sku);
      this.#state.value = outcome.type === "done" ? { kind: "done", sku } : failed(sku, outcome);
    } catch {
      // The room was closed for good meanwhile; the page says why.
      this.#state.value = { kind: "failed", sku, code: "" };
    }
  }
}

function failed(sku: string, { code }: Outcome): StepState {
  return { kind: "failed", sku, code: typeof code === "string" ? code : "" };
}
