"""What a room showed at the end of each minute of its show, noted from the room itself when it was so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from duty.conftest import Process
from duty.watch_shows.conftest import PATIENCE_S, knows_shelf
from shelfcast.archive.minutes import MinuteState
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant.show_minutes import extent_of
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from shelfcast.stock.show import ShowRecord
from shop import Shop
from waiting import until

ROOM = "evening"


@dataclass
class Page:
    """What a page showed of the show, without the viewers."""

    status: str
    spotlight: str | None
    notice: str
    alerts: list[tuple[str, str]]
    units: dict[str, tuple[int, int, int, int, str | None]]
    paces: dict[str, float | None]
    terms: dict[str, tuple[int, int | None, str, int, str]]


def page_of(state: MinuteState) -> Page:
    """The same, as a replay has it."""
    return Page(
        status=state.status,
        spotlight=state.spotlight,
        notice=state.notice,
        alerts=[(alert.id, alert.sku) for alert in state.alerts or []],
        units={row.sku: (row.available, row.held, row.sold, row.taken, row.level) for row in state.units},
        paces={row.sku: row.units_a_minute for row in state.units},
        terms={one.sku: (one.place, one.link, one.title, one.price_minor, one.currency) for one in state.terms},
    )


@dataclass
class Diary:
    """The pages of a room's show by minute. Its clock stands a second into a minute."""

    shop: Shop
    process: Process
    settings: Settings
    pages: dict[int, Page] = field(default_factory=dict)

    async def record(self) -> ShowRecord:
        config = await self.shop.book.room_config(ROOM)
        assert config
        record = await self.shop.book.show(f"{ROOM}.{config.show}")
        assert record
        return record

    async def minute(self) -> int:
        """Which minute of the show it is."""
        return await self.shop.book.now_ms() // MINUTE_MS - (await self.record()).started_at_ms // MINUTE_MS

    async def end_minute(self) -> None:
        """Note what is there now, then let the minute end, and wait until it is kept."""
        number, page = await self.minute(), await self._now()
        await until(lambda: knows_shelf(self.process, ROOM, set(page.units)))
        await self.shop.advance(MINUTE_MS)
        await self.kept(number)
        page.paces = (await self._now()).paces
        self.pages[number] = page

    async def kept(self, minute: int) -> None:
        """Wait until a minute of the show is kept."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                record = await self.record()
                if extent_of(record, await self.shop.book.series_kept(record.id)).minutes > minute:
                    return
                await asyncio.sleep(0.02)

    async def written(self, minute: int) -> None:
        """Wait until a minute of the show has ended for who watches it, whether it is kept or not."""
        first = (await self.record()).started_at_ms // MINUTE_MS
        async with asyncio.timeout(PATIENCE_S):
            while True:
                through = (await self.shop.book.series_kept((await self.record()).id)).through
                if through is not None and through >= first + minute:
                    return
                await asyncio.sleep(0.02)

    async def _now(self) -> Page:
        view = await self.shop.book.room_view(ROOM)
        assert view
        state = RoomState(ROOM, self.settings.last_n_default)
        state.reset(view)
        shown = state.snapshot()
        shelves = state.shelves.items()
        return Page(
            status=shown.status,
            spotlight=shown.spotlight,
            notice=shown.notice.text if shown.notice else "",
            alerts=sorted((alert.id, alert.sku) for alert in view.alerts if alert.show),
            units={
                sku: (
                    shelf.row.available,
                    shelf.row.holding,
                    shelf.row.sold_in_show,
                    shelf.row.offered - shelf.row.available,
                    shelf.level.value,
                )
                for sku, shelf in shelves
            },
            paces={sku: state.paces.get(sku) for sku in state.shelves},
            terms={
                row.sku: (place, row.link or None, row.title, row.price_minor, row.currency)
                for place, row in enumerate(shown.skus, 1)
            },
        )
