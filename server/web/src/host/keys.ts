/** The keys of the host page. Pure. A presenter's remote control sends PageDown and PageUp. */

import type { Step } from "../shared/runorder";

export type Action = Step | "acknowledge";

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ["n", "next"],
  ["ArrowRight", "next"],
  ["PageDown", "next"],
  ["p", "previous"],
  ["ArrowLeft", "previous"],
  ["PageUp", "previous"],
  ["a", "acknowledge"],
]);

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
}

/** What a key asks for; null for others, for shortcuts of the browser, for a key that is held down, while writing. */
export function actionOf(press: Press, typing: boolean): Action | null {
  if (typing || press.isComposing || press.repeat || press.ctrlKey || press.altKey || press.metaKey) return null;
  return ACTIONS.get(press.key.length === 1 ? press.key.toLowerCase() : press.key) ?? null;
}

/** Whether what has the focus takes keys for itself. */
export function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select");
}
