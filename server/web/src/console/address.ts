/** Where one is in the console: `#/{pool}/{room}/{view}`; a dash stands for a room that is not chosen. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { tokenOfFragment } from "../shared/access";

export const VIEWS = ["board", "before", "ledger", "emergency"] as const;
export type View = (typeof VIEWS)[number];

export interface Where {
  readonly pool: string;
  /** "" where none is chosen. */
  readonly room: string;
  readonly view: View;
}

const NO_ROOM = "-";

/** What a fragment says; parts that it does not say are empty, a view that there is not is the board. One that is no place,
 * such as the token of a link, says nothing. */
export function whereOf(fragment: string): Where {
  const [start, ...parts] = fragment.replace(/^#/, "").split("/").map(decoded);
  if (start !== "") return { pool: "", room: "", view: "board" };
  const [pool = "", room = "", view = ""] = parts;
  const known = VIEWS.find((each) => each === view);
  return { pool, room: room === NO_ROOM ? "" : room, view: known ?? "board" };
}

/** The fragment of a place. */
export function addressOf({ pool, room, view }: Where): string {
  return `#/${encodeURIComponent(pool)}/${room === "" ? NO_ROOM : encodeURIComponent(room)}/${view}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

const here = signal<Where>(whereOf(globalThis.location?.hash ?? ""));

/** Where one is; the browser's Back goes back. */
export const where: ReadonlySignal<Where> = here;

globalThis.addEventListener?.("hashchange", () => {
  if (tokenOfFragment(location.hash) === null) here.value = whereOf(location.hash);
});

/** Go there; what is not named stays. */
export function go(to: Partial<Where>): void {
  const next = { ...here.peek(), ...to };
  if (addressOf(next) !== location.hash) location.hash = addressOf(next);
}
