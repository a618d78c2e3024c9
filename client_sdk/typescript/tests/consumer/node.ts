/** A program for Node, without the DOM's types. Only compiled. */

import { connect, type Store } from "@shelfcast/client";
import { msgpack } from "@shelfcast/client/msgpack";
import { WebSocket } from "ws";

const kept = new Map<string, string>();
const storage: Store = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
};
const room = connect({ url: "http://127.0.0.1:8000", room: "evening", encoding: msgpack, storage, WebSocket });
export const result = room.reserve("MUG-01", 2, { timeoutMs: 500 }).then((answer) => answer.type);
