/** The steps of the preparation, and which one is shown. */

import { type ReadonlySignal, signal } from "@preact/signals";

export const STEPS = ["import", "room", "shelf", "strategy", "reserve", "batches", "split", "goods"] as const;
export type Step = (typeof STEPS)[number];

const chosen = signal<Step>("import");

/** It stays while another view is looked at. */
export const step: ReadonlySignal<Step> = chosen;

export function goToStep(next: Step): void {
  chosen.value = next;
}
