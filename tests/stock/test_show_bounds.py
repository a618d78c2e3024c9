"""What goes with a show that is not kept any more, and how much one keeps."""

from __future__ import annotations

import asyncio

import msgspec
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import SHOWN, shown_name
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.alert_operations import AcknowledgeAlert, KeepMinute, RingAlert
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import AddRefusals, CancelPaid, External, Op, put
from shelfcast.stock.refusals import RefusedRow
from shelfcast.stock.show import BaseRow
from shop import Shop
from shows import become, sell, show_of


async def test_the_oldest_shows_that_are_over_go(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=3))
    few = Shop(book, shop.engine)
    await few.receive(10)
    await sell(few, "r", "evening", 2)
    for _ in range(4):
        await few.advance(1)
        await become(few, "evening", "ended", "live")
    kept = [one.id for one in await book.shows("evening", before=9, limit=9)]
    assert kept == ["evening.5", "evening.4"]
    assert await book.show("morning.1"), "it is live"
    base = shop.book.base
    for key in (f"{base}:show:evening.1", f"{base}:sold:evening.1"):
        assert await shop.engine.command("EXISTS", key, key=key) == 0
    await few.ok(CancelPaid("c", "r", 1))
    assert await shop.engine.command("EXISTS", f"{base}:sold:evening.1", key=f"{base}:sold:evening.1") == 0
    await book.close()


async def keys_of(shop: Shop, show: str) -> set[str]:
    """The kinds of keys that the pool has for this show."""
    found, cursor, base = set[bytes](), b"0", shop.book.base
    while True:
        cursor, keys = await shop.engine.command("SCAN", cursor, "MATCH", f"{base}:*", "COUNT", 1000, key=base)
        found.update(keys)
        if int(cursor) == 0:
            break
    names = [key.decode().removeprefix(base).split(":")[1:] for key in found]
    return {kind for kind, *of in names if show in of}


async def test_everything_of_a_show_goes_with_it(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=3))
    few = Shop(book, shop.engine)
    await few.receive(10)
    await few.terms(limit_per_user=5)
    await sell(few, "r", "evening", 2)
    await few.ok(AddRefusals([RefusedRow("evening.1", "mug", Code.SOLD_OUT, 1, 2, ["someone"])]))
    await few.ok(RingAlert(1, "evening", "evening.1", "share_left", "mug", 20, "watch", 0.2, 0.2, 2, 10, ""))
    minute = await few.book.now_ms() // MINUTE_MS
    pace = KeptPace(2.0, 2, minute, [2], 1)
    rows = [("mug", (8, 0, 2, 2)), (shown_name(SHOWN, "mug"), ("ok", False))]
    for later in (0, 60):
        at = minute + later
        await few.ok(KeepMinute(1, "evening", "evening.1", at, rows, (2, []), [("mug", 2.0, pace)], at))
    everything = {"show", "sold", "units", "refused", "alerts", "alerts_last", "series", "shown", "series_of", "pace"}
    assert await keys_of(few, "evening.1") == everything
    assert await few.book.alerting() == {"evening.1": 1}
    for _ in range(4):
        await few.advance(1)
        await become(few, "evening", "ended", "live")
    assert await few.book.show("evening.1") is None
    assert await few.book.alerting() == {}
    assert "evening.1" not in await few.book.shows_with_units()
    # What is late for it leaves nothing behind either.
    late = KeepMinute(1, "evening", "evening.1", minute + 1, rows, (2, []), [("mug", 2.0, pace)], minute + 1)
    assert await few.refused(late) == (Code.NOT_FOUND, "show")
    await few.ok(CancelPaid("c", "r", 1))
    assert await keys_of(few, "evening.1") == set()
    await few.assert_sound()
    await book.close()


async def test_what_is_written_in_the_call_that_forgets_a_show_goes_too(shop: Shop, settings: Settings) -> None:
    book = StockBook(shop.engine, "p", msgspec.structs.replace(settings, shows_kept_max=2))
    few = Shop(book, shop.engine)
    await few.ok(RingAlert(1, "evening", "evening.1", "share_left", "mug", 20, "watch", 0.2, 0.2, 2, 10, ""))
    await few.advance(1)
    await become(few, "evening", "ended")
    minute = await few.book.now_ms() // MINUTE_MS
    ops: list[Op] = [
        AddRefusals([RefusedRow("evening.1", "mug", Code.SOLD_OUT, 1, 2, ["someone"])]),
        AcknowledgeAlert("a", "evening", "evening.1:1", "wang", ""),
        KeepMinute(1, "evening", "evening.1", minute, [("mug", (8, 0, 2, 2))], (2, []), [], minute),
        put(What.ROOM, "evening", {"status": RoomStatus.LIVE}),
    ]
    outcomes = await asyncio.gather(*(book.apply(op) for op in ops))
    assert {outcome.code for outcome in outcomes} == {Code.OK}
    assert await few.book.show("evening.1") is None
    assert await keys_of(few, "evening.1") == set()
    await book.close()


async def test_a_show_keeps_the_last_of_its_spotlights_and_statuses(shop: Shop) -> None:
    await shop.sell("cup")
    for n in range(1_010):
        await shop.ok(put(What.ROOM, "evening", {"spotlight": ("mug", "cup")[n % 2]}))
    for _ in range(110):
        await become(shop, "evening", "paused", "live")
    record = await show_of(shop, "evening")
    assert (len(record.spotlight), len(record.history)) == (1_000, 200)
    assert record.spotlight[-1].to_ms == 0


SKUS = 1_999
"""And the mug."""


async def test_a_show_of_two_thousand_skus_begins_in_one_call(shop: Shop) -> None:
    names = [f"sku-{n:04}" for n in range(SKUS)]
    await asyncio.gather(*[shop.ok(put(What.SKU, name, {})) for name in names])
    await asyncio.gather(*[shop.ok(put(What.LISTING, name, {}, parent="evening")) for name in names])
    await asyncio.gather(*[shop.ok(External(f"o-{name}", "live", name, 3)) for name in names])
    await become(shop, "evening", "ended", "live")
    record = await show_of(shop, "evening")
    key = f"{shop.book.base}:show:{record.id}"
    rows = await shop.engine.command("HGETALL", key, key=key)
    assert len(rows) == 2 * (SKUS + 1)
    assert msgspec.msgpack.decode(rows[1], type=BaseRow).seq == record.started_seq
