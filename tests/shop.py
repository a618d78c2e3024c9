"""A small shop on a real book, for tests that need stock to sell."""

from __future__ import annotations

import asyncio

from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.fold_state import FoldState
from shelfcast.stock.operations import Move, MoveKind, Op, put
from shelfcast.stock.outcomes import Outcome
from trimming import final_report, trim


class Shop:
    """A pool with a shared and a dedicated channel, a live room on each, and one SKU `mug` on both shelves."""

    def __init__(self, book: StockBook, engine: Engine) -> None:
        self.book = book
        self.engine = engine
        self._moves = 0
        self.begin: FoldState | None = None
        """Where an audit of the book begins: the checkpoint up to which its entries are gone."""

    async def set_up(self) -> None:
        for channel, kind in (("live", "shared"), ("douyin", "dedicated")):
            await self.ok(put(What.CHANNEL, channel, {"kind": kind}))
        for room, channel in (("evening", "live"), ("morning", "douyin")):
            await self.ok(put(What.ROOM, room, RoomConfig(channel=channel, status=RoomStatus.LIVE, title=room)))
        await self.sell("mug")

    async def sell(self, sku: str, **listing: object) -> None:
        await self.ok(put(What.SKU, sku, {"title": sku.title(), "price_minor": 990}))
        for room in ("evening", "morning"):
            await self.ok(put(What.LISTING, sku, {"position": 1, **listing}, parent=room))

    async def room_that_is(self, status: str, *, fresh: str = "") -> str:
        """A room of the shared channel in that status, with the mug on its shelf; `fresh` makes another. No room
        goes back to scheduled."""
        room = f"room-that-is-{status}{fresh}"
        await self.ok(put(What.ROOM, room, RoomConfig(channel="live")))
        await self.ok(put(What.LISTING, "mug", {}, parent=room))
        for step in {"scheduled": (), "live": ("live",)}.get(status, ("live", status)):
            await self.ok(put(What.ROOM, room, {"status": step}))
        return room

    async def terms(self, **fields: object) -> None:
        """Change the mug's terms in the evening room."""
        await self.ok(put(What.LISTING, "mug", fields, parent="evening"))

    async def ok(self, op: Op) -> Outcome:
        outcome = await self.book.apply(op)
        assert outcome.code == Code.OK, (op, outcome)
        return outcome

    async def refused(self, op: Op) -> tuple[Code, str]:
        outcome = await self.book.apply(op)
        return outcome.code, outcome.field

    async def move(self, kind: MoveKind, qty: int, source: str, target: str, sku: str = "mug") -> Outcome:
        self._moves += 1
        return await self.ok(Move(f"move-{self._moves}", kind, sku, qty, source, target))

    async def receive(self, qty: int, sku: str = "mug") -> None:
        await self.move(MoveKind.RECEIVE, qty, "supplier", "pool", sku)

    async def together(self, *ops: Op) -> list[Outcome]:
        """Operations that one call of the engine decides."""
        return await asyncio.gather(*[self.book.apply(op) for op in ops])

    async def units(self, sku: str = "mug") -> dict[str, int]:
        """What is where, without the zeros."""
        found = await self.book.sku(sku)
        assert found
        return {place: n for place, n in found[1].items() if n}

    async def advance(self, ms: int) -> None:
        """Stop the pool's clock, this much later than it is."""
        key = f"{self.book.base}:meta"
        await self.engine.command("HSET", key, "rehearsal_clock_ms", await self.book.now_ms() + ms, key=key)

    async def final_report(self, show: str) -> None:
        """The last report of a show is written; its object is nowhere."""
        await final_report(self.book, show)

    async def trim(self, seq: int) -> None:
        """Take out all entries up to a checkpoint; an audit begins there."""
        self.begin = await trim(self.book, seq, self.begin)

    async def assert_sound(self) -> None:
        report = await audit(self.book, begin=self.begin)
        assert report.ok, report.violations
