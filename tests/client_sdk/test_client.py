"""The client over real sockets, against servers that misbehave in every way a network can."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import time
from typing import Any

import pytest
from client_sdk.driver import reserved, snapshot, stock
from client_sdk.scripted_server import Peer, Refuse, greet, scripted, silent, stay
from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol.codes import EXPLANATION, RETRY, Code
from shelfcast_client import (
    Banner,
    ClosedByServer,
    Policy,
    ProtocolError,
    Refused,
    Rejected,
    Reserved,
    Room,
    State,
    StateChange,
    Unanswered,
    Unreachable,
    UsageError,
    connect,
)

ROOM = snapshot(("MUG", 5), ("BOWL", 3))
SOON_S = 30
AT_ONCE_S = 15
"""Less than what would be waited for otherwise: 20 s for an answer, 30 s until a server is asked again."""
BOTH = pytest.mark.parametrize("encoding", ["msgpack", "json"])


async def sell(peer: Peer) -> None:
    """Answer every reservation with yes."""
    async for payload in peer.connection:
        data = payload.encode() if isinstance(payload, str) else payload
        message = sm_decode(data, peer)
        if isinstance(message, from_client.Reserve):
            await peer.say(reserved(message.id, message.sku, message.qty))


def sm_decode(data: bytes, peer: Peer) -> Any:
    from shelfcast.protocol.codec import decode_client

    return decode_client(data, peer.encoding)


# --- the happy way ------------------------------------------------------------------------------------


@BOTH
async def test_a_room_is_entered_with_its_first_snapshot(encoding: str) -> None:
    async with scripted(greet(ROOM, then=sell)) as server:
        async with connect(server.url, "show", token="t0ken", encoding=encoding, language="zh") as room:
            assert {sku: state.available for sku, state in room.stock.items()} == {"MUG": 5, "BOWL": 3}
            assert (room.status, room.state, room.current, room.epoch, room.seq) == ("live", "connected", True, 1, 10)
            result = await room.reserve("MUG", 2)
            assert isinstance(result, Reserved)
            assert (result.sku, result.qty, list(room.reservations)) == ("MUG", 2, [result.id])
        assert room.state is State.CLOSED
    [request] = server.requests
    assert request.path == "/v1/rooms/show/ws?lang=zh"
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.headers["Sec-WebSocket-Protocol"] == f"shelfcast.v1.{encoding}"


async def test_events_come_as_they_happen_and_end_with_the_room() -> None:
    banner = from_server.Banner(seq=11, sku="MUG", kind=states.BannerKind.LAST_N, left=4)
    go = asyncio.Event()

    async def act(peer: Peer) -> None:
        await go.wait()
        await peer.say(stock(11, ("MUG", 4)), banner)
        await stay(peer)

    async with scripted(greet(ROOM, then=act)) as server:
        seen = []
        async with connect(server.url, "show") as room:
            events = room.events()
            go.set()
            async for event in events:
                seen.append(type(event).__name__)
                if isinstance(event, Banner):
                    assert room.stock["MUG"].available == 4
                    break
        assert seen == ["Stock", "Banner"]
        assert [event.state async for event in events if isinstance(event, StateChange)] == [State.CLOSED]


# --- handshakes that fail -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (Refuse(401, {"code": "FORBIDDEN", "message": "the token has expired"}), "the token has expired"),
        (Refuse(403, {"title": "Forbidden", "detail": "this origin is not allowed"}), "this origin is not allowed"),
        (Refuse(404, {"message": "no room show"}), "no room show"),
        (Refuse(400, {}), "Bad Request"),
    ],
)
async def test_a_refusal_for_good_is_raised_with_the_servers_words(refusal: Refuse, message: str) -> None:
    async with scripted(refusal) as server:
        with pytest.raises(Rejected) as error:
            await connect(server.url, "show").__aenter__()
        assert (error.value.status, error.value.message) == (refusal.status, message)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_is_busy_is_asked_again_after_the_time_it_gives(status: int) -> None:
    async with scripted(Refuse(status, {"message": "full"}, retry_after="1"), greet(ROOM)) as server:
        began = time.monotonic()
        async with connect(server.url, "show") as room:
            assert room.current
        assert time.monotonic() - began >= 1
        assert len(server.requests) == 2


async def test_no_server_at_all_is_unreachable_within_the_time_given() -> None:
    async with scripted(silent) as server:
        pass
    with pytest.raises(Unreachable, match=r"within 0.3 s"):
        await connect(server.url, "show", enter_timeout_s=0.3).__aenter__()


async def test_a_server_that_says_nothing_is_unreachable_too() -> None:
    async with scripted(silent) as server:
        with pytest.raises(Unreachable, match="no snapshot came"):
            await connect(server.url, "show", enter_timeout_s=0.2).__aenter__()


async def test_a_server_that_speaks_no_shelfcast_is_a_protocol_error() -> None:
    async with scripted(silent, subprotocols=[]) as server:
        with pytest.raises(ProtocolError, match=r"does not speak shelfcast\.v1\.msgpack"):
            await connect(server.url, "show").__aenter__()


# --- connections that end -------------------------------------------------------------------------------


@BOTH
async def test_unanswered_reservations_are_sent_again_after_a_lost_connection(encoding: str) -> None:
    heard: list[str] = []

    async def swallow(peer: Peer) -> None:
        for _ in range(2):
            message = await peer.hear()
            assert isinstance(message, from_client.Reserve)
            heard.append(message.id)
        peer.connection.transport.abort()

    async with (
        scripted(greet(ROOM, then=swallow), greet(ROOM, then=sell)) as server,
        connect(server.url, "show", encoding=encoding) as room,
    ):
        results = await asyncio.gather(room.reserve("MUG"), room.reserve("BOWL", 2))
    assert [result.id for result in results] == heard
    assert all(isinstance(result, Reserved) for result in results)


async def test_while_disconnected_the_last_counts_stay_and_are_marked() -> None:
    back = asyncio.Event()

    async def later(peer: Peer) -> None:
        await back.wait()
        await peer.say(snapshot(("MUG", 1), seq=30))
        await stay(peer)

    async with (
        scripted(greet(ROOM, then=lambda peer: peer.close(4001, "too slow")), later) as server,
        connect(server.url, "show") as room,
    ):
        events = room.events()
        await room.until(lambda room: not room.current, timeout_s=SOON_S)
        assert room.stock["MUG"].available == 5
        change = await anext(event async for event in events if isinstance(event, StateChange))
        assert change.state is State.DISCONNECTED
        assert "too slow" in change.reason
        back.set()
        await room.until(lambda room: room.current, timeout_s=SOON_S)
        assert room.stock["MUG"].available == 1


@pytest.mark.parametrize("code", [4500, 4501, 4502, 4503])
async def test_a_final_close_ends_the_room_with_its_reason(code: int) -> None:
    go = asyncio.Event()

    async def dismiss(peer: Peer) -> None:
        await peer.hear()
        await go.wait()
        await peer.close(code, "do not come back")

    async with scripted(greet(ROOM, then=dismiss)) as server, connect(server.url, "show") as room:
        events = room.events()
        asking = asyncio.create_task(room.reserve("MUG"))
        go.set()
        assert isinstance(await asking, Unanswered)
        with pytest.raises(ClosedByServer, match="do not come back"):
            async for _ in events:
                pass
        with pytest.raises(ClosedByServer):
            await room.reserve("MUG")
        with pytest.raises(ClosedByServer):
            await room.until(lambda room: False)
        assert isinstance(room.error, ClosedByServer)
        assert room.error.code == code


async def test_a_draining_server_is_left_and_met_again_after_its_time() -> None:
    async def drain(peer: Peer) -> None:
        await peer.say(from_server.Draining(reconnect_after_ms=400))
        await peer.close(4000, "draining")

    async with (
        scripted(greet(ROOM, then=drain), greet(snapshot(("MUG", 2), seq=20))) as server,
        connect(server.url, "show") as room,
    ):
        began = time.monotonic()
        await room.until(lambda room: room.seq == 20, timeout_s=SOON_S)
        assert time.monotonic() - began >= 0.35


async def test_an_unreadable_frame_is_mended_by_connecting_again() -> None:
    async def garble(peer: Peer) -> None:
        await peer.say_bytes(b"\xc1")
        await stay(peer)

    async with (
        scripted(greet(ROOM, then=garble), greet(snapshot(("MUG", 2), seq=20))) as server,
        connect(server.url, "show") as room,
    ):
        await room.until(lambda room: room.seq == 20, timeout_s=SOON_S)


async def test_a_frame_over_the_limit_is_not_taken() -> None:
    async def flood(peer: Peer) -> None:
        await peer.say(from_server.Notice(text="x" * (9 * 1024 * 1024), at_ms=1))
        await stay(peer)

    async with scripted(greet(ROOM, then=flood)) as server, connect(server.url, "show") as room:
        with pytest.raises(ProtocolError, match="3 unreadable connections"):
            await room.until(lambda room: False, timeout_s=SOON_S)


async def test_a_busy_server_is_asked_again_with_the_same_id() -> None:
    ids = []

    async def busy_once(peer: Peer) -> None:
        first = await peer.hear()
        ids.append(first.id)
        await peer.say(
            from_server.Refused(
                id=first.id,
                code=Code.OVERLOADED,
                message=EXPLANATION[Code.OVERLOADED],
                retry=RETRY[Code.OVERLOADED],
                retry_after_ms=50,
            )
        )
        second = await peer.hear()
        ids.append(second.id)
        await peer.say(reserved(second.id))
        await stay(peer)

    async with scripted(greet(ROOM, then=busy_once)) as server, connect(server.url, "show") as room:
        result = await room.reserve("MUG")
    assert isinstance(result, Reserved)
    assert ids == [result.id, result.id]


async def test_a_server_that_is_always_busy_is_answered_with_its_refusal() -> None:
    async def busy(peer: Peer) -> None:
        while True:
            message = await peer.hear()
            code = Code.UNAVAILABLE
            await peer.say(from_server.Refused(id=message.id, code=code, message=EXPLANATION[code], retry=RETRY[code]))

    async with (
        scripted(greet(ROOM, then=busy)) as server,
        connect(server.url, "show", policy=Policy(same_id_attempts_max=2)) as room,
    ):
        result = await room.reserve("MUG")
    assert isinstance(result, Refused)
    assert (result.code, result.retry) == ("UNAVAILABLE", "same_id")


async def test_no_answer_in_time_is_a_value() -> None:
    async with scripted(greet(ROOM)) as server, connect(server.url, "show") as room:
        result = await room.reserve("MUG", timeout_s=0.1, reservation_id="mine")
    assert result == Unanswered(id="mine", reason="no answer in time")


async def test_a_caller_that_gives_up_waiting_harms_nobody() -> None:
    async with scripted(greet(ROOM, then=sell)) as server, connect(server.url, "show") as room:
        asking = asyncio.create_task(room.reserve("MUG", reservation_id="mine"))
        await asyncio.sleep(0)
        asking.cancel()
        await room.until(lambda room: "mine" in room.reservations, timeout_s=SOON_S)
        assert isinstance(await room.reserve("BOWL"), Reserved)


async def test_leaving_is_quick_even_when_the_server_does_not_answer() -> None:
    async def deaf(peer: Peer) -> None:
        peer.connection.transport.pause_reading()
        await stay(peer)

    async with scripted(greet(ROOM, then=deaf)) as server:
        began = time.monotonic()
        async with connect(server.url, "show") as room:
            asking = asyncio.create_task(room.reserve("MUG"))
            await asyncio.sleep(0)
        assert isinstance(await asking, Unanswered)
        assert time.monotonic() - began < AT_ONCE_S


async def test_leaving_while_connecting_is_quick_too() -> None:
    async with scripted(Refuse(503, retry_after="30")) as server:
        began = time.monotonic()
        async with connect(server.url, "show", enter_timeout_s=None) as room:
            await room.until(lambda room: room.state is State.DISCONNECTED, timeout_s=SOON_S)
            assert isinstance(await room.reserve("MUG", timeout_s=0.05), Unanswered)
        assert time.monotonic() - began < AT_ONCE_S


# --- bad use ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"url": "ftp://host"}, "url: expected http"),
        ({"url": "host:8000"}, "url: expected http"),
        ({"url": "http://"}, "url: expected http"),
        ({"url": "http://host?x=1"}, "url: expected a base address"),
        ({"url": None}, "url: expected http"),
        ({"url": "http://[::1"}, "url: expected http"),
        ({"url": "http://host:99999"}, "url: expected http"),
        ({"url": "http://host:port"}, "url: expected http"),
        ({"room": "Evening Show"}, "room: expected 1 to 64"),
        ({"room": "../admin"}, "room: expected"),
        ({"room": ""}, "room: expected"),
        ({"encoding": "xml"}, 'encoding: expected "msgpack" or "json"'),
        ({"token": 7}, "token: expected a string"),
        ({"ssl": ssl.create_default_context()}, "ssl: expected with https or wss"),
    ],
)
def test_wrong_arguments_say_what_was_expected(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        connect(**{"url": "http://127.0.0.1:1", "room": "show", **arguments})


async def test_a_host_that_cannot_be_is_final() -> None:
    with pytest.raises(UsageError, match="label"):
        await connect(f"http://{'ü' * 70}.example", "show").__aenter__()


async def test_a_room_is_used_after_entering_it_and_entered_once() -> None:
    room: Room = connect("http://127.0.0.1:1", "show")
    with pytest.raises(UsageError, match="not entered"):
        await room.reserve("MUG")
    with pytest.raises(UsageError, match="not entered"):
        room.events()
    async with scripted(greet(ROOM)) as server:
        async with connect(server.url, "show") as room:
            with pytest.raises(UsageError, match="entered once"):
                await room.__aenter__()
            with pytest.raises(UsageError, match="qty: expected"):
                await room.reserve("MUG", 0)
            with pytest.raises(UsageError, match="status: expected one of"):
                await room.operator.status("asleep")
        with pytest.raises(UsageError, match="closed"):
            await room.reserve("MUG")
        assert [event async for event in room.events()] == []


def test_it_needs_websockets_and_msgpack_alone() -> None:
    # Everything else is hidden, so that what websockets would use if it were there does not count.
    program = """
import sys
from importlib.abc import MetaPathFinder

known = {"shelfcast_client", "websockets", "msgpack"} | set(sys.stdlib_module_names)


class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in known:
            raise ModuleNotFoundError(name, name=name)


sys.meta_path.insert(0, Hidden())
import shelfcast_client
print(shelfcast_client.connect.__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("connect", "")
