"""Windows of customer limits: a show, the last days, or ever; give-backs go where the units were counted."""

from __future__ import annotations

import itertools

import pytest
from shelfcast.protocol.codes import Code
from shelfcast.stock.audit import audit
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Expire, Reserve, Retire, put
from shelfcast.stock.records import Stream
from shop import Shop

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HOLD_MS = 300_250
"""A hold's time, with what it may be rounded up."""
_PROBES = itertools.count()


@pytest.fixture
async def shop(shop: Shop) -> Shop:
    """Two of a mug for a customer; the evening's first show is on."""
    await shop.receive(100)
    await shop.terms(limit_per_user=2)
    await shop.advance(0)
    return shop


async def status(shop: Shop, status: str) -> None:
    await shop.ok(put(What.ROOM, "evening", {"status": status}))


async def next_show(shop: Shop) -> None:
    await status(shop, "ended")
    await status(shop, "live")


async def reserve(shop: Shop, id_: str, qty: int = 1, room: str = "evening") -> Code:
    return (await shop.book.apply(Reserve(id_, room, "mug", qty, "ann"))).code


async def bought(shop: Shop, *ids: str) -> None:
    for id_ in ids:
        assert await reserve(shop, id_) is Code.OK
        await shop.ok(Confirm(id_))


async def room_for(shop: Shop) -> int:
    """How many more ann may have."""
    for qty in (3, 2, 1):
        probe = f"probe-{next(_PROBES)}"
        code = await reserve(shop, probe, qty)
        if code is Code.OK:
            await shop.ok(Cancel(probe))
            return qty
        assert code is Code.LIMIT_PER_USER
    return 0


async def window_of(shop: Shop, id_: str) -> str:
    record = await shop.book.reservation(id_)
    assert record
    return record.window


async def kept(shop: Shop) -> list[str]:
    """The ends of the keys that have units of customers."""
    base = shop.book.base
    keys = (":units", ":units_days", ":units:evening.1", ":units:evening.2")
    return [key for key in keys if await shop.engine.command("EXISTS", base + key, key=base + key)]


async def test_a_limit_counts_within_a_show_and_anew_in_the_next(shop: Shop) -> None:
    await bought(shop, "r1", "r2")
    assert await window_of(shop, "r1") == "evening.1"
    assert await reserve(shop, "r3") is Code.LIMIT_PER_USER
    await next_show(shop)
    await bought(shop, "r4", "r5")
    assert await reserve(shop, "r6") is Code.LIMIT_PER_USER


async def test_rooms_of_one_pool_count_for_themselves(shop: Shop) -> None:
    await shop.ok(put(What.LISTING, "mug", {"limit_per_user": 1}, parent="morning"))
    await shop.move("allocate", 5, "pool", "channel:douyin")  # type: ignore[arg-type]
    await bought(shop, "r1", "r2")
    assert await reserve(shop, "m1", room="morning") is Code.OK
    assert await reserve(shop, "m2", room="morning") is Code.LIMIT_PER_USER


async def test_what_is_given_back_after_the_show_is_no_room_in_the_next(shop: Shop) -> None:
    await bought(shop, "r1", "r2")
    await next_show(shop)
    await bought(shop, "r3", "r4")
    await shop.ok(CancelPaid("back", "r1"))
    assert await room_for(shop) == 0
    await shop.ok(CancelPaid("back-2", "r3"))
    assert await room_for(shop) == 1


async def test_ever_is_over_all_shows_and_rooms(shop: Shop) -> None:
    await shop.terms(limit_window="ever")
    await shop.ok(put(What.LISTING, "mug", {"limit_per_user": 2, "limit_window": "ever"}, parent="morning"))
    await bought(shop, "r1")
    await next_show(shop)
    await bought(shop, "r2")
    assert await window_of(shop, "r2") == "ever"
    assert await reserve(shop, "r3") is Code.LIMIT_PER_USER
    assert await reserve(shop, "m1", room="morning") is Code.LIMIT_PER_USER


async def test_days_are_whole_hours_that_roll(shop: Shop) -> None:
    await shop.terms(limit_window="2d")
    await bought(shop, "r1")
    await shop.advance(DAY_MS)
    await next_show(shop)  # which ends no window of days
    await bought(shop, "r2")
    await shop.advance(DAY_MS - HOUR_MS)
    assert await room_for(shop) == 0
    await shop.advance(HOUR_MS)
    assert await room_for(shop) == 1
    await shop.advance(DAY_MS)
    assert await room_for(shop) == 2


async def test_what_is_given_back_goes_to_the_hour_it_was_bought_in(shop: Shop) -> None:
    await shop.terms(limit_window="1d")
    await bought(shop, "r1")
    await shop.advance(2 * HOUR_MS)
    await bought(shop, "r2")
    await shop.ok(CancelPaid("back", "r1"))
    assert await room_for(shop) == 1
    await shop.advance(DAY_MS - 2 * HOUR_MS)
    assert await room_for(shop) == 1
    await shop.advance(2 * HOUR_MS)
    assert await room_for(shop) == 2


async def test_a_late_payment_counts_in_the_hour_it_came(shop: Shop) -> None:
    await shop.terms(limit_window="1d", limit_per_user=1)
    assert await reserve(shop, "r1") is Code.OK
    await shop.advance(2 * HOUR_MS)
    await shop.ok(Expire(10))
    await shop.ok(Confirm("r1"))
    await shop.advance(DAY_MS - HOUR_MS)
    assert await room_for(shop) == 0
    await shop.advance(HOUR_MS)
    assert await room_for(shop) == 1


async def test_the_limit_of_another_window_counts_nothing_that_came_before(shop: Shop) -> None:
    await bought(shop, "r1", "r2")
    await shop.terms(limit_window="7d")
    await bought(shop, "r3", "r4")
    assert await reserve(shop, "r5") is Code.LIMIT_PER_USER


async def test_units_go_with_their_window(shop: Shop) -> None:
    day = 24 * HOUR_MS
    await bought(shop, "r1", "r2")
    await status(shop, "ended")
    await shop.advance(day // 2)
    await shop.ok(Retire(100))
    assert await kept(shop) == [":units:evening.1"]
    await status(shop, "live")
    await shop.terms(limit_window="30d")
    await bought(shop, "r3")
    await shop.advance(day)
    await shop.ok(Retire(100))
    assert await kept(shop) == [":units_days"]
    await shop.advance(29 * day)
    await shop.ok(Retire(100))
    assert await kept(shop) == []


async def test_a_give_back_or_late_payment_after_its_window_is_gone_counts_nowhere(shop: Shop) -> None:
    await shop.terms(limit_per_user=1)
    assert await reserve(shop, "late") is Code.OK
    await shop.advance(HOLD_MS)
    await shop.ok(Expire(10))
    await bought(shop, "r1")
    await status(shop, "ended")
    await shop.advance(25 * HOUR_MS)
    await shop.ok(Retire(1))
    await shop.ok(CancelPaid("back", "r1"))
    await shop.ok(Confirm("late"))
    assert await kept(shop) == []
    await shop.ok(CancelPaid("back-2", "late"))
    assert await kept(shop) == []


async def test_a_room_that_had_no_show_yet_counts_as_before(shop: Shop) -> None:
    key = f"{shop.book.base}:meta"
    await shop.engine.command("HDEL", key, "format", key=key)
    assert await reserve(shop, "r1") is Code.OK
    assert await window_of(shop, "r1") == "ever"
    (*_, entry) = await shop.book.ledger(Stream.STOCK)
    assert (entry.limit, entry.window) == (2, "ever")


async def test_the_audit_names_what_the_book_counts_otherwise(shop: Shop) -> None:
    await bought(shop, "r1")
    await shop.terms(limit_window="7d")
    await bought(shop, "r2")
    for suffix, value in ((":units:evening.1", "2"), (":units_days", "1 5")):
        key = shop.book.base + suffix
        before = await shop.engine.command("HGET", key, "ann\x1fmug", key=key)
        await shop.engine.command("HSET", key, "ann\x1fmug", value, key=key)
        report = await audit(shop.book)
        await shop.engine.command("HSET", key, "ann\x1fmug", before, key=key)
        assert [violation.invariant for violation in report.violations] == [6], suffix
