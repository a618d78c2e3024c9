"""A show's report: what is counted, from the ledgers of a real book."""

from __future__ import annotations

import random
import secrets

from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.pool_flows import is_on_hand
from shelfcast.merchant.after_show_items import SoldUnits
from shelfcast.merchant.report import Built, build
from shelfcast.merchant.report_items import PoolSkuDuring, Report, ReportedSku
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import (
    AddRefusals,
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Count,
    Decline,
    External,
    Fulfil,
    Move,
    MoveKind,
    Op,
    OpenBatch,
    Quota,
    Reserve,
    Ship,
    Undo,
    Wait,
    put,
)
from shelfcast.stock.records import Stream
from shelfcast.stock.refusals import Refusals, RefusedRow
from shelfcast.stock.reports import ReportState
from shop import Shop
from shows import become, row, sell, show_of


async def built(shop: Shop, room: str = "evening") -> Built:
    refusals = Refusals(shop.engine, shop.book.base)
    return await build(shop.book, refusals, await show_of(shop, room), ReportState.PROVISIONAL)


def of(report: Report, sku: str = "mug") -> tuple[ReportedSku, PoolSkuDuring]:
    return next(r for r in report.skus if r.sku == sku), next(r for r in report.pool_skus if r.sku == sku)


async def test_a_worked_example(shop: Shop) -> None:
    """Every unit of an evening, by hand."""
    await become(shop, "evening", "ended")  # the shop's own first show: what came before is opening
    await shop.receive(100)
    await become(shop, "evening", "live")
    for n in range(4):
        await sell(shop, f"paid-{n}", "evening", 5)  # 20
    await shop.ok(Reserve("open", "evening", "mug", 3, "li"))
    await shop.ok(Reserve("left", "evening", "mug", 2, "wu"))
    await shop.ok(Cancel("left", "wu"))
    await shop.move(MoveKind.ALLOCATE, 30, "pool", "channel:douyin")
    await shop.ok(External("ext", "douyin", "mug", 4, "", "order-1", "platform"))
    await shop.ok(External("over", "douyin", "mug", 60, "", "order-2", "platform"))  # 26 there, 34 beyond
    await shop.receive(12)
    await shop.ok(Ship("ship-1", "paid-0", 5, "wang", ""))
    await shop.move(MoveKind.RETURN, 2, "shipped", "returned")
    await shop.move(MoveKind.RETURN, 1, "returned", "pool")
    await shop.move(MoveKind.WRITE_OFF, 3, "pool", "written_off")
    await shop.ok(CancelPaid("undo-1", "paid-1", 2, "wang", "broken"))
    await become(shop, "evening", "ended")
    # Behind the end: part of the show's own, not of the pool's part.
    await shop.ok(Confirm("open"))
    await shop.ok(Ship("ship-2", "paid-2", 5, "wang", ""))
    await shop.receive(50)
    report = (await built(shop)).report
    sku, pool = of(report)
    assert (sku.stock.sold, sku.stock.cancelled, sku.stock.shipped, sku.orders) == (21, 2, 10, 5)
    assert (sku.stock.held, sku.pending) == (0, 0)
    assert (pool.opening, pool.received, pool.returned, pool.shipped, pool.written_off) == (100, 12, 1, 5, 3)
    assert (pool.gained, pool.lost, pool.difference) == (0, 0, 0)
    assert pool.closing == 100 + 12 + 1 - 5 - 3
    assert (pool.external_sold, pool.oversold, pool.moved_out, pool.moved_in) == (64, 34, 30, 0)
    assert pool.closing_places == {"pool": 59 - 0, "held:live": 3, "sold:live": 13, "sold:douyin": 30}
    channels = {channel.channel: channel for channel in report.channels}
    assert (channels["live"].orders, channels["live"].sold, channels["live"].cancelled) == (4, 18, 2)
    assert (channels["douyin"].orders, channels["douyin"].sold, channels["douyin"].moved_in) == (2, 64, 30)
    assert [money.by_price_minor for money in sku.money] == [23 * 990]


async def test_it_is_cut_at_the_ends_sequence_and_never_at_a_time(shop: Shop) -> None:
    """Payments in the very call that ends the show, in the same millisecond: before its status, and behind it."""
    await shop.receive(100)
    names = [f"r{n}" for n in range(8)]
    await shop.together(*[Reserve(name, "evening", "mug", 1, name) for name in names])
    ends = put(What.ROOM, "evening", {"status": "ended"}, by=By("ends", "wang"))
    outcomes = await shop.together(*map(Confirm, names[:3]), ends, *map(Confirm, names[3:]))
    assert {outcome.code for outcome in outcomes} == {"OK"}
    entries = [entry for entry in await shop.book.ledger(Stream.STOCK) if entry.kind == "confirm"]
    assert len({entry.at_ms for entry in entries}) == 1
    report = (await built(shop)).report
    assert report.ended_seq == entries[2].pool_seq
    sku, pool = of(report)
    assert (sku.stock.sold, sku.orders) == (8, 8)
    live = next(channel for channel in report.channels if channel.is_show)
    assert (live.sold, live.orders) == (3, 3)
    assert pool.closing_places == {"pool": 92, "held:live": 5, "sold:live": 3}


async def test_goods_of_a_presale_that_come_after_the_end_stay_a_presale(shop: Shop) -> None:
    await shop.terms(presale=True)
    await shop.ok(Quota("quota", "mug", 20))
    await sell(shop, "ahead", "evening", 4)
    await sell(shop, "undone", "evening", 16)
    await become(shop, "evening", "ended")
    await shop.ok(CancelPaid("undo", "undone", 6))
    await shop.receive(30)
    await shop.ok(Fulfil("goods", "ahead"))
    await shop.ok(Ship("ship", "ahead", 1))
    report = (await built(shop)).report
    sku, pool = of(report)
    assert sku.presale is not None
    assert (sku.presale.sold, sku.presale.cancelled, sku.presale.shipped, sku.presale.awaiting_goods) == (14, 6, 1, 10)
    assert (sku.stock, sku.orders, sku.left_to_sell, sku.sell_through) == (SoldUnits(), 2, 0, 1.0)
    assert sku.sold_out_at_ms is not None
    assert (pool.opening, pool.closing, pool.difference) == (0, 0, 0)
    live = next(channel for channel in report.channels if channel.is_show)
    assert (live.sold, live.presale_sold, live.orders) == (0, 20, 2)


async def test_counts_gain_and_lose_and_stand_with_who_signed(shop: Shop) -> None:
    await shop.receive(50)
    await shop.ok(Count("found", "mug", 53, "wang"))
    await shop.ok(Count("gone", "mug", 46, "wang"))
    await become(shop, "evening", "ended")
    await shop.ok(Count("later", "mug", 40, "wang"))
    _, pool = of((await built(shop)).report)
    assert (pool.received, pool.gained, pool.lost, pool.closing, pool.difference) == (50, 3, 7, 46, 0)


async def test_a_batch_is_reported_with_what_was_left_and_where_that_went(shop: Shop) -> None:
    await shop.receive(100)
    await shop.ok(put(What.BATCH, "early", {"title": "Early"}))
    await shop.move(MoveKind.CARVE, 30, "pool", "batch:early")
    await shop.ok(OpenBatch("open", "early", "wang"))
    await shop.move(MoveKind.CARVE, 10, "pool", "batch:early")
    await sell(shop, "some", "evening", 12)
    await shop.ok(CloseBatch("close", "early", "wang"))
    await shop.ok(put(What.BATCH, "never", {"title": "Never"}))
    await become(shop, "evening", "ended")
    report = (await built(shop)).report
    [batch] = report.batches
    assert (batch.batch, batch.units, batch.sold, batch.left, batch.leftover_to) == ("early", 40, 12, 28, "pool")
    assert batch.closed_at_ms is not None
    sku, pool = of(report)
    assert (sku.stock.sold, sku.left_to_sell, sku.sold_out_at_ms) == (12, 88, None)
    # Neither carving nor closing takes anything away from the places that the show sold from.
    assert (pool.moved_in, pool.moved_out) == (0, 0)


async def test_an_exclusive_batch_that_is_sold_out_keeps_the_pool_from_what_is_left_to_sell(shop: Shop) -> None:
    await shop.receive(50)
    await shop.ok(put(What.BATCH, "only", {"title": "Only", "exclusive": True}))
    await shop.move(MoveKind.CARVE, 5, "pool", "batch:only")
    await shop.ok(OpenBatch("open", "only", "wang"))
    await sell(shop, "all", "evening", 5)
    assert (await row(shop, "evening")).available == 0
    await become(shop, "evening", "ended")
    sku, _ = of((await built(shop)).report)
    assert (sku.left_to_sell, sku.sell_through) == (0, 1.0)


async def test_what_waits_in_a_batch_that_never_opened_is_not_left_to_sell(shop: Shop) -> None:
    await shop.receive(20)
    await shop.ok(put(What.BATCH, "late", {"title": "Late"}))
    await shop.move(MoveKind.CARVE, 15, "pool", "batch:late")
    await sell(shop, "all", "evening", 5)
    await become(shop, "evening", "ended")
    sku, pool = of((await built(shop)).report)
    assert (sku.left_to_sell, sku.sell_through) == (0, 1.0)
    assert sku.sold_out_at_ms is not None
    assert (pool.moved_out, pool.closing_places) == (15, {"batch:late": 15, "sold:live": 5})


async def test_times_leave_pauses_out(shop: Shop) -> None:
    await become(shop, "evening", "ended")
    await shop.receive(10)
    await shop.advance(0)
    begun = await shop.book.now_ms()
    await become(shop, "evening", "live")
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await shop.advance(10 * MINUTE_MS)
    await sell(shop, "first", "evening", 4)
    await become(shop, "evening", "paused")
    await shop.advance(30 * MINUTE_MS)
    await become(shop, "evening", "live")
    await shop.advance(5 * MINUTE_MS)
    await sell(shop, "rest", "evening", 6)
    await shop.advance(20 * MINUTE_MS)
    await become(shop, "evening", "ended")
    report = (await built(shop)).report
    sku, _ = of(report)
    assert sku.first_sale_ms == begun + 10 * MINUTE_MS
    assert sku.sold_out_at_ms == begun + 45 * MINUTE_MS
    assert (sku.minutes_to_sold_out, sku.on_air_minutes, report.live_minutes) == (15, 35, 35)
    assert (sku.best_pace, sku.best_pace_ms) == (6, sku.sold_out_at_ms // MINUTE_MS * MINUTE_MS)
    assert [(event.kind, event.text) for event in report.events] == [
        ("status", "live"),
        ("spotlight", "Mug"),
        ("status", "paused"),
        ("status", "live"),
        ("status", "ended"),
    ]


async def test_the_forecast_is_the_plan_as_it_was_when_the_show_began(shop: Shop) -> None:
    await become(shop, "evening", "ended")
    await shop.sell("bowl")
    await shop.receive(50)
    slots = [{"sku": "mug", "expected_units": 8}, "bowl", {"sku": "mug", "minutes": 5, "expected_units": 4}]
    await shop.ok(put(What.ROOM, "evening", {"run_order": slots}))
    await become(shop, "evening", "live")
    await shop.ok(put(What.ROOM, "evening", {"run_order": [{"sku": "bowl", "expected_units": 99}]}))
    await sell(shop, "some", "evening", 9)
    await become(shop, "evening", "ended")
    report = (await built(shop)).report
    mug, bowl = of(report)[0], of(report, "bowl")[0]
    assert (mug.expected, mug.forecast_error, bowl.expected, bowl.forecast_error) == (12, -3, None, None)
    assert (report.totals.expected, report.totals.forecast_error) == (12, -3)


async def test_each_who_was_refused_for_lack_of_stock_counts_once_in_all(shop: Shop) -> None:
    await shop.sell("bowl")
    rows = [
        RefusedRow("evening.1", "mug", Code.SOLD_OUT, 3, 6, ["li", "wu"]),
        RefusedRow("evening.1", "mug", Code.ALL_HELD, 1, 2, ["li"]),
        RefusedRow("evening.1", "bowl", Code.INSUFFICIENT, 2, 9, ["li", "he"]),
        RefusedRow("evening.1", "bowl", Code.LIMIT_PER_USER, 5, 5, ["lu"]),
    ]
    await shop.ok(AddRefusals(rows))
    await become(shop, "evening", "ended")
    report = (await built(shop)).report
    mug, bowl = of(report)[0].lost, of(report, "bowl")[0].lost
    assert (mug.people, mug.units, mug.attempts) == (2, 8, 4)
    assert (bowl.people, bowl.units, bowl.attempts) == (2, 9, 2)
    total = report.totals.lost
    assert (total.people, total.units, total.attempts) == (3, 17, 6)
    assert {row.code: row.people for row in report.refusals}[Code.LIMIT_PER_USER] == 1


async def test_who_still_waited_when_it_ended_is_counted(shop: Shop) -> None:
    await shop.ok(put(What.ROOM, "evening", {"waitlist": True}))
    await shop.receive(1)
    await shop.ok(Reserve("all", "evening", "mug", 1, "li"))
    await shop.together(*[Wait(f"w{n}", "evening", "mug", 1, f"user-{n}") for n in range(3)])
    await shop.ok(Decline("w1", "user-1"))
    await become(shop, "evening", "ended")
    await shop.ok(Confirm("all"))
    assert of((await built(shop)).report)[0].waiting == 2
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}, by=By("on", "wang"), continues=True))
    assert await shop.book.waited_at_end("evening.1") == {}


async def test_another_room_of_the_pool_is_in_the_pools_part_alone(shop: Shop) -> None:
    await shop.receive(40)
    await shop.move(MoveKind.ALLOCATE, 10, "pool", "channel:douyin")
    await sell(shop, "here", "evening", 3)
    await sell(shop, "there", "morning", 4)
    await become(shop, "evening", "ended")
    report = (await built(shop)).report
    sku, _ = of(report)
    assert (sku.stock.sold, report.totals.orders) == (3, 1)
    assert {channel.channel: (channel.sold, channel.is_show) for channel in report.channels} == {
        "live": (3, True),
        "douyin": (4, False),
    }


async def test_whatever_happens_the_report_finds_what_the_book_had(shop: Shop) -> None:
    """Opening and closing, place by place, are what was read of the book when the show began and ended."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    await shop.sell("bowl")
    evening = Evening(shop, chance)
    await become(shop, "evening", "ended")
    await evening.go_on(60)
    opening = await evening.places()
    await become(shop, "evening", "live")
    await evening.go_on(150)
    closing = await evening.places()
    left = {sku: (await row(shop, "evening", sku)).available for sku in SKUS}
    await become(shop, "evening", "ended")
    sold = {sku: await evening.sold_in_show(sku) for sku in SKUS}
    await evening.go_on(60)
    result = await built(shop)
    report = result.report
    assert report.pool_totals.difference == 0
    on_hand = {sku: {place: n for place, n in places.items() if is_on_hand(place)} for sku, places in closing.items()}
    for sku in SKUS:
        reported, pool = of(report, sku)
        assert pool.closing_places == on_hand[sku]
        assert reported.left_to_sell == left[sku]
        assert pool.closing == sum(on_hand[sku].values())
        assert pool.opening == sum(n for place, n in opening[sku].items() if is_on_hand(place))
        came = pool.received + pool.returned + pool.gained
        assert pool.opening + came - pool.shipped - pool.written_off - pool.lost == pool.closing
        # What was sold by the end, and what the holds of then became.
        assert reported.stock.sold == await evening.sold_in_show(sku)
        assert reported.stock.sold >= sold[sku] - reported.stock.cancelled
    held = {r.id for r in await shop.book.reservations([f"o{n}" for n in range(evening.orders)]) if r.state == "active"}
    assert set(result.pending) == {name for name in held if evening.show_of[name] == report.show}


SKUS = ("mug", "bowl")


class Evening:
    """Customers, the shop and its people do what they do, by chance."""

    def __init__(self, shop: Shop, chance: random.Random) -> None:
        self._shop = shop
        self._chance = chance
        self.orders = self._steps = 0
        self.show_of: dict[str, str] = {}
        self._open: list[str] = []
        self._paid: list[str] = []

    async def go_on(self, steps: int) -> None:
        ways = (self._hold, self._hold, self._end, self._end, self._parcel, self._move, self._count, self._elsewhere)
        for _ in range(steps):
            self._steps += 1
            await self._chance.choice(ways)(self._chance.choice(SKUS))

    async def places(self) -> dict[str, dict[str, int]]:
        return {sku: await self._shop.units(sku) for sku in SKUS}

    async def sold_in_show(self, sku: str) -> int:
        show = await show_of(self._shop, "evening")
        raw = await self._shop.engine.command(
            "HGET", f"{self._shop.book.base}:sold:{show.id}", sku, key=self._shop.book.base
        )
        return int(raw or 0)

    async def _try(self, op: Op) -> bool:
        return (await self._shop.book.apply(op)).code == Code.OK

    async def _hold(self, sku: str) -> None:
        room = self._chance.choice(("evening", "evening", "morning"))
        name = f"o{self.orders}"
        if await self._try(Reserve(name, room, sku, self._chance.randint(1, 4), f"user-{name}")):
            self.orders += 1
            self.show_of[name] = (await show_of(self._shop, room)).id
            self._open.append(name)

    async def _end(self, sku: str) -> None:
        if not self._open:
            return
        name = self._open.pop(self._chance.randrange(len(self._open)))
        if self._chance.random() < 0.3:
            await self._try(Cancel(name, f"user-{name}"))
        elif await self._try(Confirm(name)):
            self._paid.append(name)

    async def _parcel(self, sku: str) -> None:
        if not self._paid:
            return
        name = self._chance.choice(self._paid)
        if self._chance.random() < 0.6:
            await self._try(Ship(f"s{self._steps}", name, 1))
        else:
            await self._try(CancelPaid(f"c{self._steps}", name, 1))

    async def _move(self, sku: str) -> None:
        kind, source, target = self._chance.choice(
            (
                (MoveKind.RECEIVE, "supplier", "pool"),
                (MoveKind.RECEIVE, "supplier", "pool"),
                (MoveKind.RECEIVE, "supplier", "elastic"),
                (MoveKind.RELEASE_ELASTIC, "elastic", "pool"),
                (MoveKind.ALLOCATE, "pool", "channel:douyin"),
                (MoveKind.ALLOCATE, "channel:douyin", "pool"),
                (MoveKind.WRITE_OFF, "pool", "written_off"),
                (MoveKind.RETURN, "shipped", "returned"),
                (MoveKind.RETURN, "returned", "pool"),
                (MoveKind.QUARANTINE, "pool", "unsellable"),
            )
        )
        name = f"m{self._steps}"
        done = await self._try(Move(name, kind, sku, self._chance.randint(1, 9), source, target, "wang"))
        if done and self._chance.random() < 0.2:
            await self._try(Undo(f"undo:{name}", name, "wang"))

    async def _count(self, sku: str) -> None:
        on_hand = sum(n for place, n in (await self._shop.units(sku)).items() if is_on_hand(place))
        await self._try(Count(f"k{self._steps}", sku, max(0, on_hand + self._chance.randint(-3, 3)), "wang"))

    async def _elsewhere(self, sku: str) -> None:
        await self._try(External(f"x{self._steps}", "douyin", sku, self._chance.randint(1, 5), "", "order", "platform"))
