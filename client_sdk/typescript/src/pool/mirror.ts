/** The pool as this client knows it: fed with messages, read by anybody. No I/O, no clock. */

import type { Alert } from "../messages.js";
import type { ActionRow, CrewRow, PeopleRow, PoolMessage, PoolSnapshot, UnitsRow } from "./messages.js";
import { readPoolMessage } from "./read.js";

/** Events that are kept; the oldest gives way. */
const ACTIONS_MAX = 1_000;

/** What a frame changed. `pool` stands for `current` and the epoch. */
export interface PoolChange {
  readonly type: "change";
  readonly units: ReadonlySet<string>;
  readonly rooms: ReadonlySet<string>;
  readonly actions: boolean;
  readonly alerts: ReadonlySet<string>;
  readonly crew: boolean;
  readonly pool: boolean;
}

/** The last known state of a pool.
 *
 * A row replaces the one before, and is never changed. Within an epoch one of units with a smaller sequence than that of the
 * known one is passed over (after a reconnect another server may lag a little). The snapshot of another epoch makes
 * everything old: what it has not brought again when it is complete is gone. Of alerts and the crew each snapshot does, since
 * one that was resolved, or left, while nobody listened is not told again.
 *
 * It has the shape of a room's `Mirror` where a `Session` touches it. */
export class PoolMirror {
  epoch = 0;
  seq = -1;
  /** Whether everything is known and can be believed now. */
  current = false;
  readonly units = new Map<string, UnitsRow>();
  readonly rooms = new Map<string, PeopleRow>();
  readonly actions = new Map<number, ActionRow>();
  readonly alerts = new Map<string, Alert>();
  readonly crew = new Map<string, CrewRow>();
  changed = unchanged();
  /** What is shown of an epoch, or for alerts and the crew of a connection, that is over. */
  readonly #old = {
    units: new Set<string>(),
    rooms: new Set<string>(),
    actions: new Set<number>(),
    alerts: new Set<string>(),
    crew: new Set<string>(),
  };
  #complete = false;
  #doubted = false;

  /** A decoded value as a message. Throws ProtocolError. */
  read = readPoolMessage;

  /** Take over what a message says, if it says anything of the state. */
  apply(message: PoolMessage): boolean {
    switch (message.type) {
      case "pool":
        this.#snapshot(message);
        break;
      case "units":
        for (const row of message.rows) this.#units(row);
        break;
      case "people":
        for (const row of message.rows) {
          this.rooms.set(row.room, row);
          this.#old.rooms.delete(row.room);
          this.changed.rooms.add(row.room);
        }
        break;
      case "actions":
        for (const row of message.rows) this.#action(row);
        break;
      case "alerts":
        for (const row of message.rows) this.#alert(row);
        break;
      case "crew":
        for (const row of message.rows) {
          const key = `${row.role} ${row.user}`;
          if (row.connections) this.crew.set(key, row);
          else this.crew.delete(key);
          this.#old.crew.delete(key);
          this.changed.crew = true;
        }
        break;
      case "current":
        this.#drop();
        this.seq = Math.max(this.seq, message.seq);
        this.#believe(true);
        break;
      case "error":
        if (message.code === "UNAVAILABLE") this.#believe(false);
    }
    return true;
  }

  /** Nothing here is anybody's own. */
  forgetUser(): void {}

  /** Another connection: it begins with a snapshot. */
  connected(): void {
    this.#doubted = false;
  }

  /** The connection is gone: what is known stays, but it is no longer current. */
  disconnected(): void {
    this.#believe(false);
  }

  /** Say whether it is doubtful that anything arrives at all. */
  doubt(isDoubted: boolean): void {
    this.#doubted = isDoubted;
    this.#believe(this.#complete);
  }

  /** What changed since this was last asked, or null. */
  takeChange(): PoolChange | null {
    const { changed } = this;
    const { units, rooms, actions, alerts, crew, pool } = changed;
    if (!(units.size || rooms.size || actions || alerts.size || crew || pool)) return null;
    this.changed = unchanged();
    return changed;
  }

  #believe(isComplete: boolean): void {
    this.#complete = isComplete;
    const current = isComplete && !this.#doubted;
    if (current !== this.current) this.changed.pool = true;
    this.current = current;
  }

  #snapshot({ epoch, seq }: PoolSnapshot): void {
    this.#believe(false);
    this.#age("alerts");
    this.#age("crew");
    if (epoch !== this.epoch) {
      for (const kind of ["units", "rooms", "actions"] as const) this.#age(kind);
      this.epoch = epoch;
      this.seq = -1;
      this.changed.pool = true;
    }
    this.seq = Math.max(this.seq, seq);
  }

  #units(row: UnitsRow): void {
    const known = this.units.get(row.sku);
    if (known && row.seq < known.seq && !this.#old.units.has(row.sku)) return;
    this.units.set(row.sku, row);
    this.#old.units.delete(row.sku);
    this.seq = Math.max(this.seq, row.seq);
    this.changed.units.add(row.sku);
  }

  #action(row: ActionRow): void {
    this.actions.set(row.n, row);
    this.#old.actions.delete(row.n);
    // They come in order: the first of the map is the oldest.
    for (const n of this.actions.keys()) {
      if (this.actions.size <= ACTIONS_MAX) break;
      this.actions.delete(n);
    }
    this.changed.actions = true;
  }

  #alert(row: Alert): void {
    const { id } = row;
    if (row.state === "resolved") this.alerts.delete(id);
    else this.alerts.set(id, row);
    this.#old.alerts.delete(id);
    this.changed.alerts.add(id);
  }

  /** All that is shown of this kind is old. */
  #age(kind: "units" | "rooms" | "actions" | "alerts" | "crew"): void {
    for (const key of this[kind].keys()) this.#old[kind].add(key as never);
  }

  /** Everything of the new epoch has come: what is left of the one before is gone. */
  #drop(): void {
    const { units, rooms, actions, alerts, crew } = this.#old;
    for (const sku of units) if (this.units.delete(sku)) this.changed.units.add(sku);
    for (const room of rooms) if (this.rooms.delete(room)) this.changed.rooms.add(room);
    for (const n of actions) if (this.actions.delete(n)) this.changed.actions = true;
    for (const id of alerts) if (this.alerts.delete(id)) this.changed.alerts.add(id);
    for (const key of crew) if (this.crew.delete(key)) this.changed.crew = true;
    for (const old of [units, rooms, actions, alerts, crew]) old.clear();
  }
}

function unchanged() {
  return {
    type: "change" as const,
    units: new Set<string>(),
    rooms: new Set<string>(),
    actions: false,
    alerts: new Set<string>(),
    crew: false,
    pool: false,
    reservations: false,
  };
}
