/** The browser's Back, which on a phone is the way out: out of what is open on a page first, and of the page then. */

import { useEffect, useRef } from "preact/hooks";

/** While something is open, Back closes it: `close` is told. */
export function useBack(isOpen: boolean, close: () => void): void {
  const closing = useRef(close);
  closing.current = close;
  const open = useRef(isOpen);
  open.current = isOpen;
  /** Whether the browser has a step of this page that stands for what is open. One that was closed otherwise is kept for the
   * next, as steps cannot be taken away. */
  const hasStep = useRef(false);
  useEffect(() => {
    if (!isOpen || hasStep.current) return;
    hasStep.current = true;
    history.pushState(null, "", location.hash);
  }, [isOpen]);
  useEffect(() => {
    const here = location.hash;
    const popped = () => {
      if (!hasStep.current || location.hash !== here) return;
      hasStep.current = false;
      if (open.current) closing.current();
      else history.back();
    };
    addEventListener("popstate", popped);
    return () => removeEventListener("popstate", popped);
  }, []);
}
