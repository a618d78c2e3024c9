"""Reading what is kept of shows: their records, alerts, paces and minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from shelfcast.stock.alerts import AlertRecord, KeptPaces, pace_from, record_from, show_of
from shelfcast.stock.reading.book_keys import NAMES_APART, BookKeys
from shelfcast.stock.reading.rows import pairs, text
from shelfcast.stock.show import ShowRecord, show_id

MINUTES_AN_HOUR = 60
HOUR_FIELD = re.compile(r"h\d+")
SERIES_COUNT = 2_000
"""Rows of a series that are read at a time: about a millisecond's work of the engine."""
SHOWS_A_READ = 50
"""Records of shows that are read in one call: of long ones some milliseconds' work."""
_decode_show = msgspec.msgpack.Decoder(ShowRecord).decode


class SeriesKept(NamedTuple):
    """Which minutes of a show there are, in minutes and hours since 1970: the hours that the engine has, the last
    minute that was written whole (None: nobody ever watched the show), the first one that was not kept any more, and of
    how many minutes the archive has all. The last two are None where that is not so."""

    hours: list[int]
    through: int | None
    full_from: int | None
    archived: int | None


class _Upgraded(Struct, frozen=True):
    """What the book notes of a room that was live in a book of before: the show that it began then."""

    upgraded_show: int = 0


class ShowsReader(BookKeys):
    """What a `StockBook` reads of its shows."""

    async def show(self, show: str) -> ShowRecord | None:
        """A show that is kept, by its id."""
        return await self._config(":shows", show, ShowRecord)

    async def shows(self, room: str, *, before: int, limit: int) -> list[ShowRecord]:
        """The last shows of a room that are kept, newest first: those whose number is below `before`."""
        numbers = range(before - 1, max(0, before - 1 - limit), -1)
        if not numbers:
            return []
        return await self.shows_of([show_id(room, n) for n in numbers])

    async def shows_of(self, ids: Sequence[str]) -> list[ShowRecord]:
        """Those of these shows that are kept, in their order. Records may be long: they are read some at a time."""
        found = []
        for first in range(0, len(ids), SHOWS_A_READ):
            blobs = await self._read("HMGET", ":shows", *ids[first : first + SHOWS_A_READ])
            found += [_decode_show(blob) for blob in blobs if blob]
        return found

    async def show_ids(self) -> list[str]:
        """The ids of all shows that are kept."""
        return [text(name) for name in await self._read("HKEYS", ":shows")]

    async def shows_with_units(self) -> list[str]:
        """The shows whose customers' units are still counted (stock/windows.py)."""
        return [text(show) for show in await self._read("ZRANGE", ":windows", 0, -1)]

    async def upgraded_shows(self) -> set[str]:
        """The shows that were live in a book of before: their limits count what was bought by then, too."""
        rooms = await self._configs(":rooms", _Upgraded)
        return {show_id(name, room.upgraded_show) for name, room in rooms.items() if room.upgraded_show}

    async def alerts(self, show: str) -> list[AlertRecord]:
        """All alerts of a show, those that are over included, in the order in which they rang."""
        records = [record_from(blob) for blob in await self._read("HVALS", f":alerts:{show}")]
        return sorted(records, key=lambda record: record.number)

    async def alert(self, id: str) -> AlertRecord | None:  # noqa: A002 - the field's own name
        """One alert; None where there is none of that id."""
        blob = await self._read("HGET", f":alerts:{show_of(id)}", id)
        return record_from(blob) if blob else None

    async def alerting(self) -> dict[str, int]:
        """The shows with alerts that stand, and how many."""
        flat = await self._read("HGETALL", ":alerting")
        return {show.decode(): int(count) for show, count in pairs(flat)}

    async def paces(self, show: str) -> KeptPaces:
        """What is kept of the paces of a show."""
        found = {sku.decode(): blob for sku, blob in pairs(await self._read("HGETALL", f":pace:{show}"))}
        minute, seq = found.pop("", b"-1 0").split(b" ")
        by_sku = {sku: pace_from(blob) for sku, blob in found.items()}
        return KeptPaces(None if minute == b"-1" else int(minute), int(seq), by_sku)

    async def series_kept(self, show: str) -> SeriesKept:
        """Which minutes of a show there are."""
        fields = {text(name): int(value) for name, value in pairs(await self._read("HGETALL", f":series_of:{show}"))}
        through = await self._read("HGET", f":pace:{show}", "")
        last = int(through.partition(b" ")[0]) if through else -1
        return SeriesKept(
            hours=sorted(int(name[1:]) for name in fields if HOUR_FIELD.fullmatch(name)),
            through=None if last < 0 else last,
            full_from=fields.get("full"),
            archived=fields.get("archived"),
        )

    async def series_hours(self, show: str) -> list[int]:
        """The hours (since 1970) of which minutes of a show are kept in the engine, in order."""
        return (await self.series_kept(show)).hours

    async def series(self, show: str, hour: int) -> list[tuple[int, str, bytes]]:
        """What is kept of a show in an hour (since 1970): the minute (since 1970), the SKU or "" for the show, and the
        packed row (`insight.series`), in order."""
        return sorted(minutes_of(hour, await self.series_packed(show, hour)))

    async def series_packed(self, show: str, hour: int) -> dict[bytes, bytes]:
        """The same as the engine has it, which `minutes_of` takes apart: there may be a hundred thousand rows."""
        return await self._whole_hash(f":series:{show}:{hour}")

    async def shown_packed(self, show: str, hour: int) -> dict[bytes, bytes]:
        """What the pages of a show showed besides, in an hour (since 1970), which `shown_of` takes apart."""
        return await self._whole_hash(f":shown:{show}:{hour}")

    async def _whole_hash(self, key: str) -> dict[bytes, bytes]:
        rows: dict[bytes, bytes] = {}
        cursor = b"0"
        while True:
            cursor, flat = await self._read("HSCAN", key, cursor, "COUNT", SERIES_COUNT)
            rows |= pairs(flat)
            if cursor in (b"0", "0", 0):
                return rows


def minutes_of(hour: int, packed: Mapping[bytes, bytes]) -> Iterator[tuple[int, str, bytes]]:
    """The rows of an hour's series, in no order: the minute (since 1970), the SKU or "" for the show, and the packed
    row."""
    for field, blob in packed.items():
        minute, _, name = field.decode().partition(NAMES_APART)
        yield hour * MINUTES_AN_HOUR + int(minute), name, blob


def shown_of(hour: int, packed: Mapping[bytes, bytes]) -> Iterator[tuple[int, str, str, bytes]]:
    """The rows of what was shown in an hour, in no order: the minute (since 1970), the kind of the row, the SKU or "",
    and the packed row."""
    for minute, name, blob in minutes_of(hour, packed):
        kind, _, sku = name.partition(NAMES_APART)
        yield minute, kind, sku, blob
