/** Text of some lines at the most, which is unfolded where there is more of it. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../shared/i18n";

/** Of one text: it does not fit in (`cut`), measured while it is not unfolded (`open`). */
export interface Cut {
  readonly cut: Signal<boolean>;
  readonly open: Signal<boolean>;
}

/** Follow whether the text fits in. */
export function useCut(text: RefObject<HTMLElement | null>): Cut {
  const open = useSignal(false);
  const cut = useSignal(false);
  useEffect(() => {
    const measured = text.current;
    if (measured === null) return;
    const observer = new ResizeObserver(() => {
      if (!open.peek()) cut.value = measured.scrollHeight > measured.clientHeight + 1;
    });
    observer.observe(measured);
    return () => observer.disconnect();
  }, []);
  return { cut, open };
}

/** The button that unfolds the text, while there is more of it than is seen. `words` are named by it: `_more`, `_less`. */
export function Unfold({ cut, open, words }: Cut & { words: string }) {
  if (!cut.value && !open.value) return null;
  return (
    <button
      type="button"
      class="plain plain-small"
      aria-expanded={open.value}
      onClick={() => {
        open.value = !open.value;
      }}
    >
      {t(`${words}_${open.value ? "less" : "more"}`)}
    </button>
  );
}
