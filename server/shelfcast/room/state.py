"""The state of one live room, merged from what the stock feed says. Pure: it decides what viewers are to be told.

`reset` and `apply` merge; `take` hands out what has changed since the last `take`, as messages in the order they are
to be sent; `snapshot` is the whole. What makes a change urgent (it must not wait for a tick) is a new level of a SKU
and anything an operator did.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from shelfcast.insight.pace import Spread
from shelfcast.protocol.from_server import (
    Banner,
    Error,
    Notice,
    Sale,
    ServerMessage,
    Snapshot,
    Spotlight,
    Status,
    Stock,
    StockRow,
    Waitlist,
)
from shelfcast.protocol.states import BannerKind
from shelfcast.room.alerts import StandingAlerts
from shelfcast.room.notices_and_cues import news_for_backstage, news_for_everybody, standing_notice
from shelfcast.room.numbers_waiting import NumbersWaiting
from shelfcast.room.places import NOT_STOPPED, Queue
from shelfcast.room.shelf import Shelf
from shelfcast.room.source import Source
from shelfcast.stock.alerts import AlertNews
from shelfcast.stock.changes import ConfigEvent, FeedMessage, SkuStock
from shelfcast.stock.configuration import ChannelConfig, Listing, PoolConfig, RoomConfig, SkuConfig, What, sku_of_slot
from shelfcast.stock.notices_and_cues import NoticesAndCues
from shelfcast.stock.records import ListedSku, RoomView
from shelfcast.stock.show import ShowRecord, show_id

_IN_SNAPSHOT = Status | Spotlight | Sale | Notice | Waitlist | Error
ROOM_KEY = ""
UNKNOWN_SPREAD = Spread(0.0, 0)
"""The urgent key of changes that concern the whole room."""


class RoomState:
    """What a room's viewers see, and what of it they have not been told yet.

    `last_n_default` serves listings without a `last_n` of their own. `viewers` is set by whoever counts them.
    """

    __slots__ = (
        "_backstage",
        "_changed",
        "_last_n_default",
        "_messages",
        "_resnap",
        "_source",
        "alerts",
        "at_ms",
        "epoch",
        "incomplete",
        "live",
        "notices_and_cues",
        "numbers_waiting",
        "paces",
        "room",
        "seq",
        "shelves",
        "show",
        "spreads",
        "viewers",
    )  # fmt: skip

    def __init__(self, room: str, last_n_default: int) -> None:
        self.room = room
        self._source = Source(room)
        self.notices_and_cues = NoticesAndCues()
        self.show: ShowRecord | None = None
        """The current or last show, as it was when the room was read."""
        self.alerts = StandingAlerts()
        self.paces: dict[str, float] = {}
        self.spreads: dict[str, Spread] = {}
        """Units a minute by SKU, where a minute of the show has ended."""
        self.numbers_waiting = NumbersWaiting()
        self.shelves: dict[str, Shelf] = {}
        """By SKU, in the order they stand on the shelf."""
        self.epoch = self.seq = self.at_ms = self.viewers = 0
        self.live = False
        """Whether a feed keeps it true; early refusals need that."""
        self.incomplete = False
        """A change needs more than the feed says of it (a SKU new on the shelf, another channel or show): read a new
        view."""
        self._last_n_default = last_n_default
        self._changed: dict[str, None] = {}
        self._messages: list[ServerMessage] = []
        self._backstage: list[ServerMessage] = []
        self._resnap = False

    @property
    def config(self) -> RoomConfig:
        """The room's configuration."""
        return self._source.config

    # --- merging ------------------------------------------------------------------------------------

    def reset(self, view: RoomView) -> None:
        """Replace everything; viewers who are there already get a snapshot with the next `take`."""
        self.epoch, self.seq, self.at_ms = view.epoch, view.seq, view.at_ms
        self._source.reset(view)
        self.show = view.show_record
        former = self.shelves
        self.shelves = self._in_order(map(self._listed, view.skus))
        for sku in self.shelves.keys() & former.keys():
            self.shelves[sku].inherit(former[sku])
        self._changed = dict.fromkeys(self.shelves)
        self._backstage += news_for_backstage(self.notices_and_cues, view.notices_and_cues)
        self._backstage += self.alerts.reset(view.alerts, view.at_ms)
        self.paces = dict(view.paces)
        self.spreads = _spreads(view.spreads)
        self.notices_and_cues = view.notices_and_cues
        # A snapshot says what statuses, spotlights, terms and the notice have become, and that counts are live: an
        # unsent word that they are old would deny it.
        self._messages = [m for m in self._messages if not isinstance(m, _IN_SNAPSHOT)]
        self._resnap = self.live = True
        self.incomplete = False

    def apply(self, message: FeedMessage) -> list[str]:
        """Merge a change. Returns the keys (SKUs, or ROOM_KEY) whose change must not wait for a tick."""
        self.seq, self.at_ms = message.seq, message.at_ms
        urgent = [key for event in message.config if (key := self._configure(event)) is not None]
        for stock in message.stock:
            shelf = self.shelves.get(stock.sku)
            if shelf is not None:
                self._changed[stock.sku] = None
                before = shelf.row.next_batch_at_ms
                if shelf.put(
                    self._source.row(stock, shelf.base, self._sold_now(stock, shelf), presale=shelf.listing.presale)
                ):
                    urgent.append(stock.sku)
                self.numbers_waiting.count(shelf, stock.waitlist.people(self.room))
                if shelf.row.next_batch_at_ms != before:
                    self._say_terms(shelf)
        said = [event.notices_and_cues for event in message.notices_and_cues if event.room == self.room]
        urgent += [ROOM_KEY for now in said if self._hear(now)]
        for news in message.news:
            if news.room != self.room:
                continue
            if isinstance(news, AlertNews):
                self._backstage.append(self.alerts.hear(news.alert))
            else:
                self.paces.update(news.paces)
                told = _spreads(news.spreads)
                for sku, _ in news.paces:
                    self.spreads[sku] = told.get(sku, UNKNOWN_SPREAD)
        return urgent

    def lost(self) -> None:
        """The feed is gone: what is here is old until the next `reset`."""
        self.live = False

    def open_due(self, now_ms: int) -> bool:
        """Announce the sales whose window opens at or before this time of the engine's clock. True when one did."""
        due = [shelf for shelf in self.shelves.values() if not shelf.opened and shelf.opens_at_ms <= now_ms]
        for shelf in due:
            shelf.opened = True
            if shelf.listing.closes_at_ms is None or shelf.listing.closes_at_ms > now_ms:
                self._messages.append(self._banner(shelf, BannerKind.SALE_OPEN))
        return bool(due)

    def next_opening_ms(self) -> int | None:
        """When the next sale window opens, None when none is to come."""
        return min((shelf.opens_at_ms for shelf in self.shelves.values() if not shelf.opened), default=None)

    def queue_of(self, sku: str) -> Queue:
        """How it stands with those who wait here for a SKU."""
        shelf = self.shelves.get(sku)
        return NOT_STOPPED if shelf is None else self._source.queue(shelf.row)

    @property
    def waiting(self) -> int:
        """How many wait here: who waits for two SKUs counts twice."""
        return sum(shelf.waiting for shelf in self.shelves.values())

    # --- what viewers are told -------------------------------------------------------------------------

    @property
    def dirty(self) -> bool:
        """Whether `take` has something to hand out."""
        return bool(self._changed or self._messages or self._resnap)

    def say(self, message: ServerMessage) -> None:
        """Hand this message out with the next `take`."""
        self._messages.append(message)

    def take_backstage(self) -> list[ServerMessage]:
        """What those backstage are to be told at once, and nobody else."""
        messages, self._backstage = self._backstage, []
        return messages

    def discard(self) -> None:
        """Nobody is to be told anything of what has changed."""
        self._changed.clear()
        self._messages.clear()
        self._backstage.clear()
        self._resnap = False

    def take(self) -> list[ServerMessage]:
        """What has changed since the last time, to be sent in this order. Empty when viewers see no difference."""
        changed, self._changed = self._changed, {}
        messages, self._messages = self._messages, []
        resnap, self._resnap = self._resnap, False
        rows: list[StockRow] = []
        banners: list[ServerMessage] = []
        for sku in changed:
            shelf = self.shelves.get(sku)
            if shelf is None:
                continue
            row, kind = shelf.show()
            if row is not None:
                rows.append(row)
            if kind is not None:
                banners.append(self._banner(shelf, kind))
        if resnap:
            self.numbers_waiting.all_told(self.shelves)
            return [self.snapshot(), *banners, *messages]
        counts: list[ServerMessage] = [Stock(seq=self.seq, at_ms=self.at_ms, rows=rows)] if rows else []
        return [*counts, *banners, *messages]

    def snapshot(self, now_ms: int = 0) -> Snapshot:
        """The whole room as it is now: `now_ms` is the engine's time, where that is later than its last change."""
        return Snapshot(
            room=self.room,
            title=self.config.title,
            epoch=self.epoch,
            seq=self.seq,
            at_ms=max(self.at_ms, now_ms),
            status=self.config.status,
            demonstration=self.config.open_reservations,
            waitlist=self.config.waitlist,
            spotlight=self.config.spotlight,
            viewers=self.viewers,
            notice=standing_notice(self.notices_and_cues),
            skus=[shelf.view() for shelf in self.shelves.values()],
        )

    # --- parts -------------------------------------------------------------------------------------------

    def _listed(self, listed: ListedSku) -> Shelf:
        row = self._source.row(listed.stock, listed.base_row, listed.sold_in_show, presale=listed.listing.presale)
        last_n = self._last_n(listed.listing)
        shelf = Shelf(listed.sku, listed.listing, listed.config, row, last_n, listed.base_row)
        shelf.opened = shelf.opens_at_ms <= self.at_ms
        shelf.wait(listed.stock.waitlist.people(self.room))
        return shelf

    def _stop(self) -> str | None:
        """A flag over the shelf, or the room's status, may be another: the urgent key when viewers see a difference."""
        urgent = None
        for sku, shelf in self.shelves.items():
            row = self._source.stop(sku, shelf.row)
            if row is not None:
                self._changed[sku] = None
                if shelf.put(row):
                    urgent = ROOM_KEY
        return urgent

    def _sold_now(self, stock: SkuStock, shelf: Shelf) -> int:
        show = show_id(self.room, self.config.show)
        return next((units for of, units in stock.sold_in if of == show), shelf.row.sold_in_show)

    def _in_order(self, shelves: Iterable[Shelf]) -> dict[str, Shelf]:
        """First what the run order names, then by position."""
        order = {sku_of_slot(slot): place for place, slot in enumerate(self.config.run_order)}
        ranked = sorted(shelves, key=lambda s: (order.get(s.sku, len(order)), s.listing.position, s.sku))
        return {shelf.sku: shelf for shelf in ranked}

    def _last_n(self, listing: Listing) -> int:
        return self._last_n_default if listing.last_n is None else listing.last_n

    def _banner(self, shelf: Shelf, kind: BannerKind) -> Banner:
        opens_at_ms = (shelf.row.next_batch_at_ms if kind is BannerKind.BATCH_EXHAUSTED else None) or UNSET
        return Banner(seq=self.seq, sku=shelf.sku, kind=kind, left=shelf.available, opens_at_ms=opens_at_ms)

    def _hear(self, now: NoticesAndCues) -> bool:
        """Take the operator's words. True when everybody is told something."""
        former, self.notices_and_cues = self.notices_and_cues, now
        self._backstage += news_for_backstage(former, now)
        notices = news_for_everybody(former, now, self.at_ms)
        self._messages += notices
        return bool(notices)

    def _configure(self, event: ConfigEvent) -> str | None:
        """Take a changed definition; the urgent key when viewers see a difference."""
        values = event.values
        if event.what is What.ROOM and event.key == self.room and values is not None:
            return self._configure_room(msgspec.convert(values, RoomConfig))
        if event.what is What.LISTING and event.parent == self.room:
            if values is None:
                return self._unlist(event.key)
            return self._change_terms(event.key, msgspec.convert(values, Listing), None)
        if event.what is What.SKU and values is not None and event.key in self.shelves:
            return self._change_terms(event.key, None, msgspec.convert(values, SkuConfig))
        if event.what is What.CHANNEL and event.key == self.config.channel and values is not None:
            return self._configure_channel(msgspec.convert(values, ChannelConfig))
        if event.what is What.POOL and values is not None:
            self._source.pool_frozen = msgspec.convert(values, PoolConfig).frozen
            return self._stop()
        return None

    def _configure_channel(self, channel: ChannelConfig) -> str | None:
        frozen = msgspec.structs.replace(self._source.channel, frozen=channel.frozen)
        # Anything else decides where the room sells from.
        self.incomplete = self.incomplete or channel != frozen
        self._source.channel = frozen
        return self._stop()

    def _configure_room(self, config: RoomConfig) -> str | None:
        former, self._source.config = self.config, config
        # With a show come its base rows.
        self.incomplete = self.incomplete or (config.channel, config.show) != (former.channel, former.show)
        said = len(self._messages)
        if config.status is not former.status:
            self._messages.append(Status(status=config.status))
        if config.spotlight != former.spotlight:
            self._messages.append(Spotlight(sku=config.spotlight))
        if config.run_order != former.run_order:
            self.shelves = self._in_order(self.shelves.values())
            self._resnap = True
        if _only_in_snapshots(config) != _only_in_snapshots(former):
            self._resnap = True
        stops = (config.frozen, config.status) != (former.frozen, former.status)
        urgent = self._stop() if stops else None
        return ROOM_KEY if self._resnap or len(self._messages) > said else urgent

    def _change_terms(self, sku: str, listing: Listing | None, catalogue: SkuConfig | None) -> str | None:
        """Take new terms of a SKU in the room, or of its catalogue entry; the urgent key when viewers see them."""
        shelf = self.shelves.get(sku)
        if shelf is None or (listing is not None and listing.presale is not shelf.listing.presale):
            self.incomplete = True
            return None
        listing = listing or shelf.listing
        if listing.position != shelf.listing.position:
            self._resnap = True
        differ = shelf.change_terms(listing, catalogue or shelf.catalogue, self._last_n(listing))
        shelf.opened = shelf.opened and shelf.opens_at_ms <= self.at_ms
        self._changed[sku] = None
        if differ:
            self._say_terms(shelf)
        if self._resnap:
            self.shelves = self._in_order(self.shelves.values())
            return ROOM_KEY
        return sku if differ or shelf.level is not shelf.shown_level else None

    def _say_terms(self, shelf: Shelf) -> None:
        """Tell everybody the terms; such as changed twice within a tick go out once."""
        self._messages = [m for m in self._messages if not (isinstance(m, Sale) and m.sku == shelf.sku)]
        self._messages.append(shelf.sale())

    def _unlist(self, sku: str) -> str | None:
        if self.shelves.pop(sku, None) is None:
            return None
        self._resnap = True
        return ROOM_KEY


def _spreads(said: Iterable[tuple[str, float, int]]) -> dict[str, Spread]:
    return {sku: Spread(units, minutes) for sku, units, minutes in said}


def _only_in_snapshots(config: RoomConfig) -> tuple[str, bool, bool]:
    """What no message but a snapshot tells of a room."""
    return config.title, config.open_reservations, config.waitlist
