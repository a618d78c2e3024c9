"""The gate before a show over a room's socket, and the reminders that its people hear there."""

from __future__ import annotations

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Alert, Done, Refused, Snapshot
from shelfcast.protocol.states import AlertRule, AlertState, RoomStatus
from shelfcast.stock.alert_operations import RingPoolAlert
from shelfcast.stock.configuration import Gate, RoomConfig, What
from shelfcast.stock.operations import put

ROOM = "night"
NEWEST = 1 << 50
"""A fence above those of duties, which are times in milliseconds."""


@pytest.fixture
async def night(start_server: StartServer) -> RunningServer:
    """A room that is scheduled, whose gate refuses: its mug was never counted."""
    server = await start_server()
    await server.open_shop()
    await server.pools.directory.create_room(ROOM, "main")
    await server.apply(put(What.ROOM, ROOM, RoomConfig(channel="live", gate=Gate.REFUSE)))
    await server.sell("mug", 10, room=ROOM)
    return server


async def joined(server: RunningServer, role: str) -> RawSocket:
    socket = await RawSocket.join(server.port, room=ROOM, token=server.token(role))
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def ring(server: RunningServer, threshold: float) -> None:
    await server.apply(
        RingPoolAlert(NEWEST, "gate", ROOM, "", "1", "warning", 2.0, threshold, 2, 30, "mug: never counted")
    )


@pytest.mark.parametrize("role", ["operator", "service"])
async def test_a_socket_leads_no_show_past_a_gate_that_refuses(night: RunningServer, role: str) -> None:
    socket = await joined(night, role)
    socket.say(type="status", id="s1", status="live")
    refused = await socket.wait_for(Refused, id="s1")
    assert (refused.code, refused.field) == (Code.GATE, "status")
    config = await (await night.book()).room_config(ROOM)
    assert config is not None
    assert config.status is RoomStatus.SCHEDULED
    await night.apply(put(What.ROOM, ROOM, {"gate": Gate.WARN}))
    socket.say(type="status", id="s2", status="live")
    await socket.wait_for(Done, id="s2")


async def test_a_reminder_is_heard_backstage_before_the_show_and_is_over_with_its_beginning(
    night: RunningServer,
) -> None:
    host = await joined(night, "host")
    await ring(night, 120.0)
    first = await host.wait_for(Alert)
    assert (first.id, first.rule, first.show, first.room) == ("main:1", AlertRule.GATE, "", ROOM)
    later = await joined(night, "operator")
    assert await later.wait_for(Alert) == first, "whoever comes later is told of it"
    host.say(type="acknowledge_alert", id="a1", alert=first.id)
    await host.wait_for(Done, id="a1")
    assert (await later.wait_for(Alert)).state is AlertState.ACKNOWLEDGED
    await ring(night, 60.0)
    again = await later.wait_for(Alert)
    assert (again.id, again.state, again.threshold) == (first.id, AlertState.FIRING, 60.0)
    await night.apply(put(What.ROOM, ROOM, {"gate": Gate.OFF}))
    later.say(type="status", id="s1", status="live")
    over = await later.wait_for(Alert)
    assert (over.id, over.state) == (first.id, AlertState.RESOLVED)


async def test_a_reminder_is_no_other_rooms(night: RunningServer) -> None:
    elsewhere = await RawSocket.join(night.port, room="evening", token=night.token("host"))
    assert isinstance(await elsewhere.hear(), Snapshot)
    await ring(night, 120.0)
    record = (await (await night.book()).alerts(""))[0]
    elsewhere.say(type="acknowledge_alert", id="a1", alert=record.id)
    assert (await elsewhere.wait_for(Refused, id="a1")).code is Code.NOT_FOUND
