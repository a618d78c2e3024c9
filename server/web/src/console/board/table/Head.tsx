/** The head of the board: each column's name sorts by it. */

import { t } from "../../../shared/i18n";
import { useBoard } from "../model";
import type { Column } from "./columns";

interface Props {
  readonly columns: readonly Column[];
}

export function Head({ columns }: Props) {
  const { order } = useBoard();
  const sorting = order.sorting.value;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus goes to the buttons in it
    <div role="row" class="board-head" aria-rowindex={1}>
      {columns.map(({ id, align, isFixed }, place) => {
        const isSorted = sorting.id === id;
        return (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus goes to its button
          <div
            key={id}
            role="columnheader"
            class="board-cell"
            aria-colindex={place + 1}
            aria-sort={isSorted ? (sorting.desc ? "descending" : "ascending") : undefined}
            data-column={id}
            data-align={align}
            data-fixed={isFixed}
          >
            <button
              type="button"
              tabIndex={-1}
              title={t(`board.column.${id}.says`)}
              onClick={() => order.sortBy(id, performance.now())}
            >
              <span class="head-name">{t(`board.column.${id}`)}</span>
              <span class="head-arrow" aria-hidden="true">
                {isSorted ? (sorting.desc ? "▼" : "▲") : ""}
              </span>
            </button>
            {id === "reserve" && (
              <span class="reserve quiet" aria-hidden="true">
                <span>{t("board.reserve.safety")}</span>
                <span>{t("board.reserve.elastic")}</span>
                <span>{t("board.reserve.batch")}</span>
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}
