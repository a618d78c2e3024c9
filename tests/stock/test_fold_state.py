"""A fold is saved at any place and loaded again, and goes on as if nothing had been; an audit begins there."""

from __future__ import annotations

import msgspec
import pytest
from shelfcast.errors import EntriesArchived
from shelfcast.protocol.codes import Code
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.audit import audit
from shelfcast.stock.configuration import What
from shelfcast.stock.fold import Fold
from shelfcast.stock.fold_state import Kept
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Count,
    Expire,
    External,
    Fulfil,
    MoveKind,
    OpenBatch,
    OpenDue,
    Quota,
    Refund,
    Reserve,
    Retire,
    SettleOversold,
    Ship,
    Undo,
    put,
)
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop
from trimming import Sequence, complain, entries_of, folded, note, note_days, passed_on, place_at

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
async def evening(shop: Shop) -> Shop:
    """A shop in which all happened that leaves an entry about units."""
    await note_days(shop.book)
    await shop.sell("bowl", presale=True)
    await shop.sell("cup", limit_per_user=3, limit_window="2d")
    await shop.sell("vase", limit_window="ever")
    await shop.receive(60)
    await shop.receive(9, "cup")
    await shop.receive(9, "vase")
    await shop.ok(Quota("q", "bowl", 9))
    await shop.move(MoveKind.ALLOCATE, 6, "pool", "channel:douyin")
    await shop.ok(put(What.BATCH, "b1", {"leftover": "pool"}))
    await shop.ok(put(What.BATCH, "b2", {"leftover": "pool"}))
    for batch in ("b1", "b2"):
        await shop.move(MoveKind.RECEIVE, 4, "supplier", f"batch:{batch}")
    for n in range(4):
        for sku in ("mug", "bowl", "cup", "vase"):
            await shop.ok(Reserve(f"{sku}{n}", "evening", sku, 2, f"u{n}"))
    await shop.ok(Reserve("far", "morning", "mug", 3, "zoe"))
    await shop.ok(Confirm("mug0", "pay 1"))
    await shop.ok(Confirm("bowl0"))
    await shop.ok(Confirm("cup0"))
    await shop.ok(Cancel("mug1"))
    await shop.ok(Cancel("cup1"))
    await shop.ok(External("jd", "douyin", "mug", 70))
    await shop.receive(4, "bowl")
    await shop.ok(Fulfil("goods", "bowl0"))
    await shop.ok(Ship("s1", "mug0", 1))
    await shop.ok(CancelPaid("back", "cup0", 1))
    await shop.move(MoveKind.ALLOCATE, 2, "pool", "channel:douyin")
    await shop.ok(SettleOversold("owed", "jd", 1))
    for batch in ("b1", "b2"):
        await shop.ok(OpenBatch(f"open-{batch}", batch, "wang"))
        await shop.ok(Reserve(f"late-{batch}", "evening", "mug", 1, "may"))
        await shop.ok(CloseBatch(f"close-{batch}", batch, "wang"))
    await shop.ok(Undo("undo:close-b2", "close-b2", "wang"))
    await shop.advance(DAY_MS)
    await shop.ok(Expire(100))
    await shop.ok(Confirm("mug2"))
    await shop.move(MoveKind.QUARANTINE, (await shop.units("vase"))["pool"], "pool", "unsellable", "vase")
    assert (await shop.book.apply(Confirm("vase2"))).code is Code.PAID_NO_STOCK
    await shop.ok(Refund("vase2"))
    assert (await shop.book.apply(Confirm("vase3"))).code is Code.PAID_NO_STOCK
    await shop.ok(OpenDue(10))
    for found in (7, 11):
        await shop.ok(Count(f"found-{found}", "cup", found, "wang", "shelf 3"))
    return shop


def fold_of(entries: Sequence) -> Fold:
    fold = Fold(complain)
    for stream, entry in entries:
        fold.add(stream, entry)
    return fold


async def test_it_may_be_saved_behind_any_entry(evening: Shop) -> None:
    entries = await entries_of(evening.book)
    drawn = await evening.book.batches_drawn()
    kinds = {entry.kind for _, entry in entries}
    assert {
        "reacquire",
        "paid_no_stock",
        "refund",
        "external_oversold",
        "settle",
        "fulfil",
        "undo",
        "count",
    } <= kinds
    whole = await folded(evening.book, None, entries, forgetful=False)
    assert drawn
    assert all((whole.from_batches, whole.hours, whole.by_user, whole.sold, whole.closed))
    for at in range(len(entries) + 1):
        begin = await folded(evening.book, None, entries[:at], forgetful=False)
        assert begin.place.seq == at
        assert await folded(evening.book, begin, entries[at:], forgetful=False) == whole, at


async def test_an_audit_begins_behind_any_entry_and_finds_the_same(evening: Shop) -> None:
    entries = await entries_of(evening.book)
    whole = await audit(evening.book)
    assert whole.ok, whole.violations
    for at in range(0, len(entries) + 1, 5):
        begin = await folded(evening.book, None, entries[:at])
        assert await audit(evening.book, begin=begin) == whole, at
        assert await audit(evening.book, begin=begin, earlier=passed_on(entries[at : at + 7])) == whole, at
        assert await audit(evening.book, earlier=passed_on(entries[:at])) == whole, at


async def test_what_is_wrong_behind_a_checkpoint_is_found_from_there(evening: Shop) -> None:
    begin = await folded(evening.book, None, await entries_of(evening.book))
    key = f"{evening.book.base}:sku:mug"
    await evening.engine.command("HINCRBY", key, "pool", 1, key=key)
    found, whole = await audit(evening.book, begin=begin), await audit(evening.book)
    assert not found.ok
    assert found == whole
    await evening.engine.command("HINCRBY", key, "pool", -1, key=key)


async def test_a_trimmed_book_is_audited_from_its_checkpoint_or_with_what_left_it(evening: Shop) -> None:
    whole, entries = await audit(evening.book), await entries_of(evening.book)
    for room in ("evening", "morning"):
        await evening.ok(put(What.ROOM, room, {"status": "ended"}))
        await evening.final_report(f"{room}.1")
    place = await place_at(evening.book, len(entries) - 9)
    early = await folded(evening.book, None, entries[:5])
    await note(evening.book, place)
    await evening.trim(place.seq)
    assert await audit(evening.book, begin=evening.begin) == whole
    assert await audit(evening.book, earlier=passed_on(entries[: place.seq])) == whole
    assert await audit(evening.book, earlier=passed_on(entries)) == whole, "more than has left"
    assert await audit(evening.book, begin=early, earlier=passed_on(entries[5 : place.seq + 1])) == whole
    for begin, earlier in ((None, None), (early, None), (None, entries[: place.seq - 1])):
        with pytest.raises(EntriesArchived, match=f"sequence {place.seq} "):
            await audit(evening.book, begin=begin, earlier=None if earlier is None else passed_on(earlier))


async def test_a_checkpoint_that_the_book_has_not_come_to_is_said(evening: Shop) -> None:
    """The engine came back without moves that the archive has."""
    begin = await folded(evening.book, None, await entries_of(evening.book))
    ahead = msgspec.structs.replace(begin, place=LedgerPlace(seq=begin.place.seq + 1, ledger=99, presale=9))
    found = await audit(evening.book, begin=ahead)
    assert [(one.invariant, one.subject) for one in found.violations] == [(4, f"sequence {begin.place.seq + 1}")]


async def test_it_grows_with_what_the_book_keeps_and_not_with_what_was(shop: Shop) -> None:
    """Night after night of the same: the state is as large after the sixth as after the third."""
    await note_days(shop.book)
    await shop.sell("cup", limit_per_user=9, limit_window="1d")
    sizes, state = [], None
    for night in range(1, 7):
        await shop.receive(40)
        await shop.receive(40, "cup")
        for n in range(20):
            for sku in ("mug", "cup"):
                name = f"{night}-{sku}-{n}"
                await shop.ok(Reserve(name, "evening", sku, 2, f"{night}-{n}"))
                if n % 2:
                    await shop.ok(Confirm(name))
                    await shop.ok(Ship(f"s-{name}", name))
                else:
                    await shop.ok(Cancel(name))
        behind = state.place.seq if state else 0
        entries = [(stream, entry) for stream, entry in await entries_of(shop.book) if entry.pool_seq > behind]
        state = await folded(shop.book, state, entries)
        sizes.append(len(state.encoded()))
        await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
        await shop.final_report(f"evening.{night}")
        await shop.advance(32 * DAY_MS)
        while (await shop.ok(Retire(1_000))).data:
            pass
        await shop.ok(put(What.ROOM, "evening", {"status": "live"}))
    assert sizes[0] < sizes[2]
    assert abs(sizes[5] - sizes[2]) < 300, "but for longer numbers, and the counts of shows that are kept"


def entry(seq: int, kind: str, qty: int, source: str, target: str, name: str = "r1") -> LedgerEntry:
    return LedgerEntry(
        seq=seq, pool_seq=seq, at_ms=0, id=name, kind=kind, sku="mug", qty=qty, source=source, target=target,
        channel="live", user="ann", reference="", actor="", reason="",
    )  # fmt: skip


EXPIRED = [
    entry(1, "receive", 5, "supplier", "pool", ""),
    entry(2, "reserve", 2, "pool", "held:live"),
    entry(3, "expire", 2, "held:live", "pool"),
]
NOTHING: dict[str, set[str]] = {"reservations": set(), "shows": set(), "windows": set(), "batches": set()}


def test_what_entries_to_come_may_be_about_is_not_forgotten() -> None:
    """The book had forgotten it at 5: what is behind 5 is about another one of its name."""
    fold = fold_of([(Stream.STOCK, each) for each in EXPIRED])
    fold.forget(Kept(seq=5, **NOTHING))
    assert "r1" in fold.reservations
    fold = Fold.from_state(fold.state(), complain)
    fold.add(Stream.STOCK, entry(4, "reacquire", 2, "pool", "sold:live"))
    fold.add(Stream.STOCK, entry(5, "ship", 2, "sold:live", "shipped"))
    again = Fold.from_state(fold.state(), complain)
    fold.add(Stream.STOCK, entry(6, "reserve", 1, "pool", "held:live"))
    assert fold.reservations["r1"].state == "active"
    again.forget(Kept(seq=7, **NOTHING))
    assert "r1" not in again.reservations


def test_it_forgets_nothing_by_what_the_book_kept_before() -> None:
    fold = fold_of([(Stream.STOCK, each) for each in EXPIRED])
    with pytest.raises(ValueError, match="at 3 or later"):
        fold.forget(Kept(seq=2, **NOTHING))
    fold.forget(Kept(seq=3, **NOTHING | {"reservations": {"r1"}}))
    assert list(fold.reservations) == ["r1"]
    fold.forget(Kept(seq=3, **NOTHING))
    assert not fold.reservations
