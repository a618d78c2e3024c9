"""People who wait for the mug: a shop in which all is in checkouts, for tests of the waitlist."""

from __future__ import annotations

from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Expire, Freeze, Reserve, ServeWaiting, Wait, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.shelf import ShelfRow, shelf_row
from shop import Shop

OFFER_MS, SKIP_MS = 90_000, 30_000


class MugQueue:
    """Both rooms keep a waitlist, and the clock stands. The id of a wait is its user's name."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._held: list[str] = []
        self._frozen = 0

    async def open(self, units: int = 0) -> None:
        """So many units there are, each in a checkout of the evening room."""
        await self.shop.advance(0)
        for room in ("evening", "morning"):
            await self.shop.ok(put(What.ROOM, room, {"waitlist": True}))
        await self.shop.receive(units)
        for n in range(units):
            self._held.append(f"held-{n}")
            await self.shop.ok(Reserve(self._held[-1], "evening", "mug", 1, f"buyer-{n}"))

    async def wait(self, user: str, qty: int = 1, room: str = "evening") -> Outcome:
        return await self.shop.ok(Wait(user, room, "mug", qty, user))

    async def all_wait(self, *users: str, room: str = "evening") -> None:
        """For one each."""
        for user in users:
            assert (await self.wait(user, room=room)).state == "waiting"

    async def give_back(self, units: int = 1) -> None:
        """That many checkouts are cancelled, in one call."""
        ids, self._held = self._held[:units], self._held[units:]
        await self.shop.together(*[Cancel(name) for name in ids])

    async def freeze(self, name: str, frozen: bool, scope: str | bool = False) -> None:
        self._frozen += 1
        await self.shop.ok(Freeze(f"freeze-{self._frozen}", name, frozen, scope=scope))  # type: ignore[arg-type]

    async def expire(self) -> None:
        await self.shop.ok(Expire(1_000))

    async def look(self) -> None:
        await self.shop.ok(ServeWaiting(1_000))

    async def got(self, *users: str) -> list[str]:
        """Of each the units that were offered to it, or `waiting`, or what has become of it instead."""
        return [await self._got(user) for user in users]

    async def _got(self, user: str) -> str:
        reservation = await self.shop.book.reservation(user)
        if reservation is not None:
            return str(reservation.qty)
        records = (await self.shop.book.waits_of([user]))[user]
        return "waiting" if records else "over"

    async def row(self, room: str = "evening") -> ShelfRow:
        """What a room shows of the mug."""
        view = await self.shop.book.room_view(room)
        assert view
        [listed] = view.skus
        return shelf_row(
            listed.stock,
            view.room.channel,
            view.channel.kind,
            presale=listed.listing.presale,
            base=listed.base_row,
            settings=view.channel,
        )
