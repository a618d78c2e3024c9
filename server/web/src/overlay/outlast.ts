/** Keeps a room open for longer than the link that it was opened with. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ClientError } from "@shelfcast/client";
import { closedKey } from "../shared/closed";
import type { Live } from "../shared/live";

/** What of a live room matters here. */
type Opened = Pick<Live, "connection" | "dispose">;

interface Rooms<Room extends Opened> {
  /** The room to draw. */
  readonly shown: ReadonlySignal<Room>;
  /** The one that is connected, or tries to be: `shown`, or the one that will take its place. */
  readonly latest: () => Room;
}

/**
 * When a link that was good once is so no longer, the room is opened again without it, and shown as soon as it is
 * current. `tell` is called with why a room was closed for good: once for the link, also where the room takes nobody
 * without one.
 */
export function outlast<Room extends Opened>(
  first: Room,
  openWithoutLink: () => Room,
  tell: (error: ClientError) => void,
): Rooms<Room> {
  const shown = signal(first);
  let latest = first;
  const goOn = () => {
    latest = openWithoutLink();
    latest.connection.subscribe(({ current, error }) => {
      if (error !== null && closedKey(error, false) !== "closed.token_missing") tell(error);
      if (!current || shown.peek() === latest) return;
      shown.value = latest;
      first.dispose();
    });
  };
  const stop = first.connection.subscribe(({ error, oldSinceMs }) => {
    if (error === null) return;
    queueMicrotask(() => stop());
    tell(error);
    if (oldSinceMs !== null && closedKey(error) === "closed.token") goOn();
  });
  return { shown, latest: () => latest };
}
