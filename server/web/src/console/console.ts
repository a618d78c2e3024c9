/** What every part of the console works with: one pool, perhaps one of its rooms, as it is now. */

import { effect } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type LiveBackstage, openBackstage } from "../shared/backstage";
import type { Api } from "./api/client";
import { Definitions } from "./live/definitions";
import { LivePool } from "./live/pool";
import { Doing } from "./operations/doing";
import type { Login } from "./session";

export class Console {
  readonly api: Api;
  readonly live: LivePool;
  readonly kept: Definitions;
  /** The room as its hosts and operators see it; null where none is chosen. */
  readonly stage: LiveBackstage | null;
  readonly doing: Doing;
  readonly #ends: (() => void)[];

  constructor(
    readonly login: Login,
    readonly pool: string,
    readonly room: string,
  ) {
    this.api = login.api;
    this.live = new LivePool(pool, () => void login.check());
    this.kept = new Definitions(this.api, this.live, pool, room);
    this.stage = room === "" ? null : openBackstage({ room });
    this.doing = new Doing(() => this.kept.actions.changed());
    let wasEnded = false;
    let wasCurrent: boolean | null = null;
    this.#ends = [
      effect(() => {
        if (this.stage?.connection.value.error) void login.check();
      }),
      // What was told while nobody heard it is told no more, or comes late.
      effect(() => {
        const { current } = this.live.connection.value;
        if (current && wasCurrent === false) this.kept.again();
        if (current || wasCurrent !== null) wasCurrent = current;
      }),
      effect(() => {
        const state = login.state.value;
        if (state === "open" && wasEnded) this.#goOn();
        wasEnded = state === "ended";
      }),
    ];
  }

  /** Somebody has logged in again: everything that is shown stays, and is brought up to date. */
  #goOn(): void {
    this.live.reopen();
    this.stage?.reopen();
    this.kept.again();
  }

  /** What a SKU is called: in the room that is shown, else in the catalogue; while neither is known, by its name. */
  titleOf(sku: string): string {
    const shown = this.stage?.sku(sku).value?.title;
    return shown || this.kept.skus.of(sku)?.title || sku;
  }

  /** What the room can still sell of a SKU; without a room, what is free in the whole pool. */
  leftOf(sku: string): number {
    const shown = this.stage?.sku(sku).value;
    if (shown !== undefined) return shown.available;
    const row = this.live.units(sku).value;
    return (row?.pool ?? 0) + (row?.channels.reduce((sum, { allocated }) => sum + allocated, 0) ?? 0);
  }

  close(): void {
    for (const end of this.#ends) end();
    this.kept.close();
    this.live.close();
    this.stage?.dispose();
  }
}

const Here = createContext<Console | null>(null);
export const ConsoleProvider = Here.Provider;

/** The console that is open. Throws outside of it. */
export function useConsole(): Console {
  const found = useContext(Here);
  if (found === null) throw new Error("no console is open here");
  return found;
}
