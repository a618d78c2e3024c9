/** What somebody has chosen, kept by this browser. */

import { keepText, recallText } from "../browserMemory";

const PREFIX = "shelfcast.board.";

/** What was kept, where it has the expected form. */
export function recall<T>(name: string, isForm: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(recallText(PREFIX + name) ?? "null");
    return isForm(value) ? value : null;
  } catch {
    return null;
  }
}

export function remember(name: string, value: unknown): void {
  keepText(PREFIX + name, JSON.stringify(value));
}

export function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
