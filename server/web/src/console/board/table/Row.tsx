/** A row of the board. It follows its own SKU: what changes in another draws nothing here, since components that read signals
 * are drawn anew only for these and for other props. */

import { useComputed } from "@preact/signals";
import { useBoard } from "../model";
import { CELLS } from "./cells";
import type { Column } from "./columns";

interface Props {
  readonly sku: string;
  readonly index: number;
  readonly columns: readonly Column[];
}

export function Row({ sku, index, columns }: Props) {
  const { facts, chosen } = useBoard();
  const isChosen = useComputed(() => chosen.value === sku).value;
  const isOnAir = useComputed(() => facts.live.isOnAir(sku)).value;
  const ringing = useComputed(() => facts.live.alerts(sku)?.ringing ?? 0).value;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus goes to its cells
    <div
      role="row"
      class="board-row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      data-sku={sku}
      data-on-air={isOnAir}
      data-ringing={ringing}
      style={{ "--index": index }}
    >
      {columns.map((column, place) => {
        const Cell = CELLS[column.id];
        return (
          <div
            key={column.id}
            role="gridcell"
            class="board-cell"
            aria-colindex={place + 1}
            data-column={column.id}
            data-align={column.align}
            data-fixed={column.isFixed}
            tabIndex={-1}
          >
            <Cell sku={sku} />
          </div>
        );
      })}
    </div>
  );
}
