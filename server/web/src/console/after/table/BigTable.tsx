/** A table of perhaps thousands of rows: sorted by its heads, searched, and of a long one only the rows in sight are in the
 * document. */

import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { count } from "../../../shared/format";
import { t } from "../../../shared/i18n";
import { useRows } from "../../board/table/virtual";
import { having, type Sorting, sorted, type Value } from "./sorting";
import "./table.css";

/** As in `table.css`, in rem: of a mouse, of a finger. */
const ROW_REM = 2.25;
const ROW_COARSE_REM = 2.75;
const ROW_TALL_REM = 3.25;
const HEAD_REM = 3;
/** A table of fewer rows needs no search. */
const SEARCHED_FROM = 8;

export interface Column<R> {
  readonly id: string;
  readonly label: string;
  /** Said of the head, where its name is not enough. */
  readonly says?: string;
  readonly rem: number;
  /** It names the row, and stays in sight. */
  readonly isName?: boolean;
  readonly isNumber?: boolean;
  /** It grows no wider than it has to be. */
  readonly isNarrow?: boolean;
  readonly value: (row: R) => Value;
  /** What stands there, and in full where it is cut off; missing: the value. */
  readonly text?: (row: R) => string;
  /** The same with more than text. */
  readonly draw?: (row: R) => ComponentChildren;
  /** Its head sorts by it; a column of fields has none of that. */
  readonly isUnsorted?: boolean;
}

interface Props<R> {
  readonly title: string;
  readonly rows: readonly R[];
  readonly columns: readonly Column<R>[];
  readonly keyOf: (row: R) => string;
  /** What is searched. */
  readonly textOf: (row: R) => string;
  readonly first?: Sorting;
  /** A row that wants to be looked at. */
  readonly isMarked?: (row: R) => boolean;
  /** Two lines of text fit into a row. */
  readonly isTall?: boolean;
  /** Beside the search. */
  readonly children?: ComponentChildren;
  readonly empty?: string;
}

export function BigTable<R>({
  title,
  rows,
  columns,
  keyOf,
  textOf,
  first,
  isMarked,
  isTall = false,
  children,
  empty,
}: Props<R>) {
  const [sorting, setSorting] = useState<Sorting | null>(first ?? null);
  const [typed, setTyped] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const found = useMemo(() => having(rows, textOf, typed), [rows, typed]);
  const column = columns.find(({ id }) => id === sorting?.id);
  const shown = useMemo(
    () => (column === undefined ? found : sorted(found, column.value, sorting?.desc ?? false)),
    [found, sorting, column?.id],
  );
  const { rem, rowRem } = useMeasures(isTall);
  const indexes = useRows({
    scroller,
    count: shown.length,
    rowHeight: rowRem * rem,
    headHeight: HEAD_REM * rem,
    kept: -1,
  });
  const sortBy = ({ id, isNumber }: Column<R>) =>
    // Of numbers the largest are looked for, of names the first.
    setSorting(sorting?.id === id ? { id, desc: !sorting.desc } : { id, desc: isNumber ?? false });
  const template = columns.map(widthOf).join(" ");
  const least = columns.map(leastOf).join(" + ");
  return (
    <>
      {(rows.length >= SEARCHED_FROM || children !== undefined) && (
        <div class="big-tools">
          {rows.length >= SEARCHED_FROM && (
            <label class="big-search">
              {t("after.table.search")}
              <input
                type="search"
                value={typed}
                aria-label={t("after.table.search_in", { title })}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            </label>
          )}
          {children}
          <p class="quiet" role="status">
            {typed !== "" && t("after.table.found", { shown: count(shown.length), of: count(rows.length) })}
          </p>
        </div>
      )}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        <div ref={scroller} class="big-scroll" data-tall={isTall} role="group" aria-label={title} tabIndex={0}>
          <div
            role="table"
            class="big"
            aria-label={title}
            aria-rowcount={shown.length + 1}
            style={{ "--columns": template, "--least": `calc(${least})`, "--rows": shown.length }}
          >
            <div role="rowgroup" class="big-headgroup">
              {/* biome-ignore lint/a11y/useFocusableInteractive: the focus goes to the buttons in it */}
              <div role="row" class="big-head" aria-rowindex={1}>
                {columns.map((each) => (
                  <Head key={each.id} column={each} sorting={sorting} onSort={sortBy} />
                ))}
              </div>
            </div>
            <div role="rowgroup" class="big-rows">
              {indexes.map((index) => {
                const row = shown[index];
                if (row === undefined) return null;
                return (
                  // biome-ignore lint/a11y/useFocusableInteractive: a row of a table is not operated
                  <div
                    key={keyOf(row)}
                    role="row"
                    class="big-row"
                    aria-rowindex={index + 2}
                    data-key={keyOf(row)}
                    data-marked={isMarked?.(row)}
                    style={{ "--index": index }}
                  >
                    {columns.map((each) => (
                      <Cell key={each.id} column={each} row={row} />
                    ))}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
      {shown.length === 0 && (
        <p class="quiet">{rows.length === 0 ? (empty ?? t("after.table.none")) : t("after.table.none_found")}</p>
      )}
    </>
  );
}

function widthOf<R>(column: Column<R>): string {
  const least = leastOf(column);
  return column.isNarrow ? least : `minmax(${least}, ${column.isName ? "2fr" : "1fr"})`;
}

/** How narrow a column may be. On a phone a name leaves room for the number beside it. */
function leastOf<R>({ rem, isName }: Column<R>): string {
  return isName ? `min(${rem}rem, 40vw)` : `${rem}rem`;
}

interface HeadProps<R> {
  readonly column: Column<R>;
  readonly sorting: Sorting | null;
  readonly onSort: (column: Column<R>) => void;
}

function Head<R>({ column, sorting, onSort }: HeadProps<R>) {
  const { id, label, says, isNumber, isName, isUnsorted } = column;
  const isSorted = sorting?.id === id;
  const order = sorting?.desc ? "descending" : "ascending";
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus goes to its button
    <div
      role="columnheader"
      class="big-cell"
      data-number={isNumber}
      data-name={isName}
      aria-sort={isSorted ? order : undefined}
    >
      {isUnsorted ? (
        <span title={says}>{label}</span>
      ) : (
        <button type="button" title={says} onClick={() => onSort(column)}>
          <span class="big-label">{label}</span>
          <span class="big-arrow" aria-hidden="true">
            {isSorted ? (sorting?.desc ? "▼" : "▲") : ""}
          </span>
        </button>
      )}
    </div>
  );
}

function Cell<R>({ column, row }: { readonly column: Column<R>; readonly row: R }) {
  const { isName, isNumber, value, text, draw } = column;
  const own = value(row);
  const said = text?.(row) ?? (own === null ? "–" : typeof own === "number" ? count(own) : own);
  return (
    <div
      role={isName ? "rowheader" : "cell"}
      class="big-cell"
      data-column={column.id}
      data-number={isNumber}
      data-name={isName}
      title={isNumber || said === "–" ? undefined : said}
    >
      {draw === undefined ? <span class="big-text">{said}</span> : draw(row)}
    </div>
  );
}

/** How large the letters are, in pixels, and how high a row is: both change with the device. */
function useMeasures(isTall: boolean) {
  return useMemo(() => {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    if (isTall) return { rem, rowRem: ROW_TALL_REM };
    return { rem, rowRem: matchMedia("(pointer: coarse)").matches ? ROW_COARSE_REM : ROW_REM };
  }, [isTall]);
}
