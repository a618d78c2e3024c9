"""What a finished show did, as steps that can be played again: made of its record, its ledger and its minutes. Pure.

Rules: docs/rules.md#replay.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from shelfcast_client.records import MinuteState, Show

from shelfcast.insight.after_show import ShowFold
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.places import OUTSIDE, PRESALE
from shelfcast.stock.records import LedgerEntry

NOBODY = "somebody"
"""A customer whom the ledger does not name."""
LAST_PLACE = 1_000_000
"""On the shelf, of a SKU of which nobody noted where it stood."""


class Does(StrEnum):
    """What a step of an order does."""

    TAKE = "take"
    """Reserve units."""
    PAY = "pay"
    GIVE_UP = "give_up"
    """Give a hold back, also where it ran out."""
    RETURN = "return"
    """Cancel some of what was paid."""


@dataclass(frozen=True)
class Step:
    """One step of an order, so many ms after the show began. A `RETURN` and a `GIVE_UP` free units and are numbered by
    SKU, a `TAKE` says how many of these, and of the supplies, came before it in the ledger (`frees_before`)."""

    at_ms: int
    does: Does
    qty: int
    number: int = 0
    """Of those that free units of the SKU: which one; of takes: which one of the show."""
    frees_before: int = 0
    turns_before: int = 0
    """Of a take: how many of the room's turns came before it."""


@dataclass
class Order:
    """A reservation of the show, with its steps in their order. One that was paid after it had run out takes twice."""

    id: str
    user: str
    sku: str
    steps: list[Step] = field(default_factory=list)

    @property
    def sold(self) -> int:
        """Units paid, and not given back."""
        sold, held = 0, 0
        for step in self.steps:
            if step.does is Does.TAKE:
                held = step.qty
            elif step.does is Does.PAY:
                sold, held = sold + held, 0
            elif step.does is Does.RETURN:
                sold -= step.qty
        return sold


@dataclass(frozen=True)
class Supply:
    """Units that came to what the room could sell; of the first ones `at_ms` is 0. Numbered as what frees units is."""

    at_ms: int
    sku: str
    qty: int
    number: int = 0


@dataclass(frozen=True)
class Turn:
    """What the room was told: a status, or a SKU in the spotlight (None: none). `takes_before` came before it."""

    at_ms: int
    status: RoomStatus | None = None
    spotlight: str | None = None
    takes_before: int = 0


class Good(NamedTuple):
    """A SKU of the show; `place` is its place on the shelf. What is `presale` takes from a quota."""

    sku: str
    place: int
    link: int | None
    title: str
    price_minor: int
    currency: str
    presale: bool


@dataclass
class Script:
    """A show to be played again. `sold` are its net units by SKU; `raised` says of which SKUs the minutes told of fewer
    units than its orders took, and how many more they got."""

    goods: list[Good]
    orders: list[Order]
    supplies: list[Supply]
    turns: list[Turn]
    sold: dict[str, int]
    raised: dict[str, int]
    left_out: Counter[str]
    """Entries that are not played, by kind."""
    length_ms: int

    @property
    def lines(self) -> int:
        """How often somebody takes."""
        return sum(step.does is Does.TAKE for order in self.orders for step in order.steps)


def write(show: Show, entries: Sequence[LedgerEntry], minutes: Sequence[MinuteState]) -> Script:
    """The script of a show. `entries` are all of its own, in the order of the pool's sequence; `minutes` the whole
    first one and the changes behind it. Without minutes there is as much of everything as its orders took."""
    return _Writer(show, entries, minutes).script()


class _Move(NamedTuple):
    """An entry that is played, in the ledger's order; one reservation that drew from several places is one."""

    at_ms: int
    does: Does
    entry: LedgerEntry
    qty: int


_DOES = {
    "reserve": Does.TAKE,
    "reacquire": Does.TAKE,
    "confirm": Does.PAY,
    "cancel": Does.GIVE_UP,
    "expire": Does.GIVE_UP,
    "cancel_paid": Does.RETURN,
}


class _Writer:
    """Puts what happened into one order: supplies, the room's turns and the ledger's moves. Moves stay in the order of
    their sequence, also where the clock went back."""

    def __init__(self, show: Show, entries: Sequence[LedgerEntry], minutes: Sequence[MinuteState]) -> None:
        self._show = show
        self._began_ms = show["started_at_ms"]
        ended_ms = show["ended_at_ms"] or (entries[-1].at_ms if entries else self._began_ms)
        self._length_ms = ended_ms - self._began_ms
        self._entries = entries
        self._minutes = minutes
        self._left_out: Counter[str] = Counter()

    def script(self) -> Script:
        moves = self._moves()
        supplies, raised = self._supplies(moves)
        orders, numbered, turns = _in_order(supplies, self._turns(), moves)
        fold = ShowFold(self._show["show"])
        for entry in self._entries:
            fold.add(entry, of_presale=False)
        return Script(
            goods=self._goods(moves),
            orders=orders,
            supplies=numbered,
            turns=turns,
            sold={sku: tally.sold for sku, tally in fold.stock.items()},
            raised=raised,
            left_out=self._left_out,
            length_ms=self._length_ms,
        )

    def _after_ms(self, at_ms: int) -> int:
        """How long after its beginning; what came behind its end follows at once, in its order."""
        return max(0, min(at_ms - self._began_ms, self._length_ms))

    def _moves(self) -> list[_Move]:
        moves: list[_Move] = []
        for entry in self._entries:
            does = _DOES.get(entry.kind)
            if does is None or (does is Does.RETURN and entry.target == OUTSIDE):
                self._left_out[entry.kind] += 1
                continue
            last = moves[-1] if moves else None
            if last is not None and (last.entry.id, last.entry.kind) == (entry.id, entry.kind):
                moves[-1] = last._replace(qty=last.qty + entry.qty)
            else:
                at_ms = max(self._after_ms(entry.at_ms), last.at_ms if last is not None else 0)
                moves.append(_Move(at_ms, does, entry, entry.qty))
        return moves

    def _supplies(self, moves: Sequence[_Move]) -> tuple[list[Supply], dict[str, int]]:
        """What each SKU gets when: as its minutes say, and never less than what its orders took by then."""
        offered: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for state in self._minutes:
            at_ms = self._after_ms(state["minute_ms"]) if state["minute"] else 0
            for row in state["units"]:
                offered[row.sku].append((at_ms, row.available + row.taken))
        out, short = Counter[str](), dict.fromkeys(offered, 0)
        for move in moves:
            sku = move.entry.sku
            if move.does is Does.TAKE:
                out[sku] += move.qty
                there = max((units for at_ms, units in offered[sku] if at_ms <= move.at_ms), default=0)
                short[sku] = max(short.get(sku, 0), out[sku] - there)
            elif move.does is not Does.PAY:
                out[sku] -= move.qty
        supplies: list[Supply] = []
        for sku, missing in short.items():
            # What was missing at any moment had come before it, and nobody noted when: it is there from the beginning.
            levels = {0: missing}
            for at_ms, units in offered[sku]:
                levels[at_ms] = max(levels.get(at_ms, 0), units + missing)
            had = 0
            for at_ms, units in sorted(levels.items()):
                if units > had:
                    supplies.append(Supply(at_ms, sku, units - had))
                    had = units
        return supplies, {sku: missing for sku, missing in short.items() if missing and offered[sku]}

    def _turns(self) -> list[Turn]:
        """The room's turns while the show was on. One that went on after its end has paused meanwhile here: it stays
        one show."""
        turns: list[Turn] = []
        statuses = [row for row in self._show["history"] if row["at_ms"] > self._began_ms]
        for place, row in enumerate(statuses):
            is_end = row["status"] == RoomStatus.ENDED
            if is_end and place == len(statuses) - 1:
                continue  # the end of the play
            status = RoomStatus.PAUSED if is_end else RoomStatus(row["status"])
            turns.append(Turn(self._after_ms(row["at_ms"]), status))
        begins = {lit["from_ms"] for lit in self._show["spotlight"]}
        for lit in self._show["spotlight"]:
            turns.append(Turn(self._after_ms(lit["from_ms"]), None, lit["sku"]))
            if lit["to_ms"] is not None and lit["to_ms"] not in begins:
                turns.append(Turn(self._after_ms(lit["to_ms"]), None, None))
        return turns

    def _goods(self, moves: Sequence[_Move]) -> list[Good]:
        """The SKUs that stood on the shelf, and those that sold all the same."""
        named = {one["sku"]: one for state in reversed(self._minutes) for one in state["terms"]}
        sources: defaultdict[str, set[str]] = defaultdict(set)
        priced: dict[str, LedgerEntry] = {}
        for move in moves:
            if move.does is Does.TAKE:
                sources[move.entry.sku].add(move.entry.source)
                priced[move.entry.sku] = move.entry
        goods = []
        for sku in sorted({*named, *sources}):
            one, entry = named.get(sku), priced.get(sku)
            price_minor = one["price_minor"] if one else ((entry.price_minor if entry else None) or 0)
            goods.append(
                Good(
                    sku=sku,
                    place=one["place"] if one else LAST_PLACE,
                    link=one["link"] if one else None,
                    title=one["title"] if one else "",
                    price_minor=price_minor,
                    currency=one["currency"] if one else (entry.currency if entry else ""),
                    presale=sources[sku] == {PRESALE},
                )
            )
        return sorted(goods, key=lambda good: (good.place, good.sku))


def _in_order(
    supplies: Sequence[Supply], turns: Sequence[Turn], moves: Sequence[_Move]
) -> tuple[list[Order], list[Supply], list[Turn]]:
    """All of it with its numbers."""
    line: list[tuple[int, int, Supply | Turn | _Move]] = [
        *((supply.at_ms, 0, supply) for supply in supplies),
        *((turn.at_ms, 1 if turn.status in (None, RoomStatus.LIVE) else 3, turn) for turn in turns),
        *((move.at_ms, 2, move) for move in moves),
    ]
    line.sort(key=lambda one: one[:2])  # stable: each kind stays in its order
    orders: dict[str, Order] = {}
    numbered: list[Supply] = []
    said: list[Turn] = []
    frees, takes = Counter[str](), 0
    for _, _, one in line:
        if isinstance(one, Supply):
            numbered.append(replace(one, number=frees[one.sku]))
            frees[one.sku] += 1
        elif isinstance(one, Turn):
            said.append(replace(one, takes_before=takes))
        else:
            sku = one.entry.sku
            order = orders.setdefault(one.entry.id, Order(one.entry.id, one.entry.user or NOBODY, sku))
            if one.does is Does.TAKE:
                order.steps.append(Step(one.at_ms, one.does, one.qty, takes, frees[sku], len(said)))
                takes += 1
                if one.entry.kind == "reacquire":
                    order.steps.append(Step(one.at_ms, Does.PAY, one.qty))
            elif one.does is Does.PAY:
                order.steps.append(Step(one.at_ms, one.does, one.qty))
            else:
                order.steps.append(Step(one.at_ms, one.does, one.qty, frees[sku]))
                frees[sku] += 1
    return list(orders.values()), numbered, said
