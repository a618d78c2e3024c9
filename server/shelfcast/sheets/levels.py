"""What an ERP has on hand: from the rows of its export to SKUs and units. No I/O but the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shelfcast.errors import InvalidInput
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, EMPTY, Fault, Row, Sheet, quoted
from shelfcast.sheets.values import code, whole

SKU_NAMES = ("sku", "商品编码", "商家编码", "货号", "编码", "物料编码", "存货编码", "item", "item_code", "item_number")
UNITS_NAMES = (
    "units", "on_hand", "on hand", "stock", "quantity", "qty", "inventory", "库存", "库存数量", "库存量", "现有库存",
    "现存量", "现存数量", "实际库存", "结存数量", "结存", "账面数量", "账面库存", "数量",
)  # fmt: skip
"""What files call the two columns, whatever the case of their letters."""
LEVEL_UNITS_MAX = 1_000_000_000
"""As http.api.fields.Units."""
_read_units = whole(0, most=LEVEL_UNITS_MAX)


@dataclass
class Levels:
    """What a file says: [SKU, units] of its good rows, and what is wrong with the others."""

    rows: list[tuple[str, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_levels(content: bytes, name: str, *, encoding: str | None = None, units: str | None = None) -> Levels:
    """The levels in a CSV or XLSX file. `encoding` is that of a CSV file, None finds out; `units` names the column with
    the units where it is called otherwise.

    Raises InvalidInput where the file as a whole cannot be read, or has no such columns, or two.
    """
    sheet = read_content(content, name, CATALOGUE_BOUNDS, encoding=encoding)
    sku_column = _column(sheet, name, "SKUs", SKU_NAMES)
    if units is not None and units not in sheet.columns:
        raise InvalidInput(f"{_where(sheet, name)}: no column {quoted(units)}; it has {_has(sheet)}", field="units")
    units_column = units if units is not None else _column(sheet, name, "units", UNITS_NAMES, asked="units")
    found = Levels()
    first_line: dict[str, int] = {}
    for row in sheet.rows:
        before = len(found.faults)
        sku = _value(row, sku_column, code, found)
        count = _value(row, units_column, _read_units, found)
        if len(found.faults) > before:
            continue
        if sku in first_line:
            said = f"{quoted(sku, bare=True)} stands on line {first_line[sku]} already"
            found.faults.append(Fault(row.line, sku_column, said))
            continue
        first_line[sku] = row.line
        found.rows.append((sku, count))
    return found


def _value(row: Row, column: str, read: Any, found: Levels) -> Any:
    cell = row.cells.get(column, EMPTY)
    if cell.is_empty:
        found.faults.append(Fault(row.line, column, "is empty"))
        return None
    try:
        return read(cell)
    except ValueError as error:
        found.faults.append(Fault(row.line, column, str(error)))
        return None


def _column(sheet: Sheet, name: str, what: str, names: tuple[str, ...], *, asked: str = "") -> str:
    """The one column of these names. Raises InvalidInput where there is none, or several."""
    named = [column for column in sheet.columns if column.lower() in names]
    if len(named) == 1:
        return named[0]
    say = f"; say which with {asked}=" if asked else ""
    if not named:
        expected = ", ".join(names[:3])
        raise InvalidInput(
            f"{_where(sheet, name)}: no column with {what} ({expected} …); it has {_has(sheet)}{say}", field=asked
        )
    several = " and ".join(quoted(column, bare=True) for column in named)
    raise InvalidInput(f"{_where(sheet, name)}: {several} could both be the {what}{say}", field=asked)


def _where(sheet: Sheet, name: str) -> str:
    return f"{name}: line {sheet.header_line}"


def _has(sheet: Sheet) -> str:
    return quoted(", ".join(sheet.columns), bare=True, longest=200)
