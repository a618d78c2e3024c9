/** A WebSocket without a network: the test is its server. */

import type { Socket } from "../src/socket.js";

export class FakeSocket implements Socket {
  static opened: FakeSocket[] = [];

  static get last(): FakeSocket {
    const socket = FakeSocket.opened.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  binaryType = "blob";
  protocol = "";
  readyState = 0;
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onerror: Socket["onerror"] = null;
  onclose: Socket["onclose"] = null;
  sent: { type: string; id: string; [field: string]: unknown }[] = [];
  closed: { code: number | undefined; reason: string | undefined } | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.opened.push(this);
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }

  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closed = { code, reason };
  }

  // --- what the server does

  accept(protocol = "shelfcast.v1.json"): this {
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({});
    return this;
  }

  say(...messages: object[]): this {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
    return this;
  }

  drop(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }
}
