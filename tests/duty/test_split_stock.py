"""The duty of the split: demand that nobody loses, proposals in their time, some of which are applied by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from duty.conftest import MakeProcess, Process
from shelfcast.duty.split_stock import SplitStock
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Confirm, MoveKind, Reserve, put
from shelfcast.stock.proposal_operations import NO_FENCE, Propose
from shelfcast.stock.proposals import ProposalRecord, ProposalState, ProposedMove
from shop import Shop
from waiting import until

PATIENCE_S = 60
MINUTE_MS = 60_000
POOL, DOUYIN = "pool", "channel:douyin"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, hold_ms=3_600_000)


async def when(book: StockBook, is_so: Callable[[list[ProposalRecord]], bool]) -> list[ProposalRecord]:
    """The proposals, once they are so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so(found := await book.proposals()):
            pass
    return found


async def sampled(shop: Shop, minute: int) -> None:
    """The duty has noted the demand of this minute (since 1970)."""
    key = f"{shop.book.base}:demand"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            blob = await shop.engine.command("HGET", key, "", key=key)
            if blob and msgspec.msgpack.decode(blob)[0] >= minute:
                return


async def begun(process: Process, shop: Shop) -> None:
    """The duties have begun, and this one has been through its first minute: there was no demand."""
    process.keeper.start()
    await looked_at(process, shop)


async def looked_at(process: Process, shop: Shop) -> None:
    """The duty has been through the minute that it is."""
    duty = next(duty for duty in process.keeper._duties if isinstance(duty, SplitStock))
    minute = await shop.book.now_ms() // MINUTE_MS
    await until(lambda: duty._done.get("p", (0, 0))[1] >= minute)


async def next_minute(shop: Shop) -> None:
    await shop.advance(MINUTE_MS)
    await sampled(shop, await shop.book.now_ms() // MINUTE_MS)


@pytest.fixture
async def short(shop: Shop) -> Shop:
    """Douyin has ten mugs left, and the pool 390, of which nobody has bought any."""
    await shop.advance(0)
    await shop.receive(460)
    await shop.move(MoveKind.ALLOCATE, 70, POOL, DOUYIN)
    return shop


async def sell_60(shop: Shop) -> None:
    await shop.ok(Reserve("r1", "morning", "mug", 60, "ann"))
    await shop.ok(Confirm("r1"))


async def test_it_proposes_when_its_time_has_come_and_not_before(process: Process, short: Shop) -> None:
    await short.ok(put(What.POOL, "", {"split": "propose", "split_every_minutes": 5}))
    await begun(process, short)
    await sell_60(short)
    for _ in range(4):
        await next_minute(short)
    assert await short.book.proposals() == []
    await short.advance(MINUTE_MS)
    [proposal] = await when(short.book, bool)
    # 90 are expected of Douyin (60 sold, and half of as many by its weight), 30 of the pool: 1.5 and 0.5 a minute.
    [move] = proposal.moves
    assert (move.sku, move.units, move.source, move.target) == ("mug", 117, POOL, DOUYIN)
    assert (move.source_before, move.source_after) == (780, 546)
    assert (move.target_before, move.target_after) == (6.7, 84.7)
    assert (proposal.state, proposal.made_by, proposal.seq) == (ProposalState.OPEN, "book", await seq(short))
    assert (await short.units())[DOUYIN] == 10, "nothing has moved"


async def test_in_automatic_mode_it_is_applied(process: Process, short: Shop) -> None:
    await short.ok(put(What.POOL, "", {"split": "auto", "split_every_minutes": 1}))
    await begun(process, short)
    await sell_60(short)
    await next_minute(short)
    [proposal] = await when(short.book, lambda found: bool(found) and found[0].state is ProposalState.APPLIED)
    assert (proposal.decided_by, proposal.action) == ("book", f"apply:{proposal.id}")
    units = await short.units()
    assert (units[POOL], units[DOUYIN]) == (390 - 117, 127)
    shown = await short.book.action(proposal.action)
    assert shown
    assert not shown.refusal, "it can be undone"


async def test_in_automatic_mode_what_a_predecessor_left_open_is_applied(process: Process, short: Shop) -> None:
    await short.ok(put(What.POOL, "", {"split": "auto", "split_every_minutes": 1440}))
    moves = [ProposedMove("mug", 9, POOL, DOUYIN)]
    left = (await short.ok(Propose("", 1, 0, moves, "book", is_round=True))).data
    await short.sell("cup")
    await short.receive(5, "cup")
    asked = (await short.ok(Propose("", NO_FENCE, 0, [ProposedMove("cup", 1, POOL, DOUYIN)], "wang"))).data
    await begun(process, short)
    [of_wang, of_the_book] = await when(short.book, lambda found: found[-1].state is ProposalState.APPLIED)
    assert (of_the_book.id, of_wang.id, of_wang.state) == (left, asked, ProposalState.OPEN)


async def test_weights_say_what_is_expected(process: Process, short: Shop) -> None:
    """The same sales, of a category that Douyin is expected to sell nothing of."""
    await short.ok(put(What.SKU, "mug", {"category": "kitchen"}))
    await short.ok(put(What.CHANNEL, "douyin", {"weights": {"kitchen": 0}, "cap_units": 50}))
    await short.ok(put(What.POOL, "", {"split": "propose", "split_every_minutes": 1}))
    await begun(process, short)
    await sell_60(short)
    await next_minute(short)
    [proposal] = await when(short.book, bool)
    [move] = proposal.moves
    assert (move.units, move.target_before) == (40, 10), "one a minute, and no more than its cap"


async def test_a_pool_that_wants_no_split_gets_none(process: Process, short: Shop) -> None:
    """It is turned off again after its first minute."""
    await short.ok(put(What.POOL, "", {"split": "propose", "split_every_minutes": 1}))
    await begun(process, short)
    await sell_60(short)
    await short.ok(put(What.POOL, "", {"split": "off"}))
    await short.advance(MINUTE_MS)
    await looked_at(process, short)
    await short.ok(put(What.POOL, "", {"split": "propose"}))
    await short.advance(MINUTE_MS)
    [proposal] = await when(short.book, bool)
    assert proposal.made_at_ms >= await short.book.now_ms(), "with the first minute in which it was wanted"


async def test_a_successor_goes_on_with_the_demand(
    make_process: MakeProcess, process: Process, short: Shop, settings: Settings, engine: Engine
) -> None:
    await short.ok(put(What.POOL, "", {"split": "propose", "split_every_minutes": 5}))
    await begun(process, short)
    await sell_60(short)
    await next_minute(short)
    await process.keeper.close()
    await short.advance(4 * MINUTE_MS)
    make_process().keeper.start()
    [proposal] = await when(short.book, bool)
    assert [move.units for move in proposal.moves] == [117]


async def test_it_asks_for_a_lease(process: Process, shop: Shop) -> None:
    pool = await process.pools.get("p")
    assert pool
    duty = SplitStock(Settings())
    with pytest.raises(ValueError, match="lease"):
        await duty.run(pool, None)
    assert not duty.may_run_twice


async def seq(shop: Shop) -> int:
    return (await shop.book.clock())[1]
