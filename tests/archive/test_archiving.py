"""A pool's entries go to the archive and leave the engine: whole, in whatever step a run ends, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from shelfcast.archive import checkpoints, names
from shelfcast.archive.ledgers import entries_between
from shelfcast.archive.store import ArchiveStore
from shelfcast.engine import Engine
from shelfcast.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveUnavailable,
    EngineUnavailable,
    EntriesArchived,
    InvalidInput,
)
from shelfcast.merchant.archive import ArchiveRun, Archiving
from shelfcast.merchant.archive_audit import archive_audit
from shelfcast.merchant.archive_state import archive_state
from shelfcast.settings import Settings
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.day_operations import NoteDay
from shelfcast.stock.operations import Cancel, Confirm, Quota, Reserve, put
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

PART_ENTRIES = 7
DAY_MS = 86_400_000


@pytest.fixture
async def shop(engine: Engine, settings: Settings, tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop whose ledgers have some entries, of both kinds, one behind the other; its shows are over and reported. It
    is a rehearsal, whose entries wait for no day's totals."""
    settings = replace(
        settings, archive_url=str(tmp_path / "archive"), archive_part_entries=PART_ENTRIES, trim_entries_a_call_max=10
    )
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.ok(put(What.POOL, "", {"rehearsal": True}))
    await shop.set_up()
    await shop.sell("bowl", presale=True)
    await shop.receive(100)
    await shop.ok(Quota("q", "bowl", 100))
    for n in range(10):
        await shop.ok(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}"))
        await shop.ok(Reserve(f"p{n}", "evening", "bowl", 1, f"u{n}"))
    for name in ("r1", "p1", "r2"):
        await shop.ok(Confirm(name))
    await shop.ok(Cancel("r3", "u3"))
    await end(shop)
    yield shop
    audited = await archive_audit(shop.book, store_of(shop))
    assert audited.ok, audited.violations
    await shop.book.close()


async def end(shop: Shop, n: int = 1) -> None:
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.{n}")


def store_of(shop: Shop) -> ArchiveStore:
    return ArchiveStore(shop.book._settings)


def archiving(shop: Shop, kept_ms: int | None = 0) -> Archiving:
    return Archiving(shop.book, store_of(shop), shop.book._settings, kept_ms=kept_ms)


async def sells_on(shop: Shop, name: str, count: int = 10) -> None:
    """Some more entries of both ledgers."""
    for n in range(count):
        await shop.ok(Reserve(f"{name}{n}", "evening", "mug", 1, f"u{n}"))
        await shop.ok(Reserve(f"{name}p{n}", "evening", "bowl", 1, f"u{n}"))


async def all_of_engine(shop: Shop) -> dict[Stream, list[LedgerEntry]]:
    cut = await shop.book.cut()
    return {stream: await shop.book.ledger(stream, cut.of(stream)) for stream in Stream}


async def all_of_archive(shop: Shop) -> dict[Stream, list[LedgerEntry]]:
    """Everything up to the last checkpoint, as the archive has it."""
    last = (await shop.book.archived()).checkpoints[-1]
    saved = await checkpoints.load(store_of(shop), "p", last)
    found: dict[Stream, list[LedgerEntry]] = {stream: [] for stream in Stream}
    async for page in entries_between(store_of(shop), "p", saved.parts, 0, last.place.seq):
        for stream, entry in page:
            found[stream].append(entry)
    return found


async def objects(shop: Shop) -> list[str]:
    return [one.name for one in await store_of(shop).list("p/")]


async def test_what_the_archive_has_leaves_the_engine(shop: Shop) -> None:
    before = await all_of_engine(shop)
    _, seq, _ = await shop.book.clock()
    run = await archiving(shop).run()
    parts = [-(-len(entries) // PART_ENTRIES) for entries in before.values()]
    assert run == ArchiveRun(
        place=store_of(shop).place,
        through=seq,
        entries=seq,
        parts=sum(parts),
        bytes=run.bytes,
        checkpoint=run.checkpoint,
        trimmed=seq,
        cut=seq,
    )
    assert run.bytes > 0
    [checkpoint] = (await shop.book.archived()).checkpoints
    assert run.checkpoint == checkpoint.name == names.checkpoint("p", seq, checkpoint.hash)
    assert await all_of_engine(shop) == {stream: [] for stream in Stream}
    assert await all_of_archive(shop) == before
    assert len(await objects(shop)) == sum(parts) + 1
    users = {entry.user for entries in before.values() for entry in entries}
    assert not any(user.startswith("u") and user[1:].isdigit() for user in users)


async def test_a_run_goes_on_behind_the_last_one(shop: Shop) -> None:
    first = await archiving(shop).run()
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}))
    await sells_on(shop, "second")
    held_back = await archiving(shop).run()
    assert (held_back.waiting, held_back.entries, held_back.trimmed) == (["evening.2"], 0, 0)
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.final_report("evening.2")
    second = await all_of_engine(shop)
    run = await archiving(shop).run()
    assert (run.entries, run.trimmed, run.cut) == (20, 20, first.cut + 20)
    archived = await all_of_archive(shop)
    assert {stream: archived[stream][-len(entries) :] for stream, entries in second.items()} == second
    audited = [await archive_audit(shop.book, store_of(shop), whole=whole) for whole in (False, True)]
    assert audited[0] == audited[1]
    assert audited[0].entries == run.cut


async def test_a_day_without_totals_stays_in_the_engine(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    shop = Shop(StockBook(engine, "p", replace(settings, archive_url=str(tmp_path / "archive"))), engine)
    await shop.set_up()
    await shop.receive(1)
    await end(shop)
    run = await archiving(shop).run()
    assert (run.entries, run.cut, run.held_back) == (1, 0, "days")
    await shop.ok(NoteDay("2026-01-01", 1, 1, 0, 0, 1, "name", "checksum", 1, 31))
    await shop.receive(1)
    run = await archiving(shop).run()
    assert (run.entries, run.trimmed, run.cut, run.held_back) == (1, 1, 1, "days")
    await shop.book.close()


async def test_progress_counts_entries_as_often_as_they_are_gone_through(shop: Shop) -> None:
    said: list[tuple[int, int]] = []
    run = Archiving(
        shop.book, store_of(shop), shop.book._settings, kept_ms=0, said=lambda done, total: said.append((done, total))
    )
    entries = (await run.run()).entries
    # Folded as the engine and as the archive has them, looked at once more, taken out.
    assert said[-1] == (4 * entries, 4 * entries)
    assert said == sorted(said)
    assert all(done <= total for done, total in said)


async def test_a_long_ledger_has_more_than_one_checkpoint(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await all_of_engine(shop)
    monkeypatch.setattr("shelfcast.merchant.archive.ENTRIES_A_CHECKPOINT", 10)
    run = await archiving(shop).run()
    assert [one.place.seq for one in (await shop.book.archived()).checkpoints] == [10, 20, run.through]
    assert (run.entries, run.trimmed) == (run.through, run.through)
    assert await all_of_archive(shop) == before


async def test_nothing_new_writes_nothing(shop: Shop) -> None:
    await archiving(shop).run()
    there = await objects(shop)
    run = await archiving(shop).run()
    assert (run.entries, run.parts, run.trimmed, run.checkpoint) == (0, 0, 0, "")
    assert await objects(shop) == there


async def test_entries_stay_as_long_as_they_are_kept(shop: Shop) -> None:
    before = await all_of_engine(shop)
    run = await archiving(shop, kept_ms=DAY_MS).run()
    assert (run.trimmed, run.cut) == (0, 0)
    assert await all_of_engine(shop) == before
    await shop.advance(DAY_MS - 1_000)
    assert (await archiving(shop, kept_ms=DAY_MS).run()).trimmed == 0
    await shop.advance(2_000)
    assert (await archiving(shop, kept_ms=DAY_MS).run()).cut == run.through


async def test_a_show_without_a_final_report_holds_its_entries_back(shop: Shop) -> None:
    _, seq, _ = await shop.book.clock()
    await shop.ok(put(What.ROOM, "late", {"channel": "live", "status": "live"}))
    await shop.ok(put(What.LISTING, "mug", {}, parent="late"))
    await shop.ok(Reserve("late1", "late", "mug", 1, "u1"))
    await shop.ok(put(What.ROOM, "late", {"status": "ended"}))
    run = await archiving(shop).run()
    assert (run.through, run.cut, run.waiting) == (seq, seq, ["late.1"])
    state = await archive_state(shop.book, store_of(shop))
    assert [(one.show, one.started_seq) for one in state.waiting] == [("late.1", seq)]
    await shop.final_report("late.1")
    run = await archiving(shop).run()
    assert (run.through, run.entries, run.waiting) == ((await shop.book.clock())[1], 1, [])


STEPS = 16
"""That a run of that shop has: four parts, `folded` to `tidied`, each part `verified`, and thrice `trimmed`."""
VERIFIED = 13
"""From which on the archive is not asked any more."""


@pytest.mark.parametrize("done", range(STEPS + 2))
async def test_a_run_that_ends_behind_any_step_is_gone_on_with(shop: Shop, done: int) -> None:
    before = await all_of_engine(shop)
    _, seq, _ = await shop.book.clock()
    steps = archiving(shop).steps()
    seen = [await anext(steps, "over") for _ in range(done)]
    await steps.aclose()
    assert ("over" in seen) == (done > STEPS)
    audited = await archive_audit(shop.book, store_of(shop))
    assert audited.ok, audited.violations
    # Meanwhile something was sold: parts end elsewhere than those that were written.
    await shop.receive(1)
    run = await archiving(shop).run()
    assert (run.through, run.cut) == (seq + 1, seq + 1)
    archived = await all_of_archive(shop)
    assert {stream: archived[stream][: len(entries)] for stream, entries in before.items()} == before
    known = await checkpoints.load(store_of(shop), "p", (await shop.book.archived()).checkpoints[-1])
    ledgers = [name for name in await objects(shop) if "/ledger/" in name]
    assert ledgers == sorted(part.name("p") for part in known.parts)


class Place:
    """The folder of an archive, which goes away and comes back."""

    def __init__(self, store: ArchiveStore) -> None:
        self.path = Path(store.place)
        self._away = Path(f"{store.place} away")

    def goes(self) -> None:
        if self.path.exists():
            self.path.rename(self._away)
        self.path.write_bytes(b"no folder")

    def comes_back(self) -> None:
        self.path.unlink()
        if self._away.exists():
            self._away.rename(self.path)


@pytest.mark.parametrize("done", range(STEPS))
async def test_an_archive_that_goes_away_behind_any_step_takes_nothing_along(shop: Shop, done: int) -> None:
    before = await all_of_engine(shop)
    place = Place(store_of(shop))
    steps = archiving(shop).steps()
    for _ in range(done):
        await anext(steps)
    place.goes()
    if done < VERIFIED:
        with pytest.raises(ArchiveUnavailable, match=f"the archive {place.path} cannot be used"):
            _ = [step async for step in steps]
        assert await shop.book.cut() == LedgerPlace()
        assert await all_of_engine(shop) == before
    place.comes_back()
    run = await archiving(shop).run()
    assert run.cut == run.through == (await shop.book.clock())[1]
    assert await all_of_archive(shop) == before


def harmed(path: Path, harm: str, other: Path) -> bytes:
    """Damage an object; what it was before."""
    content = path.read_bytes()
    if harm == "a missing object":
        path.unlink()
    elif harm == "a changed byte":
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    else:
        path.write_bytes(other.read_bytes() if harm == "another object" and other != path else b"")
    return content


@pytest.mark.parametrize("harm", ["a changed byte", "a missing object", "an empty object", "another object"])
@pytest.mark.parametrize("which", [names.ledger_folder("p", Stream.STOCK), "p/checkpoints/"])
async def test_what_was_damaged_after_it_was_written_keeps_all_entries_in_the_engine(
    shop: Shop, which: str, harm: str
) -> None:
    before = await all_of_engine(shop)
    await archiving(shop, kept_ms=DAY_MS).run()
    there = await objects(shop)
    name = next(name for name in there if name.startswith(which))
    other = next(one for one in reversed(there) if one.endswith(name[-9:]))
    content = harmed(Path(store_of(shop).place, name), harm, Path(store_of(shop).place, other))
    with pytest.raises(ArchiveDamaged, match=name):
        await archiving(shop).run()
    assert await all_of_engine(shop) == before
    restore(Path(store_of(shop).place, name), content)
    run = await archiving(shop).run()
    assert run.trimmed == sum(map(len, before.values()))


def restore(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def test_what_the_archive_has_lost_is_written_once_more(shop: Shop) -> None:
    """From the engine, which has it as long as the archive has not."""
    await archiving(shop, kept_ms=DAY_MS).run()
    for name in await objects(shop):
        await store_of(shop).delete(name)
    anew = Archiving(shop.book, store_of(shop), shop.book._settings, kept_ms=0, anew=True)
    with pytest.raises(InvalidInput, match="nothing has come since"):
        await anew.run()
    await shop.receive(1)
    with pytest.raises(ArchiveDamaged, match="missing"):
        await archiving(shop).run()
    before = await all_of_engine(shop)
    run = await anew.run()
    assert run.entries == run.trimmed == run.cut == sum(map(len, before.values()))
    assert await all_of_archive(shop) == before
    # What has left the engine is not lost again by what is written once more.
    await shop.receive(1)
    steps = archiving(shop).steps()
    while await anext(steps) != "noted":
        pass
    await steps.aclose()
    [lost] = [name for name in await objects(shop) if name.endswith("000016-000000000000016.jsonl.zst")]
    await store_of(shop).delete(lost)
    with pytest.raises(ArchiveDamaged, match=lost):
        await archiving(shop).run()
    await shop.receive(1)
    run = await Archiving(shop.book, store_of(shop), shop.book._settings, kept_ms=0, anew=True).run()
    assert (run.entries, run.trimmed) == (2, 2)
    audited = [await archive_audit(shop.book, store_of(shop), whole=whole) for whole in (False, True)]
    assert audited[0] == audited[1]


@pytest.mark.parametrize("first_ends", [False, True])
@pytest.mark.parametrize("done", range(STEPS))
async def test_of_two_runs_at_once_one_is_given_up_and_nothing_is_lost(shop: Shop, done: int, first_ends: bool) -> None:
    """One was thought to be lost, and goes on behind whatever step it stood still at."""
    before = await all_of_engine(shop)
    frozen = archiving(shop).steps()
    for _ in range(done):
        await anext(frozen)
    await shop.receive(1)
    other = archiving(shop).steps()
    halfway = [await anext(other) for _ in range(3)] if first_ends and done < VERIFIED - 4 else []
    for steps in (frozen, other) if halfway else (other, frozen):
        try:
            async for _ in steps:
                pass
        except (InvalidInput, ArchiveDamaged, EngineUnavailable, EntriesArchived) as told:
            given_up = str(told)
        else:
            given_up = ""
        assert not given_up or "somebody else" in given_up or "missing" in given_up or "no entry" in given_up, given_up
    run = await archiving(shop).run()
    assert run.cut == run.through == (await shop.book.clock())[1]
    archived = await all_of_archive(shop)
    assert {stream: archived[stream][: len(entries)] for stream, entries in before.items()} == before
    audited = [await archive_audit(shop.book, store_of(shop), whole=whole) for whole in (False, True)]
    assert audited[0] == audited[1]


async def test_an_audit_from_the_archive_says_which_object_is_damaged(shop: Shop) -> None:
    await archiving(shop).run()
    name = next(name for name in await objects(shop) if "/ledger/presale/" in name)
    content = await store_of(shop).get(name)
    assert content is not None
    await store_of(shop).delete(name)
    assert (await archive_audit(shop.book, store_of(shop))).ok, "it begins at the checkpoint"
    with pytest.raises(ArchiveError, match=f"{name} is missing"):
        await archive_audit(shop.book, store_of(shop), whole=True)
    await store_of(shop).put(name, content)
    both = [await archive_audit(shop.book, store_of(shop), whole=whole) for whole in (False, True)]
    assert both[0] == both[1]
