"""A real book and a plain one, and how both are asked the same."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from engine_process import EngineProcess
from hypothesis.stateful import RuleBasedStateMachine
from msgspec import Struct
from plain_book import PlainBook
from plain_book.records import PlainBatch, PlainRule
from shelfcast.engine import Engine
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, Leftover, RoomConfig, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import ElasticStep, Move, MoveKind, Op, ReleaseElastic, ServeWaiting, Undo, put
from shelfcast.stock.outcomes import Outcome
from shop import Shop

from book_machine.drawn import SKUS


class Machine(RuleBasedStateMachine):
    """Both books, opened with the same stock."""

    engine_process: EngineProcess
    base_settings: Settings

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.moves = 0
        self.clock_moved = False
        """Since the duty of the waitlist looked last."""
        self.run(self.open())

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    async def open(self) -> None:
        own = Settings(
            key_prefix=f"m{secrets.token_hex(6)}", data_dir=self.base_settings.data_dir, engine_call_timeout_ms=60_000
        )
        self.engine = await Engine.connect(self.engine_process.url, settings=own, library=LIBRARY)
        self.shop = Shop(StockBook(self.engine, "p", own), self.engine)
        await self.shop.set_up()
        await self.shop.sell("cup")
        await self.shop.ok(put(What.ROOM, "night", RoomConfig(channel="live", status=RoomStatus.LIVE)))
        for sku in SKUS:
            await self.shop.ok(put(What.LISTING, sku, {}, parent="night"))
        await self.shop.advance(0)  # the clock stands still from here on
        now = await self.shop.book.now_ms()
        self.plain = PlainBook(now, SKUS)
        for room in self.plain.CHANNELS:
            await self.shop.ok(put(What.ROOM, room, {"waitlist": True}))
            self.plain.waitlist[room] = True
        for name, batch in (
            ("b1", PlainBatch(opens_at=now + 400_000, closes_at=now + 1_000_000, leftover="next")),
            ("b2", PlainBatch(limit_per_user=3)),
            ("b3", PlainBatch(opens_at=now + 450_000, closes_at=now + 900_000, exclusive=True)),
            ("b4", PlainBatch(opens_at=now + 250_000, channel="douyin", leftover="elastic")),
        ):
            await self.shop.ok(put(What.BATCH, name, batch_config(batch)))
            self.plain.batches[name] = batch
        for sku in SKUS:
            await self.shop.ok(put(What.SKU, sku, {"elastic_release_at": 2}))
            self.plain.elastic[sku] = PlainRule(auto=True, at_units=2)
            for source, target, qty in (
                ("supplier", "pool", 40),
                ("pool", "elastic", 6),
                ("pool", "channel:douyin", 8),
                ("supplier", "batch:b1", 5),
                ("supplier", "batch:b2", 5),
                ("supplier", "batch:b3", 3),
                ("supplier", "batch:b4", 4),
            ):
                kind = {"supplier": MoveKind.RECEIVE}.get(source, MoveKind.CARVE)
                kind = MoveKind.ALLOCATE if target == "channel:douyin" else kind
                await self.shop.ok(Move(f"first:{sku}:{target}", kind, sku, qty, source, target))
                assert self.plain.move(sku, source, target, qty) == "OK"
                self.plain.after_operation(by_hand=False)

    def teardown(self) -> None:
        self.run(self.shop.book.close())
        self.run(self.engine.close())
        self.runner.close()

    def both(self, op: Op, expected: str | Callable[[], str]) -> Outcome:
        """`expected` is what the plain book has answered, or does once it has looked at who waits."""
        by_hand = isinstance(op, ReleaseElastic | ElasticStep | Undo) or (
            isinstance(op, Move) and op.kind is MoveKind.RELEASE_ELASTIC
        )
        self.plain.after_operation(by_hand=by_hand)
        outcome: Outcome = self.run(self.shop.book.apply(op))
        expected = expected if isinstance(expected, str) else expected()
        assert outcome.code == expected, (op, outcome, expected)
        return outcome

    def move_id(self) -> str:
        self.moves += 1
        return f"x{self.moves}"

    def name(self, pick: int) -> str:
        made = list(self.plain.reservations)
        return made[pick % len(made)] if made and pick else "nobody's"

    def set(self, what: What, key: str, values: Struct | dict[str, Any], parent: str = "") -> None:
        """`look_first` comes before: a write that changes nothing looks at nothing."""
        self.plain.defined = True
        self.both(put(what, key, values, parent=parent), "OK")

    def look_first(self) -> None:
        """The duty of the waitlist."""
        if any(wait.listed for wait in self.plain.waits.values()):
            self.plain.look()
            self.both(ServeWaiting(1_000), "OK")
        self.clock_moved = False


def batch_config(batch: PlainBatch) -> BatchConfig:
    return BatchConfig(
        opens_at_ms=batch.opens_at,
        closes_at_ms=batch.closes_at,
        channel=batch.channel,
        exclusive=batch.exclusive,
        limit_per_user=batch.limit_per_user,
        leftover=Leftover(batch.leftover),
    )
