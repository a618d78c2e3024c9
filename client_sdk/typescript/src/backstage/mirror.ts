/** The room as a host or an operator knows it. */

import type * as m from "../messages.js";
import { Mirror } from "../mirror.js";
import { readBackstage } from "./read.js";

/** As many as the server keeps of those that nobody has acknowledged. */
const CUES_MAX = 20;
/** Metrics or alerts at most; the server lists 2,000 SKUs in a room, and a show has as many alerts. */
const ROWS_MAX = 4_096;

/** As `Mirror`, with what is told backstage. An alert stands until the server says that it is resolved. */
export class BackstageMirror extends Mirror {
  readonly metrics = new Map<string, m.MetricRow>();
  readonly alerts = new Map<string, m.Alert>();
  readonly cues = new Map<string, m.Cue>();

  override read = readBackstage;

  override apply(message: m.ServerMessage): boolean {
    const isNew = super.apply(message);
    switch (message.type) {
      case "snapshot":
        for (const sku of this.metrics.keys()) if (!this.stock.has(sku)) this.#drop(this.metrics, sku);
        break;
      case "metrics":
        for (const row of message.rows) this.#keep(this.metrics, row.sku, row);
        break;
      case "alert": {
        // A server of before gives no id, and tells of one a SKU.
        const key = message.id || message.sku;
        if (message.state === "resolved") this.#drop(this.alerts, key);
        else this.#keep(this.alerts, key, message);
        break;
      }
      case "cue":
        this.#keep(this.cues, message.id, message, CUES_MAX);
        break;
      case "acknowledged":
        this.#drop(this.cues, message.cue);
    }
    return isNew;
  }

  /** Another connection: the cues and alerts that still stand are told anew. */
  override connected(): void {
    super.connected();
    for (const kept of [this.cues, this.alerts]) for (const id of kept.keys()) this.#drop(kept, id);
  }

  /** The newest goes last, the oldest gives way. */
  #keep<T>(kept: Map<string, T>, key: string, value: T, max = ROWS_MAX): void {
    kept.delete(key);
    kept.set(key, value);
    while (kept.size > max) kept.delete(kept.keys().next().value as string);
    this.changed.backstage = true;
  }

  #drop(kept: Map<string, unknown>, key: string): void {
    if (kept.delete(key)) this.changed.backstage = true;
  }
}
