/** A session driven by hand: the test is its clock, its socket and its server. */

import { BackstageMirror } from "../src/backstage/mirror.js";
import { json } from "../src/encoding.js";
import type { ClientError, Event, PendingReservation, ServerMessage, SkuView, StateChange } from "../src/index.js";
import type { ClientMessage, Result } from "../src/messages.js";
import { POLICY, type Policy } from "../src/policy.js";
import { Session } from "../src/session.js";
import type { Action } from "../src/transitions.js";

export function view(sku: string, available: number, changes: Partial<SkuView> = {}): SkuView {
  return {
    sku,
    title: sku,
    price_minor: 100,
    currency: "CNY",
    available,
    held: 0,
    level: "ok",
    waiting: 0,
    limit_per_user: null,
    opens_at_ms: null,
    closes_at_ms: null,
    link: null,
    image_url: null,
    next_batch_at_ms: null,
    ...changes,
  };
}

/** A live room with these SKUs and their available units. */
export function snapshot(stock: Record<string, number>, changes: object = {}): ServerMessage {
  return {
    type: "snapshot",
    room: "show",
    epoch: 1,
    seq: 10,
    at_ms: 1_000,
    status: "live",
    spotlight: null,
    viewers: 1,
    title: "",
    demonstration: false,
    waitlist: false,
    notice: null,
    skus: Object.entries(stock).map(([sku, available]) => view(sku, available)),
    ...changes,
  };
}

export function stock(seq: number, rows: Record<string, number>, at_ms = 1_000): ServerMessage {
  return { type: "stock", seq, at_ms, rows: Object.entries(rows).map(([sku, n]) => [sku, n, 0, "ok"] as const) };
}

export function reserved(id: string, qty = 1, sku = "MUG") {
  return { type: "reserved", id, sku, qty, state: "active", expires_at_ms: 301_000, seq: 11, at_ms: 1_000 } as const;
}

export function refused(code: string, id: string, retry_after_ms: number | null = null): ServerMessage {
  const retry = ["RATE_LIMITED", "OVERLOADED", "UNAVAILABLE"].includes(code) ? "same_id" : "later";
  return { type: "refused", id, code, message: code, retry, retry_after_ms, available: null, field: null };
}

export function holding(id: string) {
  return { id, sku: "MUG", qty: 1, state: "active", expires_at_ms: 301_000, offered: false };
}

/** Numbers from 0 to 1 that look random and are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Driver {
  readonly session: Session;
  /** A viewer's is the same, without what is told backstage. */
  readonly mirror = new BackstageMirror();
  nowMs = 1_000_000;
  sent: ClientMessage[] = [];
  events: Event[] = [];
  settled: Record<string, Result> = {};
  dials = 0;
  hangups: { code: number; reason: string }[] = [];
  kept: PendingReservation[] | null = null;

  constructor(policy: Partial<Policy> = {}, seed = 1) {
    this.session = new Session(json, { ...POLICY, ...policy }, this.mirror, seeded(seed));
  }

  // --- what the test makes happen

  start(): this {
    return this.do(this.session.start(this.nowMs));
  }

  /** Start, open, and be greeted by a room with 5 mugs, if nothing else is said. */
  connect(...greeting: ServerMessage[]): this {
    return this.start()
      .open()
      .hear(...(greeting.length ? greeting : [snapshot({ MUG: 5 })]));
  }

  open(): this {
    return this.do(this.session.opened(this.nowMs));
  }

  fail(retryAfterMs = 0): this {
    return this.do(this.session.failed("no route", this.nowMs, retryAfterMs));
  }

  reject(error: ClientError): this {
    return this.do(this.session.refused(error));
  }

  lose(code = 1006, reason = ""): this {
    return this.do(this.session.lost(code, reason, this.nowMs));
  }

  close(): this {
    return this.do(this.session.close());
  }

  hear(...messages: ServerMessage[]): this {
    for (const message of messages) this.hearFrame(JSON.stringify(message));
    return this;
  }

  hearFrame(frame: string | ArrayBuffer): this {
    return this.do(this.session.received(frame, this.nowMs));
  }

  request(message: ClientMessage, timeoutMs?: number): this {
    return this.do(this.session.request(message, this.nowMs, timeoutMs));
  }

  waitFor(id = "w1", qty = 2, timeoutMs?: number): this {
    return this.request({ type: "wait", id, sku: "MUG", qty }, timeoutMs);
  }

  reserve(id = "r1", qty = 1, timeoutMs?: number): this {
    return this.request({ type: "reserve", id, sku: "MUG", qty, again: false }, timeoutMs);
  }

  /** Let time pass, waking the session whenever it asked for it. */
  wait(ms: number): this {
    const untilMs = this.nowMs + ms;
    for (let wakes = 0; this.session.wakeAt() <= untilMs; wakes += 1) {
      if (wakes > 10_000) throw new Error("the session spins");
      this.nowMs = Math.max(this.nowMs, this.session.wakeAt());
      this.do(this.session.tick(this.nowMs));
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Let time pass until the next attempt; returns how long that was. */
  waitToDial(): number {
    const { dialAtMs } = this.session;
    if (dialAtMs === null) throw new Error("no attempt is planned");
    const waited = dialAtMs - this.nowMs;
    this.wait(waited);
    return waited;
  }

  do(actions: Action[]): this {
    for (const action of actions) {
      if (action.do === "send") this.sent.push(JSON.parse(String(action.frame)));
      else if (action.do === "emit") this.events.push(action.event);
      else if (action.do === "settle") this.settled[action.result.id] = action.result;
      else if (action.do === "dial") this.dials += 1;
      else if (action.do === "hangup") this.hangups.push({ code: action.code, reason: action.reason });
      else this.kept = [...this.session.pending.values()];
    }
    return this;
  }

  // --- what the test looks at

  get counts(): Record<string, number> {
    return Object.fromEntries([...this.mirror.stock.values()].map((each) => [each.sku, each.available]));
  }

  get sentIds(): string[] {
    return this.sent.map((message) => message.id);
  }

  of<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<Event, { type: T }>[];
  }

  get lastState(): StateChange {
    const change = this.of("state").at(-1);
    if (!change) throw new Error("no state was told");
    return change;
  }
}
