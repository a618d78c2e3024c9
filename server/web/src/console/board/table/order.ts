/** Which rows and columns the board shows, in which order. TanStack's table sorts and filters; when, `Stillness` says. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import {
  columnFilteringFeature,
  columnOrderingFeature,
  columnVisibilityFeature,
  constructTable,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
} from "@tanstack/table-core";
import type { Facts } from "../facts";
import { isListOfText, recall, remember } from "../remembered";
import { COLUMN, COLUMNS, type Column, type ColumnId } from "./columns";
import { ALL, type Filter, matches } from "./filter";
import { signalReactivity } from "./reactivity";
import { pinned, Stillness, withNewLast } from "./stillness";

interface Entry {
  readonly sku: string;
}

export interface Sorting {
  readonly id: ColumnId;
  readonly desc: boolean;
}

const features = tableFeatures({
  coreReactivityFeature: signalReactivity,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  columnFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  columnVisibilityFeature,
  columnOrderingFeature,
});

const helper = createColumnHelper<typeof features, Entry>();

/** Titles are sorted as their readers expect: 链接 2 before 链接 10. */
const collator = new Intl.Collator(undefined, { numeric: true });

function compare(a: unknown, b: unknown): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}

export class Order {
  readonly still = new Stillness();
  readonly #rows = signal<readonly string[]>([]);
  readonly #sorted = signal(0);
  /** The SKUs that are shown, from top to bottom. */
  readonly rows: ReadonlySignal<readonly string[]> = this.#rows;
  /** Another number whenever the rows were sorted. */
  readonly sorted: ReadonlySignal<number> = this.#sorted;
  readonly columns: ReadonlySignal<readonly Column[]>;
  readonly sorting: ReadonlySignal<Sorting>;
  readonly filter = signal<Filter>(ALL);
  readonly #table;
  readonly #facts: Facts;
  readonly #known: () => readonly string[];
  #seen: ReadonlySet<string> = new Set();

  /** `known` are the SKUs that there are; `facts` what rows are sorted and filtered by, as it is when asked. */
  constructor(facts: Facts, known: () => readonly string[], usual: Sorting = { id: "link", desc: false }) {
    this.#facts = facts;
    this.#known = known;
    const chosen = recall("columns", isListOfText)?.filter((id) => COLUMN.has(id));
    const hidden = (id: ColumnId) =>
      !(COLUMN.get(id)?.isFixed || (chosen ? chosen.includes(id) : COLUMN.get(id)?.isUsual));
    this.#table = constructTable({
      features,
      data: [] as Entry[],
      columns: COLUMNS.map(({ id, sorts, largestFirst }) =>
        helper.accessor(({ sku }): unknown => untracked(() => sorts(facts, sku)), {
          id,
          sortUndefined: "last",
          sortDescFirst: largestFirst ?? false,
          sortFn: (a, b, column) => compare(a.getValue(column), b.getValue(column)),
          // The whole filter is one, and looks at the SKU: it is held against one column alone.
          filterFn: ({ original }, _column, filter: Filter) => matches(facts, original.sku, filter),
        }),
      ),
      getRowId: ({ sku }) => sku,
      enableSortingRemoval: false,
      initialState: {
        sorting: [usual],
        columnOrder: chosen ?? [],
        columnVisibility: Object.fromEntries(COLUMNS.filter(({ id }) => hidden(id)).map(({ id }) => [id, false])),
      },
    });
    const { atoms } = this.#table;
    this.sorting = computed(() => (atoms.sorting.get()[0] as Sorting | undefined) ?? usual);
    this.columns = computed(() => {
      const shown = this.#table.getVisibleLeafColumns().map(({ id }) => COLUMN.get(id) as Column);
      // What is fixed at the left edge comes first, whatever was chosen.
      return [...shown.filter(({ isFixed }) => isFixed), ...shown.filter(({ isFixed }) => !isFixed)];
    });
  }

  /** Sort the rows by themselves, where nobody is at the table. */
  tick(nowMs: number): void {
    if (this.still.mayMove(nowMs)) this.sort(nowMs);
  }

  /** Sort them now: somebody has asked for it. */
  sort(nowMs: number): void {
    const known = this.#known();
    this.#seen = new Set(known);
    const rows = untracked(() => {
      // New data: a row keeps the values that it was sorted by.
      this.#table.setOptions((options) => ({ ...options, data: known.map((sku) => ({ sku })) }));
      return this.#table.getRowModel().rows.map(({ id }) => id);
    });
    const onAir = rows.find((sku) => this.#facts.isOnAir(sku)) ?? null;
    this.#show(pinned(rows, onAir, (sku) => this.#facts.alerts(sku)?.ringing ?? 0));
    this.still.sorted(nowMs);
    this.#sorted.value += 1;
  }

  /** There are other SKUs than before. */
  noteKnown(nowMs: number): void {
    if (this.still.ageMs(nowMs) === null) {
      this.sort(nowMs);
      return;
    }
    const known = this.#known();
    this.#show(
      withNewLast(this.#rows.peek(), this.#seen, known, (sku) => matches(this.#facts, sku, this.filter.peek())),
    );
    this.#seen = new Set([...this.#seen, ...known]);
  }

  /** Sort by a column: by it the other way round, where they are already. */
  sortBy(id: ColumnId, nowMs: number): void {
    this.#table.getColumn(id)?.toggleSorting();
    this.sort(nowMs);
  }

  filterBy(filter: Filter, nowMs: number): void {
    this.filter.value = filter;
    const isAll = filter.text.trim() === "" && filter.only.length === 0;
    this.#table.setColumnFilters(isAll ? [] : [{ id: "title", value: filter }]);
    this.sort(nowMs);
  }

  /** Show or hide a column. */
  showColumn(id: ColumnId, isShown: boolean): void {
    this.#table.getColumn(id)?.toggleVisibility(isShown);
    this.#rememberColumns();
  }

  /** Move a column by so many places among those that are shown. */
  moveColumn(id: ColumnId, by: number): void {
    const ids = this.columns.peek().map((column) => column.id);
    const from = ids.indexOf(id);
    const to = from + by;
    const fixed = this.columns.peek().filter(({ isFixed }) => isFixed).length;
    if (from < fixed || to < fixed || to >= ids.length) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    this.#table.setColumnOrder(ids);
    this.#rememberColumns();
  }

  /** As it is for whoever has chosen nothing. */
  usualColumns(): void {
    this.#table.setColumnOrder([]);
    for (const { id, isUsual } of COLUMNS) this.#table.getColumn(id)?.toggleVisibility(isUsual);
    this.#rememberColumns();
  }

  #rememberColumns(): void {
    remember(
      "columns",
      this.columns.peek().map(({ id }) => id),
    );
  }

  #show(rows: readonly string[]): void {
    const shown = this.#rows.peek();
    if (rows.length !== shown.length || rows.some((sku, index) => sku !== shown[index])) this.#rows.value = rows;
  }
}

/** Keep an order up to date with the clock, and with what SKUs there are, until the end that is returned. `isCurrent` is
 * whether all is known: rows are sorted at once when it comes to be. */
export function follow(
  order: Order,
  shelf: ReadonlySignal<readonly string[]>,
  isCurrent: ReadonlySignal<boolean>,
): () => void {
  const timer = setInterval(() => order.tick(performance.now()), 500);
  const end = effect(() => {
    if (shelf.value.length > 0) untracked(() => order.noteKnown(performance.now()));
  });
  const endFirst = effect(() => {
    if (isCurrent.value && !order.still.isHeld) untracked(() => order.sort(performance.now()));
  });
  return () => {
    clearInterval(timer);
    end();
    endFirst();
  };
}
