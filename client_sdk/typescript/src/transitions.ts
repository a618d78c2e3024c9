/** What can happen to a connection, what follows, and what the caller of a session must do then. */

import type { Event, State } from "./events.js";
import type { Result } from "./messages.js";

/** What can happen to the connection: it is time to connect; the handshake succeeded; no connection came about, or the
 * server said to come back (429, 5xx); the server said no for good; the connection ended in a way that allows another;
 * it ended with a close code that forbids another; the owner is done. */
export type Input = "dial" | "opened" | "failed" | "rejected" | "lost" | "dismissed" | "close";

/** Every transition there is. Another input is a defect of the caller, and throws UsageError. */
export const TRANSITIONS: { readonly [S in State]: { readonly [I in Input]?: State } } = {
  disconnected: { dial: "connecting", close: "closed" },
  connecting: { opened: "connected", failed: "disconnected", rejected: "closed", close: "closed" },
  connected: { lost: "disconnected", dismissed: "closed", close: "closed" },
  // Closing takes the socket a moment, in which the network may still have its say: nothing follows from it.
  closed: {},
};

/** What the caller must do: open a connection, then say `opened`, `failed` or `refused`; send a frame; close the
 * connection and hear no more of it; settle the request whose id the result has; keep what is pending for a page after
 * this one; show an event to the owner. */
export type Action =
  | { readonly do: "dial" }
  | { readonly do: "send"; readonly frame: string | Uint8Array }
  | { readonly do: "hangup"; readonly code: number; readonly reason: string }
  | { readonly do: "settle"; readonly result: Result }
  | { readonly do: "keep" }
  | { readonly do: "emit"; readonly event: Event };
