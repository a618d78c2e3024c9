/** Where a key leads in the grid. Pure. */

/** Row -1 is the header. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Size {
  readonly rows: number;
  readonly columns: number;
  /** Rows of one screen. */
  readonly page: number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The cell that a key leads to; null for a key that leads nowhere. */
export function ledTo({ key, ctrlKey, metaKey, altKey }: Key, { row, column }: Place, size: Size): Place | null {
  if (altKey) return null;
  const whole = ctrlKey || metaKey;
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const to = (nextRow: number, nextColumn: number): Place => ({
    row: Math.max(-1, Math.min(last.row, nextRow)),
    column: Math.max(0, Math.min(last.column, nextColumn)),
  });
  switch (key) {
    case "ArrowDown":
      return to(whole ? last.row : row + 1, column);
    case "ArrowUp":
      return to(whole ? -1 : row - 1, column);
    case "ArrowRight":
      return to(row, whole ? last.column : column + 1);
    case "ArrowLeft":
      return to(row, whole ? 0 : column - 1);
    case "Home":
      return whole ? to(0, 0) : to(row, 0);
    case "End":
      return whole ? to(last.row, last.column) : to(row, last.column);
    case "PageDown":
      return to(Math.max(0, row) + size.page, column);
    case "PageUp":
      return to(Math.max(0, row - size.page), column);
    default:
      return null;
  }
}
