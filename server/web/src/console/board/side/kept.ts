/** Operations that are shown for a while. */

import { untracked } from "@preact/signals";
import { useState } from "preact/hooks";

/** An operation that stays the same one while it is shown: it may be on its way. */
export function useKept<T>(make: () => T, key: string): T {
  const [kept] = useState<{ key: string; value: T }>(() => ({ key, value: untracked(make) }));
  if (kept.key !== key) {
    kept.key = key;
    // What it reads of the moment draws nothing anew.
    kept.value = untracked(make);
  }
  return kept.value;
}
