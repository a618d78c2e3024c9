/** The pool as signals: what its socket says, set at most once a drawing frame. */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import {
  type ActionRow,
  type Alert,
  type ClientError,
  type CrewRow,
  connectPool,
  type PeopleRow,
  type Pool,
  type PoolChange,
  type UnitsRow,
} from "@shelfcast/client/pool";
import { onNextFrame } from "../../shared/frame";
import { entry, setList } from "../../shared/live";

export interface PoolConnection {
  readonly state: Pool["state"];
  /** What is shown is the pool as it is. */
  readonly current: boolean;
  /** Why it is closed for good. */
  readonly error: ClientError | null;
}

export class LivePool {
  pool: Pool;
  readonly connection = signal<PoolConnection>({ state: "disconnected", current: false, error: null });
  /** All SKUs, by name. */
  readonly skus = signal<readonly string[]>([]);
  readonly rooms = signal<readonly PeopleRow[]>([]);
  readonly alerts = signal<readonly Alert[]>([]);
  /** Who follows the pool now, in all processes. */
  readonly crew = signal<readonly CrewRow[]>([]);
  /** The last events, oldest first. */
  readonly actions = signal<readonly ActionRow[]>([]);
  readonly #units = new Map<string, Signal<UnitsRow | undefined>>();
  readonly #listeners = new Set<(event: ActionRow) => void>();
  #ends: (() => void)[] = [];
  #dirty: PoolChange[] = [];
  #cancelFrame: (() => void) | null = null;
  #heard = 0;

  /** `closed` is told when the server has ended the connection for good. */
  constructor(
    private readonly name: string,
    private readonly closed: () => void,
  ) {
    this.pool = this.#connect();
    this.#draw();
  }

  /** Connect anew after the server had ended the connection; what is shown stays until there is newer. */
  reopen(): void {
    this.#leave();
    this.pool = this.#connect();
    this.#draw();
  }

  #connect(): Pool {
    const pool = connectPool({ url: location.origin, pool: this.name, token: null });
    this.#ends = [
      pool.on("change", (change) => {
        this.#dirty.push(change);
        this.#cancelFrame ??= onNextFrame(() => this.#draw());
      }),
      pool.on("state", () => {
        if (pool.error !== null) this.closed();
        this.#draw();
      }),
    ];
    return pool;
  }

  /** Where the units of a SKU are; undefined where the pool has none of that name. */
  units(sku: string): ReadonlySignal<UnitsRow | undefined> {
    return entry(this.#units, sku, () => this.pool.units.get(sku));
  }

  /** Call for each event that comes from now on. Returns what ends it. */
  onEvent(listener: (event: ActionRow) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#leave();
  }

  #leave(): void {
    for (const end of this.#ends) end();
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    this.pool.close();
  }

  #draw(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
    const changes = this.#dirty;
    this.#dirty = [];
    const { pool } = this;
    batch(() => {
      const last = this.connection.peek();
      const next = { state: pool.state, current: pool.current, error: pool.error };
      if (last.state !== next.state || last.current !== next.current || last.error !== next.error) {
        this.connection.value = next;
      }
      for (const { units } of changes) {
        for (const sku of units) {
          const drawn = this.#units.get(sku);
          if (drawn) drawn.value = pool.units.get(sku);
        }
      }
      // One that has just been opened anew knows none yet.
      const isKnown = pool.current || this.skus.peek().length === 0;
      if (isKnown && this.skus.peek().length !== pool.units.size) this.skus.value = [...pool.units.keys()].sort();
      if (changes.some(({ rooms }) => rooms.size > 0)) setList(this.rooms, pool.rooms);
      if (changes.some(({ alerts }) => alerts.size > 0)) setList(this.alerts, pool.alerts);
      if (changes.some(({ crew }) => crew)) setList(this.crew, pool.crew);
      if (changes.some(({ actions }) => actions)) {
        setList(this.actions, pool.actions);
        this.#tell();
      }
    });
  }

  #tell(): void {
    for (const event of this.actions.peek()) {
      if (event.n <= this.#heard) continue;
      this.#heard = event.n;
      for (const listener of this.#listeners) listener(event);
    }
  }
}
