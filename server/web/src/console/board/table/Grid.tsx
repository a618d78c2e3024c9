/** The table of the board: all keys of a grid, and no row that moves under a hand. */

import { useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { useBoard } from "../model";
import { type Column, leastRem, template } from "./columns";
import { Head } from "./Head";
import { ledTo, type Place } from "./keys";
import { Row } from "./Row";
import type { Hold } from "./stillness";
import { useRows } from "./virtual";

/** As in `table.css`, in rem: of a mouse, of a finger. */
const ROW_REM = 2;
const ROW_COARSE_REM = 2.75;
const HEAD_REM = 2.75;

/** Which cell the keys are at: of a SKU, wherever its row is; null is the header. */
interface Cell {
  readonly sku: string | null;
  readonly column: number;
}

export function Grid() {
  const board = useBoard();
  const { order } = board;
  const rows = order.rows.value;
  const columns = order.columns.value;
  const scroller = useRef<HTMLDivElement>(null);
  const cell = useRef<Cell>({ sku: null, column: 0 });
  const stop = useRef<HTMLElement | null>(null);
  /** The row that is in the document though it may be out of sight. */
  const [kept, keep] = useState<string | null>(null);
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const { rem, rowRem } = useMeasures();
  const keptAt = useMemo(() => (kept === null ? -1 : rows.indexOf(kept)), [kept, rows]);
  const indexes = useRows({
    scroller,
    count: rows.length,
    rowHeight: rowRem * rem,
    headHeight: HEAD_REM * rem,
    kept: keptAt,
  });
  const wantsFocus = useRef(false);

  // One stop of the Tab key: the cell where the keys are. Set by hand, so that no cell is drawn anew for it.
  useLayoutEffect(() => {
    const grid = scroller.current;
    if (grid === null) return;
    const { sku, column } = cell.current;
    const found = cellAt(grid, sku, column) ?? cellAt(grid, null, Math.min(column, columns.length - 1));
    if (stop.current !== null && stop.current !== found) stop.current.tabIndex = -1;
    stop.current = found;
    if (found === null) return;
    found.tabIndex = 0;
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    found.focus({ preventScroll: true });
    found.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const goTo = (to: Place) => {
    const sku = to.row < 0 ? null : (rows[to.row] ?? null);
    cell.current = { sku, column: to.column };
    wantsFocus.current = true;
    // Its row is there from the next drawing on, wherever it is; then it is brought into sight.
    keep(sku);
    draw(undefined);
  };
  const press = (event: KeyboardEvent) => {
    const place = { row: cell.current.sku === null ? -1 : rows.indexOf(cell.current.sku), column: cell.current.column };
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / (rowRem * rem)) - 2);
    const to = ledTo(event, place, { rows: rows.length, columns: columns.length, page });
    if (to !== null) goTo(to);
    else if (event.key === "Enter" && cell.current.sku !== null) {
      board.choose(cell.current.sku);
      queueMicrotask(() => document.getElementById("board-item")?.focus());
    } else if (event.key === " " && cell.current.sku !== null) board.choose(cell.current.sku);
    else if (event.key === "Escape" && board.chosen.peek() !== null) board.choose(null);
    else return;
    event.preventDefault();
  };
  const { still } = order;
  const hold = (by: Hold) => () => still.hold(by);
  const release = (by: Hold) => () => still.release(by, performance.now());
  // Whoever was at a cell when the rows were sorted by hand is at the same SKU then.
  useSignalEffect(() => {
    order.sorted.value;
    const at = document.activeElement;
    if (at instanceof HTMLElement && scroller.current?.contains(at) && at.closest(".board-row"))
      wantsFocus.current = true;
  });

  return (
    <div
      ref={scroller}
      role="grid"
      class="board-grid"
      aria-label={t("board.table")}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      style={{ "--columns": template(columns), "--least": `${leastRem(columns)}rem`, "--rows": rows.length }}
      onKeyDown={press}
      onFocusIn={(event) => {
        cell.current = cellOf(event.target, columns) ?? cell.current;
        keep(cell.current.sku);
        // The head stays where it is: whoever has pressed a column's name keeps no row from moving.
        if (cell.current.sku === null) still.release("focus", performance.now());
        else still.hold("focus");
      }}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node && scroller.current?.contains(event.relatedTarget))) {
          still.release("focus", performance.now());
        }
      }}
      onPointerEnter={hold("pointer")}
      onPointerLeave={release("pointer")}
      onClick={(event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".board-row") : null;
        if (row?.dataset.sku !== undefined) board.choose(row.dataset.sku);
      }}
    >
      <Head columns={columns} />
      <div role="rowgroup" class="board-rows">
        {indexes.map((index) => {
          const sku = rows[index] ?? "";
          return <Row key={sku} sku={sku} index={index} columns={columns} />;
        })}
      </div>
    </div>
  );
}

/** Why there is no row; nothing where there are. */
export function Nothing() {
  const { it, order, shelf } = useBoard();
  const isKnown = it.stage?.connection.value.current ?? it.live.connection.value.current;
  if (!isKnown || order.rows.value.length > 0) return null;
  return <p class="board-nothing">{t(shelf.value.length === 0 ? "board.nothing_listed" : "board.nothing_found")}</p>;
}

/** How large the letters are, in pixels, and how high a row is: both change with the device. */
function useMeasures() {
  return useMemo(() => {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    return { rem, rowRem: matchMedia("(pointer: coarse)").matches ? ROW_COARSE_REM : ROW_REM };
  }, []);
}

function cellAt(grid: HTMLElement, sku: string | null, column: number): HTMLElement | null {
  const row = sku === null ? grid.querySelector(".board-head") : grid.querySelector(`[data-sku="${CSS.escape(sku)}"]`);
  const found = row?.children[column];
  if (!(found instanceof HTMLElement)) return null;
  // The header's cells are at hand by their buttons.
  return sku === null ? found.querySelector("button") : found;
}

/** Which cell an element is in. */
function cellOf(target: EventTarget | null, columns: readonly Column[]): Cell | null {
  const at = target instanceof Element ? target.closest<HTMLElement>(".board-cell") : null;
  const column = columns.findIndex(({ id }) => id === at?.dataset.column);
  if (at === null || column < 0) return null;
  return { sku: at.closest<HTMLElement>(".board-row")?.dataset.sku ?? null, column };
}
