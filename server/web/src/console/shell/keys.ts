/** The console's keys. The help is made of the same table. Never while somebody writes, but for Ctrl+Z outside of a field. */

import { type Signal, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { tinykeys } from "tinykeys";
import { VIEWS, type View } from "../address";
import { keepText, recallText } from "../browserMemory";

export type KeyAction =
  | { readonly kind: "command"; readonly digit: boolean }
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "panel"; readonly panel: "help" | "actions" | "since" }
  | { readonly kind: "undo" };

interface Key {
  /** Its words are `key.…`. */
  readonly name: string;
  /** As tinykeys writes it. */
  readonly press: string;
  /** As the help shows it: presses one after the other, each of keys held together. */
  readonly shown: readonly (readonly string[])[];
  readonly action: KeyAction;
  /** A letter or a sign by itself: in the way of speech and switch control, and can be switched off. */
  readonly isSingle: boolean;
}

const LETTER_OF: Record<View, string> = {
  board: "b",
  before: "p",
  counts: "c",
  after: "a",
  ledger: "l",
  emergency: "e",
};

const toView = (view: View, index: number): readonly Key[] => [
  {
    name: view,
    press: `Alt+Digit${index + 1}`,
    shown: [["Alt", `${index + 1}`]],
    action: { kind: "view", view },
    isSingle: false,
  },
  {
    name: view,
    press: `g ${LETTER_OF[view]}`,
    shown: [["g"], [LETTER_OF[view]]],
    action: { kind: "view", view },
    isSingle: true,
  },
];

export const KEYS: readonly Key[] = [
  { name: "command", press: "/", shown: [["/"]], action: { kind: "command", digit: false }, isSingle: true },
  { name: "command", press: "Shift+/", shown: [], action: { kind: "command", digit: false }, isSingle: true },
  { name: "digit", press: "([0-9])", shown: [["0–9"]], action: { kind: "command", digit: true }, isSingle: true },
  { name: "undo", press: "$mod+z", shown: [["Ctrl", "Z"]], action: { kind: "undo" }, isSingle: false },
  ...VIEWS.flatMap(toView),
  { name: "actions", press: "g u", shown: [["g"], ["u"]], action: { kind: "panel", panel: "actions" }, isSingle: true },
  { name: "since", press: "g s", shown: [["g"], ["s"]], action: { kind: "panel", panel: "since" }, isSingle: true },
  // The sign lies elsewhere on each keyboard, with Shift or without.
  { name: "help", press: "Shift+?", shown: [["?"]], action: { kind: "panel", panel: "help" }, isSingle: true },
  { name: "help", press: "?", shown: [], action: { kind: "panel", panel: "help" }, isSingle: true },
];

/** Keys that belong to one element, told in the help beside the others. */
export const KEYS_ELSEWHERE = [
  { name: "escape", shown: [["Esc"]] },
  { name: "history", shown: [["↑"]] },
] as const;

const CHOICE_KEY = "shelfcast.console.keys";
/** Whether letters and signs by themselves are keys. */
export const singleKeys: Signal<boolean> = signal(recallText(CHOICE_KEY) !== "off");
singleKeys.subscribe((on) => keepText(CHOICE_KEY, on ? "on" : "off"));

/** Whether what has the focus takes keys for itself. */
function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
}

/** Call `act` for the console's keys, while the component is there. One that stands open over the page has its own. */
export function useKeys(act: (action: KeyAction) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const bound = KEYS.map(({ press, action, isSingle }) => {
      const heard = (event: KeyboardEvent) => {
        if (event.defaultPrevented || event.isComposing || event.repeat || takesKeys(event.target)) return;
        if (isSingle && (!singleKeys.peek() || event.ctrlKey || event.metaKey)) return;
        if (document.querySelector("dialog[open]") !== null) return;
        // The digit is the first sign of the line.
        if (!(action.kind === "command" && action.digit)) event.preventDefault();
        latest.current(action);
      };
      return [press, heard] as const;
    });
    return tinykeys(window, Object.fromEntries(bound));
  }, []);
}
