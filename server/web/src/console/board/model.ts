/** The board of a room: its facts, the order of its rows, what is chosen in it, and how it went. */

import { computed, type ReadonlySignal, signal, useComputed } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Room } from "../api/schema";
import type { Console } from "../console";
import { type BoardFacts, factsOf } from "./facts";
import { follow, Order } from "./table/order";
import { Trend } from "./trend/follow";

/** Which part of the side is shown. */
export const SIDES = ["item", "order", "said"] as const;
export type Side = (typeof SIDES)[number];

export class BoardModel {
  readonly facts: BoardFacts;
  readonly order: Order;
  readonly trend: Trend;
  /** The SKU whose actions and trend are shown. */
  readonly chosen = signal<string | null>(null);
  readonly side = signal<Side>("item");
  /** All SKUs of the board: the room's, in the order of its shelf. */
  readonly shelf: ReadonlySignal<readonly string[]>;
  /** The room's definition; null where none is chosen, and until it was read. */
  readonly room: ReadonlySignal<Room | null>;
  readonly #end: () => void;

  constructor(readonly it: Console) {
    this.facts = factsOf(it);
    this.shelf = it.stage?.shelf ?? it.live.skus;
    this.order = new Order(this.facts.now, () => this.shelf.peek());
    this.room = it.room === "" ? signal(null) : it.kept.room.want();
    this.trend = new Trend(it, this.room);
    // Without a room the titles are those of the catalogue.
    if (it.room === "") it.kept.skus.want();
    const isCurrent = computed(() => it.live.connection.value.current && (it.stage?.connection.value.current ?? true));
    this.#end = follow(this.order, this.shelf, isCurrent);
  }

  /** Show what can be done with a SKU. */
  choose(sku: string | null): void {
    this.chosen.value = sku;
    if (sku !== null) this.side.value = "item";
  }

  close(): void {
    this.#end();
    this.facts.end();
    this.trend.close();
  }
}

const Here = createContext<BoardModel | null>(null);
export const BoardProvider = Here.Provider;

export function useBoard(): BoardModel {
  const found = useContext(Here);
  if (found === null) throw new Error("no board is here");
  return found;
}

/** What a SKU is called. Whoever draws it is drawn anew when the title changes, not at each change of its units. */
export function useTitle(sku: string): string {
  const { it } = useBoard();
  return useComputed(() => it.titleOf(sku)).value;
}
