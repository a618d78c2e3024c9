"""Two rooms that sell from one pool, over sockets: what their viewers and hosts are told, whoever sells."""

from __future__ import annotations

from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Alert, Done, Metrics, Refused, Snapshot, Stock
from shelfcast.protocol.states import Level, RoomStatus
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.operations import Confirm, External, Reserve, Ship, put


async def two_rooms(start_server: StartServer, units: int) -> RunningServer:
    """Rooms `evening` and `night`, each on a shared channel of its own, and so many mugs."""
    server = await start_server(viewers_interval_ms=50, metrics_interval_ms=50)
    await server.open_shop()
    await server.pools.directory.create_room("night", "main")
    await server.apply(put(What.CHANNEL, "other", {"kind": "shared"}))
    await server.apply(put(What.ROOM, "night", RoomConfig(channel="other", status=RoomStatus.LIVE)))
    await server.sell("mug", units, last_n=0)
    await server.sell("mug", 0, room="night", last_n=0)
    return server


async def joined(server: RunningServer, room: str, role: str = "viewer") -> tuple[RawSocket, Snapshot]:
    socket = await RawSocket.join(server.port, room=room, token=server.token(role, user=f"{role}-{room}"))
    first = await socket.hear()
    assert isinstance(first, Snapshot)
    return socket, first


async def sell(server: RunningServer, name: str, room: str, qty: int) -> None:
    await server.apply(Reserve(name, room, "mug", qty, name))
    await server.apply(Confirm(name))


async def told(socket: RawSocket, available: int, held: int, level: Level) -> None:
    """Wait until the viewer is told this."""
    while (await socket.wait_for(Stock)).rows != [("mug", available, held, level)]:
        pass


async def test_both_rooms_are_told_the_same_level_whoever_sells_and_ships(start_server: StartServer) -> None:
    server = await two_rooms(start_server, 1_000)
    viewers = [(await joined(server, room))[0] for room in ("evening", "night")]
    await sell(server, "a", "evening", 100)
    for viewer in viewers:
        await told(viewer, 900, 0, Level.OK)
    await sell(server, "b", "night", 800)
    for viewer in viewers:
        await told(viewer, 100, 0, Level.LOWER)
    await server.apply(Ship("parcel", "b"))
    for room in ("evening", "night"):
        _, shown = await joined(server, room)
        (mug,) = shown.skus
        assert (mug.available, mug.level) == (100, Level.LOWER), "nothing that a viewer sees has changed"
        host, _ = await joined(server, room, "host")
        metrics = await host.wait_for(Metrics)
        sold = {"evening": 100, "night": 800}[room]
        assert [(one.remaining, one.sold, one.sell_through) for one in metrics.rows] == [
            (100, sold, sold / (sold + 100)),
        ]  # fmt: skip


async def test_the_next_show_begins_with_everything_and_rings_anew(start_server: StartServer) -> None:
    server = await two_rooms(start_server, 100)
    await sell(server, "b", "night", 80)
    operator, shown = await joined(server, "evening", "operator")
    assert shown.skus[0].level is Level.LOW
    for number, status in enumerate(("ended", "live")):
        operator.say(type="status", id=f"s{number}", status=status)
        await operator.wait_for(Done, id=f"s{number}")
    while (await operator.wait_for(Snapshot)).skus[0].level is not Level.OK:
        pass
    await server.apply(External("other", "other", "mug", 16))
    alert = await operator.wait_for(Alert)
    while alert.remaining != 4:
        alert = await operator.wait_for(Alert)
    assert (alert.tier_percent, alert.remaining_share) == (20, 0.2)


async def test_units_in_another_rooms_checkouts_are_held_and_not_sold_out(start_server: StartServer) -> None:
    server = await two_rooms(start_server, 10)
    viewer, _ = await joined(server, "evening")
    await server.apply(Reserve("all", "night", "mug", 10, "li"))
    await told(viewer, 0, 10, Level.ALL_HELD)
    viewer.say(type="reserve", id="r1", sku="mug", qty=1)
    assert (await viewer.wait_for(Refused)).code is Code.ALL_HELD
    await server.apply(Confirm("all"))
    await told(viewer, 0, 0, Level.SOLD_OUT)
    viewer.say(type="reserve", id="r2", sku="mug", qty=1)
    assert (await viewer.wait_for(Refused, id="r2")).code is Code.SOLD_OUT


async def test_a_way_that_a_room_may_not_go_is_refused_with_those_that_it_may(start_server: StartServer) -> None:
    server = await two_rooms(start_server, 10)
    operator, _ = await joined(server, "evening", "operator")
    operator.say(type="status", id="s1", status="scheduled")
    refused = await operator.wait_for(Refused, id="s1")
    assert (refused.code, refused.field) == (Code.BAD_MESSAGE, "status")
    assert refused.message == "a room that is live may become paused or ended, not scheduled"
    operator.say(type="status", id="s2", status="ended")
    await operator.wait_for(Done, id="s2")
    operator.say(type="status", id="s3", status="live", continue_show=True)
    await operator.wait_for(Done, id="s3")
    record = await server.pools.opened[0].book.show("evening.1")
    assert record
    assert (record.continued, record.ended_at_ms) == (1, 0)
