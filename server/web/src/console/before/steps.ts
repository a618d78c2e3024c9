/** The steps of the preparation, and which one is shown. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { go } from "../address";

export const STEPS = [
  "import",
  "room",
  "shelf",
  "strategy",
  "reserve",
  "batches",
  "split",
  "goods",
  "checklist",
] as const;
export type Step = (typeof STEPS)[number];

const chosen = signal<Step>("import");
let sought = "";

/** It stays while another view is looked at. */
export const step: ReadonlySignal<Step> = chosen;

/** Go there; `about` is what is looked for in it first, such as a SKU. */
export function goToStep(next: Step, about = ""): void {
  sought = about;
  chosen.value = next;
}

/** To the checklist of the room, from wherever one is. */
export function toChecklist(): void {
  goToStep("checklist");
  go({ view: "before" });
}

/** What is looked for in the step that begins to be shown: once. */
export function takeSought(): string {
  const taken = sought;
  sought = "";
  return taken;
}
