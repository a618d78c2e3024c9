"""Ledgers in parts, read back as one sequence; whatever is not there, or not as it was written, has a name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from shelfcast.archive import names
from shelfcast.archive.ledgers import LedgerPart, Numbered, entries_between, read_part, write_part
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged
from shelfcast.stock.records import LedgerEntry, Stream


def entry(seq: int, pool_seq: int, reason: str = "") -> LedgerEntry:
    return LedgerEntry(
        seq=seq,
        pool_seq=pool_seq,
        at_ms=1_000 * pool_seq,
        id=f"r{pool_seq}",
        kind="reserve",
        sku="杯子",
        qty=1,
        source="pool",
        target="held:live",
        channel="live",
        user="0123456789abcdef",
        reference="",
        actor="0123456789abcdef",
        reason=reason,
        price_minor=990,
        currency="CNY",
    )


PRESALE = frozenset({3, 4, 9})
"""The pool's sequences of the presale's entries; of the first twelve the rest is in the stock's ledger."""
LAST = 12


def both() -> dict[Stream, list[LedgerEntry]]:
    ledgers: dict[Stream, list[LedgerEntry]] = {stream: [] for stream in Stream}
    for pool_seq in range(1, LAST + 1):
        ledger = ledgers[Stream.PRESALE if pool_seq in PRESALE else Stream.STOCK]
        ledger.append(entry(len(ledger) + 1, pool_seq))
    return ledgers


async def written(store: ArchiveStore, size: int) -> list[LedgerPart]:
    return [
        await write_part(store, "main", stream, entries[at : at + size])
        for stream, entries in both().items()
        for at in range(0, len(entries), size)
    ]


async def read(store: ArchiveStore, parts: list[LedgerPart], behind: int, through: int) -> list[Numbered]:
    return [one async for page in entries_between(store, "main", parts, behind, through) for one in page]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(("behind", "through"), [(0, LAST), (0, 1), (2, 4), (3, 9), (11, 12), (7, 7)])
async def test_both_ledgers_come_as_one_sequence(store: ArchiveStore, size: int, behind: int, through: int) -> None:
    parts = await written(store, size)
    found = await read(store, parts, behind, through)
    assert [one.pool_seq for _, one in found] == list(range(behind + 1, through + 1))
    ledgers = both()
    assert all(ledgers[stream][one.seq - 1] == one for stream, one in found)


async def test_a_range_reads_no_part_that_it_does_not_need(store: ArchiveStore) -> None:
    parts = await written(store, 2)
    for part in parts:
        if part.last_seq <= 6 or part.first_seq > 9:
            await store.delete(part.name("main"))
    assert [one.pool_seq for _, one in await read(store, parts, 6, 9)] == [7, 8, 9]


async def test_a_part_that_is_missing_is_named(store: ArchiveStore) -> None:
    parts = await written(store, 2)
    await store.delete(parts[1].name("main"))
    with pytest.raises(ArchiveDamaged, match=f"{parts[1].name('main')} is missing"):
        await read(store, parts, 0, LAST)


async def test_a_part_that_is_another_is_named(store: ArchiveStore) -> None:
    parts = await written(store, 2)
    other = [replace(one, qty=2) for one in await read_part(store, "main", parts[1])]
    await write_part(store, "main", parts[1].stream, other)
    with pytest.raises(ArchiveDamaged, match=f"{parts[1].name('main')} is not what was written"):
        await read(store, parts, 0, LAST)
    await store.put(parts[1].name("main"), b"no JSON")
    with pytest.raises(ArchiveDamaged, match=parts[1].name("main")):
        await read(store, parts, 0, LAST)


async def test_what_was_said_of_a_person_may_leave_a_part(store: ArchiveStore) -> None:
    told = [entry(1, 1, "called, wants it blue"), entry(2, 2)]
    part = await write_part(store, "main", Stream.STOCK, told)
    silent = [replace(one, reason="") for one in told]
    await write_part(store, "main", Stream.STOCK, silent)
    assert await read_part(store, "main", part) == silent


async def test_gaps_and_overlaps_are_damage(store: ArchiveStore) -> None:
    parts = await written(store, 2)
    stock = [part for part in parts if part.stream is Stream.STOCK]
    with pytest.raises(ArchiveDamaged, match=f"{stock[2].name('main')} does not follow on {stock[0].name('main')}"):
        await read(store, [part for part in parts if part is not stock[1]], 0, LAST)
    twice = await write_part(store, "main", Stream.STOCK, both()[Stream.STOCK][1:3])
    with pytest.raises(ArchiveDamaged, match="does not follow on"):
        await read(store, [*parts[:1], twice, *parts[1:]], 0, LAST)
    with pytest.raises(ArchiveDamaged, match="the archive of pool main has no entry of sequence 3"):
        await read(store, stock, 0, LAST)
    with pytest.raises(ArchiveDamaged, match="no entry of sequence 13"):
        await read(store, parts, 0, LAST + 1)


def test_a_parts_name_says_what_it_has() -> None:
    name = names.ledger_part("main", Stream.PRESALE, 1, 50_000)
    assert names.part_of("main", name) == (Stream.PRESALE, 1, 50_000)
    assert names.part_of("other", name) is None
    assert names.part_of("main", names.checkpoint("main", 50_000, "0" * 64)) is None
    assert names.part_of("main", "main/ledger/presale/notes.jsonl.zst") is None
