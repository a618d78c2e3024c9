/** Light, dark, or as the system is: remembered for this browser. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { keepText, recallText } from "../browserMemory";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEY = "shelfcast.theme";

const chosen = signal<Theme>("system");
export const theme: ReadonlySignal<Theme> = chosen;

/** Call before the first drawing. */
export function startTheme(): void {
  const kept = recallText(KEY);
  put(THEMES.find((each) => each === kept) ?? "system");
}

export function setTheme(next: Theme): void {
  keepText(KEY, next);
  put(next);
}

function put(next: Theme): void {
  chosen.value = next;
  // Its colours stand in shared/theme.css.
  document.documentElement.dataset.theme = next;
}
