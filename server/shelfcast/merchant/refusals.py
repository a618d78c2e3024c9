"""Refused reservations become statistics of their show."""

from __future__ import annotations

from shelfcast.stock.book import Done, StockBook
from shelfcast.stock.operations import AddRefusals
from shelfcast.stock.refusals import RefusedRow


def add(book: StockBook, rows: list[RefusedRow], done: Done) -> None:
    """Add what a process has refused; `done` is told what became of it. Done twice, it counts twice."""
    book.submit(AddRefusals(rows), done)
