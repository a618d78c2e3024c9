"""What is wrong with one customer is that customer's affair: the others of its batch are served."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

from fixtures_server import RunningServer
from raw_socket import RawSocket
from shelfcast.protocol.from_server import Error, Me, Reserved

VIEWERS = 6


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _signed(server: RunningServer, claims: dict[str, Any]) -> str:
    """A token of the server's own secret with claims that it would never mint."""
    claims = {"sub": "li", "role": "viewer", "exp": 4_102_444_800} | claims
    head = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
    mac = hmac.new(server.settings.token_secret.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _unsigned(header: dict[str, Any]) -> str:
    return f"{_part(header)}.{_part({'sub': 'li'})}."


async def test_a_record_that_cannot_be_read_costs_nobody_elses_me(server: RunningServer) -> None:
    await server.open_shop()
    await server.sell("mug", 20)
    users = [f"viewer-{number}" for number in range(VIEWERS)]
    for user in users:
        socket = await RawSocket.join(server.port, token=server.token(user=user))
        socket.say(type="reserve", id=f"hold-{user}", sku="mug", qty=1)
        await socket.wait_for(Reserved)
        socket.close()
    book = await server.book()
    engine, key = server.app.engine, f"{book.base}:reservations"
    await engine.command("HSET", key, f"hold-{users[0]}", b"\xc1 no record", key=key)
    back = [await RawSocket.join(server.port, token=server.token(user=user)) for user in users]
    told = await asyncio.gather(*(socket.wait_for(Me) for socket in back[1:]))
    assert [[held.id for held in me.reservations] for me in told] == [[f"hold-{user}"] for user in users[1:]]
    late = await RawSocket.join(server.port, token=server.token(user=users[1]))
    assert len((await late.wait_for(Me)).reservations) == 1


async def test_a_user_in_half_characters_gets_no_further_than_the_door(server: RunningServer) -> None:
    await server.open_shop()
    for claims in ({"sub": "\ud800"}, {"exp": 10**29}, {"exp": float("inf")}, {"role": "\ud800"}):
        refused = await RawSocket.join(server.port, token=_signed(server, claims))
        assert (refused.status, refused.problem["code"]) == (401, "FORBIDDEN"), claims
    unsigned = await RawSocket.join(server.port, token=_unsigned({"alg": "HS256", "crit": ["\ud800"]}))
    assert (unsigned.status, unsigned.problem["code"]) == (401, "FORBIDDEN")


async def test_half_characters_in_a_message_are_no_message(server: RunningServer) -> None:
    await server.open_shop()
    socket = await RawSocket.join(server.port, token=server.token())
    for payload in (b'{"type":"ask","id":"a","sku":"\\ud800"}', b'{"type":"\\ud800"}', b'{"\\ud800":1}'):
        socket.frame(0x1, payload)
        assert (await socket.wait_for(Error)).code == "BAD_MESSAGE"
