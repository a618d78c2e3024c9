/** Where one is in the console: `#/{pool}/{room}/{view}`, and behind that a part of the view; a dash stands for a room that is
 * not chosen. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { tokenOfFragment } from "../shared/access";

export const VIEWS = ["board", "before", "counts", "after", "ledger", "emergency"] as const;
export type View = (typeof VIEWS)[number];

export interface Where {
  readonly pool: string;
  /** "" where none is chosen. */
  readonly room: string;
  readonly view: View;
  /** What of the view is shown, in its own words; missing where it is the whole of it. */
  readonly part?: string;
}

const NO_ROOM = "-";

/** What a fragment says; parts that it does not say are empty, a view that there is not is the board. One that is no place,
 * such as the token of a link, says nothing. */
export function whereOf(fragment: string): Where {
  const [start, ...parts] = fragment.replace(/^#/, "").split("/").map(decoded);
  if (start !== "") return { pool: "", room: "", view: "board" };
  const [pool = "", room = "", view = "", ...more] = parts;
  const known = VIEWS.find((each) => each === view);
  const part = known === undefined ? "" : more.join("/");
  return { pool, room: room === NO_ROOM ? "" : room, view: known ?? "board", ...(part !== "" && { part }) };
}

/** The fragment of a place. */
export function addressOf({ pool, room, view, part = "" }: Where): string {
  const behind = part === "" ? "" : `/${part.split("/").map(encodeURIComponent).join("/")}`;
  return `#/${encodeURIComponent(pool)}/${room === "" ? NO_ROOM : encodeURIComponent(room)}/${view}${behind}`;
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

/** Go there; what is not named stays, but for the part of the view. */
export function go(to: Partial<Where>): void {
  const next = { ...here.peek(), part: "", ...to };
  if (addressOf(next) !== location.hash) location.hash = addressOf(next);
}
