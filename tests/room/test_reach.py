"""What a token reaches over a socket: role by scope by message, the messages drawn from the codec.

What is expected is worked out of the table in docs/access.md; a message that does not stand there fails.
"""

from __future__ import annotations

from typing import Any, get_args

import pytest
from access_table import LINES, roles_for
from fixtures_server import ROOM, RunningServer
from raw_socket import RawSocket
from shelfcast.protocol.access import Role
from shelfcast.protocol.from_client import ClientMessage
from shelfcast.protocol.from_server import Cancelled, Cue, Done, Refused, Reserved, ServerMessage

OF_THE_POOL = {"freeze"}
"""What every room of the pool feels."""
ENTERING = LINES["look"].roles
EXAMPLES: dict[str, dict[str, Any]] = {
    "reserve": {"sku": "mug", "qty": 1},
    "cancel": {},
    "wait": {"sku": "mug", "qty": 1},
    "decline": {},
    "ask": {"sku": "mug"},
    "cue": {"text": "hold it up", "sku": "mug"},
    "notice": {"text": "soon"},
    "acknowledge": {"cue": "none"},
    "acknowledge_alert": {"alert": "evening.1:1"},
    "snooze_alert": {"alert": "evening.1:1", "minutes": 5},
    "spotlight": {"sku": "mug"},
    "status": {"status": "live"},
    "freeze frozen true": {"sku": "mug", "frozen": True},
    "freeze frozen false": {"sku": "mug", "frozen": False},
    "freeze_room frozen true": {"frozen": True},
    "freeze_room frozen false": {"frozen": False},
    "undo": {"action": "nothing"},
}
"""Each message once, or once for each value of a field that decides who may send it."""
SCOPES: tuple[dict[str, str], ...] = ({}, {"pool": "main"}, {"room": ROOM}, {"room": ROOM, "pool": "main"})


async def open_two_rooms(server: RunningServer) -> None:
    """`evening` sells mugs and `night` cups, of one pool."""
    await server.open_shop(waitlist=True)
    await server.sell("mug", 100)
    await server.open_shop("night")
    await server.sell("cup", 100, room="night")


async def answer_to(socket: RawSocket, request_id: str) -> ServerMessage:
    """What is said to a request, by its id."""
    while True:
        message: ServerMessage = await socket.hear()
        if not isinstance(message, Cue) and getattr(message, "id", None) == request_id:
            return message


def kinds() -> list[str]:
    return [str(kind.__struct_config__.tag) for kind in get_args(ClientMessage)]


def test_every_message_of_the_codec_is_walked() -> None:
    assert set(kinds()) == {example.split()[0] for example in EXAMPLES}
    assert set(EXAMPLES) == {message for line in LINES.values() for message in line.messages}


@pytest.mark.parametrize("role", sorted(ENTERING))
async def test_a_token_reaches_what_its_role_and_scope_say(server: RunningServer, role: str) -> None:
    await open_two_rooms(server)
    for number, scope in enumerate(SCOPES):
        socket = await RawSocket.join(server.port, token=server.token(role, user=f"user-{number}", **scope))
        for example, fields in EXAMPLES.items():
            kind, request_id = example.split()[0], f"{role}-{number}-{example.replace(' ', '-')}"
            socket.say(type=kind, id=request_id, **fields)
            said = await answer_to(socket, request_id)
            forbidden = isinstance(said, Refused) and said.code == "FORBIDDEN"
            may = role in roles_for(example) and not (kind in OF_THE_POOL and "room" in scope)
            assert forbidden is not may, (scope, example, said)
        socket.close()


async def test_who_has_no_token_asks_and_nothing_else(server: RunningServer) -> None:
    await open_two_rooms(server)
    socket = await RawSocket.join(server.port)
    for example, fields in EXAMPLES.items():
        kind, request_id = example.split()[0], example.replace(" ", "-")
        socket.say(type=kind, id=request_id, **fields)
        said = await answer_to(socket, request_id)
        forbidden = isinstance(said, Refused) and said.code == "FORBIDDEN"
        assert forbidden is not (example in LINES["look"].messages), (example, said)


@pytest.mark.parametrize("role", sorted(set(Role) - ENTERING))
async def test_who_may_not_look_comes_into_no_room(server: RunningServer, role: str) -> None:
    await open_two_rooms(server)
    for scope in SCOPES:
        assert (await RawSocket.join(server.port, token=server.token(role, **scope))).status == 403


@pytest.mark.parametrize("scope", [{"room": "night"}, {"pool": "other"}, {"room": ROOM, "pool": "other"}])
@pytest.mark.parametrize("role", list(Role))
async def test_no_role_enters_beyond_its_scope(server: RunningServer, role: str, scope: dict[str, str]) -> None:
    await open_two_rooms(server)
    assert (await RawSocket.join(server.port, token=server.token(role, **scope))).status == 403


@pytest.mark.parametrize("sku", ["mug", "cup"])
async def test_a_rooms_operator_freezes_nothing_of_the_pool(server: RunningServer, sku: str) -> None:
    await open_two_rooms(server)
    socket = await RawSocket.join(server.port, token=server.token("operator", room=ROOM))
    socket.say(type="freeze", id="stop", sku=sku, frozen=True)
    assert (await socket.wait_for(Refused, id="stop")).code == "FORBIDDEN"
    book = await server.book()
    view = await book.room_view("night")
    assert view is not None
    assert view.skus[0].stock.frozen is False


async def test_a_hold_of_another_room_is_as_if_it_were_not_there(server: RunningServer) -> None:
    await open_two_rooms(server)
    token = server.token(user="li")
    night = await RawSocket.join(server.port, "night", token=token)
    night.say(type="reserve", id="r1", sku="cup", qty=1)
    await night.wait_for(Reserved)
    for scope in ({}, {"room": ROOM}):
        evening = await RawSocket.join(server.port, token=server.token(user="li", **scope))
        evening.say(type="cancel", id="r1")
        assert (await evening.wait_for(Refused, id="r1")).code == "NOT_FOUND"
    night.say(type="cancel", id="r1")
    assert (await night.wait_for(Cancelled)).id == "r1"


async def test_a_cue_a_spotlight_and_a_run_order_name_what_the_room_has(server: RunningServer) -> None:
    await open_two_rooms(server)
    socket = await RawSocket.join(server.port, token=server.token("operator"))
    for sku in ("cup", "none"):
        for kind, more in (("cue", {"text": "hold it up"}), ("spotlight", {})):
            socket.say(type=kind, id=f"{kind}-{sku}", sku=sku, **more)
            assert (await socket.wait_for(Refused, id=f"{kind}-{sku}")).code == "UNKNOWN_SKU"
    socket.say(type="cue", id="of-none", text="smile")
    assert (await socket.wait_for(Done)).id == "of-none"
    socket.say(type="cue", id="of-mug", text="hold it up", sku="mug")
    assert (await socket.wait_for(Done)).id == "of-mug"
