"""Tokens over real sockets: asked for, expired, refused, and another user's."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from client_sdk.driver import reserved, snapshot
from client_sdk.scripted_server import Peer, Refuse, greet, scripted
from shelfcast.protocol import from_client, from_server, states
from shelfcast_client import Policy, Rejected, Reserved, Unanswered, UsageError, connect
from shelfcast_client.identity import user_of

ROOM = snapshot(("MUG", 5), ("BOWL", 3))
SOON_S = 30


def token_of(user: str) -> str:
    """Shaped as the server's tokens; nobody checks it here."""
    return f"e30.{base64.urlsafe_b64encode(json.dumps({'sub': user}).encode()).decode().rstrip('=')}.c2ln"


async def test_each_connection_asks_for_a_fresh_token() -> None:
    tokens = iter(["one", "two"])

    async def fresh() -> str:
        return next(tokens)

    async with scripted(greet(ROOM, then=lambda peer: peer.close(4000)), greet(ROOM)) as server:
        async with connect(server.url, "show", token=fresh) as room:
            await room.until(lambda room: len(server.requests) == 2 and room.current, timeout_s=SOON_S)
        assert [request.headers["Authorization"] for request in server.requests] == ["Bearer one", "Bearer two"]


async def test_a_token_that_cannot_be_had_is_tried_again() -> None:
    attempts = []

    def fresh() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("the token service is away")
        return "t0ken"

    async with scripted(greet(ROOM)) as server, connect(server.url, "show", token=fresh) as room:
        assert room.current
    assert len(attempts) == 2


async def test_a_token_that_never_comes_is_given_up_in_time() -> None:
    attempts = []

    async def fresh() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            await asyncio.Event().wait()
        return "t0ken"

    policy = Policy(open_timeout_s=0.1)
    async with scripted(greet(ROOM)) as server, connect(server.url, "show", token=fresh, policy=policy) as room:
        assert room.current
    assert len(attempts) == 2


@pytest.mark.parametrize("token", ["a secret of the shop", "t0ken\r\nX-More: 1", "密", b"t0ken"])
async def test_a_token_that_cannot_be_one_is_final_and_is_not_shown(token: Any) -> None:
    async with scripted(greet(ROOM)) as server:
        with pytest.raises(UsageError, match=r"^token: expected a JSON Web Token$"):
            await connect(server.url, "show", token=lambda: token).__aenter__()
        assert server.requests == []


async def test_an_expired_token_is_followed_by_a_fresh_one_where_a_function_gives_it() -> None:
    tokens = iter(["first", "second", "third"])

    async def fresh() -> str:
        return next(tokens)

    async def expire(peer: Peer) -> None:
        await peer.close(4500, "the token has expired")

    async with (
        scripted(greet(ROOM, then=expire), expire, greet(snapshot(("MUG", 2), seq=20))) as server,
        connect(server.url, "show", token=fresh) as room,
    ):
        await room.until(lambda room: room.seq == 20, timeout_s=SOON_S)
        shown = [request.headers["Authorization"] for request in server.requests]
        assert shown == ["Bearer first", "Bearer second", "Bearer third"]


async def test_a_fresh_token_that_the_handshake_refuses_is_final() -> None:
    tokens = iter(["first", "second"])

    async def expire(peer: Peer) -> None:
        await peer.close(4500, "the token has expired")

    steps = greet(ROOM, then=expire), Refuse(401, {"detail": "the token has expired", "code": "FORBIDDEN"})
    async with scripted(*steps) as server, connect(server.url, "show", token=lambda: next(tokens)) as room:
        with pytest.raises(Rejected, match="the token has expired"):
            await room.until(lambda room: False, timeout_s=SOON_S)
        assert len(server.requests) == 2


@pytest.mark.parametrize(("second", "heard"), [("wang", 2), ("李", 1)])
async def test_what_one_user_asked_for_is_not_asked_in_anothers_name(second: str, heard: int) -> None:
    users = iter(["wang", second])
    asked: list[from_client.ClientMessage] = []

    async def cut(peer: Peer) -> None:
        asked.append(await peer.hear())
        peer.connection.transport.abort()

    async def answer(peer: Peer) -> None:
        message = await peer.hear()
        assert isinstance(message, from_client.Reserve)
        asked.append(message)
        await peer.say(reserved(message.id))

    async with (
        scripted(greet(ROOM, then=cut), greet(ROOM, then=answer)) as server,
        connect(server.url, "show", token=lambda: token_of(next(users))) as room,
    ):
        result = await room.reserve("MUG")
        assert isinstance(result, Reserved if second == "wang" else Unanswered)
        await room.until(lambda room: len(server.requests) == 2 and room.current, timeout_s=SOON_S)
    assert len(asked) == heard


@pytest.mark.parametrize("second", ["", "李"])
async def test_what_one_user_holds_is_not_anothers(second: str) -> None:
    users = iter(["wang", second])
    held = from_server.Holding(id="r1", sku="MUG", qty=1, state=states.ReservationState.ACTIVE, expires_at_ms=301_000)

    async def hold_and_cut(peer: Peer) -> None:
        await peer.say(from_server.Me(reservations=[held]))
        await peer.hear()
        peer.connection.transport.abort()

    async with (
        scripted(greet(ROOM, then=hold_and_cut), greet(ROOM)) as server,
        connect(server.url, "show", token=lambda: token_of(next(users))) as room,
    ):
        await room.until(lambda room: list(room.reservations) == ["r1"], timeout_s=SOON_S)
        asked = asyncio.create_task(room.ask("MUG"))
        await room.until(lambda room: len(server.requests) == 2 and room.current, timeout_s=SOON_S)
        assert not room.reservations
        assert isinstance(await asked, Unanswered)


def test_whose_a_token_is() -> None:
    assert [user_of(token_of(user)) for user in ("wang", "李", "")] == ["wang", "李", ""]
    wrong = [None, "", "t0ken", "a.b.c", "e30.W10.c2ln", "e30.bnVsbA.c2ln", "e30.密.c2ln", "e30.eyJzdWIiOjd9.c2ln"]
    assert [user_of(token) for token in wrong] == [""] * len(wrong)
