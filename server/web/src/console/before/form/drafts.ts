/** What is typed and not saved yet, kept while another step or view is looked at. */

import { useEffect, useMemo } from "preact/hooks";
import { type Console, useConsole } from "../../console";
import type { Edit } from "./edit";

interface Draft {
  readonly isTyped: boolean;
}

const KEPT = new WeakMap<Console, Map<string, Draft>>();

/** The edit of that name, with what was typed into it before; `make` makes it where there is none. */
export function useDraft<V extends object>(name: string, make: (it: Console) => Edit<V>): Edit<V> {
  const it = useConsole();
  const kept = KEPT.get(it) ?? new Map<string, Draft>();
  KEPT.set(it, kept);
  const edit = useMemo(() => {
    const found = (kept.get(name) as Edit<V> | undefined) ?? make(it);
    kept.set(name, found);
    return found;
  }, [it, name]);
  useEffect(
    () => () => {
      if (!edit.isTyped) kept.delete(name);
    },
    [edit],
  );
  return edit;
}
