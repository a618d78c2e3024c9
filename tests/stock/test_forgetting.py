"""Forgetting a person: what is said of somebody goes, what was sold stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from old_node import OldNode, make_old
from people_data import places_of
from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import InvalidInput
from shelfcast.merchant.people import Forgotten, forget, person
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import Standing, What
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    Confirm,
    Expire,
    External,
    Move,
    MoveKind,
    OpenBatch,
    Reserve,
    Ship,
    Wait,
    put,
)
from shelfcast.stock.people_operations import ErasePerson, EraseStep
from shelfcast.stock.receipt_operations import AskRefund, DecideRefund
from shelfcast.stock.records import UNSAID, LedgerEntry, Stream
from shop import Shop

ANN, BEN = "ann@example.com", "ben@example.com"
QUIET_MS = Settings().format_quiet_ms
HOLD_MS = Settings().hold_ms


@pytest.fixture
def archive(tmp_path: Path) -> ArchiveStore:
    return ArchiveStore(Settings(archive_url=str(tmp_path / "archive")))


async def buy(shop: Shop, id_: str, user: str = ANN, qty: int = 1) -> None:
    await shop.ok(Reserve(id_, "evening", "mug", qty, user))
    await shop.ok(Confirm(id_, f"order-{id_}", "shop"))


async def everything(shop: Shop) -> None:
    """All that a book can keep of somebody, nothing of it open: an order that was shipped and came back, one that was
    given back and one that ran out, a refund request, a wait, a standing, units of a batch and of some days."""
    await shop.receive(100)
    await shop.ok(put(What.BATCH, "lot", {}))
    await shop.move(MoveKind.CARVE, 5, "pool", "batch:lot")
    await shop.ok(OpenBatch("open", "lot", "ops"))
    await buy(shop, "a")
    await shop.ok(Ship("parcel", "a", 0, "shop", "DHL 1"))
    await shop.ok(AskRefund("a", 1, "ann is not happy", By("ask", "desk")))
    await shop.ok(DecideRefund("a", "declined", "ann used it", UNSAID, By("decide", "chief")))
    await shop.ok(Move("back", MoveKind.RETURN, "mug", 1, "shipped", "returned", "ops", "ann broke it", "a"))
    await shop.terms(limit_window="7d", limit_per_user=500)
    await shop.ok(Reserve("b", "evening", "mug", 1, ANN))
    await shop.ok(Cancel("b", ANN, ANN, "ann changed her mind"))
    await buy(shop, "c")
    await shop.ok(CancelPaid("take-back", "c", 0, "shop", "ann called"))
    await buy(shop, "sent")
    await shop.ok(Ship("parcel-2", "sent", 0, "shop", "DHL 2"))
    await shop.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await buy(shop, "ben", BEN)
    units = await shop.units()
    await buy(shop, "all", "cem", units["pool"] + units["batch:lot"])
    await shop.ok(Wait("w", "evening", "mug", 1, ANN))
    await shop.ok(put(What.USER, ANN, {"standing": "review", "reason": "ann resells"}))


async def forgotten(shop: Shop, archive: ArchiveStore, user: str = ANN) -> Forgotten:
    return await forget(shop.book, archive, user)


async def test_nothing_names_somebody_who_was_forgotten(shop: Shop, archive: ArchiveStore) -> None:
    await everything(shop)
    assert f"{shop.book.base}:reservations" in await places_of(shop, ANN)
    before = await shop.units()
    done = await forgotten(shop, archive)
    assert await places_of(shop, ANN) == []
    assert await places_of(shop, done.pseudonym) != []
    kept = {key for word in ("ann is", "ann used", "ann resells") for key in await places_of(shop, word)}
    assert kept <= {f"{shop.book.base}:ledger"}, "a ledger is told without what was said"
    for entry in await shop.book.ledger(Stream.STOCK):
        assert (entry.user == done.pseudonym) <= (entry.reason == ""), entry
    assert await shop.units() == before
    await shop.assert_sound()


async def test_what_is_kept_is_told_before(shop: Shop, archive: ArchiveStore) -> None:
    await everything(shop)
    found = await person(shop.book, ANN)
    assert (found.orders, found.holds, found.waits, found.refund_requests) == (4, 0, 1, 1)
    assert (found.standing, found.reason, found.open, found.in_clear) == (Standing.REVIEW, "ann resells", [], 0)
    assert found.pseudonym == (await shop.book.pseudonyms([ANN]))[ANN]
    assert found.first_at_ms
    assert found.first_at_ms <= (found.last_at_ms or 0)
    nobody = await person(shop.book, "nobody")
    assert (nobody.pseudonym, nobody.orders, nobody.entries, nobody.first_at_ms) == (None, 0, 0, None)
    await forgotten(shop, archive)
    after = await person(shop.book, ANN)
    assert msgspec.structs.asdict(after) == msgspec.structs.asdict(nobody) | {"user": ANN}


async def test_who_comes_again_is_somebody_new(shop: Shop, archive: ArchiveStore) -> None:
    await shop.terms(limit_per_user=1)
    await shop.receive(10)
    await buy(shop, "a")
    await shop.ok(Ship("parcel", "a"))
    done = await forgotten(shop, archive)
    assert (await shop.refused(Reserve("a", "evening", "mug", 1, ANN))) == (Code.ID_CONFLICT, "user")
    await buy(shop, "again")
    assert (await shop.book.pseudonyms([ANN]))[ANN] != done.pseudonym
    assert (await shop.refused(Reserve("more", "evening", "mug", 1, ANN)))[0] is Code.LIMIT_PER_USER
    await shop.assert_sound()


async def open_hold(shop: Shop) -> None:
    await shop.ok(Reserve("x", "evening", "mug", 1, ANN))


async def open_order(shop: Shop) -> None:
    await buy(shop, "x", qty=2)
    await shop.ok(Ship("half", "x", 1))


async def open_elsewhere(shop: Shop) -> None:
    await shop.ok(External("x", "douyin", "mug", 20, ANN))


async def open_payment(shop: Shop) -> None:
    await shop.ok(Reserve("x", "evening", "mug", 1, ANN))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    await buy(shop, "ben", BEN, (await shop.units())["pool"])
    assert (await shop.book.apply(Confirm("x"))).code is Code.PAID_NO_STOCK


async def open_request(shop: Shop) -> None:
    await buy(shop, "x")
    await shop.ok(Ship("parcel", "x"))
    await shop.ok(AskRefund("x", 1, "broken", By("ask", "desk")))


@pytest.mark.parametrize(
    ("begin", "why"),
    [
        (open_hold, "hold"), (open_order, "unshipped"), (open_elsewhere, "unshipped"),
        (open_payment, "paid_no_stock"), (open_request, "refund_request"),
    ],
)  # fmt: skip
async def test_nobody_is_forgotten_while_something_is_open(
    shop: Shop, archive: ArchiveStore, begin: Callable[[Shop], Any], why: str
) -> None:
    await shop.receive(10)
    await begin(shop)
    with pytest.raises(InvalidInput, match=rf"x \({why}"):
        await forgotten(shop, archive)
    assert (await shop.book.user(ANN)).standing is Standing.OK
    found = await person(shop.book, ANN)
    assert [(one.reservation, one.why) for one in found.open] == [("x", why)]
    assert found.pseudonym


async def test_a_hold_that_came_meanwhile_is_seen_by_the_book(shop: Shop) -> None:
    await shop.receive(10)
    await open_hold(shop)
    for step in (EraseStep.BEGIN, EraseStep.END):
        outcome = await shop.book.apply(ErasePerson(ANN, step))
        assert (outcome.code, outcome.field, outcome.data) == (Code.STALE, "live", "x")


async def test_nobody_reserves_who_is_being_forgotten(shop: Shop) -> None:
    await shop.receive(10)
    await shop.ok(put(What.USER, ANN, {"standing": "review", "reason": "odd"}))
    await shop.ok(ErasePerson(ANN, EraseStep.BEGIN))
    await shop.ok(ErasePerson(ANN, EraseStep.BEGIN))
    assert (await shop.refused(Reserve("x", "evening", "mug", 1, ANN)))[0] is Code.BLOCKED
    await shop.ok(ErasePerson(ANN, EraseStep.GIVE_UP))
    settings = await shop.book.user(ANN)
    assert (settings.standing, settings.reason) == (Standing.REVIEW, "odd")


async def test_what_was_begun_is_gone_on_with(shop: Shop, archive: ArchiveStore) -> None:
    await everything(shop)
    ann = (await shop.book.pseudonyms([ANN]))[ANN]
    for step, some in ((EraseStep.BEGIN, []), (EraseStep.HIDE, []), (EraseStep.RESERVATIONS, ["a"])):
        await shop.ok(ErasePerson(ANN, step, some))
    assert await shop.book.users_of([ann]) == {}
    await shop.assert_sound()
    assert (await forgotten(shop, archive)).pseudonym == ann
    assert await places_of(shop, ANN) == []
    await shop.assert_sound()


async def test_an_order_of_somebody_forgotten_goes_on_under_the_pseudonym(shop: Shop, archive: ArchiveStore) -> None:
    await shop.terms(limit_per_user=2)
    await shop.receive(10)
    await shop.ok(Reserve("late", "evening", "mug", 1, ANN))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    done = await forgotten(shop, archive)
    await shop.ok(Confirm("late", "order", "shop"))
    await shop.ok(CancelPaid("back", "late", 1, "shop", "nobody is there"))
    last = [entry for entry in await shop.book.ledger(Stream.STOCK) if entry.id == "late"]
    assert [entry.kind for entry in last] == ["reserve", "expire", "reacquire", "cancel_paid"]
    assert {entry.user for entry in last} == {done.pseudonym}
    await shop.assert_sound()


async def test_the_archive_forgets_what_was_said(shop: Shop, archive: ArchiveStore) -> None:
    await everything(shop)
    written = await shop.book.ledger(Stream.STOCK)
    ann = (await shop.book.pseudonyms([ANN]))[ANN]
    about_ann = {entry.seq for entry in written if entry.user == ann}
    half = len(written) // 2
    parts = [written[:half], written[half:], [entry for entry in written if entry.user != ann]]
    for number, part in enumerate(parts):
        name = names.ledger_part("p", Stream.STOCK, 1 + number * half, half + number * half)
        await archive.put(name, msgspec.json.Encoder().encode_lines(part))
    assert {entry.reason for entry in written if entry.seq in about_ann} >= {"ann broke it", "ann called"}
    done = await forgotten(shop, archive)
    assert done.archive_parts == 2
    now: list[LedgerEntry] = []
    for info in (await archive.list(names.ledger_folder("p", Stream.STOCK)))[:2]:
        now += msgspec.json.Decoder(LedgerEntry).decode_lines(await archive.get(info.name) or b"")
    assert now == [msgspec.structs.replace(entry, reason="") if entry.seq in about_ann else entry for entry in written]
    assert {entry.reference for entry in now if entry.seq in about_ann} >= {"order-a", "parcel"}


async def test_what_older_entries_say_in_clear_is_archived_first(shop: Shop, archive: ArchiveStore) -> None:
    await make_old(shop, OldNode(shop, 4), 4)
    await buy(shop, "a")
    await shop.ok(Ship("parcel", "a"))
    with pytest.raises(InvalidInput, match="in a minute"):
        await forgotten(shop, archive)
    await shop.advance(QUIET_MS)
    await shop.receive(1)
    with pytest.raises(InvalidInput, match=r"3 entries .* archive them first"):
        await forgotten(shop, archive)
    assert (await shop.book.user(ANN)).standing is Standing.OK


async def test_the_log_tells_of_nobody_who_was_forgotten(shop: Shop, archive: ArchiveStore) -> None:
    await shop.ok(put(What.USER, ANN, {"standing": "blocked", "reason": "ann resells"}, by=By("block", "ops")))
    done = await forgotten(shop, archive)
    (shown,) = await shop.book.actions(limit=1)
    assert (shown.action.id, shown.action.subject, shown.action.text, shown.action.why) == (
        "block", done.pseudonym, "", "erased",
    )  # fmt: skip
    told = {event.type: event.subject for event in await shop.book.last_events(2)}
    assert told == {"definition": done.pseudonym, "action": done.pseudonym}


@pytest.mark.parametrize("window", ["ever", "show", "7d"])
async def test_a_limit_counts_what_the_pseudonym_has(shop: Shop, archive: ArchiveStore, window: str) -> None:
    await shop.terms(limit_per_user=1, limit_window=window)
    await shop.receive(10)
    await shop.ok(Reserve("late", "evening", "mug", 1, ANN))
    await shop.advance(HOLD_MS + 1_000)
    await shop.ok(Expire(10))
    await buy(shop, "sent")
    await shop.ok(Ship("parcel", "sent"))
    await forgotten(shop, archive)
    assert (await shop.book.apply(Confirm("late"))).code is Code.PAID_NO_STOCK
