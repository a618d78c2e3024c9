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

/** What the protocol says: the answer to a call, or an event. */
interface Message {
  id?: number;
  method?: string;
  sessionId?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A browser that has not closed by then is killed, with its helpers. */
const CLOSES_WITHIN_MS = 5_000;

export class Browser {
  readonly #folder = mkdtempSync(join(tmpdir(), "chromium-"));
  readonly #process: ChildProcess;
  #socket: WebSocket | null = null;
  #calls = 0;

  constructor() {
    const flags = [...FLAGS, `--user-data-dir=${this.#folder}`, "about:blank"];
    this.#process = spawn(CHROMIUM, flags, { stdio: ["ignore", "ignore", "pipe"], detached: true });
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

  /** Close it as its user would: it ends its own helpers first, which would still write into the folder otherwise. */
  async stop(): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (pid !== undefined && exitCode === null) {
      const gone = once(this.#process, "exit");
      const impatient = setTimeout(() => process.kill(-pid, "SIGKILL"), CLOSES_WITHIN_MS);
      this.#socket?.send(JSON.stringify({ id: ++this.#calls, method: "Browser.close" }));
      await gone;
      clearTimeout(impatient);
    }
    this.#socket?.terminate();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** One command of the protocol. */
  async call(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#calls;
    const answer = this.#heard((message) => message.id === id);
    this.#socket?.send(JSON.stringify({ id, method, params, sessionId }));
    const { error, result } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Done when this has happened in a tab. */
  async event(method: string, sessionId: string): Promise<void> {
    await this.#heard((message) => message.method === method && message.sessionId === sessionId);
  }

  #heard(wanted: (message: Message) => boolean): Promise<Message> {
    const socket = this.#socket;
    if (!socket) throw new Error("start the browser first");
    return new Promise((resolve) => {
      const hear = (data: unknown) => {
        const message: Message = JSON.parse(String(data));
        if (!wanted(message)) return;
        socket.off("message", hear);
        resolve(message);
      };
      socket.on("message", hear);
    });
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

  /** Done when the page is there again: what is asked of one that is on its way out may never be answered. */
  async reload(): Promise<void> {
    await this.browser.call("Page.enable", {}, this.sessionId);
    const loaded = this.browser.event("Page.loadEventFired", this.sessionId);
    await this.browser.call("Page.reload", {}, this.sessionId);
    await loaded;
  }
}
