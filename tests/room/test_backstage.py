"""The host's and the operator's lanes."""

from __future__ import annotations

import pytest
from fixtures_server import ROOM, RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import (
    Alert,
    Cue,
    Done,
    Me,
    Metrics,
    Notice,
    Refused,
    Reserved,
    Snapshot,
    Spotlight,
    Status,
    Stock,
    Viewers,
)
from shelfcast.protocol.states import AlertRule, AlertState, Level, RoomStatus
from shelfcast.stock.configuration import FreezeScope
from shelfcast.stock.operations import Freeze, Reserve


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    server = await start_server(viewers_interval_ms=50, metrics_interval_ms=50)
    await server.open_shop()
    await server.sell("mug", 100, last_n=0)
    return server


async def joined(server: RunningServer, role: str, user: str = "zhang") -> RawSocket:
    socket = await RawSocket.join(server.port, token=server.token(role, user=user))
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def test_an_operator_runs_the_room(shop: RunningServer) -> None:
    operator, host, viewer = [await joined(shop, role) for role in ("operator", "host", "viewer")]
    operator.say(type="spotlight", id="1", sku="mug")
    assert (await operator.wait_for(Done)).id == "1"
    assert (await viewer.wait_for(Spotlight)).sku == "mug"
    operator.say(type="notice", id="2", text="Free shipping until nine")
    assert (await viewer.wait_for(Notice)).text == "Free shipping until nine"
    operator.say(type="cue", id="3", text="Say how many are left", sku="mug")
    assert (await host.wait_for(Cue)).sku == "mug"
    operator.say(type="freeze", id="4", sku="mug", frozen=True, reason="a wrong label")
    assert (await viewer.wait_for(Stock)).rows == [("mug", 100, 0, Level.FROZEN)]
    viewer.say(type="reserve", id="r1", sku="mug", qty=1)
    assert (await viewer.wait_for(Refused)).code is Code.FROZEN
    operator.say(type="freeze", id="5", sku="mug", frozen=False)
    assert (await viewer.wait_for(Stock)).rows == [("mug", 100, 0, Level.OK)]
    operator.say(type="status", id="6", status="paused")
    assert (await viewer.wait_for(Status)).status is RoomStatus.PAUSED
    viewer.say(type="reserve", id="r2", sku="mug", qty=1)
    assert (await viewer.wait_for(Refused)).code is Code.PAUSED
    operator.say(type="spotlight", id="7", sku=None)
    assert (await viewer.wait_for(Spotlight)).sku is None


async def test_an_operator_of_the_room_freezes_it(shop: RunningServer) -> None:
    operator = await RawSocket.join(shop.port, token=shop.token("operator", user="zhang", room=ROOM))
    viewer = await joined(shop, "viewer")
    operator.say(type="freeze_room", id="1", frozen=True, reason="smoke in the studio")
    assert (await viewer.wait_for(Stock)).rows == [("mug", 100, 0, Level.FROZEN)]
    viewer.say(type="reserve", id="r1", sku="mug", qty=1)
    assert (await viewer.wait_for(Refused)).code is Code.FROZEN
    late = await RawSocket.join(shop.port)
    snapshot = await late.hear()
    assert isinstance(snapshot, Snapshot)
    assert snapshot.skus[0].level is Level.FROZEN
    operator.say(type="undo", id="2", action="1")
    assert (await viewer.wait_for(Stock)).rows == [("mug", 100, 0, Level.OK)]


FLAGS = [(FreezeScope.SKU, "mug"), (FreezeScope.CHANNEL, "live"), (FreezeScope.POOL, "")]


async def next_levels(viewer: RawSocket) -> tuple[type, dict[str, Level]]:
    """The levels that the next frame says, a change or the whole room, and which of these."""
    while True:
        message = await viewer.hear()
        if isinstance(message, Stock):
            return Stock, {sku: level for sku, _, _, level in message.rows}
        if isinstance(message, Snapshot):
            return Snapshot, {view.sku: view.level for view in message.skus}


@pytest.mark.parametrize(("scope", "name"), FLAGS)
@pytest.mark.parametrize("book", ["new", "of before"])
async def test_every_viewer_sees_a_freeze_at_once(
    shop: RunningServer, engine: Engine, scope: FreezeScope, name: str, book: str
) -> None:
    """Every product of the shelf in one frame, whichever flag it is. While servers of before may listen, who could not
    read the pool's, the room is read anew."""
    await shop.sell("cup", 5, last_n=0)
    if book != "new":
        key = (await shop.book()).base + ":meta"
        await engine.command("HSET", key, "format", 2, key=key)
    viewer = await joined(shop, "viewer")
    said = False if scope is FreezeScope.SKU else scope
    skus = {"mug"} if scope is FreezeScope.SKU else {"mug", "cup"}
    for frozen, level in ((True, Level.FROZEN), (False, Level.OK)):
        await shop.apply(Freeze(f"{frozen}", name, frozen, scope=said))
        kind, levels = await next_levels(viewer)
        assert {sku: levels[sku] for sku in skus} == dict.fromkeys(skus, level)
        assert kind is (Snapshot if scope is FreezeScope.POOL and book != "new" else Stock)


async def test_a_host_moves_the_spotlight_and_no_more(shop: RunningServer) -> None:
    host = await joined(shop, "host")
    host.say(type="spotlight", id="1", sku="mug")
    await host.wait_for(Done)
    for message in (
        {"type": "notice", "id": "2", "text": "no"},
        {"type": "freeze", "id": "3", "sku": "mug", "frozen": True},
        {"type": "status", "id": "4", "status": "ended"},
        {"type": "cue", "id": "5", "text": "no"},
    ):
        host.say(**message)
        assert (await host.wait_for(Refused, id=message["id"])).code is Code.FORBIDDEN


async def test_what_the_book_refuses_an_operator_is_told(shop: RunningServer) -> None:
    operator = await joined(shop, "operator")
    operator.say(type="spotlight", id="1", sku="nothing")
    assert (await operator.wait_for(Refused)).code is Code.UNKNOWN_SKU
    operator.say(type="freeze", id="2", sku="nothing", frozen=True)
    assert (await operator.wait_for(Refused)).id == "2"


async def test_alerts_ring_backstage_alone_and_stand_for_who_comes_later(shop: RunningServer) -> None:
    host, viewer = await joined(shop, "host"), await joined(shop, "viewer")
    await shop.apply(Reserve("big", "evening", "mug", 80, "li"))
    alert = await host.wait_for(Alert)
    assert (alert.sku, alert.tier_percent, alert.remaining, alert.remaining_share) == ("mug", 20, 20, 0.2)
    assert (alert.id, alert.rule, alert.state) == ("evening.1:1", AlertRule.SHARE_LEFT, AlertState.FIRING)
    await shop.apply(Reserve("more", "evening", "mug", 15, "li"))
    graver = await host.wait_for(Alert)
    assert (graver.id, graver.tier_percent, graver.since_ms) == (alert.id, 5, alert.since_ms)
    assert graver.at_ms > alert.at_ms
    later = await joined(shop, "operator")
    assert await later.wait_for(Alert) == graver, "it is dated with the moment it rang, not with that of who joins"
    viewer.say(type="reserve", id="r1", sku="mug", qty=1)
    heard: list[object] = []
    while not heard or not isinstance(heard[-1], Reserved):
        heard.append(await viewer.hear())
    assert not any(isinstance(message, Alert | Metrics | Cue) for message in heard)


async def test_an_alert_is_acknowledged_and_put_aside_on_the_socket(shop: RunningServer) -> None:
    host, operator = await joined(shop, "host"), await joined(shop, "operator", "wang")
    await shop.apply(Reserve("big", "evening", "mug", 80, "li"))
    rang = await host.wait_for(Alert)
    operator.say(type="snooze_alert", id="1", alert=rang.id, minutes=5)
    assert (await operator.wait_for(Done)).id == "1"
    aside = await host.wait_for(Alert)
    assert aside.snoozed_until_ms == aside.changed_at_ms + 300_000
    host.say(type="acknowledge_alert", id="2", alert=rang.id, note="next item soon")
    assert (await host.wait_for(Done)).id == "2"
    noted = await operator.wait_for(Alert, state=AlertState.ACKNOWLEDGED)
    assert (noted.acknowledged_by, noted.note, noted.snoozed_until_ms) == ("zhang", "next item soon", 0)
    host.say(type="acknowledge_alert", id="3", alert="evening.1:99")
    assert (await host.wait_for(Refused)).code is Code.NOT_FOUND


async def test_metrics_say_what_changed(shop: RunningServer) -> None:
    host = await joined(shop, "host")
    first = await host.wait_for(Metrics)
    assert [(row.sku, row.remaining, row.units_a_minute, row.sold_out_in_minutes) for row in first.rows] == [
        ("mug", 100, None, None)
    ]
    await shop.apply(Reserve("r1", "evening", "mug", 80, "li"))
    # With the alert the show is watched. The metrics may come before it, and do not come again.
    row, rang = first.rows[0], False
    while row.held != 80 or not rang:
        message = await host.hear()
        if isinstance(message, Metrics):
            (row,) = message.rows
        rang = rang or isinstance(message, Alert)
    assert (row.remaining, row.offered, row.share_left, row.sold) == (20, 100, 0.2, 0)
    key = f"{(await shop.book()).base}:meta"
    await shop.app.engine.command("HSET", key, "rehearsal_clock_ms", "+60000", key=key)
    while (row := (await host.wait_for(Metrics)).rows[0]).units_a_minute is None:
        pass
    # A minute of the show may have ended before the first sale.
    assert row.units_a_minute in (80.0, 40.0)
    assert row.sold_out_in_minutes == 20 / row.units_a_minute
    assert (row.sold_out_in_minutes_low, row.sold_out_in_minutes_high) == (None, None), "of too few minutes"
    await shop.app.engine.command("HSET", key, "rehearsal_clock_ms", "+240000", key=key)
    while (row := (await host.wait_for(Metrics)).rows[0]).sold_out_in_minutes_low is None:
        pass
    assert row.sold_out_in_minutes
    assert row.sold_out_in_minutes_low < row.sold_out_in_minutes
    assert row.sold_out_in_minutes_high is None, "80 in one minute, then none"
    late = (await (await joined(shop, "operator")).wait_for(Metrics)).rows[0]
    assert late.sold_out_in_minutes_low == row.sold_out_in_minutes_low, "a room that is opened anew reads it"


async def test_viewers_are_counted(shop: RunningServer) -> None:
    first = await joined(shop, "viewer")
    await first.wait_for(Viewers, viewers=1)
    second = await joined(shop, "viewer", "li")
    await first.wait_for(Viewers, viewers=2)
    await joined(shop, "host")
    await joined(shop, "viewer", "zhao")
    await first.wait_for(Viewers, viewers=3)
    second.close()
    await first.wait_for(Viewers, viewers=2)


async def test_a_room_without_viewers_closes_after_a_while(start_server: StartServer) -> None:
    from waiting import until

    server = await start_server(room_linger_ms=1, viewers_interval_ms=20)
    await server.open_shop()
    socket = await joined(server, "viewer")
    await socket.wait_for(Me)
    room = server.app.hub.rooms["evening"]
    socket.close()
    await until(lambda: not server.app.hub.rooms)
    assert len(room.audience) == 0
    assert isinstance(await (await RawSocket.join(server.port)).hear(), Snapshot)
