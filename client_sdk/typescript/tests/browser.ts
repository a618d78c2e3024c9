/** Debian's Chromium without a window, over its debugging protocol. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

export const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--remote-debugging-port=0",
];

export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), "chromium-"));
  readonly #process: ChildProcess;
  #socket: WebSocket | null = null;
  #calls = 0;

  constructor() {
    const flags = [...FLAGS, `--user-data-dir=${this.#folder}`, "about:blank"];
    this.#process = spawn(CHROMIUM, flags, { stdio: ["ignore", "ignore", "pipe"] });
  }

  async start(): Promise<this> {
    if (!this.#process.stderr) throw new Error("chromium says nothing");
    for await (const line of createInterface(this.#process.stderr)) {
      const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (!address) continue;
      this.#socket = new WebSocket(address);
      await once(this.#socket, "open");
      return this;
    }
    throw new Error("chromium did not start");
  }

  /** A tab at this address. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.call("Target.createTarget", { url });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return new Tab(this, String(sessionId));
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGKILL");
      await once(this.#process, "exit");
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** One command of the protocol. */
  async call(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#calls;
    const socket = this.#socket;
    if (!socket) throw new Error("start the browser first");
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      const hear = (data: unknown) => {
        const message = JSON.parse(String(data));
        if (message.id !== id) return;
        socket.off("message", hear);
        if (message.error) reject(new Error(`${method}: ${message.error.message}`));
        else resolve(message.result);
      };
      socket.on("message", hear);
    });
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return answer;
  }
}

export class Tab {
  constructor(
    private readonly browser: Browser,
    private readonly sessionId: string,
  ) {}

  /** The value of an expression in the page; of a promise, what it comes to. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    try {
      const { result, exceptionDetails } = await this.browser.call("Runtime.evaluate", options, this.sessionId);
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: unknown }).value;
    } catch (error) {
      // The page it was asked of is gone, and the next one is asked.
      if (String(error).includes("context was destroyed")) return this.evaluate(expression);
      throw error;
    }
  }

  async reload(): Promise<void> {
    await this.browser.call("Page.reload", {}, this.sessionId);
  }
}
