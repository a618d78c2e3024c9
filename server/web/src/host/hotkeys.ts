/** The page's keys, which can be switched off: single letters may be in the way of speech or switch control. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Action, actionOf, takesKeys } from "./keys";

const CHOICE_KEY = "shelfcast.host.keys";

/** Listen while the component is there. Returns whether the keys are on, to be switched. */
export function useKeys(actions: Record<Action, () => void>): Signal<boolean> {
  const on = useSignal(storedChoice());
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = on.peek() && !event.defaultPrevented ? actionOf(event, takesKeys(event.target)) : null;
      if (action === null) return;
      event.preventDefault();
      latest.current[action]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [on]);
  useEffect(() => on.subscribe(storeChoice), [on]);
  return on;
}

function storedChoice(): boolean {
  try {
    return localStorage.getItem(CHOICE_KEY) !== "off";
  } catch {
    return true;
  }
}

function storeChoice(on: boolean): void {
  try {
    localStorage.setItem(CHOICE_KEY, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing still switches.
  }
}
