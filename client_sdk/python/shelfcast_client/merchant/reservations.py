"""Orders and reservations, over the HTTP API: booking what another platform sold, and what follows a hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from shelfcast_client.calls import below, id_of
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.merchant.writes import Once, Said, Writes
from shelfcast_client.records import Reservation, Step


class _Reservations(TypedDict):
    reservations: list[Reservation]


class Reservations(Writes):
    """The part of a `Merchant` that keeps orders and reservations."""

    async def order(
        self,
        order: str,
        *,
        channel: str,
        sku: str,
        qty: int,
        user: str = "",
        reference: str = "",
        actor: str = "",
        paid_minor: int | None = None,
        currency: str | None = None,
    ) -> Step:
        """Book an order that another platform has taken: sold at once. Its `left` are the units that were there; what
        is owed stands as `oversold` in `reservation(order)`, until `settle`. `paid_minor` is what was paid for all of
        it, in `currency` (None: that of the SKU's price)."""
        body = {"channel": channel, "sku": sku, "qty": qty, "reference": reference, "actor": actor}
        if user:
            body["user"] = user
        body |= _amounts(paid_minor=paid_minor, currency=currency)
        return await self._once(Step, below(self._path, "orders"), body, {"key": order})

    async def reservation(self, reservation: str) -> Reservation | None:
        """A reservation or order, finished ones too while they are remembered."""
        return await self._calls.find(Reservation, "id", self._reservation(reservation))

    async def reservations_of(self, user: str) -> list[Reservation]:
        """A customer's live reservations."""
        return await self._reservations(user=user)

    async def paid_without_stock(self) -> list[Reservation]:
        """Payments that came after their holds had run out and wait for stock or a refund, longest waiting first: at
        most BULK_ROWS."""
        return await self._reservations(state="paid_no_stock")

    async def pay(self, reservation: str, **said: Unpack[Said]) -> Step:
        """Payment has begun: the hold is extended, once."""
        return await self._step(reservation, "pay", said)

    async def confirm(
        self, reservation: str, *, paid_minor: int | None = None, currency: str | None = None, **said: Unpack[Said]
    ) -> Step:
        """Payment has arrived. After the hold ran out it takes units anew, or raises ServerRefused (PAID_NO_STOCK): the
        payment is recorded and waits for another `confirm` or for `refund`. `paid_minor` is what was paid for all its
        units, in `currency` (None: that of the price); the first amount said counts."""
        return await self._step(reservation, "confirm", said, _amounts(paid_minor=paid_minor, currency=currency))

    async def cancel(self, reservation: str, **said: Unpack[Said]) -> Step:
        """Give a live hold back."""
        return await self._step(reservation, "cancel", said)

    async def refund(self, reservation: str, *, refunded_minor: int | None = None, **said: Unpack[Said]) -> Step:
        """The money of a payment without stock went back: `refunded_minor`, None for all that was paid."""
        return await self._step(reservation, "refund", said, _amounts(refunded_minor=refunded_minor))

    async def ship(self, reservation: str, qty: int = 0, **once: Unpack[Once]) -> Step:
        """So many sold units of a reservation leave the house; 0 are all that are left."""
        return await self._part(reservation, "ship", {"qty": qty}, once)

    async def cancel_paid(
        self, reservation: str, qty: int = 0, *, refunded_minor: int | None = None, **once: Unpack[Once]
    ) -> Step:
        """Take paid, unshipped units back into stock; 0 are all that are left. `refunded_minor` went back; None is
        their part of what was paid, and with the last part all the rest."""
        body = {"qty": qty, **_amounts(refunded_minor=refunded_minor)}
        return await self._part(reservation, "cancel-paid", body, once)

    async def fulfil(self, reservation: str, **once: Unpack[Once]) -> Step:
        """Goods for a paid presale order are there: they become sold units."""
        return await self._part(reservation, "fulfil", {}, once)

    def _reservation(self, reservation: str, *step: str) -> str:
        return below(self._path, "reservations", id_of(reservation), *step)

    async def _reservations(self, **query: str) -> list[Reservation]:
        path = below(self._path, "reservations")
        found = await self._calls.ask(_Reservations, "GET", path, query={**query, "limit": BULK_ROWS})
        return found["reservations"]

    async def _step(
        self, reservation: str, step: str, said: Said, amounts: Mapping[str, int | str] | None = None
    ) -> Step:
        body = {**said, **(amounts or {})}
        return await self._calls.ask(Step, "POST", self._reservation(reservation, step), body)

    async def _part(self, reservation: str, step: str, body: Mapping[str, Any], once: Once) -> Step:
        return await self._once(Step, self._reservation(reservation, step), body, once)


def _amounts(**said: int | str | None) -> dict[str, int | str]:
    """What a body says of money: nothing of what is None."""
    return {name: value for name, value in said.items() if value is not None}
