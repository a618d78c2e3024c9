"""Customers and a shop that act out the events of a day against a running server, and note how they were answered."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from shelfcast_client import Confirmed, Holding, Refused, Reserved, Room, ServerRefused, Unanswered
from shelfcast_client.merchant import Merchant

from shelfcast.insight.reconciliation import SkuTally
from shelfcast.protocol.codes import Code
from shelfcast.sheets.orders import Event, Kind, OrderLine
from shelfcast.stock.places import BATCH, CHANNEL, ELASTIC, POOL, SAFETY, Buckets

WAITING_MAX = 32
"""Reservations of one visit that wait for their answers; the SDK and the server allow 64."""
ASKING_AGAIN_MAX = 5
"""How often an unanswered reservation is asked for again with its id before it counts as unanswered."""
WRITE_OFF_ATTEMPTS = 5
"""A write-off races with the customers; each attempt reads anew what is there."""

SOLD = "sold"
ABANDONED = "abandoned"
LEFT_OPEN = "left to expire"
UNANSWERED = "unanswered"
GIVEN_BACK = "cancelled and given back"
NOTHING_TO_GIVE_BACK = "cancelled, but not sold here"
WRITTEN_OFF_UNITS = "written off"
NOT_THERE = "to be written off, but not there"
FOUND = "found"


@dataclass(frozen=True)
class Temper:
    """How customers behave once they hold units, drawn for each order line.

    `abandon_share` of them give the hold back, `leave_share` just leave and let it expire, the others pay after
    `pay_after_s` seconds at the most.
    """

    abandon_share: float = 0.0
    leave_share: float = 0.0
    pay_after_s: float = 0.0


@dataclass
class SkuSales:
    """How many order lines ended one way, and their units."""

    lines: int = 0
    units: int = 0


@dataclass
class _Purchase:
    """A paid order line; `left` are the units not yet given back."""

    reservation: str
    left: int


@dataclass
class Notes:
    """What was answered: per SKU, and per way an order line can end (`SOLD` …, or the code of a refusal)."""

    tallies: dict[str, SkuTally] = field(default_factory=lambda: defaultdict(SkuTally))
    outcomes: dict[str, SkuSales] = field(default_factory=lambda: defaultdict(SkuSales))
    units_by_sku: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(Way an order line can end, SKU) → units."""

    def units(self, outcome: str) -> int:
        """Units that ended this way."""
        return self.outcomes[outcome].units if outcome in self.outcomes else 0

    def ended(self, outcome: str, sku: str, units: int) -> None:
        """An order line of a SKU, or a part of one, ended like this."""
        if units > 0:
            self.outcomes[outcome].lines += 1
            self.outcomes[outcome].units += units
            self.units_by_sku[outcome, sku] += units

    def value_minor(self, outcome: str, prices: Mapping[str, int]) -> int:
        """The units that ended this way at `prices`, which are by SKU and in minor units."""
        return sum(units * prices[sku] for (ended, sku), units in self.units_by_sku.items() if ended == outcome)

    @classmethod
    def together(cls, parts: Iterable[Notes]) -> Notes:
        """The notes of several rooms as one."""
        whole = cls()
        for part in parts:
            for sku, tally in part.tallies.items():
                whole.tallies[sku] += tally
            for name, outcome in part.outcomes.items():
                whole.outcomes[name].lines += outcome.lines
                whole.outcomes[name].units += outcome.units
            whole.units_by_sku += part.units_by_sku
        return whole


class Selling:
    """The customers and the shop of one room.

    `on_line` is called whenever an order line is done with. Methods raise ServerUnreachable and, where the server
    refuses what it must not refuse here (a wrong token, an unknown pool), ServerRefused.
    """

    def __init__(
        self,
        merchant: Merchant,
        *,
        temper: Temper,
        random: Random,
        on_line: Callable[[], None] = lambda: None,
    ) -> None:
        self.notes = Notes()
        self._merchant = merchant
        self._temper = temper
        self._random = random
        self._on_line = on_line
        self._purchases: dict[tuple[str, str], list[_Purchase]] = defaultdict(list)

    async def buy(self, room: Room, event: Event) -> None:
        """A customer in the room asks for every line of the event at once, and pays for what it gets."""
        waiting = asyncio.Semaphore(WAITING_MAX)
        async with asyncio.TaskGroup() as lines:
            for line in event.lines:
                lines.create_task(self._order(room, event, line, waiting))

    async def manage(self, event: Event) -> None:
        """The shop takes a cancellation back, writes off a loss, receives what was found."""
        for line in event.lines:
            if event.kind is Kind.CANCELLATION:
                await self._give_back(event, line)
            elif event.kind is Kind.LOSS:
                await self._write_off(event, line)
            else:
                await self._find(event, line)
            self._on_line()

    async def take(self, room: Room, event: Event, line: OrderLine) -> Reserved | str:
        """A customer asks for one line, and decides later: `pay`, `give_up`, `left`. Why it got nothing, where that is
        so."""
        self.notes.tallies[line.sku].asked += line.qty
        result = await self._reserve(room, line)
        if isinstance(result, Reserved):
            return result
        code = _code_of(result)
        await self._too_late(room, event, line, code)
        self._on_line()
        return code

    async def pay(self, event: Event, held: Reserved) -> str:
        """It pays for what it has taken. Why it could not; empty where it could."""
        refused = await self._pay(event, held)
        self._on_line()
        return refused

    async def give_up(self, room: Room, held: Reserved) -> None:
        """It gives back what it has taken."""
        await room.cancel(held.id)
        self.notes.ended(ABANDONED, held.sku, held.qty)
        self._on_line()

    def left(self, held: Reserved) -> None:
        """It has neither paid nor given it back, and will not."""
        self.notes.ended(LEFT_OPEN, held.sku, held.qty)
        self._on_line()

    async def _order(self, room: Room, event: Event, line: OrderLine, waiting: asyncio.Semaphore) -> None:
        self.notes.tallies[line.sku].asked += line.qty
        async with waiting:
            result = await self._reserve(room, line)
        if isinstance(result, Reserved):
            await self._decide(room, event, result)
        else:
            await self._too_late(room, event, line, _code_of(result))
        self._on_line()

    async def _too_late(self, room: Room, event: Event, line: OrderLine, code: str) -> None:
        """What a customer does who got nothing: here, nothing."""
        self.notes.ended(code, line.sku, line.qty)

    async def _reserve(self, room: Room, line: OrderLine) -> Reserved | Confirmed | Refused | Unanswered:
        result = await room.reserve(line.sku, line.qty)
        for _ in range(ASKING_AGAIN_MAX):
            if not isinstance(result, Unanswered):
                break
            result = await room.reserve(line.sku, line.qty, reservation_id=result.id)
        return result

    async def _decide(self, room: Room, event: Event, held: Reserved | Holding) -> None:
        """Pay for what is held, or do not."""
        drawn = self._random.random()
        if drawn < self._temper.abandon_share:
            await room.cancel(held.id)
            self.notes.ended(ABANDONED, held.sku, held.qty)
        elif drawn < self._temper.abandon_share + self._temper.leave_share:
            self.notes.ended(LEFT_OPEN, held.sku, held.qty)
        else:
            await asyncio.sleep(self._random.uniform(0, self._temper.pay_after_s))
            await self._pay(event, held)

    async def _pay(self, event: Event, held: Reserved | Holding) -> str:
        try:
            await self._merchant.confirm(held.id, reference=f"invoice {event.invoice}")
        except ServerRefused as refused:
            if not refused.code:
                raise
            self.notes.ended(refused.code, held.sku, held.qty)
            return refused.code
        self.sold(event, held.id, held.sku, held.qty)
        return ""

    def sold(self, event: Event, reservation: str, sku: str, qty: int) -> None:
        """A customer has paid; it may give back of it."""
        self.notes.tallies[sku].paid += qty
        self.notes.ended(SOLD, sku, qty)
        self._purchases[event.customer, sku].append(_Purchase(reservation, qty))

    def kept(self) -> list[tuple[str, str, int]]:
        """What customers have not given back of their purchases: reservation, SKU, units."""
        purchases = ((sku, one) for (_, sku), own in self._purchases.items() for one in own)
        return [(one.reservation, sku, one.left) for sku, one in purchases if one.left]

    async def return_some(self, sku: str, most: int) -> int:
        """Whoever bought the SKU last gives some of it back, `most` units at most; how many."""
        for (_, bought), purchases in reversed(self._purchases.items()):
            for purchase in reversed(purchases):
                part = min(most, purchase.left)
                if bought == sku and part > 0:
                    await self._take_back(purchase, sku, part, reason="changed its mind")
                    self.notes.ended(GIVEN_BACK, sku, part)
                    return part
        return 0

    async def _give_back(self, event: Event, line: OrderLine) -> None:
        """The customer's newest purchases of the SKU come back first; what it did not buy here cannot."""
        wanted = line.qty
        for purchase in reversed(self._purchases[event.customer, line.sku]):
            part = min(wanted, purchase.left)
            if part == 0:
                continue
            await self._take_back(purchase, line.sku, part, reason=f"cancellation {event.invoice}")
            wanted -= part
        self.notes.ended(GIVEN_BACK, line.sku, line.qty - wanted)
        self.notes.ended(NOTHING_TO_GIVE_BACK, line.sku, wanted)

    async def _take_back(self, purchase: _Purchase, sku: str, part: int, *, reason: str) -> None:
        purchase.left -= part  # at once: others may give back of the same
        await self._merchant.cancel_paid(purchase.reservation, part, reason=reason)
        self.notes.tallies[sku].given_back += part

    async def _write_off(self, event: Event, line: OrderLine) -> None:
        """From wherever there are units, those that anybody may have first."""
        left = line.qty
        for _ in range(WRITE_OFF_ATTEMPTS):
            places = _places(await self._merchant.sku_buckets(line.sku))
            for place, units in places.items():
                part = min(left, units)
                if part and await self._written_off(event, line.sku, part, place):
                    left -= part
            if left == 0 or not places:
                break
        self.notes.tallies[line.sku].written_off += line.qty - left
        self.notes.ended(WRITTEN_OFF_UNITS, line.sku, line.qty - left)
        self.notes.ended(NOT_THERE, line.sku, left)

    async def _written_off(self, event: Event, sku: str, qty: int, place: str) -> bool:
        """Whether the units were still there to be written off."""
        try:
            await self._merchant.write_off(sku, qty, source=place, reason=f"adjustment {event.invoice}")
        except ServerRefused as refused:
            if refused.code == Code.INSUFFICIENT:
                return False
            raise
        return True

    async def _find(self, event: Event, line: OrderLine) -> None:
        await self._merchant.receive(line.sku, line.qty, reason=f"adjustment {event.invoice}")
        self.notes.tallies[line.sku].found += line.qty
        self.notes.ended(FOUND, line.sku, line.qty)


def _code_of(result: Confirmed | Refused | Unanswered) -> str:
    return str(result.code) if isinstance(result, Refused) else UNANSWERED


def _places(buckets: Buckets) -> Buckets:
    """Where units can be written off: the pool first, the others by name."""
    free = {
        place: units
        for place, units in sorted(buckets.items())
        if units > 0 and (place in (SAFETY, ELASTIC) or place.startswith((CHANNEL, BATCH)))
    }
    return ({POOL: buckets[POOL]} if buckets.get(POOL, 0) > 0 else {}) | free
