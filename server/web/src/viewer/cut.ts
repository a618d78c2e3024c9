/** Text of some lines at the most, which is unfolded where there is more of it. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Whether the text does not fit in (`cut`), measured while it is not unfolded (`open`). */
export function useCut(text: RefObject<HTMLElement | null>): { cut: Signal<boolean>; open: Signal<boolean> } {
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
