"""What operators and hosts do over the socket stands in the log of actions, with who it was and where."""

from __future__ import annotations

import pytest
from fixtures_server import ROOM, RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.messages import Done, Refused, Snapshot


@pytest.fixture
async def server(start_server: StartServer) -> RunningServer:
    server = await start_server()
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def joined(server: RunningServer, role: str, user: str) -> RawSocket:
    socket = await RawSocket.join(server.port, token=server.token(role, user=user))
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def test_every_message_of_an_operator_is_an_action_under_its_id(server: RunningServer) -> None:
    operator, host = await joined(server, "operator", "zhang"), await joined(server, "host", "hua")
    operator.say(type="cue", id="o1", text="show it", sku="mug")
    operator.say(type="notice", id="o2", text="back at nine")
    operator.say(type="status", id="o3", status="paused")
    operator.say(type="freeze", id="o4", sku="mug", frozen=True, reason="wrong label")
    for name in ("o1", "o2", "o3", "o4"):
        assert (await operator.wait_for(Done)).id == name
    host.say(type="spotlight", id="h1", sku="mug")
    host_done = await host.wait_for(Done)
    host.say(type="spotlight", id="h2", sku="bowl")
    assert (await host.wait_for(Refused)).id == "h2"
    assert host_done.id == "h1"
    actions = [shown.action for shown in await (await server.book()).actions(limit=5)]
    assert [(action.id, action.kind, action.actor, action.room, action.text) for action in actions] == [
        ("h1", "spotlight", "hua", ROOM, ""),
        ("o4", "freeze", "zhang", ROOM, "wrong label"),
        ("o3", "status", "zhang", ROOM, ""),
        ("o2", "notice", "zhang", ROOM, "back at nine"),
        ("o1", "cue", "zhang", ROOM, "show it"),
    ]


async def test_a_message_that_is_sent_again_is_one_action(server: RunningServer) -> None:
    operator = await joined(server, "operator", "zhang")
    before = [shown.action.id for shown in await (await server.book()).actions()]
    for _ in range(3):
        operator.say(type="status", id="o1", status="paused")
        await operator.wait_for(Done)
    assert [shown.action.id for shown in await (await server.book()).actions()] == ["o1", *before]
