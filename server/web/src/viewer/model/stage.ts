/** The product on the stage as a signal: the host's, or the one the viewer is busy with. */

import { batch, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Attention, stageOf, staysUntilMs, tooSoon } from "./attention";

export class Stage {
  /** What is shown. */
  readonly shown: Signal<string | null>;
  /** What the host shows, while that is another product than the stage's. */
  readonly elsewhere: Signal<string | null> = signal(null);
  readonly #spotlight: ReadonlySignal<string | null>;
  readonly #isListed: (sku: string) => boolean;
  readonly #isAwaited: (sku: string) => boolean;
  readonly #onControls = { pointer: signal(false), keyboard: signal(false) };
  readonly #touchedAtMs = signal<number | null>(null);
  readonly #stop: () => void;
  #changedAtMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Of a SKU, as readers of signals: whether it is on the shelf, and whether an answer about it is on its way. */
  constructor(
    spotlight: ReadonlySignal<string | null>,
    { isListed, isAwaited }: { isListed: (sku: string) => boolean; isAwaited: (sku: string) => boolean },
  ) {
    this.#spotlight = spotlight;
    this.#isListed = isListed;
    this.#isAwaited = isAwaited;
    this.shown = signal(spotlight.peek());
    this.#stop = effect(() => this.#decide());
  }

  /** The pointer, or the keyboard's focus, came to the controls or left them. */
  attend(by: "pointer" | "keyboard", there: boolean): void {
    this.#onControls[by].value = there;
  }

  /** Something on the stage was pressed. */
  touch(): void {
    this.#touchedAtMs.value = performance.now();
  }

  /** Go with the host, whatever was being done. */
  follow(): void {
    batch(() => {
      this.#touchedAtMs.value = null;
      this.#onControls.pointer.value = false;
      this.#onControls.keyboard.value = false;
    });
    this.#show(this.#spotlight.peek());
  }

  /** Whether a press now was meant for the product before. */
  isTooSoon(): boolean {
    return tooSoon(this.#changedAtMs, performance.now());
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #decide(): void {
    const shown = this.shown.value;
    const attention: Attention = {
      spotlight: this.#spotlight.value,
      shown,
      listed: shown !== null && this.#isListed(shown),
      touchedAtMs: this.#touchedAtMs.value,
      busy:
        this.#onControls.pointer.value || this.#onControls.keyboard.value || (shown !== null && this.#isAwaited(shown)),
      nowMs: performance.now(),
    };
    clearTimeout(this.#timer);
    const untilMs = staysUntilMs(attention);
    if (untilMs !== null) this.#timer = setTimeout(() => this.#decide(), untilMs - attention.nowMs);
    this.#show(stageOf(attention));
  }

  #show(sku: string | null): void {
    const before = this.shown.peek();
    const spotlight = this.#spotlight.peek();
    // The first product of a page replaces nothing that could have been meant.
    if (sku !== before && before !== null) this.#changedAtMs = performance.now();
    batch(() => {
      this.shown.value = sku;
      this.elsewhere.value = spotlight === sku ? null : spotlight;
    });
  }
}
