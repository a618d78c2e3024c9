"""What is read of a file that somebody has sent, whichever kind it is of: its table, and what is shown of that."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.sheets.reading import encodings_of, read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS, EMPTY, Fault, Sheet

FAULTS_MAX = 1_000
"""Faults that are listed; all are counted."""
FIRST_ROWS = 10
"""Rows that are shown as they were read."""
CELL_SHOWN_MAX = 200
"""Characters of a cell that are shown there, and of the name of a column."""

_T = TypeVar("_T")
_OPTION_AND_VALUE = re.compile(r"--(opening|encoding|dates) (?='|none\b|mdy\b|dmy\b)")
_OPTION = re.compile(r"--(opening|encoding|dates)\b")


class Unread(Exception):
    """The file cannot be read as it is meant: why, and what is shown of it all the same."""

    def __init__(self, why: InvalidInput, shown: dict[str, Any]) -> None:
        super().__init__(str(why))
        self.why = why
        self.shown = shown


class Read(Struct, frozen=True):
    """What a file says: the rows to write, and what is shown (`http.routes.previews`)."""

    rows: list[Any]
    shown: dict[str, Any]


def seen_sheet(
    content: bytes,
    name: str,
    encoding: str | None,
    seen: dict[str, Any],
    date_choices: Callable[[Sheet], list[str]],
) -> Sheet:
    """The table of the file; what is shown of it goes into `seen`, as far as it comes. Raises InvalidInput."""
    seen["encodings"] = encodings_of(content, name, CATALOGUE_BOUNDS)
    sheet = read_content(content, name, CATALOGUE_BOUNDS, encoding=encoding)
    seen |= {
        "encoding": sheet.encoding,
        "notes": list(map(of_the_query, sheet.notes)),
        "columns": list(map(cut, sheet.columns)),
        "dates": date_choices(sheet),
        "first_rows": [
            {
                "line": row.line,
                "cells": [_cell_shown(row.cells.get(column, EMPTY)) for column in sheet.columns],
            }
            for row in sheet.rows[:FIRST_ROWS]
        ],
    }
    return sheet


def file_shown(
    seen: Mapping[str, Any],
    faults: Iterable[Fault] = (),
    ignored_columns: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> dict[str, Any]:
    """What is shown of a file, and of what is wrong with it."""
    every = list(faults)
    return {
        "notes": list(map(of_the_query, notes)) or seen.get("notes", []),
        "ignored_columns": list(map(cut, ignored_columns)),
        "faults": [fault._asdict() for fault in every[:FAULTS_MAX]],
        "fault_count": len(every),
        "columns": seen.get("columns", []),
        "first_rows": seen.get("first_rows", []),
        "encoding": seen.get("encoding", ""),
        "encodings": seen.get("encodings", []),
        "dates": seen.get("dates", []),
    }


def _cell_shown(cell: Any) -> str:
    return cut(cell.text if cell.shown is None else cell.shown)


def cut(text: str) -> str:
    """A text as long as it is shown at most."""
    return text if len(text) <= CELL_SHOWN_MAX else text[:CELL_SHOWN_MAX] + "…"


def of_the_query(text: str) -> str:
    """What is said of a command's options, of the parameters of a request."""
    return _OPTION.sub(r"`\1`", _OPTION_AND_VALUE.sub(r"\1=", text))


async def to_the_end(work: Callable[[], _T]) -> _T:
    """Have a thread do it, and wait for that also where nobody wants it any more: one thing is done at a time."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        raise
