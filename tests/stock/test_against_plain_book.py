"""Any sequence of operations, on any clock: the engine's book and a plain Python one agree after every step."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from plain_book import PlainBatch, PlainBook, PlainReservation, PlainRule
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, ElasticMode, ElasticRule, FreezeScope, Leftover, LowMark, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import (
    Cancel,
    CancelPaid,
    CloseBatch,
    Confirm,
    Count,
    ElasticStep,
    Expire,
    External,
    Freeze,
    Fulfil,
    Move,
    MoveKind,
    Op,
    OpenBatch,
    OpenDue,
    Pay,
    Quota,
    Refund,
    ReleaseElastic,
    Reserve,
    SettleOversold,
    Ship,
    Undo,
    put,
)
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.proposal_operations import ApplyProposal, DismissProposal, Propose
from shelfcast.stock.proposals import ProposedMove
from shelfcast.stock.shelf import shelf_row
from shop import Shop

SKUS = ("mug", "cup")
USERS = ("ann", "bob", "eve")

BATCHES_MAX = 12
skus = st.sampled_from(SKUS)
leftovers = st.sampled_from(("pool", "next", "elastic"))
rooms = st.sampled_from(("evening", "morning"))
users = st.sampled_from(USERS)
small = st.integers(1, 6)
picks = st.integers(0, 1_000)
"""Chooses one of the reservations made so far; 0 an unknown one."""
later = st.sampled_from([1, 249, 60_000, 150_000, 299_999, 300_000, 300_250, 600_000])
MOVES = [
    (MoveKind.RECEIVE, "supplier", "pool"),
    (MoveKind.RECEIVE, "supplier", "unsellable"),
    (MoveKind.RECEIVE, "supplier", "channel:douyin"),
    (MoveKind.CARVE, "pool", "safety"),
    (MoveKind.CARVE, "safety", "pool"),
    (MoveKind.CARVE, "pool", "elastic"),
    (MoveKind.CARVE, "pool", "batch:b1"),
    (MoveKind.CARVE, "pool", "batch:b2"),
    (MoveKind.CARVE, "batch:b1", "pool"),
    (MoveKind.CARVE, "batch:b2", "pool"),
    (MoveKind.ALLOCATE, "pool", "channel:douyin"),
    (MoveKind.ALLOCATE, "pool", "channel:live"),
    (MoveKind.ALLOCATE, "channel:live", "pool"),
    (MoveKind.RELEASE_ELASTIC, "elastic", "pool"),
    (MoveKind.RETURN, "shipped", "returned"),
    (MoveKind.RETURN, "returned", "pool"),
    (MoveKind.QUARANTINE, "pool", "unsellable"),
    (MoveKind.QUARANTINE, "unsellable", "pool"),
    (MoveKind.WRITE_OFF, "unsellable", "written_off"),
    (MoveKind.WRITE_OFF, "channel:douyin", "written_off"),
]


class BookMachine(RuleBasedStateMachine):
    """Every rule does the same to both books and compares the outcome."""

    engine_url: str
    base_settings: Settings

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.moves = 0
        self.run(self.open())

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    async def open(self) -> None:
        own = Settings(
            key_prefix=f"m{secrets.token_hex(6)}", data_dir=self.base_settings.data_dir, engine_call_timeout_ms=60_000
        )
        self.engine = await Engine.connect(self.engine_url, settings=own, library=LIBRARY)
        self.shop = Shop(StockBook(self.engine, "p", own), self.engine)
        await self.shop.set_up()
        await self.shop.sell("cup")
        await self.shop.advance(0)  # the clock stands still from here on
        now = await self.shop.book.now_ms()
        self.plain = PlainBook(now, SKUS)
        for name, batch in (
            ("b1", PlainBatch(opens_at=now + 400_000, closes_at=now + 1_000_000, leftover="next")),
            ("b2", PlainBatch(limit_per_user=3)),
            ("b3", PlainBatch(opens_at=now + 450_000, closes_at=now + 900_000, exclusive=True)),
            ("b4", PlainBatch(opens_at=now + 250_000, channel="douyin", leftover="elastic")),
        ):
            await self.shop.ok(put(What.BATCH, name, _batch(batch)))
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

    def both(self, op: Op, expected: str) -> Outcome:
        by_hand = isinstance(op, ReleaseElastic | ElasticStep | Undo) or (
            isinstance(op, Move) and op.kind is MoveKind.RELEASE_ELASTIC
        )
        self.plain.after_operation(by_hand=by_hand)
        outcome: Outcome = self.run(self.shop.book.apply(op))
        assert outcome.code == expected, (op, outcome, expected)
        return outcome

    def move_id(self) -> str:
        self.moves += 1
        return f"x{self.moves}"

    def name(self, pick: int) -> str:
        made = list(self.plain.reservations)
        return made[pick % len(made)] if made and pick else "nobody's"

    def set(self, what: What, key: str, values: dict[str, Any], parent: str = "") -> None:
        self.run(self.shop.ok(put(what, key, values, parent=parent)))

    # --- reservations

    @rule(room=rooms, sku=skus, qty=small, user=users)
    def reserve(self, room: str, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.move_id(), room, sku, qty, user)

    @rule(sku=skus, qty=st.integers(3, 12), user=users)
    def reserve_much(self, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.move_id(), "evening", sku, qty, user)

    @rule(sku=skus, user=users)
    def take_everything(self, sku: str, user: str) -> None:
        self.reserve_as(self.move_id(), "evening", sku, max(1, self.plain.available(sku, "live")), user)

    @rule(sku=skus, user=users)
    def pay_late(self, sku: str, user: str) -> None:
        name = self.move_id()
        self.reserve_as(name, "evening", sku, 2, user)
        self.advance(300_250)
        self.expire()
        self.take_everything(sku, "bob")
        self.both(Confirm(name), self.plain.confirm(name))

    @rule(pick=picks, room=rooms, sku=skus, qty=small, user=users)
    def reserve_another_under_a_used_id(self, pick: int, room: str, sku: str, qty: int, user: str) -> None:
        self.reserve_as(self.name(pick), room, sku, qty, user)

    def reserve_as(self, name: str, room: str, sku: str, qty: int, user: str) -> None:
        outcome = self.both(Reserve(name, room, sku, qty, user), self.plain.reserve(name, room, sku, qty, user))
        if outcome.code == "OK":
            assert outcome.expires_at_ms == self.plain.reservations[name].expires_at

    @rule(pick=picks)
    def reserve_again(self, pick: int) -> None:
        name = self.name(pick)
        if (r := self.plain.reservations.get(name)) and not r.external:
            code = self.plain.reserve(name, r.room, r.sku, r.qty, r.user)
            self.both(Reserve(name, r.room, r.sku, r.qty, r.user), code)

    @rule(pick=picks)
    def pay(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Pay(name), self.plain.pay(name))

    @rule(pick=picks)
    def confirm(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Confirm(name), self.plain.confirm(name))

    @rule(pick=picks, user=st.sampled_from((*USERS, "")))
    def cancel(self, pick: int, user: str) -> None:
        name = self.name(pick)
        self.both(Cancel(name, user), self.plain.cancel(name, user))

    @rule(pick=picks)
    def refund(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Refund(name), self.plain.refund(name))

    @rule(pick=picks, qty=st.integers(0, 4))
    def ship(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(Ship(self.move_id(), name, qty), self.plain.ship(name, qty))

    @rule(pick=picks, qty=st.integers(0, 4))
    def cancel_paid(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(CancelPaid(self.move_id(), name, qty), self.plain.cancel_paid(name, qty))

    @rule(pick=picks, channel=st.sampled_from(("live", "douyin")), sku=skus, qty=small)
    def external(self, pick: int, channel: str, sku: str, qty: int) -> None:
        name = self.name(pick)
        self.both(External(name, channel, sku, qty), self.plain.external(name, channel, sku, qty))

    @rule(pick=picks, qty=small)
    def settle(self, pick: int, qty: int) -> None:
        name = self.name(pick)
        self.both(SettleOversold(self.move_id(), name, qty), self.plain.settle(name, qty))

    @rule(pick=picks)
    def fulfil(self, pick: int) -> None:
        name = self.name(pick)
        self.both(Fulfil(self.move_id(), name), self.plain.fulfil(name))

    # --- the merchant

    @rule(sku=skus, qty=st.integers(5, 30))
    def receive(self, sku: str, qty: int) -> None:
        self.both(
            Move(self.move_id(), MoveKind.RECEIVE, sku, qty, "supplier", "pool"),
            self.plain.move(sku, "supplier", "pool", qty),
        )

    @rule(move=st.sampled_from(MOVES), sku=skus, qty=small)
    def move(self, move: tuple[MoveKind, str, str], sku: str, qty: int) -> None:
        kind, source, target = move
        op = Move(self.move_id(), kind, sku, qty, source, target)
        code = self.plain.move(sku, source, target, qty, kind)
        self.both(op, code)
        if code == "OK":  # the same id moves nothing twice
            self.both(op, "OK")

    @rule(sku=skus, qty=st.integers(-4, 8).filter(bool))
    def quota(self, sku: str, qty: int) -> None:
        self.both(Quota(self.move_id(), sku, qty), self.plain.quota(sku, qty))

    @rule(sku=skus, change=st.integers(-30, 10))
    def count(self, sku: str, change: int) -> None:
        counted = max(0, self.plain.on_hand(sku) + change)
        shortage = self.plain.count(sku, counted)
        assert self.both(Count(self.move_id(), sku, counted), "OK").data[2] == shortage

    # --- batches

    @rule(pick=picks)
    def open_batch(self, pick: int) -> None:
        name = self.batch(pick)
        self.plain.open_batch(name)
        self.both(OpenBatch(self.move_id(), name), "OK")

    @rule(pick=picks)
    def close_batch(self, pick: int) -> None:
        name = self.batch(pick)
        self.plain.close_batch(name)
        self.both(CloseBatch(self.move_id(), name), "OK")

    @rule(pick=picks, sku=skus, qty=small)
    def fill_batch(self, pick: int, sku: str, qty: int) -> None:
        self.fill(self.batch(pick), sku, qty)

    @rule(pick=picks, sku=skus, qty=small)
    def take_from_batch(self, pick: int, sku: str, qty: int) -> None:
        source = f"batch:{self.batch(pick)}"
        code = self.plain.move(sku, source, "unsellable", qty)
        self.both(Move(self.move_id(), MoveKind.QUARANTINE, sku, qty, source, "unsellable"), code)

    @rule(
        pick=st.none() | picks,
        opens=st.none() | later,
        lasts=st.none() | later,
        channel=st.sampled_from(("", "", "live", "douyin")),
        exclusive=st.booleans(),
        limit=st.none() | small,
        leftover=leftovers,
        sku=skus,
    )
    def define_batch(
        self,
        pick: int | None,
        opens: int | None,
        lasts: int | None,
        channel: str,
        exclusive: bool,
        limit: int | None,
        leftover: str,
        sku: str,
    ) -> None:
        """A new one, with some units, or one anew, whatever state it is in."""
        is_new = pick is None and len(self.plain.batches) < BATCHES_MAX
        name = f"b{len(self.plain.batches) + 1}" if is_new else self.batch(pick or 0)
        batch = self.plain.batches.setdefault(name, PlainBatch())
        batch.opens_at = None if opens is None else self.plain.now + opens
        batch.closes_at = None if lasts is None else self.plain.now + (opens or 0) + lasts
        batch.channel, batch.exclusive, batch.limit_per_user = channel, exclusive, limit
        batch.leftover = leftover
        self.run(self.shop.ok(put(What.BATCH, name, _batch(batch))))
        if is_new:
            self.fill(name, sku, 4)

    @rule(
        pick=picks,
        sku=skus,
        qty=small,
        user=users,
        leftover=leftovers,
        by_hand=st.booleans(),
        looks=st.booleans(),
        end=st.sampled_from(("cancel", "pay", "expire", "confirm")),
    )
    def outlive_a_batch(
        self, pick: int, sku: str, qty: int, user: str, leftover: str, by_hand: bool, looks: bool, end: str
    ) -> None:
        """A hold is still live when its batch is over."""
        if len(self.plain.batches) == BATCHES_MAX:
            return
        self.define_batch(None, 0, None if by_hand else 1_000, "", True, None, leftover, sku)
        name, held = f"b{len(self.plain.batches)}", self.move_id()
        self.reserve_as(held, "evening", sku, qty, user)
        if by_hand:
            self.plain.close_batch(name)
            self.both(CloseBatch(self.move_id(), name), "OK")
        else:
            self.advance(1_000)
        if looks:
            self.open_due()
        if end == "cancel":
            self.both(Cancel(held, user), self.plain.cancel(held, user))
        elif end == "expire":
            self.advance(300_250)
            self.expire()
        else:
            self.both(Confirm(held), self.plain.confirm(held))
            if end == "confirm":
                self.both(CancelPaid(self.move_id(), held, 1), self.plain.cancel_paid(held, 1))

    def batch(self, pick: int) -> str:
        return f"b{pick % len(self.plain.batches) + 1}"

    def fill(self, name: str, sku: str, qty: int) -> None:
        code = self.plain.move(sku, "supplier", f"batch:{name}", qty)
        self.both(Move(self.move_id(), MoveKind.RECEIVE, sku, qty, "supplier", f"batch:{name}"), code)

    # --- the merchant, once more

    @rule(sku=skus, frozen=st.sampled_from((False, False, True)))
    def freeze(self, sku: str, frozen: bool) -> None:
        (self.plain.frozen.add if frozen else self.plain.frozen.discard)(sku)
        self.both(Freeze(self.move_id(), sku, frozen), "OK")

    @rule(
        flag=st.sampled_from((("channel", "live"), ("channel", "douyin"), ("room", "evening"), ("pool", ""))),
        frozen=st.sampled_from((False, False, True)),
    )
    def freeze_scope(self, flag: tuple[str, str], frozen: bool) -> None:
        scope, name = flag
        self.plain.set_flag(scope, name, frozen=frozen)
        self.both(Freeze(self.move_id(), name, frozen, scope=FreezeScope(scope)), "OK")

    # --- the split

    @rule(live=st.integers(0, 3), douyin=st.integers(0, 3), cap=st.none() | st.integers(3, 20))
    def set_bounds(self, live: int, douyin: int, cap: int | None) -> None:
        self.plain.floors, self.plain.cap = {"pool": live, "channel:douyin": douyin}, cap
        self.set(What.CHANNEL, "live", {"floor_units": live})
        self.set(What.CHANNEL, "douyin", {"floor_units": douyin, "cap_units": cap})

    @rule(moves=st.lists(st.tuples(skus, st.booleans(), small), min_size=1, max_size=2, unique_by=lambda move: move[0]))
    def propose(self, moves: list[tuple[str, bool, int]]) -> None:
        places = {True: ("pool", "channel:douyin"), False: ("channel:douyin", "pool")}
        rows = [(sku, *places[to_douyin], qty) for sku, to_douyin, qty in moves]
        op = Propose("", -1, 0, [ProposedMove(sku, qty, source, target) for sku, source, target, qty in rows], "ann")
        assert self.both(op, "OK").data == self.plain.propose(rows)

    @rule(moves=st.lists(st.tuples(skus, small), min_size=1, max_size=2, unique_by=lambda move: move[0]))
    def propose_and_apply(self, moves: list[tuple[str, int]]) -> None:
        self.propose([(sku, True, qty) for sku, qty in moves])
        self.apply(0)

    @rule(back=st.integers(0, 2))
    def apply(self, back: int) -> None:
        if name := self.proposal(back):
            action = self.move_id()
            code = self.plain.apply(name, action)
            self.both(ApplyProposal(action, name, "ann"), code)

    @rule(back=st.integers(0, 2))
    def dismiss(self, back: int) -> None:
        if name := self.proposal(back):
            self.both(DismissProposal(self.move_id(), name, "ann", "no"), self.plain.dismiss(name))

    @rule(back=st.integers(0, 2))
    def undo_or_redo(self, back: int) -> None:
        name = self.proposal(back)
        proposal = self.plain.proposals.get(name)
        if proposal and proposal.state in ("applied", "undone") and len(proposal.action) < 100:
            action = proposal.action
            self.both(Undo(f"undo:{action}", action, "ann"), self.plain.turn(name))

    def proposal(self, back: int) -> str:
        """The id of a proposal, the last one at 0; empty where there are not so many."""
        made = list(self.plain.proposals)
        return made[-1 - back] if back < len(made) else ""

    @rule(
        channel=st.sampled_from(("live", "douyin")),
        units=st.none() | st.integers(1, 12),
        low_mark=st.sampled_from(LowMark),
    )
    def set_low_mark(self, channel: str, units: int | None, low_mark: LowMark) -> None:
        low_mark = LowMark.FIXED if units is None else low_mark  # another one without units is refused
        self.plain.low[channel] = units, low_mark.value
        self.set(What.CHANNEL, channel, {"low_mark_units": units, "low_mark": low_mark})

    # --- terms

    @rule(
        room=rooms,
        sku=skus,
        order=st.none() | small,
        user=st.none() | small,
        window=st.sampled_from(("show", "show", "ever", "1d", "2d")),
        presale=st.sampled_from((False, False, True)),
    )
    def set_terms(self, room: str, sku: str, order: int | None, user: int | None, window: str, presale: bool) -> None:
        terms = self.plain.terms[room, sku]
        terms.limit_per_order, terms.limit_per_user, terms.presale = order, user, presale
        terms.limit_window = window
        values = {"limit_per_order": order, "limit_per_user": user, "limit_window": window, "presale": presale}
        self.set(What.LISTING, sku, values, parent=room)

    @rule(room=rooms, sku=skus, opens=st.none() | later, lasts=st.none() | later)
    def set_window(self, room: str, sku: str, opens: int | None, lasts: int | None) -> None:
        terms = self.plain.terms[room, sku]
        terms.opens_at = None if opens is None else self.plain.now + opens
        terms.closes_at = None if lasts is None else self.plain.now + (opens or 0) + lasts
        self.set(What.LISTING, sku, {"opens_at_ms": terms.opens_at, "closes_at_ms": terms.closes_at}, parent=room)

    @rule(
        room=rooms,
        status=st.sampled_from(("live", "live", "live", "live", "paused", "scheduled", "ended")),
        continues=st.booleans(),
    )
    def set_status(self, room: str, status: str, continues: bool) -> None:
        code = self.plain.set_status(room, status, continues=continues, continue_ms=Settings().show_continue_max_ms)
        self.both(put(What.ROOM, room, {"status": status}, continues=continues), code)

    @rule(user=users, standing=st.sampled_from(("ok", "ok", "ok", "blocked", "review")))
    def set_standing(self, user: str, standing: str) -> None:
        self.plain.standing = {**self.plain.standing, user: standing}
        if standing == "ok":
            del self.plain.standing[user]
        self.set(What.USER, user, {"standing": standing})

    # --- the elastic reserve

    @rule(
        sku=skus,
        mode=st.sampled_from((ElasticMode.OFF, ElasticMode.ASK, ElasticMode.AUTO, ElasticMode.AUTO)),
        at_units=st.none() | st.integers(0, 6),
        at_share_percent=st.none() | st.integers(1, 60),
        step=st.none() | small,
    )
    def set_elastic(
        self, sku: str, mode: ElasticMode, at_units: int | None, at_share_percent: int | None, step: int | None
    ) -> None:
        if at_units is None and at_share_percent is None:
            mode = ElasticMode.OFF  # another one without a trigger is refused at the edge
        self.plain.elastic[sku] = PlainRule(mode is ElasticMode.AUTO, at_units, at_share_percent, step)
        rule = ElasticRule(mode=mode, at_units=at_units, at_share_percent=at_share_percent, step_units=step)
        self.set(What.SKU, sku, {"elastic": rule, "elastic_release_at": None})

    @rule(sku=skus, at=st.integers(0, 6))
    def set_elastic_the_short_way(self, sku: str, at: int) -> None:
        self.plain.elastic[sku] = PlainRule(auto=True, at_units=at)
        self.set(What.SKU, sku, {"elastic": None, "elastic_release_at": at})

    @rule(sku=skus, qty=st.integers(0, 4), to=st.sampled_from(("pool", "channel:douyin")))
    def release(self, sku: str, qty: int, to: str) -> None:
        op = ReleaseElastic(self.move_id(), sku, qty, to)
        code = self.plain.release(sku, qty or self.plain.step_of(sku), to)
        self.both(op, code)
        if code == "OK":
            self.both(op, "OK")

    @rule(sku=skus, back=st.integers(0, 2))
    def release_a_numbered_step(self, sku: str, back: int) -> None:
        step = max(1, self.plain.elastic_steps[sku] + 1 - back)
        made = step <= self.plain.elastic_steps[sku]
        code = "OK" if made else self.plain.release(sku, self.plain.step_of(sku), "pool")
        self.both(ElasticStep(sku, step, 0, "pool"), code)

    # --- time

    @rule(ms=later)
    def advance(self, ms: int) -> None:
        self.plain.now += ms
        self.run(self.shop.advance(ms))

    @rule(hours=st.sampled_from([1, 23, 24]))
    def advance_hours(self, hours: int) -> None:
        self.advance(hours * 3_600_000)

    @rule()
    def expire(self) -> None:
        expected = self.plain.expire()
        assert self.both(Expire(100), "OK").data == expected

    @rule()
    def open_due(self) -> None:
        expected = self.plain.open_due()
        assert self.both(OpenDue(10), "OK").data == expected

    # --- after every step

    @invariant()
    def proposals_agree(self) -> None:
        kept = {proposal.id: proposal for proposal in self.run(self.shop.book.proposals())}
        for name, plain in list(self.plain.proposals.items())[-50:]:
            assert kept[name].state == plain.state
            assert [(m.sku, m.source, m.target, m.units) for m in kept[name].moves] == plain.moves

    @invariant()
    def units_agree(self) -> None:
        for sku in SKUS:
            assert self.run(self.shop.units(sku)) == {place: n for place, n in self.plain.units[sku].items() if n}

    @invariant()
    def steps_agree(self) -> None:
        for sku in SKUS:
            assert self.run(self.shop.book.sku(sku))[0].elastic_steps == self.plain.elastic_steps[sku]

    @invariant()
    def records_agree(self) -> None:
        for name, plain in self.plain.reservations.items():
            record = self.run(self.shop.book.reservation(name))
            assert (record.state, record.left, record.shipped, record.oversold, record.presale) == _row(plain), name

    @invariant()
    def batches_agree(self) -> None:
        there = self.run(self.shop.book.batches())
        for name, plain in self.plain.batches.items():
            batch = there[name]
            assert (batch.opened_at_ms > 0, batch.closed_at_ms > 0) == (plain.opened_at is not None, plain.closed), name
            assert (batch.missed, batch.leftover_to) == (plain.missed, plain.went_to), name

    @invariant()
    def shows_agree(self) -> None:
        for room, number in self.plain.show.items():
            view = self.run(self.shop.book.room_view(room))
            assert (view.room.show, view.room.status) == (number, self.plain.status[room])
            for listed in view.skus:
                presale, base = listed.listing.presale, listed.base_row
                channel = view.room.channel
                row = shelf_row(
                    listed.stock, channel, view.channel.kind, presale=presale, base=base, settings=view.channel
                )
                places = self.plain.places(room, listed.sku)
                assert row.offered == self.plain.offered(room, listed.sku)
                held = self.plain.units[listed.sku][f"{'presale_' if presale else ''}held:{view.room.channel}"]
                holding = sum(self.plain.holding(listed.sku, place) for place in places)
                assert row.holding == max(held, holding)
                drawn = places if presale else self.plain.drawn(listed.sku, channel)
                assert row.available == sum(self.plain.units[listed.sku][place] for place in drawn)
                assert row.taken_units == sum(self.plain.taken[listed.sku][place] for place in places)
                assert listed.sold_in_show == self.plain.sold[f"{room}.{number}", listed.sku]

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        self.run(self.shop.assert_sound())


def _batch(batch: PlainBatch) -> BatchConfig:
    return BatchConfig(
        opens_at_ms=batch.opens_at,
        closes_at_ms=batch.closes_at,
        channel=batch.channel,
        exclusive=batch.exclusive,
        limit_per_user=batch.limit_per_user,
        leftover=Leftover(batch.leftover),
    )


def _row(plain: PlainReservation) -> tuple[str, int, int, int, bool]:
    return plain.state, plain.left, plain.shipped, plain.oversold, plain.presale


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_book_and_the_plain_book_agree(engine_url: str, settings: Settings) -> None:
    machine = type("Machine", (BookMachine,), {"engine_url": engine_url, "base_settings": settings})
    run_state_machine_as_test(machine, settings=EXAMPLES)


EXAMPLES = hypothesis_settings(
    max_examples=50, stateful_step_count=50, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
