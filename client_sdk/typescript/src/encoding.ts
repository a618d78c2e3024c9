/** How a connection's messages are encoded. JSON is here; MessagePack is in `@shelfcast/client/msgpack`. */

import type { ClientMessage } from "./messages.js";

/** Messages to frames and back. */
export interface Encoding {
  /** Its WebSocket subprotocol. */
  readonly protocol: string;
  /** The frame of a client's message: text is a text frame, bytes a binary one. */
  encode(message: ClientMessage): string | Uint8Array;
  /** The value in a frame. Throws whatever it likes for one that cannot be read. */
  decode(frame: string | ArrayBuffer): unknown;
}

/** JSON in text frames; needs nothing. */
export const json: Encoding = {
  protocol: "shelfcast.v1.json",
  encode: (message) => JSON.stringify(message),
  // A binary frame becomes a text that is no JSON.
  decode: (frame) => JSON.parse(String(frame)),
};
