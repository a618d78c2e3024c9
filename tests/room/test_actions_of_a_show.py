"""What operators and hosts do over the socket stands in the log of actions, with who it was and where."""

from __future__ import annotations

import pytest
from fixtures_server import ROOM, RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.from_server import Done, Error, Refused, Snapshot
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put


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


async def test_what_was_done_in_the_room_is_undone_by_a_message(server: RunningServer) -> None:
    operator = await joined(server, "operator", "zhang")
    operator.say(type="status", id="o1", status="paused")
    await operator.wait_for(Done)
    operator.say(type="undo", id="o2", action="o1")
    assert (await operator.wait_for(Done)).id == "o2"
    book = await server.book()
    room = await book.room_config(ROOM)
    assert room
    assert room.status == "live"
    last = (await book.actions())[0].action
    assert (last.id, last.kind, last.undoes, last.actor, last.room) == ("undo:o1", "undo", "o1", "zhang", ROOM)
    operator.say(type="undo", id="o3", action="undo:o1")
    assert (await operator.wait_for(Done)).id == "o3"

    operator.say(type="status", id="o4", status="live")
    await operator.wait_for(Done)
    operator.say(type="notice", id="o5", text="hello")
    await operator.wait_for(Done)
    for name, action, code, field in (
        ("o6", "undo:undo:o1", "STALE", ROOM),
        ("o7", "o5", "BAD_MESSAGE", "action"),
        ("o8", "nothing", "NOT_FOUND", "action"),
    ):
        operator.say(type="undo", id=name, action=action)
        refused = await operator.wait_for(Refused)
        assert (refused.id, refused.code, refused.field) == (name, code, field)
    operator.say(type="undo", id="o9", action="the last one")
    error = await operator.wait_for(Error)
    assert error.code == "BAD_MESSAGE"
    assert "action" in error.message


async def test_an_undo_by_a_message_reaches_no_further_than_its_room_and_token(server: RunningServer) -> None:
    await server.open_shop("night")
    operator = await joined(server, "operator", "zhang")
    for number, frozen in enumerate((True, False)):
        operator.say(type="freeze", id=f"f{number}", sku="mug", frozen=frozen)
        await operator.wait_for(Done)
    book = await server.book()
    elsewhere = (await book.apply(put(What.ROOM, "night", {"title": "Late"}, by=By("n1", "li")))).action_id
    service = await joined(server, "service", "erp")
    token = server.token("operator", user="li", room=ROOM)
    of_room = await RawSocket.join(server.port, token=token)
    assert isinstance(await of_room.hear(), Snapshot)
    for socket, action, code in (
        (service, "f1", "FORBIDDEN"),  # it would freeze
        (of_room, "f0", "FORBIDDEN"),  # the whole pool would feel it
        (of_room, elsewhere, "NOT_FOUND"),
        (operator, elsewhere, "NOT_FOUND"),
    ):
        socket.say(type="undo", id=f"u-{action}", action=action)
        assert (await socket.wait_for(Refused)).code == code
    operator.say(type="undo", id="u1", action="f1")
    await operator.wait_for(Done)
    service.say(type="undo", id="u2", action="undo:f1")
    await service.wait_for(Done)
