/** What the server says of its rooms: `GET /v1/on-air`. */
import { signal } from "@preact/signals";

export interface RoomOnAir {
  room: string;
  title: string;
  demonstration: boolean;
  /** The server hands out host passes for it: the room of `shelfcast demo`. */
  open_house: boolean;
}

/** null until the first answer. */
export const rooms = signal<readonly RoomOnAir[] | null>(null);
/** Why nothing can be said of them: the status of an answer that is none, 0 where none came; null while all is well. */
export const trouble = signal<number | null>(null);

const EVERY_MS = 10_000;
const TIMEOUT_MS = 5_000;

/** Ask now, when the page is shown again, and every ten seconds while it is. */
export function followRooms(): void {
  void ask();
  setInterval(() => {
    if (!document.hidden) void ask();
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void ask();
  });
}

async function ask(): Promise<void> {
  try {
    const answer = await fetch("/v1/on-air", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) {
      trouble.value = answer.status;
      return;
    }
    rooms.value = ((await answer.json()) as { rooms: RoomOnAir[] }).rooms;
    trouble.value = null;
  } catch {
    trouble.value = 0;
  }
}
