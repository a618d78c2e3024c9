"""Units that move between places, over the HTTP API: what each kind of move takes stands in docs/http-api.md."""

from __future__ import annotations

from typing import Any, Unpack

from shelfcast_client.calls import below, id_of
from shelfcast_client.merchant.writes import ByHand, Once, Reasoned, Writes
from shelfcast_client.places import POOL, RETURNED, SHIPPED, UNSELLABLE, MoveKind
from shelfcast_client.records import MoveDone


class Moves(Writes):
    """The part of a `Merchant` that moves units."""

    async def move(
        self,
        kind: MoveKind | str,
        *,
        sku: str | None = None,
        qty: int | None = None,
        source: str | None = None,
        target: str | None = None,
        batch: str | None = None,
        reservation: str | None = None,
        **once: Unpack[Once],
    ) -> MoveDone:
        """A move of any kind between places (`shelfcast_client.places`); each kind has a method of its own below."""
        given = {"sku": sku, "qty": qty, "source": source, "target": target, "batch": batch}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if reservation is not None:
            body["reservation"] = id_of(reservation)
        return await self._once(MoveDone, below(self._path, "moves"), {"kind": kind, **body}, once)

    async def receive(self, sku: str, qty: int, *, target: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """Goods come in from the supplier."""
        return await self.move(MoveKind.RECEIVE, sku=sku, qty=qty, target=target, **once)

    async def carve(self, sku: str, qty: int, *, source: str, target: str, **once: Unpack[Once]) -> MoveDone:
        """Between the pool and the safety buffer, the elastic reserve or a batch."""
        return await self.move(MoveKind.CARVE, sku=sku, qty=qty, source=source, target=target, **once)

    async def allocate(self, sku: str, qty: int, *, source: str, target: str, **once: Unpack[Once]) -> MoveDone:
        """Between the pool and a channel."""
        return await self.move(MoveKind.ALLOCATE, sku=sku, qty=qty, source=source, target=target, **once)

    async def release_elastic(self, sku: str, qty: int, *, target: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """The elastic reserve, or part of it, to the pool or a channel."""
        return await self.move(MoveKind.RELEASE_ELASTIC, sku=sku, qty=qty, target=target, **once)

    async def take_back(self, sku: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """A parcel came back: shipped units are returned, pending inspection."""
        return await self.move(MoveKind.RETURN, sku=sku, qty=qty, source=SHIPPED, target=RETURNED, **once)

    async def inspect(self, sku: str, qty: int, *, target: str, **once: Unpack[Once]) -> MoveDone:
        """Returned units were looked at: to the pool, or unsellable."""
        return await self.move(MoveKind.RETURN, sku=sku, qty=qty, source=RETURNED, target=target, **once)

    async def quarantine(
        self, sku: str, qty: int, *, source: str = POOL, target: str = UNSELLABLE, **once: Unpack[Once]
    ) -> MoveDone:
        """Units must not be sold; with source and target exchanged, they may be again."""
        return await self.move(MoveKind.QUARANTINE, sku=sku, qty=qty, source=source, target=target, **once)

    async def write_off(self, sku: str, qty: int, *, source: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """Units are gone."""
        return await self.move(MoveKind.WRITE_OFF, sku=sku, qty=qty, source=source, **once)

    async def count(self, sku: str, on_hand: int, **once: Unpack[Once]) -> MoveDone:
        """A stocktake found so many units, unsellable and sold ones included; `data` says what the book had."""
        return await self.move(MoveKind.COUNT, sku=sku, qty=on_hand, **once)

    async def freeze(self, sku: str, **once: Unpack[Once]) -> MoveDone:
        """Stop all sales of a SKU."""
        return await self.move(MoveKind.FREEZE, sku=sku, **once)

    async def unfreeze(self, sku: str, **once: Unpack[Once]) -> MoveDone:
        """Resume the sales of a SKU."""
        return await self.move(MoveKind.UNFREEZE, sku=sku, **once)

    async def open_batch(self, batch: str, **once: Unpack[ByHand]) -> MoveDone:
        """Open a batch by hand: its units are sold from where they are."""
        return await self._once(MoveDone, below(self._path, "batches", batch, "open"), {}, once)

    async def close_batch(self, batch: str, **once: Unpack[ByHand]) -> MoveDone:
        """Close a batch by hand: what is left in it goes where its `leftover` says."""
        return await self._once(MoveDone, below(self._path, "batches", batch, "close"), {}, once)

    async def release(self, room: str, sku: str, qty: int, **once: Unpack[Reasoned]) -> MoveDone:
        """Put so many units more on sale in a room: of its lots on call (batches without times), else of the pool where
        its channel is dedicated. Raises ServerRefused (BAD_MESSAGE) where all there is is on sale already."""
        return await self._once(MoveDone, below("/v1/rooms", room, "skus", sku, "release"), {"qty": qty}, once)

    async def release_link(self, room: str, link: int, qty: int, **once: Unpack[Reasoned]) -> MoveDone:
        """The same by the number that the host calls the SKU by."""
        return await self._once(MoveDone, below("/v1/rooms", room, "links", str(link), "release"), {"qty": qty}, once)

    async def quota(self, sku: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """Raise the presale quota by so many units, or lower it with a negative number."""
        return await self.move(MoveKind.QUOTA, sku=sku, qty=qty, **once)

    async def settle(self, order: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """Pool units for what another platform's order was sold beyond the stock."""
        return await self.move(MoveKind.SETTLE, reservation=order, qty=qty, **once)
