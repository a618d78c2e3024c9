/** A server as it is deployed: `shelfcast serve` with its embedded engine, in a process and a data folder of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Room } from "../src/index.js";

const PYTHON = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const SECRET = "a secret for the tests of the client, 32 bytes and more";

export class Server {
  readonly #folder = mkdtempSync(join(tmpdir(), "shelfcast-"));
  readonly #settings: Record<string, string>;
  #process: ChildProcess | null = null;
  #log: string[] = [];
  #moves = 0;
  port = 0;

  /** `settings` are environment variables without SHELFCAST_. */
  constructor(settings: Record<string, string> = {}) {
    this.#settings = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`SHELFCAST_${name}`, value]));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Serve, on the same port and with the same data as before. */
  async start(): Promise<this> {
    const env = {
      ...process.env,
      ...this.#settings,
      SHELFCAST_TOKEN_SECRET: SECRET,
      SHELFCAST_DATA_DIR: this.#folder,
      SHELFCAST_LOG_FORMAT: "json",
    };
    this.#process = spawn(PYTHON, ["-m", "shelfcast", "serve", "--port", String(this.port)], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (!this.#process.stderr) throw new Error("the server has no log");
    const lines = createInterface(this.#process.stderr);
    this.port = await new Promise<number>((resolve, reject) => {
      lines.on("line", (line) => {
        this.#log = [...this.#log.slice(-50), line];
        if (line.includes('"event": "serving"')) resolve(JSON.parse(line).port);
      });
      lines.on("close", () => reject(new Error(`the server did not start:\n${this.#log.join("\n")}`)));
    });
    return this;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** End without a word, as by a power cut. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const process = this.#process;
    this.#process = null;
    if (!process || process.exitCode !== null) return;
    const gone = once(process, "exit");
    process.kill(signal);
    await gone;
  }

  /** Stop for good. */
  async stop(): Promise<void> {
    this.signal("SIGCONT");
    await this.kill("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  token(role: string, user: string, claims: object = {}): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: user, role, exp, ...claims })}`;
    return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
  }

  /** Ask the HTTP API as an operator. */
  async api(method: string, path: string, body: object = {}): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.token("operator", "zhang")}`,
        "Content-Type": "application/json",
        "Idempotency-Key": `move-${this.#moves++}`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** A pool, a channel, and a live room `evening` that sells `units` of each SKU. */
  async openShop(units: Record<string, number>, room: object = {}): Promise<void> {
    await this.api("PUT", "/v1/pools/main");
    await this.api("PUT", "/v1/pools/main/channels/live", { kind: "shared" });
    await this.api("PUT", "/v1/rooms/evening", { pool: "main", channel: "live", status: "live", ...room });
    const skus = Object.entries(units).map(([sku, opening]) => ({ sku, title: sku, price_minor: 990, opening }));
    if (skus.length) await this.api("POST", "/v1/pools/main/catalogue", { skus });
    for (const sku of Object.keys(units)) await this.api("PUT", `/v1/rooms/evening/skus/${sku}`);
  }
}

/** A room, or a pool. */
interface Watched extends Pick<Room, "state" | "error"> {
  on(type: "change" | "state", handler: () => void): () => void;
}

/** Wait until the condition holds of this room; it is asked again after every change. */
export function until<R extends Watched>(room: R, condition: (room: R) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    const look = () => {
      const holds = condition(room);
      if (!holds && room.state !== "closed") return;
      for (const end of ends) end();
      if (holds) resolve();
      else reject(room.error ?? new Error("the room is closed"));
    };
    ends.push(room.on("change", look), room.on("state", look));
    look();
  });
}
