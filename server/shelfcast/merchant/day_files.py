"""Business days as the archive has them: JSON lines, a head and then a row of each SKU, by name.

A row of one SKU is found by its line, without reading the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged
from shelfcast.insight.day_totals import FLOWS, SALES, DayMoney, DayRow
from shelfcast.merchant.after_show_items import MoneyTotal
from shelfcast.merchant.day_items import DayHead, DayUnits
from shelfcast.stock.days import DayMark

MINUTE_MS = 60_000
_SUMMED = ("opening", "opening_sellable", *FLOWS, "closing", "closing_sellable", *SALES)

_encoder = msgspec.json.Encoder()
_decode_head = msgspec.json.Decoder(DayHead).decode
_decode_row = msgspec.json.Decoder(DayRow).decode
_decode_rows = msgspec.json.Decoder(DayRow).decode_lines


class Day(NamedTuple):
    """A day with all its rows."""

    head: DayHead
    rows: list[DayRow]


class Packed(NamedTuple):
    """A day as its object has it, and the SHA-256 of that."""

    content: bytes
    checksum: str


def packed(head: DayHead, rows: Sequence[DayRow]) -> Packed:
    """A day, for the archive."""
    content = _encoder.encode_lines([head, *rows])
    return Packed(content, sha256(content).hexdigest())


def head_of(content: bytes) -> DayHead:
    """The first line of a day's object. Raises msgspec.DecodeError."""
    return _decode_head(content[: content.index(b"\n")])


def day_of(content: bytes) -> Day:
    """All of a day's object. Raises msgspec.DecodeError."""
    end = content.index(b"\n") + 1
    return Day(head_of(content), _decode_rows(content[end:]))


def row_of(content: bytes, sku: str) -> DayRow | None:
    """The row of one SKU. Raises msgspec.DecodeError."""
    begin = content.find(b"\n[" + _encoder.encode(sku) + b",")
    return None if begin < 0 else _decode_row(content[begin + 1 : content.index(b"\n", begin + 1)])


async def content_of(store: ArchiveStore, mark: DayMark) -> bytes:
    """A day's object. Raises ArchiveError, ArchiveDamaged where it is not what was noted."""
    content = await store.get(mark.name)
    if content is None:
        raise ArchiveDamaged(f"{mark.name} is not in the archive any more")
    if sha256(content).hexdigest() != mark.checksum:
        raise ArchiveDamaged(f"{mark.name} is not what was written: its checksum differs")
    return content


class Sum:
    """Units summed over the SKUs of one day, or over the days of one SKU."""

    def __init__(self) -> None:
        self.skus = 0
        self._units = dict.fromkeys(_SUMMED, 0)
        self._money: dict[str, DayMoney] = {}
        self._available_ms = 0

    def add(self, row: DayRow) -> None:
        """Count a SKU of the day."""
        self.skus += 1
        self._available_ms += row.available_ms
        for name in _SUMMED:
            self._units[name] += getattr(row, name)
        for money in row.money:
            known = self._money.setdefault(money.currency, DayMoney(money.currency))
            known.paid += money.paid
            known.by_price += money.by_price
            known.refunded += money.refunded

    def go_on(self, row: DayRow | None, *, is_first: bool) -> None:
        """Count a day of the SKU, of which it may have no row: what it began with is that of the first, what it ended
        with that of the last."""
        begun = {name: self._units[name] for name in ("opening", "opening_sellable")}
        row = row or DayRow("")
        self.add(row)
        self.skus = 1
        if not is_first:
            self._units |= begun
        self._units |= {"closing": row.closing, "closing_sellable": row.closing_sellable}

    def units(self, *, of_one: bool) -> DayUnits:
        """As an answer has it; `of_one`: of one SKU."""
        money = [
            MoneyTotal(currency=currency, paid_minor=m.paid, by_price_minor=m.by_price, refunded_minor=m.refunded)
            for currency, m in sorted(self._money.items())
        ]
        minutes = round(self._available_ms / MINUTE_MS, 2) if of_one else None
        return DayUnits(skus=self.skus, **self._units, money=money, available_minutes=minutes)


def summed(rows: Iterable[DayRow]) -> DayUnits:
    """The rows of one day together."""
    total = Sum()
    for row in rows:
        total.add(row)
    return total.units(of_one=False)
