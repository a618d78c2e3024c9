/** A live room backstage, as signals: metrics, alerts and cues beside what everybody sees. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  type Alert,
  type BackstageRoom,
  type Cue,
  connectBackstage,
  type MetricRow,
} from "@shelfcast/client/backstage";
import { connectOptions, entry, follow, type Live, type LiveOptions, LiveRoom, setList } from "./live";

/** As `Live`. Only a token of the host or operator lane is told anything of this. */
export interface LiveBackstage extends Live {
  readonly room: BackstageRoom;
  /** Those that stand, as the server says. */
  readonly alerts: ReadonlySignal<readonly Alert[]>;
  readonly cues: ReadonlySignal<readonly Cue[]>;
  metric(sku: string): ReadonlySignal<MetricRow | undefined>;
  /** Connect anew after the server had ended the connection, as when a session was over; what is drawn stays meanwhile. */
  reopen(): void;
}

/** Connect, and keep the signals up to date until `dispose`. */
export function openBackstage(options: LiveOptions): LiveBackstage {
  const open = () => connectBackstage(connectOptions(options));
  return follow(new LiveBackstageRoom(open), options);
}

class LiveBackstageRoom extends LiveRoom<BackstageRoom> implements LiveBackstage {
  readonly alerts = signal<readonly Alert[]>([]);
  readonly cues = signal<readonly Cue[]>([]);
  private readonly metrics = new Map<string, Signal<MetricRow | undefined>>();

  constructor(private readonly open: () => BackstageRoom) {
    super(open());
  }

  reopen(): void {
    this.replace(this.open());
  }

  metric(sku: string): ReadonlySignal<MetricRow | undefined> {
    return entry(this.metrics, sku, () => this.room.metrics.get(sku));
  }

  protected override drawBackstage(): void {
    for (const [sku, drawn] of this.metrics) drawn.value = this.room.metrics.get(sku);
    setList(this.alerts, this.room.alerts);
    setList(this.cues, this.room.cues);
  }
}
