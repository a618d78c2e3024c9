/** What a freeze is over: a SKU, a channel, a room, or the whole pool. */

import { t } from "../../shared/i18n";
import type { FreezeScope } from "../api/schema";

export interface Target {
  readonly scope: FreezeScope;
  /** "" of the pool, and while nothing is chosen. */
  readonly name: string;
}

/** In the order in which they are offered. */
export const SCOPES: readonly FreezeScope[] = ["sku", "channel", "room", "pool"];

/** Whether it says something that can be frozen. */
export function isNamed({ scope, name }: Target): boolean {
  return scope === "pool" || name !== "";
}

/** As the server's requests have it. */
export function scopeBody({ scope, name }: Target): Record<string, string | boolean> {
  return scope === "pool" ? { pool: true } : { [scope]: name };
}

/** What SKUs and rooms are called. */
export interface Names {
  readonly titleOf: (sku: string) => string;
  readonly roomOf: (room: string) => string;
}

/** In a sentence: a SKU and a room by what they are called. */
export function targetName({ scope, name }: Target, { titleOf, roomOf }: Names): string {
  const called = scope === "sku" ? titleOf(name) : scope === "room" ? roomOf(name) : name;
  return t(`emergency.what.${scope}`, { name: called });
}
