"""What the viewers of a room are told, from what the feed says."""

from __future__ import annotations

import pytest
from msgspec import UNSET
from msgspec.structs import replace
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import (
    Acknowledged,
    Banner,
    Cue,
    Error,
    Notice,
    Sale,
    Snapshot,
    Spotlight,
    StandingNotice,
    Status,
    Stock,
    Waitlist,
)
from shelfcast.protocol.states import BannerKind, Level, RoomStatus
from shelfcast.room.shelf import level
from shelfcast.room.state import ROOM_KEY, RoomState
from shelfcast.stock.changes import ChannelUnits, ConfigEvent, FeedMessage, OpenBatch, SkuStock
from shelfcast.stock.changes import Waitlist as Line
from shelfcast.stock.configuration import ChannelConfig, ChannelKind, Listing, RoomConfig, SkuConfig, What
from shelfcast.stock.notices_and_cues import Acknowledgement, KeptCue, KeptNotice, NoticesAndCues, NoticesAndCuesEvent
from shelfcast.stock.records import ListedSku, RoomView
from shelfcast.stock.shelf import ShelfRow
from shelfcast.stock.show import BaseRow

NOW = 1_800_000_000_000
LIVE = RoomConfig(channel="live", status=RoomStatus.LIVE)

BEGUN_WITH = BaseRow(1, NOW, 0, 0, 0)
"""The show began when nothing had been taken."""


def stock(
    pool: int, held: int = 0, sold: int = 0, *, sku: str = "mug", frozen: bool = False, locked: int = 0
) -> SkuStock:
    channels = [ChannelUnits("live", 0, held, sold)]
    return SkuStock(sku, pool, frozen, locked, 0, channels, pool_taken=held + sold, pool_holding=held)


class Feed:
    """Speaks to a state as the feed does, counting sequences."""

    def __init__(self, *stocks: SkuStock, last_n: int = 3, **listing: object) -> None:
        self.state = RoomState("evening", 30)
        self.seq = 0
        self.listing = Listing(last_n=last_n, **listing)  # type: ignore[arg-type]
        self.reset(*stocks)
        self.state.take()

    def reset(self, *stocks: SkuStock, room: RoomConfig = LIVE, epoch: int = 1) -> None:
        self.seq += 1
        titles = {s.sku: SkuConfig(title=s.sku.title(), price_minor=990) for s in stocks}
        skus = [ListedSku(s.sku, self.listing, titles[s.sku], s, BEGUN_WITH) for s in stocks]
        self.state.reset(RoomView(epoch, self.seq, NOW, room, ChannelConfig(), skus))

    def change(self, *stocks: SkuStock, config: list[ConfigEvent] | None = None, at_ms: int = NOW) -> list[str]:
        self.seq += 1
        return self.state.apply(FeedMessage(1, self.seq - 1, self.seq, at_ms, list(stocks), [], config or []))

    def told(self, *stocks: SkuStock) -> list[object]:
        self.change(*stocks)
        return list(self.state.take())

    def banners(self, *stocks: SkuStock) -> list[tuple[str, int]]:
        return [(m.kind.value, m.left) for m in self.told(*stocks) if isinstance(m, Banner)]


@pytest.mark.parametrize(
    ("available", "offered", "holding", "expected"),
    [
        (100, 100, 0, Level.OK),
        (21, 100, 0, Level.OK),
        (20, 100, 0, Level.LOW),
        (20, 100, 80, Level.LOW),
        (10, 100, 40, Level.LOWER),
        (5, 100, 0, Level.LAST),
        (3, 3, 0, Level.LAST),
        (5, 0, 0, Level.OK),
        (0, 100, 1, Level.ALL_HELD),
        (0, 100, 0, Level.SOLD_OUT),
        (0, 0, 0, Level.SOLD_OUT),
    ],
)
def test_levels(available: int, offered: int, holding: int, expected: Level) -> None:
    row = ShelfRow(available, 0, 0, False, 0, offered, holding)
    assert level(row, last_n=3) is expected
    assert level(row._replace(frozen=True), last_n=3) is Level.FROZEN


def test_a_snapshot_shows_the_listing_and_falls_back_to_the_catalogue() -> None:
    feed = Feed(stock(100), price_minor=880, limit_per_user=2)
    snapshot = feed.state.snapshot()
    assert (snapshot.room, snapshot.epoch, snapshot.seq, snapshot.status) == ("evening", 1, 1, RoomStatus.LIVE)
    (mug,) = snapshot.skus
    assert (mug.title, mug.price_minor, mug.currency, mug.limit_per_user) == ("Mug", 880, "CNY", 2)
    assert (mug.available, mug.held, mug.level) == (100, 0, Level.OK)


def test_a_snapshot_tells_the_time_although_nothing_has_changed_for_long() -> None:
    feed = Feed(stock(100))
    changed_ms = feed.state.at_ms
    assert feed.state.snapshot(changed_ms + 3_600_000).at_ms == changed_ms + 3_600_000
    # This process's estimate of the engine's clock may lag behind what the engine has just stamped.
    assert feed.state.snapshot(changed_ms - 5).at_ms == feed.state.snapshot().at_ms == changed_ms


def test_changes_are_merged_until_they_are_taken() -> None:
    feed = Feed(stock(100), stock(50, sku="bowl"))
    for left in (99, 98, 97):
        assert feed.change(stock(left, 100 - left)) == []
    feed.change(stock(40, 10, sku="bowl"))
    (told,) = feed.state.take()
    assert told == Stock(seq=5, at_ms=NOW, rows=[("mug", 97, 3, Level.OK), ("bowl", 40, 10, Level.OK)])
    assert not feed.state.dirty
    assert feed.state.take() == []


def test_what_looks_the_same_is_not_sent() -> None:
    feed = Feed(stock(90, held=10))
    assert feed.told(stock(90, 9, 1)) == [Stock(seq=2, at_ms=NOW, rows=[("mug", 90, 9, Level.OK)])]
    assert feed.told(stock(90, 9, 5)) == []
    assert feed.told(stock(1, sku="elsewhere")) == []


def test_a_new_level_is_urgent_and_a_new_count_is_not() -> None:
    feed = Feed(stock(100))
    assert feed.change(stock(21, 79)) == []
    assert feed.change(stock(20, 80)) == ["mug"]
    feed.state.take()
    assert feed.change(stock(19, 81)) == []
    assert feed.change(stock(0, 100)) == ["mug"]
    feed.state.take()
    assert feed.change(stock(0, 0, 100)) == ["mug"]
    feed.state.take()
    assert feed.change(stock(1, 0, 99)) == ["mug"]


def test_the_story_of_a_sku_in_banners() -> None:
    feed = Feed(stock(10))
    assert feed.banners(stock(4, 6)) == []
    assert feed.banners(stock(3, 7)) == [("last_n", 3)]
    assert feed.banners(stock(2, 8)) == []
    assert feed.banners(stock(4, 6)) == [], "one unit back is not a new crossing"
    assert feed.banners(stock(3, 7)) == []
    assert feed.banners(stock(0, 10)) == [("all_held", 0)]
    assert feed.banners(stock(0, 9, 1)) == []
    assert feed.banners(stock(1, 8, 1)) == [("back_in_stock", 1)]
    assert feed.banners(stock(0, 9, 1)) == [("all_held", 0)]
    assert feed.banners(stock(0, 0, 10)) == [("sold_out", 0)]
    assert feed.banners(stock(20, 0, 10)) == [("back_in_stock", 20)]
    assert feed.banners(stock(2, 18, 10)) == [("last_n", 2)]


def test_what_came_and_went_within_a_tick_is_not_announced() -> None:
    feed = Feed(stock(0, 10))
    feed.change(stock(1, 9))
    assert feed.banners(stock(0, 10)) == []


def test_a_batch_that_opens_is_announced_as_one() -> None:
    feed = Feed(stock(0, 0, 10, locked=50))
    assert feed.banners(stock(50, 0, 10)) == [("batch_open", 50)]
    feed = Feed(stock(5, locked=50))
    assert feed.banners(stock(30, locked=25)) == [("batch_open", 30)]


def waiting(opens_at_ms: int, *, held: int = 0, channel: str = "") -> SkuStock:
    """All is sold but 50 that wait in a batch."""
    return replace(stock(0, held, 10, locked=50), openings=[(channel, opens_at_ms)])


def test_the_next_batch_is_announced_where_nothing_is_left() -> None:
    feed = Feed(stock(5, 5, locked=50))
    count, banner, terms = feed.told(waiting(NOW + 60_000))
    assert count == Stock(seq=2, at_ms=NOW, rows=[("mug", 0, 0, Level.SOLD_OUT)])
    assert banner == Banner(seq=2, sku="mug", kind=BannerKind.BATCH_EXHAUSTED, left=0, opens_at_ms=NOW + 60_000)
    assert isinstance(terms, Sale)
    assert terms.next_batch_at_ms == NOW + 60_000
    assert feed.state.snapshot().skus[0].next_batch_at_ms == NOW + 60_000, "who comes later is told"


def test_a_batch_that_a_hand_opens_is_announced_without_a_time() -> None:
    feed = Feed(stock(5, 5, locked=50))
    _, banner, terms = feed.told(waiting(0))
    assert banner == Banner(seq=2, sku="mug", kind=BannerKind.BATCH_EXHAUSTED, left=0)
    assert isinstance(terms, Sale)
    assert terms.next_batch_at_ms == 0


def test_units_in_checkouts_come_before_a_batch() -> None:
    feed = Feed(stock(5, 5, locked=50))
    assert feed.banners(waiting(NOW + 60_000, held=2)) == [("all_held", 0)]
    assert feed.banners(waiting(NOW + 60_000)) == [("batch_exhausted", 0)]
    assert feed.banners(waiting(NOW + 90_000)) == [], "another time is told by the terms alone"
    assert feed.banners(stock(0, 0, 10)) == [("sold_out", 0)]
    assert feed.banners(waiting(NOW + 90_000)) == [("batch_exhausted", 0)]
    opened = replace(stock(0, 0, 10), batches=[OpenBatch("b", "", 50, 0, 0)])
    assert feed.banners(opened) == [("batch_open", 50)]


def test_a_batch_of_another_channel_is_none_to_wait_for() -> None:
    feed = Feed(stock(5, 5, locked=50))
    _, banner = feed.told(waiting(NOW + 60_000, channel="elsewhere"))
    assert isinstance(banner, Banner)
    assert (banner.kind, banner.opens_at_ms) == (BannerKind.SOLD_OUT, UNSET)


def test_the_pool_that_an_exclusive_batch_keeps_comes_with_its_end() -> None:
    feed = Feed(stock(5, 5))
    kept = replace(stock(30, 0, 10), batches=[OpenBatch("b", "", 0, 20, 0, exclusive=True, closes_at_ms=NOW + 9_000)])
    _, banner, _ = feed.told(kept)
    assert banner == Banner(seq=2, sku="mug", kind=BannerKind.BATCH_EXHAUSTED, left=0, opens_at_ms=NOW + 9_000)
    assert feed.banners(stock(30, 0, 10)) == [("back_in_stock", 30)]


def test_a_frozen_sku_announces_nothing() -> None:
    feed = Feed(stock(10))
    assert feed.told(stock(10, frozen=True)) == [Stock(seq=2, at_ms=NOW, rows=[("mug", 10, 0, Level.FROZEN)])]
    assert feed.banners(stock(0, 10, frozen=True)) == []
    assert feed.banners(stock(0, 10)) == [("all_held", 0)]


def test_sold_out_for_certain() -> None:
    mug = Feed(stock(0, 0, 10)).state.shelves["mug"]
    assert mug.certainly_sold_out()
    for possible in (stock(1), stock(0, 1), stock(0, locked=1), stock(0, frozen=True)):
        assert not Feed(possible).state.shelves["mug"].certainly_sold_out()


def test_a_reset_is_a_snapshot_with_the_banners_that_were_missed() -> None:
    feed = Feed(stock(10))
    feed.state.lost()
    assert not feed.state.live
    feed.reset(stock(0, 0, 10), epoch=2)
    assert feed.state.live
    snapshot, banner = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.epoch, snapshot.skus[0].available) == (2, 0)
    assert banner == Banner(seq=2, sku="mug", kind=BannerKind.SOLD_OUT, left=0)


def test_a_sale_opens_at_its_second() -> None:
    feed = Feed(stock(10), opens_at_ms=NOW + 1_000)
    state = feed.state
    assert state.next_opening_ms() == NOW + 1_000
    assert not state.open_due(NOW + 999)
    assert state.open_due(NOW + 1_000)
    assert state.take() == [Banner(seq=1, sku="mug", kind=BannerKind.SALE_OPEN, left=10)]
    assert state.next_opening_ms() is None
    assert not state.open_due(NOW + 2_000)


def test_a_sale_that_is_over_is_not_announced() -> None:
    feed = Feed(stock(10), opens_at_ms=NOW + 1_000, closes_at_ms=NOW + 2_000)
    assert feed.state.open_due(NOW + 2_000)
    assert feed.state.take() == []


def listing(**values: object) -> ConfigEvent:
    return ConfigEvent(What.LISTING, "evening", "mug", {"last_n": 3, **values})


def test_new_terms_go_out_once_and_at_once() -> None:
    feed = Feed(stock(10))
    feed.change(config=[listing(price_minor=500)])
    assert feed.change(config=[listing(price_minor=450, opens_at_ms=NOW + 60_000)]) == ["mug"]
    (sale,) = feed.state.take()
    assert isinstance(sale, Sale)
    assert (sale.price_minor, sale.opens_at_ms) == (450, NOW + 60_000)
    assert feed.state.next_opening_ms() == NOW + 60_000


def test_a_catalogue_change_shows_where_the_listing_leaves_it_open() -> None:
    feed = Feed(stock(10), price_minor=500)
    values = {"title": "Big mug", "price_minor": 1}
    feed.change(config=[ConfigEvent(What.SKU, "", "mug", values)])
    (sale,) = feed.state.take()
    assert isinstance(sale, Sale)
    assert (sale.title, sale.price_minor) == ("Big mug", 500)


def test_status_and_spotlight() -> None:
    feed = Feed(stock(10))
    config = {"channel": "live", "status": "paused", "spotlight": "mug", "changed_at_ms": NOW}
    assert feed.change(config=[ConfigEvent(What.ROOM, "", "evening", config)]) == [ROOM_KEY]
    assert feed.state.take() == [Status(status=RoomStatus.PAUSED), Spotlight(sku="mug")]
    assert feed.change(config=[ConfigEvent(What.ROOM, "", "elsewhere", {"status": "live"})]) == []


def test_a_run_order_rearranges_the_shelf() -> None:
    feed = Feed(stock(1), stock(1, sku="bowl"), stock(1, sku="cup"))
    assert list(feed.state.shelves) == ["bowl", "cup", "mug"]
    config = {"channel": "live", "status": "live", "run_order": ["mug", "cup"]}
    feed.change(config=[ConfigEvent(What.ROOM, "", "evening", config)])
    (snapshot,) = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert [sku.sku for sku in snapshot.skus] == ["mug", "cup", "bowl"]


def test_a_new_position_rearranges_the_shelf() -> None:
    feed = Feed(stock(1), stock(1, sku="bowl"), stock(1, sku="cup"))
    assert feed.change(config=[listing(position=-1)]) == [ROOM_KEY]
    (snapshot,) = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert [sku.sku for sku in snapshot.skus] == ["mug", "bowl", "cup"]
    feed.change(config=[listing(position=-1, price_minor=450)])
    (sale,) = feed.state.take()
    assert isinstance(sale, Sale)


def test_a_sku_that_leaves_the_shelf_is_gone_with_a_snapshot() -> None:
    feed = Feed(stock(10), stock(10, sku="bowl"))
    feed.change(config=[ConfigEvent(What.LISTING, "evening", "mug", None)])
    (snapshot,) = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert [sku.sku for sku in snapshot.skus] == ["bowl"]


@pytest.mark.parametrize(
    "event",
    [
        ConfigEvent(What.LISTING, "evening", "new", {"position": 1}),
        ConfigEvent(What.LISTING, "evening", "mug", {"presale": True}),
        ConfigEvent(What.ROOM, "", "evening", {"channel": "douyin", "status": "live"}),
        ConfigEvent(What.CHANNEL, "", "live", {"kind": "dedicated"}),
    ],
)
def test_what_the_feed_does_not_tell_in_full_asks_for_a_new_view(event: ConfigEvent) -> None:
    feed = Feed(stock(10))
    feed.change(config=[event])
    assert feed.state.incomplete
    feed.reset(stock(10))
    assert not feed.state.incomplete


def test_channels_and_presale_decide_what_is_available() -> None:
    units = [ChannelUnits("live", 5, 2, 1, 7, 8), ChannelUnits("douyin", 50, 1, 1)]
    mug = SkuStock("mug", 100, False, 0, 9, units)
    view = RoomView(1, 1, NOW, LIVE, ChannelConfig(), [ListedSku("mug", Listing(), SkuConfig(), mug)])
    for kind, presale, expected in (
        (ChannelKind.SHARED, False, (105, 2)),
        (ChannelKind.DEDICATED, False, (5, 2)),
        (ChannelKind.SHARED, True, (9, 7)),
    ):
        skus = [ListedSku("mug", Listing(presale=presale), SkuConfig(), mug)]
        state = RoomState("evening", 30)
        state.reset(RoomView(view.epoch, view.seq, NOW, LIVE, ChannelConfig(kind=kind), skus))
        (shown,) = state.snapshot().skus
        assert (shown.available, shown.held) == expected


def test_a_reset_takes_back_an_unsent_word_that_counts_are_old() -> None:
    feed = Feed(stock(10))
    feed.state.lost()
    feed.state.say(Error(code=Code.UNAVAILABLE, message="these counts may be old"))
    feed.reset(stock(9))
    assert [type(message) for message in feed.state.take()] == [Snapshot]


@pytest.mark.parametrize(
    ("field", "value"), [("title", "An evening of tea"), ("open_reservations", True), ("waitlist", True)]
)
def test_what_a_snapshot_alone_says_of_the_room_is_told_with_a_snapshot(field: str, value: object) -> None:
    feed = Feed(stock(5))
    config = ConfigEvent(What.ROOM, "", "evening", {"channel": "live", "status": "live", field: value})
    assert feed.change(config=[config]) == [ROOM_KEY]
    (snapshot,) = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert value in (snapshot.title, snapshot.demonstration, snapshot.waitlist)
    assert feed.change(config=[config]) == []
    assert feed.state.take() == []


def test_words_are_told_to_those_they_are_for() -> None:
    feed = Feed(stock(5))

    def hear(words: NoticesAndCues, room: str = "evening") -> tuple[list[str], list[object], list[object]]:
        message = FeedMessage(1, feed.seq, feed.seq, NOW + 5, [], [], [], [NoticesAndCuesEvent(room, words)])
        return feed.state.apply(message), list(feed.state.take()), list(feed.state.take_backstage())

    cue = KeptCue("c1", "hold it up", "", NOW)
    assert hear(NoticesAndCues(cues=[cue])) == ([], [], [Cue(id="c1", text="hold it up", at_ms=NOW)])
    said = NoticesAndCues(
        notice=KeptNotice("n1", "Tea first", NOW), acknowledged=[Acknowledgement("c1", "wang", NOW + 1)]
    )
    settled = Acknowledged(cue="c1", by="wang", at_ms=NOW + 1)
    assert hear(said) == ([ROOM_KEY], [Notice(text="Tea first", at_ms=NOW)], [settled])
    assert hear(said) == ([], [], [])
    assert feed.state.snapshot().notice == StandingNotice(text="Tea first", at_ms=NOW)
    assert hear(NoticesAndCues(), "another room") == ([], [], [])
    assert hear(NoticesAndCues()) == ([ROOM_KEY], [Notice(text="", at_ms=NOW + 5)], [])
    assert feed.state.snapshot().notice is None


def flag(what: What, key: str, frozen: bool, **values: object) -> ConfigEvent:
    return ConfigEvent(what, "", key, {"frozen": frozen, **values})


@pytest.mark.parametrize(
    ("what", "key", "values"),
    [
        (What.ROOM, "evening", {"channel": "live", "status": "live"}),
        (What.CHANNEL, "live", {}),
        (What.POOL, "", {"title": "Main"}),
    ],
)
def test_a_flag_over_the_shelf_is_shown_at_once_and_taken_back(what: What, key: str, values: dict[str, object]) -> None:
    feed = Feed(stock(100), stock(2, sku="cup", frozen=True), stock(0, sku="pot"))
    assert feed.change(config=[flag(what, key, True, **values)]) == [ROOM_KEY]
    [told] = feed.state.take()
    assert isinstance(told, Stock)
    assert told.rows == [("mug", 100, 0, Level.FROZEN), ("pot", 0, 0, Level.FROZEN)], "the cup was frozen already"
    assert {view.level for view in feed.state.snapshot().skus} == {Level.FROZEN}
    assert not feed.state.incomplete
    assert feed.told(stock(99)) == [Stock(seq=feed.seq, at_ms=NOW, rows=[("mug", 99, 0, Level.FROZEN)])]
    assert feed.change(config=[flag(what, key, False, **values)]) == [ROOM_KEY]
    [told] = feed.state.take()
    assert isinstance(told, Stock)
    assert told.rows == [("mug", 99, 0, Level.OK), ("pot", 0, 0, Level.SOLD_OUT)], "the cup has a flag of its own"


def test_each_flag_stands_for_itself() -> None:
    feed = Feed(stock(100))
    flags = [(What.CHANNEL, "live", {}), (What.ROOM, "evening", {"channel": "live"}), (What.POOL, "", {})]
    for what, key, values in flags:
        feed.change(config=[flag(what, key, True, **values)])
    feed.told(stock(100, frozen=True))
    for what, key, values in flags:
        feed.change(config=[flag(what, key, False, **values)])
        assert feed.state.shelves["mug"].level is Level.FROZEN
    assert feed.change(stock(100)) == ["mug"]
    assert feed.state.shelves["mug"].level is Level.OK


def test_another_channels_flag_stops_nothing_here() -> None:
    feed = Feed(stock(100))
    events = [flag(What.CHANNEL, "douyin", True), flag(What.ROOM, "morning", True, channel="live")]
    assert feed.change(config=events) == []
    assert feed.state.take() == []


def test_a_room_that_is_read_is_frozen_by_any_flag() -> None:
    feed = Feed(stock(100))
    skus = [ListedSku("mug", feed.listing, SkuConfig(), stock(100), BEGUN_WITH)]
    for room, channel, pool in (
        (RoomConfig(channel="live", frozen=True), ChannelConfig(), False),
        (LIVE, ChannelConfig(frozen=True), False),
        (LIVE, ChannelConfig(), True),
    ):
        levels = []
        frozen = RoomView(1, 9, NOW, room, channel, skus, pool_frozen=pool)
        for view in (frozen, RoomView(1, 9, NOW, LIVE, ChannelConfig(), skus)):
            feed.state.reset(view)
            levels.append(feed.state.shelves["mug"].level)
        assert levels == [Level.FROZEN, Level.OK]


def test_a_channel_that_sells_from_elsewhere_is_read_anew() -> None:
    feed = Feed(stock(100))
    feed.change(config=[flag(What.CHANNEL, "live", True, kind=ChannelKind.DEDICATED)])
    assert feed.state.incomplete


def waited_for(
    pool: int, held: int = 0, sold: int = 0, *, people: int = 0, serving: bool = True, edges: tuple[int, ...] = ()
) -> SkuStock:
    """A mug that `people` wait for here, and 5 elsewhere."""
    rooms = [("elsewhere", 5), *([("evening", people)] if people else [])]
    return replace(stock(pool, held, sold), waitlist=Line(serving, rooms, [("", list(edges))]))


def test_what_belongs_to_those_who_wait_is_seen_by_nobody() -> None:
    feed = Feed(stock(0, 10))
    assert feed.told(waited_for(4, 6)) == [Stock(seq=2, at_ms=NOW, rows=[("mug", 0, 6, Level.ALL_HELD)])]
    shelf = feed.state.shelves["mug"]
    assert shelf.row.available == 4, "the merchant sees what is there"
    assert feed.state.snapshot().skus[0].available == 0
    assert not shelf.certainly_sold_out()
    assert feed.told(waited_for(4, 0, 6)) == [Stock(seq=3, at_ms=NOW, rows=[("mug", 0, 0, Level.ALL_HELD)])]
    count, banner = feed.told(waited_for(2, 2, 6, serving=False))
    assert count == Stock(seq=4, at_ms=NOW, rows=[("mug", 2, 2, Level.LAST)])
    assert banner == Banner(seq=4, sku="mug", kind=BannerKind.BACK_IN_STOCK, left=2)


def test_what_comes_free_while_the_room_is_paused_is_theirs_who_wait_here() -> None:
    feed = Feed(stock(0, 10))
    feed.change(waited_for(0, 10, people=2, serving=False))
    for config, shown in (({"status": "paused"}, Level.ALL_HELD), ({"frozen": True}, Level.FROZEN)):
        feed.change(config=[ConfigEvent(What.ROOM, "", "evening", {"channel": "live", "status": "live", **config})])
        feed.change(waited_for(1, 9, people=2, serving=False))
        told = [m for m in feed.state.take() if isinstance(m, Stock)]
        assert [row[:2] + row[3:] for m in told for row in m.rows] == [("mug", 0, shown)]
        assert feed.state.shelves["mug"].row.available == 1
        gone = ConfigEvent(What.ROOM, "", "evening", {"channel": "live", "status": "live"})
        feed.change(waited_for(0, 10, people=1, serving=False), config=[gone])
        assert not [m for m in feed.state.take() if isinstance(m, Banner)]
    feed.change(config=[ConfigEvent(What.ROOM, "", "evening", {"channel": "live", "status": "paused"})])
    elsewhere = waited_for(1, 9, serving=False)
    assert [m.rows for m in feed.told(elsewhere) if isinstance(m, Stock)] == [[("mug", 1, 9, Level.LAST)]]


def test_units_for_those_who_wait_are_no_news() -> None:
    feed = Feed(stock(0, 0, 10, locked=50))
    opened = replace(stock(0, 0, 10), batches=[OpenBatch("b", "", 50, 0, 0)], waitlist=Line(serving=True))
    assert feed.banners(opened) == [("all_held", 0)]
    assert feed.banners(replace(opened, waitlist=Line())) == [("back_in_stock", 50)]
    feed = Feed(stock(10))
    assert feed.banners(waited_for(2)) == [("all_held", 0)], "no 2 left: they are somebody's"
    assert feed.banners(waited_for(0, 0, 10, serving=False)) == [("sold_out", 0)]


def test_a_view_that_is_read_while_units_are_given_shows_none() -> None:
    feed = Feed(stock(0, 10))
    feed.reset(waited_for(4, 6, people=3))
    (snapshot,) = feed.state.take()
    assert isinstance(snapshot, Snapshot)
    assert [(sku.available, sku.level, sku.waiting) for sku in snapshot.skus] == [(0, Level.ALL_HELD, 3)]


def test_how_many_wait_here_is_told_when_it_has_changed() -> None:
    feed = Feed(stock(0, 10), stock(0, 10, sku="bowl"))
    state, numbers = feed.state, feed.state.numbers_waiting
    assert not numbers
    assert state.snapshot().skus[1].waiting is UNSET
    feed.change(waited_for(0, 10, people=2, serving=False))
    feed.change(waited_for(0, 10, people=3, serving=False))
    assert numbers.take(state.shelves) == Waitlist(rows=[("mug", 3)])
    assert state.take() == [], "the counts are the same"
    assert (state.waiting, state.snapshot().skus[1].waiting) == (3, 3)
    feed.change(waited_for(0, 10, people=4, serving=False))
    feed.change(waited_for(0, 10, people=3, serving=False))
    assert numbers.take(state.shelves) is None
    feed.change(stock(0, 10))
    assert numbers.take(state.shelves) == Waitlist(rows=[("mug", 0)])
    feed.change(waited_for(0, 10, people=9, serving=False))
    feed.reset(waited_for(0, 10, people=9, serving=False))
    state.take()
    assert not numbers, "the snapshot has told it"


def test_how_it_stands_with_those_who_wait() -> None:
    feed = Feed(waited_for(0, 10, people=20, edges=(70,)))
    state = feed.state
    assert state.queue_of("mug") == ([70], None)
    assert state.queue_of("nothing") == ([], None)
    for config, expected in (({"frozen": True}, Code.FROZEN), ({"status": "paused", "frozen": True}, Code.PAUSED)):
        values = {"channel": "live", "status": "live", **config}
        feed.change(config=[ConfigEvent(What.ROOM, "", "evening", values)])
        assert state.queue_of("mug") == ([70], expected)
    lines = Line(rooms=[("evening", 1)], edges=[("", [70]), ("live", [90])])
    view = [ListedSku("mug", Listing(), SkuConfig(), replace(stock(0), waitlist=lines))]
    state.reset(RoomView(1, 9, NOW, LIVE, ChannelConfig(kind=ChannelKind.DEDICATED), view))
    assert state.queue_of("mug") == ([90], None), "a dedicated channel has a line of its own"
