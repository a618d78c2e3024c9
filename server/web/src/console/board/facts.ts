/** What the board knows of a SKU, from the room's socket, the pool's and the catalogue. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { SkuView } from "@shelfcast/client";
import type { Alert, MetricRow } from "@shelfcast/client/backstage";
import type { UnitsRow } from "@shelfcast/client/pool";
import { isAside } from "../../staff/alerts";
import type { PoolSku } from "../api/schema";
import type { Console } from "../console";

/** The gravest last. */
const SEVERITIES = ["watch", "warning", "critical"] as const;

/** The alerts of one SKU. */
export interface SkuAlerts {
  readonly count: number;
  /** Of the gravest: 1 to 3. */
  readonly grave: number;
  /** Of the gravest that nobody has answered; 0 where all are. */
  readonly ringing: number;
}

export interface Facts {
  /** As the room sells it; undefined where it is not listed. */
  shown(sku: string): SkuView | undefined;
  metric(sku: string): MetricRow | undefined;
  /** Where its units are in the whole pool. */
  units(sku: string): UnitsRow | undefined;
  /** Its entry in the catalogue; undefined until that was read. */
  terms(sku: string): PoolSku | undefined;
  alerts(sku: string): SkuAlerts | undefined;
  /** What the room can still sell; where none is chosen, what is free in the whole pool. */
  available(sku: string): number | undefined;
  isOnAir(sku: string): boolean;
  /** How many wait for it in the room. */
  waiting(sku: string): number;
}

export interface BoardFacts {
  /** Whoever reads these is drawn anew when they change. */
  readonly live: Facts;
  /** The same at this moment, for sorting: nobody is told of changes, and nothing is kept for each SKU. */
  readonly now: Facts;
  readonly alerts: ReadonlySignal<readonly Alert[]>;
  readonly end: () => void;
}

export function factsOf(it: Console): BoardFacts {
  const { live, kept, stage } = it;
  const alerts = computed(() => live.alerts.value.filter((alert) => alert.room === it.room));
  const again = signal(0);
  const nowMs = () => live.pool.serverNowMs();
  const bySku = computed(() => {
    again.value;
    return countAlerts(alerts.value, nowMs());
  });
  // One that is left aside rings again by itself, when its time is over.
  const end = effect(() => {
    again.value;
    const untilMs = Math.min(...alerts.value.map((alert) => alert.snoozed_until_ms).filter((ms) => ms > nowMs()));
    if (untilMs === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(
      () => {
        again.value += 1;
      },
      untilMs - nowMs() + 1,
    );
    return () => clearTimeout(timer);
  });
  const catalogue = computed(() => new Map(kept.skus.value.value?.map((each) => [each.sku, each])));
  return {
    alerts,
    end,
    live: {
      shown: (sku) => stage?.sku(sku).value,
      metric: (sku) => stage?.metric(sku).value,
      units: (sku) => live.units(sku).value,
      terms: (sku) => catalogue.value.get(sku),
      alerts: (sku) => bySku.value.get(sku),
      available: (sku) => (stage === null ? freeOf(live.units(sku).value) : stage.sku(sku).value?.available),
      isOnAir: (sku) => stage?.spotlight.value === sku,
      waiting: (sku) => waitingIn(it.room, live.units(sku).value),
    },
    now: {
      shown: (sku) => stage?.room.stock.get(sku),
      metric: (sku) => stage?.room.metrics.get(sku),
      units: (sku) => live.pool.units.get(sku),
      terms: (sku) => catalogue.peek().get(sku),
      alerts: (sku) => bySku.peek().get(sku),
      available: (sku) => (stage === null ? freeOf(live.pool.units.get(sku)) : stage.room.stock.get(sku)?.available),
      isOnAir: (sku) => stage?.room.spotlight === sku,
      waiting: (sku) => waitingIn(it.room, live.pool.units.get(sku)),
    },
  };
}

/** What alerts there are of each SKU. */
export function countAlerts(alerts: readonly Alert[], nowMs: number): ReadonlyMap<string, SkuAlerts> {
  const found = new Map<string, SkuAlerts>();
  for (const alert of alerts) {
    const before = found.get(alert.sku) ?? { count: 0, grave: 0, ringing: 0 };
    const grave = SEVERITIES.indexOf(alert.severity as (typeof SEVERITIES)[number]) + 1;
    const rings = alert.state === "firing" && !isAside(alert, nowMs) ? grave : 0;
    found.set(alert.sku, {
      count: before.count + 1,
      grave: Math.max(before.grave, grave),
      ringing: Math.max(before.ringing, rings),
    });
  }
  return found;
}

/** The word for how grave an alert is, by its number. */
export function severityOf(grave: number): (typeof SEVERITIES)[number] {
  return SEVERITIES[grave - 1] ?? "watch";
}

function freeOf(units: UnitsRow | undefined): number | undefined {
  return units?.channels.reduce((sum, { allocated }) => sum + allocated, units.pool);
}

function waitingIn(room: string, units: UnitsRow | undefined): number {
  return units?.waiting.find((each) => each.room === room)?.people ?? 0;
}
