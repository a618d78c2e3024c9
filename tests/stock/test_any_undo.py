"""Any moves and undos, in any order: an undo reverses what its action did, or changes nothing; the audit is clean."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By, undo_id
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import (
    Cancel,
    CloseBatch,
    Confirm,
    Count,
    Freeze,
    Move,
    MoveKind,
    Op,
    OpenBatch,
    Pay,
    Quota,
    Reserve,
    Undo,
    put,
)
from shelfcast.stock.places import OUTSIDE
from shop import Shop

MOVES = [
    (MoveKind.RECEIVE, "supplier", "pool"),
    (MoveKind.RECEIVE, "supplier", "channel:douyin"),
    (MoveKind.CARVE, "pool", "safety"),
    (MoveKind.CARVE, "pool", "elastic"),
    (MoveKind.CARVE, "pool", "batch:b1"),
    (MoveKind.CARVE, "batch:b1", "pool"),
    (MoveKind.ALLOCATE, "pool", "channel:douyin"),
    (MoveKind.ALLOCATE, "channel:douyin", "pool"),
    (MoveKind.RELEASE_ELASTIC, "elastic", "pool"),
    (MoveKind.QUARANTINE, "pool", "unsellable"),
    (MoveKind.WRITE_OFF, "unsellable", "written_off"),
]
small = st.integers(1, 6)
steps = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(MOVES), small),
    st.tuples(st.just("undo"), st.integers(0, 1_000)),
    st.tuples(st.just("undo the last"), st.integers(1, 3)),
    st.tuples(st.just("count"), st.integers(-8, 8)),
    st.tuples(st.just("quota"), st.integers(-4, 6).filter(bool)),
    st.tuples(st.just("open")),
    st.tuples(st.just("close")),
    st.tuples(st.just("freeze"), st.booleans()),
    st.tuples(st.just("sell"), small),
    st.tuples(st.just("terms"), st.integers(1, 9)),
)


class Undoing:
    """A pool on which steps are taken; the ids of all its actions are known."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.ids: list[str] = []
        self.number = 0

    async def take(self, step: tuple[Any, ...]) -> None:
        self.number += 1
        name = f"a{self.number}"
        kind = step[0]
        if kind.startswith("undo"):
            if self.ids:
                await self.undo(self.ids[step[1] % len(self.ids) if kind == "undo" else -min(step[1], len(self.ids))])
            return
        if kind == "sell":
            if (await self.shop.book.apply(Reserve(name, "evening", "mug", step[1], "ann"))).code is Code.OK:
                await self.shop.ok(Confirm(name) if step[1] % 2 else Cancel(name) if step[1] % 4 else Pay(name))
            return
        outcome = await self.shop.book.apply(await self.op(name, kind, step))
        if outcome.action_id:
            self.ids.append(outcome.action_id)

    async def op(self, name: str, kind: str, step: tuple[Any, ...]) -> Op:
        if kind == "move":
            return Move(name, step[1][0], "mug", step[2], step[1][1], step[1][2])
        if kind == "count":
            units = await self.shop.units()
            on_hand = sum(n for place, n in units.items() if place.startswith(ON_HAND))
            return Count(name, "mug", max(0, on_hand + step[1]))
        if kind == "terms":
            return put(What.LISTING, "mug", {"limit_per_order": step[1]}, parent="evening", by=By(name, "wang"))
        if kind == "quota":
            return Quota(name, "mug", step[1])
        if kind == "close":
            return CloseBatch(name, "b1")
        return OpenBatch(name, "b1") if kind == "open" else Freeze(name, "mug", step[1])

    async def undo(self, name: str) -> None:
        """Undo, and hold what happened against the action's effect."""
        shown = await self.shop.book.action(name)
        assert shown
        action, before = shown.action, Counter(await self.shop.units())
        outcome = await self.shop.book.apply(Undo(undo_id(name), name, "li"))
        after = Counter(await self.shop.units())
        if action.undone_by:
            assert (outcome.code, outcome.action_id) == (Code.OK, undo_id(name))
            assert after == before
            return
        expected = Counter(before)
        for effect in action.effect:
            for place, change in ((effect.source, effect.qty), (effect.target, -effect.qty)):
                expected[place] += change if place != OUTSIDE else 0
        if outcome.code is Code.OK:
            self.ids.append(outcome.action_id)
            redone_batch = action.undoes and action.subject == "b1"
            if not redone_batch:  # which closes with whatever is in it by then
                assert {place: n for place, n in after.items() if n} == {place: n for place, n in expected.items() if n}
            return
        assert shown.refusal
        assert (shown.refusal.code, shown.refusal.field) == (outcome.code, outcome.field)
        assert after == before
        if outcome.code is Code.INSUFFICIENT:
            assert expected[outcome.field] < 0
        else:
            assert outcome.code in (Code.STALE, Code.BAD_MESSAGE)


ON_HAND = ("unsellable", "safety", "elastic", "pool", "batch:", "channel:", "held:", "sold:")


@pytest.mark.timeout(300)
def test_any_undo_is_exact_or_nothing(engine_url: str, settings: Settings) -> None:
    runner = asyncio.Runner()

    async def run(taken: list[tuple[Any, ...]]) -> None:
        own = Settings(key_prefix=f"m{secrets.token_hex(6)}", data_dir=settings.data_dir, engine_call_timeout_ms=60_000)
        engine = await Engine.connect(engine_url, settings=own, library=LIBRARY)
        shop = Shop(StockBook(engine, "p", own), engine)
        await shop.set_up()
        await shop.ok(put(What.BATCH, "b1", {}))
        await shop.receive(20)
        undoing = Undoing(shop)
        for step in taken:
            await undoing.take(step)
            units = await shop.units()
            assert sum(units.values()) == 0, "every unit came from somewhere"
        await shop.assert_sound()
        await shop.book.close()
        await engine.close()

    @given(st.lists(steps, min_size=1, max_size=40))
    @hypothesis_settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
    def check(taken: list[tuple[Any, ...]]) -> None:
        runner.run(run(taken))

    with runner:
        check()
