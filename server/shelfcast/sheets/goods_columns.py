"""Which SKU a row is about, in files of goods that others write: by its SKU, or else by its barcode. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.sheets.table import EMPTY, Cell, Fault, Row, Sheet, quoted, simplified
from shelfcast.sheets.values import code, code_as_written

SKU = "sku"
BARCODE = "barcode"
Barcodes = Mapping[str, Sequence[str]]
"""Barcode → the SKUs that have it."""


class Named(NamedTuple):
    """The SKU of a row, composed (NFC); `written` is how the file has it, where that is not so."""

    sku: str
    written: str = ""


def columns_of(sheet: Sheet, ours: Iterable[str], others: Mapping[str, str]) -> dict[str, str]:
    """Our column's name (or theirs, where it is none of ours) → as the file has it; of two that are one of ours, the
    first. `others` is what files of other people call them."""
    known, named = set(ours), dict[str, str]()
    for column in sheet.columns:
        lower = column.lower()
        named.setdefault(lower if lower in known else others.get(simplified(column), column), column)
    return named


def check_named(name: str, sheet: Sheet, named: Mapping[str, str]) -> None:
    """Raises InvalidInput where no column says what the rows are about."""
    if SKU not in named and BARCODE not in named:
        has = quoted(", ".join(sheet.columns), bare=True, longest=200)
        raise InvalidInput(f"{name}: line {sheet.header_line}: no column {SKU} or {BARCODE}; it has {has}")


def barcodes_asked(sheet: Sheet, named: Mapping[str, str]) -> set[str]:
    """The barcodes of the rows that have no SKU."""
    found = set[str]()
    if BARCODE in named:
        for row in sheet.rows:
            if _cell(row, named, SKU).is_empty and not _cell(row, named, BARCODE).is_empty:
                with suppress(ValueError):
                    found.add(code(_cell(row, named, BARCODE)))
    return found


def read_named(row: Row, named: Mapping[str, str], barcodes: Barcodes) -> Named | Fault:
    """What a row is about, or what is wrong with that."""
    column = named.get(SKU, named.get(BARCODE, ""))
    try:
        if not (cell := _cell(row, named, SKU)).is_empty:
            sku, as_written = code(cell), code_as_written(cell)
            return Named(sku, "" if as_written == sku else as_written)
        if (cell := _cell(row, named, BARCODE)).is_empty:
            return Fault(row.line, column, "is empty")
        column = named[BARCODE]
        barcode = code(cell)
    except ValueError as error:
        return Fault(row.line, column, str(error))
    owners = barcodes.get(barcode, ())
    if len(owners) == 1:
        return Named(owners[0])
    said = f"no SKU of the pool has {quoted(barcode)}"
    if owners:
        said = f"{quoted(barcode)} is that of {len(owners)} SKUs: {', '.join(sorted(owners)[:3])}; name the SKU"
    return Fault(row.line, column, said)


def _cell(row: Row, named: Mapping[str, str], name: str) -> Cell:
    return row.cells[named[name]] if name in named else EMPTY
