"""Which way the SDK takes to a server, and what becomes of a connection that fails in a way nobody thought of."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from client_sdk.driver import reserved, snapshot
from client_sdk.scripted_server import Peer, ScriptedServer, greet, scripted, stay
from forward_proxy import HOST, ForwardProxy, Manner, environment
from shelfcast.protocol import from_client
from shelfcast_client import Policy, Rejected, Reserved, State, Unreachable, UsageError, connect, connection
from shelfcast_client.dial import dial
from shelfcast_client.proxies import is_loopback, proxy_for, read_proxy, without_credentials

ROOM = snapshot(("MUG", 5), ("BOWL", 3))
SOON_S = 30
ENTERS = """
import asyncio, sys
from shelfcast_client import connect

async def main():
    async with connect(sys.argv[1], "show", enter_timeout_s=float(sys.argv[2])) as room:
        print(sorted(room.stock))

asyncio.run(main())
"""


@pytest.fixture
def dead() -> Iterator[str]:
    """An address of this machine where nobody listens, and nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def port_of(server: ScriptedServer) -> int:
    return int(server.url.rpartition(":")[2])


async def enter(url: str, within_s: float = SOON_S, **proxies: Any) -> tuple[str, str]:
    """What a program of its own, with these variables, says on its output and of its error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENTERS, url, str(within_s), env=environment(**proxies),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return out.decode().strip(), err.decode().strip().rpartition("\n")[2]


# --- the rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost.", "shop.localhost", "ip6-localhost", "127.0.0.1", "127.9.8.7", "127.1", "::1",
     "::ffff:127.0.0.1", "0.0.0.0", "::"],
)  # fmt: skip
def test_this_machine_has_many_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.shop.example", "128.0.0.1", "1.127.0.0", "::2", "127.shop.example"])
def test_others_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("http://shop.example", {"http_proxy": "http://p:1"}, "http_proxy http://p:1"),
        ("ws://shop.example", {"http_proxy": "p:1"}, "http_proxy http://p:1"),
        ("wss://shop.example", {"http_proxy": "p:1"}, "None"),
        ("wss://shop.example", {"HTTPS_PROXY": "https://p"}, "https_proxy https://p:443"),
        ("https://shop.example", {"all_proxy": "socks5://p/"}, "all_proxy socks5://p:1080"),
        ("https://shop.example", {"all_proxy": "q:1", "https_proxy": "p:1"}, "https_proxy http://p:1"),
        ("wss://shop.example", {"wss_proxy": "q:1", "https_proxy": "p:1"}, "wss_proxy http://q:1"),
        ("https://shop.example", {"wss_proxy": "q:1", "https_proxy": "p:1"}, "https_proxy http://p:1"),
        ("http://shop.example", {"http_proxy": "", "HTTP_PROXY": "p:1"}, "None"),
        ("http://shop.example", {"http_proxy": "p:1", "all_proxy": "socks://q:1"}, "http_proxy http://p:1"),
        ("http://[::1]:8000", {"http_proxy": "p:1"}, "None"),
        ("ws://127.0.0.1:8000", {"http_proxy": "p:1", "all_proxy": "socks://q:1"}, "None"),
        ("http://a.shop.example", {"http_proxy": "p:1", "no_proxy": "x, .shop.example"}, "None"),
        ("http://shop.example:81", {"http_proxy": "p:1", "no_proxy": "shop.example:81"}, "None"),
        ("http://shop.example:82", {"http_proxy": "p:1", "no_proxy": "shop.example:81"}, "http_proxy http://p:1"),
        ("http://myshop.example", {"http_proxy": "p:1", "no_proxy": "shop.example"}, "http_proxy http://p:1"),
        ("http://10.1.2.3", {"http_proxy": "p:1", "no_proxy": "10.0.0.0/8"}, "None"),
        ("http://11.1.2.3", {"http_proxy": "p:1", "no_proxy": "10.0.0.0/8"}, "http_proxy http://p:1"),
        ("http://[fd00::2]:81", {"http_proxy": "p:1", "no_proxy": "[fd00::2]"}, "None"),
        ("http://[fd00::2]:81", {"http_proxy": "p:1", "no_proxy": "fd00::/8"}, "None"),
        ("http://a.shop.example", {"http_proxy": "p:1", "no_proxy": "*.shop.example"}, "None"),
        ("http://shop.example", {"http_proxy": "p:1", "no_proxy": "a, *"}, "None"),
        ("http://shop.example", {}, "None"),
    ],
)
def test_the_environment_is_read_as_everybody_reads_it(
    url: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(proxy_for(url)) == expected
    assert proxy_for(url, proxy=False) is None


@pytest.mark.parametrize(
    ("given", "credentials", "url"),
    [
        ("http://u:p@p:1", ("u", "p"), "http://u:p@p:1"),
        ("u:p%40ss@p:1", ("u", "p@ss"), "http://u:p%40ss@p:1"),
        ("http://u:p@s/s#w?rd@p:1/", ("u", "p@s/s#w?rd"), "http://u:p%40s%2Fs%23w%3Frd@p:1"),
        ("socks5h://u@[::1]:1", ("u", ""), "socks5h://u:@[::1]:1"),
    ],
)
def test_a_password_may_hold_any_character_and_is_not_shown(given: str, credentials: tuple[str, str], url: str) -> None:
    proxy = read_proxy(given, "http_proxy")
    assert (proxy.credentials, proxy.url) == (credentials, url)
    assert "@" not in f"{proxy}{proxy!r}"


@pytest.mark.parametrize(
    "given",
    ["socks://u:secret@p:1", "socks4://p:1", "ftp://u:secret@p", "http://", "http://u:secret@", "http://u:sec/ret",
     "u:sec#ret", "http://u:secret@p:0", "http://u:secret@p:99999", "http://u:secret@p q", "http://u:s\udcffecret@p"],
)  # fmt: skip
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(given: str) -> None:
    with pytest.raises(UsageError, match=r"^all_proxy: expected http://, https://, socks5:// or socks5h://") as error:
        read_proxy(given, "all_proxy")
    assert not any(part in str(error.value) for part in ("sec", "ret"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@s/s#w@h:1/x", "http://***@h:1/x"),
        ("https://h/x", "https://h/x"),
        ("u:p@h", "***@h"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    "url", ["http://u:sec#ret@h:1", "http://u:sec?ret@h", "http://u:sec/ret@h", "http://u:[sec]ret@h"]
)
def test_no_word_of_the_sdk_repeats_a_password(url: str) -> None:
    with pytest.raises(UsageError) as error:
        connect(url, "show")
    assert not any(part in str(error.value) for part in ("sec", "ret"))


# --- real ways, in processes of their own -----------------------------------------------------------


async def test_a_server_elsewhere_is_reached_through_the_proxy() -> None:
    async with scripted(greet(ROOM)) as server, ForwardProxy(port_of(server)) as proxy:
        said = await enter(f"http://{HOST}:81", http_proxy=f"http://u:p%40ss@{proxy.address}")
    assert said == ("['BOWL', 'MUG']", "")
    assert proxy.asked == [f"CONNECT {HOST}:81"]
    assert "Proxy-Authorization: Basic dTpwQHNz\r\n" in proxy.heads[0]


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "socks_proxy"])
async def test_a_server_of_this_machine_is_reached_directly(variable: str) -> None:
    def named(url: str) -> dict[str, Any]:
        return {variable: url}

    async with scripted(greet(ROOM)) as server, ForwardProxy(port_of(server)) as proxy:
        for host in ("127.0.0.1", "localhost", "127.1"):
            said = await enter(f"http://{host}:{port_of(server)}", **named(f"http://{proxy.address}"))
            assert said == ("['BOWL', 'MUG']", "")
        assert (await enter(server.url, **named("socks://nowhere:1")))[0] == "['BOWL', 'MUG']"
    assert proxy.asked == []


async def test_a_proxy_of_an_unknown_kind_is_an_error_that_the_caller_sees() -> None:
    _, error = await enter(f"http://{HOST}", ALL_PROXY="socks://127.0.0.1:1")
    assert error == (
        "shelfcast_client.errors.UsageError: all_proxy: expected http://, https://, socks5:// or socks5h:// "
        "with a host and port, got socks://"
    )


async def test_a_proxy_that_refuses_is_named(dead: str) -> None:
    _, error = await enter(f"http://{HOST}", 0.5, http_proxy=f"http://u:secret@{dead}")
    assert error.startswith("shelfcast_client.errors.Unreachable: not entered within 0.5 s: not through the proxy")
    assert f"(http_proxy http://{dead})" in error
    assert "secret" not in error


@pytest.mark.parametrize(
    ("manner", "kind", "words"),
    [
        (Manner.ASKS_WHO, Rejected, "status 407: the proxy asks for a user and a password"),
        (Manner.CANNOT, Unreachable, "within 0.5 s: proxy rejected connection: HTTP 502"),
        (Manner.SILENT, Unreachable, "within 0.5 s: no connection in time"),
    ],
)
async def test_what_a_proxy_answers_is_said(
    manner: Manner, kind: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ForwardProxy(1, manner) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        room = connect(f"http://{HOST}", "show", enter_timeout_s=0.5, policy=Policy(open_timeout_s=0.2))
        with pytest.raises(kind, match=words) as error:
            await room.__aenter__()
        assert f"http_proxy http://{proxy.address}" in str(error.value)


async def test_socks_without_its_package_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.proxies.find_spec", lambda name: None)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(UsageError, match=r"needs the package python-socks \(pip install 'shelfcast\[socks\]'\)"):
        await connect(f"http://{HOST}", "show").__aenter__()


@pytest.mark.skipif(find_spec("python_socks") is None, reason="python-socks is not installed")
async def test_a_server_elsewhere_is_reached_through_socks() -> None:
    async with scripted(greet(ROOM)) as server, ForwardProxy(port_of(server)) as proxy:
        assert await enter(f"http://{HOST}:81", all_proxy=f"socks5h://{proxy.address}") == ("['BOWL', 'MUG']", "")
    assert proxy.asked == [f"SOCKS {HOST}:81"]


async def test_the_owner_may_name_the_proxy_or_none(monkeypatch: pytest.MonkeyPatch, dead: str) -> None:
    async with scripted(greet(ROOM)) as server, ForwardProxy(port_of(server)) as proxy:
        monkeypatch.setenv("http_proxy", dead)
        async with connect(f"http://{HOST}", "show", proxy=f"http://{proxy.address}") as room:
            assert room.current
    for wrong in ("socks://p:1", None, 1):
        with pytest.raises(UsageError, match=r"^proxy: expected"):
            connect(f"http://{HOST}", "show", proxy=wrong)  # type: ignore[arg-type]


# --- no task dies unseen ------------------------------------------------------------------------------


class Unforeseen(Exception):
    """What nobody thought of."""


async def test_whatever_dialling_raises_is_followed_by_another_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [Unforeseen("once"), ImportError("no such module")]

    async def unsure(*args: Any) -> Any:
        if faults:
            raise faults.pop(0)
        return await dial(*args)

    monkeypatch.setattr(connection, "dial", unsure)
    async with scripted(greet(ROOM)) as server, connect(server.url, "show", enter_timeout_s=SOON_S) as room:
        assert room.current
        assert room.last_reason == "ImportError: no such module"


async def test_a_connection_that_is_cancelled_by_others_ends_the_room() -> None:
    async with scripted(greet(ROOM)) as server, connect(server.url, "show") as room:
        asked = asyncio.create_task(room.reserve("MUG"))
        waiting = asyncio.create_task(room.until(lambda room: False))
        await room.until(lambda room: room._session.outstanding._by_id)
        assert room._connection is not None
        room._connection.cancel()
        async with asyncio.timeout(SOON_S):
            assert not (await asked).ok
            with pytest.raises(UsageError, match="the room is closed"):
                await waiting
    assert room.state is State.CLOSED


async def test_a_token_that_is_cancelled_is_asked_for_again() -> None:
    given: list[str] = []

    async def token() -> str:
        given.append("t0ken")
        if len(given) == 1:
            raise asyncio.CancelledError
        return given[-1]

    async with scripted(greet(ROOM)) as server, connect(server.url, "show", token=token) as room:
        assert (room.current, len(given)) == (True, 2)


async def test_a_frame_that_cannot_be_digested_is_one_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(greet(ROOM)) as server, connect(server.url, "show") as room:
        received, faults = type(room._session).received, [RecursionError("too deep")]

        def unsure(*args: Any) -> Any:
            if faults:
                raise faults.pop()
            return received(*args)

        monkeypatch.setattr(type(room._session), "received", unsure)
        room._socket.transport.abort()  # type: ignore[union-attr]
        await room.until(lambda room: not faults and room.current, timeout_s=SOON_S)
    assert len(server.requests) == 3


async def test_what_cannot_be_sent_ends_the_connection_and_not_the_room() -> None:
    async def sell(peer: Peer) -> None:
        message = await peer.hear()
        assert isinstance(message, from_client.Reserve)
        await peer.say(reserved(message.id))
        await stay(peer)

    async with scripted(greet(ROOM), greet(ROOM, then=sell)) as server, connect(server.url, "show") as room:
        room._outgoing.append(object())  # type: ignore[arg-type]
        assert isinstance(await room.reserve("MUG"), Reserved)


async def test_a_close_that_fails_is_a_close(monkeypatch: pytest.MonkeyPatch) -> None:
    async def garble(peer: Peer) -> None:
        await peer.say_bytes(b"\xc1")
        await stay(peer)

    async def fail(*args: Any) -> None:
        raise Unforeseen

    monkeypatch.setattr("websockets.asyncio.client.ClientConnection.close", fail)
    async with (
        scripted(greet(ROOM, then=garble), greet(snapshot(("MUG", 2), seq=20))) as server,
        connect(server.url, "show") as room,
    ):
        await room.until(lambda room: room.seq == 20, timeout_s=SOON_S)
