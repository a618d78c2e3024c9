"""The operator's words reach everybody they are for, whichever process said them and whoever comes later."""

from __future__ import annotations

import asyncio

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Acknowledged, Alert, Answer, Cue, Done, Notice, Refused, Snapshot


async def joined(server: RunningServer, role: str, user: str = "zhang", **options: object) -> RawSocket:
    socket = await RawSocket.join(server.port, token=server.token(role, user=user), **options)  # type: ignore[arg-type]
    assert isinstance(await socket.hear(), Snapshot)
    return socket


async def greeting(server: RunningServer, role: str = "viewer") -> Snapshot:
    first = await (await RawSocket.join(server.port, token=server.token(role))).hear()
    assert isinstance(first, Snapshot)
    return first


@pytest.fixture
async def servers(start_server: StartServer) -> list[RunningServer]:
    """Two servers on one engine, with one room."""
    one = await start_server()
    await one.open_shop()
    await one.sell("mug", 100, last_n=0)
    return [one, await start_server()]


async def test_a_notice_is_heard_on_every_server_and_by_who_comes_later(servers: list[RunningServer]) -> None:
    operator = await joined(servers[0], "operator")
    crowd = [await joined(server, "viewer", encoding=encoding) for server in servers for encoding in Encoding]
    operator.say(type="notice", id="n1", text="Free shipping until nine")
    assert (await operator.wait_for(Done)).id == "n1"
    heard = [await viewer.wait_for(Notice) for viewer in crowd]
    assert {(notice.text, notice.at_ms) for notice in heard} == {("Free shipping until nine", heard[0].at_ms)}
    for server in servers:
        notice = (await greeting(server)).notice
        assert notice is not None
        assert (notice.text, notice.at_ms) == ("Free shipping until nine", heard[0].at_ms)
    operator.say(type="notice", id="n2", text="")
    for viewer in crowd:
        assert (await viewer.wait_for(Notice)).text == ""
    assert [(await greeting(server)).notice for server in servers] == [None, None]


async def test_a_notice_sent_again_is_not_announced_again(servers: list[RunningServer]) -> None:
    operator, viewer = await joined(servers[0], "operator"), await joined(servers[1], "viewer")
    for _ in range(3):
        operator.say(type="notice", id="n1", text="Tea first")
        await operator.wait_for(Done)
    operator.say(type="notice", id="n1", text="Cups first")
    refused = await operator.wait_for(Refused)
    assert (refused.code, refused.field) == (Code.ID_CONFLICT, "text")
    operator.say(type="notice", id="n2", text="Cups next")
    assert [(await viewer.wait_for(Notice)).text for _ in range(2)] == ["Tea first", "Cups next"]


async def test_a_cue_is_heard_backstage_on_every_server_until_it_is_acknowledged(
    servers: list[RunningServer],
) -> None:
    operator = await joined(servers[0], "operator")
    hosts = [await joined(server, "host", f"host-{number}") for number, server in enumerate(servers)]
    for number in (1, 2):
        operator.say(type="cue", id=f"c{number}", text="Say how many are left", sku="mug")
        await operator.wait_for(Done)
    for host in hosts:
        cues = [await host.wait_for(Cue) for _ in range(2)]
        assert [(cue.id, cue.text, cue.sku) for cue in cues] == [
            ("c1", "Say how many are left", "mug"),
            ("c2", "Say how many are left", "mug"),
        ]
        assert cues[0].at_ms > 0
    hosts[1].say(type="acknowledge", id="a1", cue="c1")
    # The answer and the word to all come in either order.
    own: list[object] = []
    while not (Done(id="a1") in own and any(isinstance(message, Acknowledged) for message in own)):
        own.append(await hosts[1].hear())
    heard = [*own, await operator.wait_for(Acknowledged), await hosts[0].wait_for(Acknowledged)]
    settled = [message for message in heard if isinstance(message, Acknowledged)]
    assert {(one.cue, one.by, one.at_ms > 0) for one in settled} == {("c1", "host-1", True)}
    assert len(settled) == 3
    later = await joined(servers[0], "host")
    assert (await later.wait_for(Cue)).id == "c2", "what is settled is not told to who comes later"


async def test_cues_that_stand_are_told_oldest_first(servers: list[RunningServer]) -> None:
    operator = await joined(servers[0], "operator")
    for number in range(3):
        operator.say(type="cue", id=f"c{number}", text="hold it up")
        await operator.wait_for(Done)
    for role in ("host", "operator", "service"):
        later = await joined(servers[1], role)
        assert [(await later.wait_for(Cue)).id for _ in range(3)] == ["c0", "c1", "c2"]


async def test_a_viewer_hears_nothing_of_cues(servers: list[RunningServer]) -> None:
    operator, viewer = await joined(servers[0], "operator"), await joined(servers[0], "viewer")
    operator.say(type="cue", id="c1", text="hold it up")
    operator.say(type="acknowledge", id="a1", cue="c1")
    await operator.wait_for(Acknowledged)
    viewer.say(type="ask", id="q", sku="mug")
    heard: list[object] = []
    while not heard or not isinstance(heard[-1], Answer):
        heard.append(await viewer.hear())
    assert not any(isinstance(message, Cue | Acknowledged | Alert) for message in heard)
    for message in (
        {"type": "cue", "id": "c2", "text": "no"},
        {"type": "acknowledge", "id": "a2", "cue": "c1"},
        {"type": "notice", "id": "n1", "text": "no"},
    ):
        viewer.say(**message)
        assert (await viewer.wait_for(Refused, id=message["id"])).code is Code.FORBIDDEN


async def test_a_host_acknowledges_and_says_nothing(servers: list[RunningServer]) -> None:
    host = await joined(servers[0], "host")
    host.say(type="acknowledge", id="a1", cue="nothing")
    refused = await host.wait_for(Refused)
    assert (refused.code, refused.field, refused.retry) == (Code.NOT_FOUND, "cue", "never")
    host.say(type="cue", id="c1", text="no")
    assert (await host.wait_for(Refused, id="c1")).code is Code.FORBIDDEN


async def test_words_outlive_the_servers_that_said_them(start_server: StartServer) -> None:
    before = await start_server()
    await before.open_shop()
    operator = await joined(before, "operator")
    operator.say(type="notice", id="n1", text="Tea first")
    operator.say(type="cue", id="c1", text="hold it up")
    for name in ("n1", "c1"):
        await operator.wait_for(Done, id=name)
    await asyncio.gather(operator.wait_closed(), before.app.stop())
    after = await start_server()
    notice = (await greeting(after)).notice
    assert notice is not None
    assert notice.text == "Tea first"
    host = await joined(after, "host")
    assert (await host.wait_for(Cue)).id == "c1"


async def test_who_missed_words_is_told_when_the_view_is_read_anew(servers: list[RunningServer]) -> None:
    """A room whose feed broke begins again from a view: what was said in between is news here."""
    here, there = servers
    operator, host, viewer = await joined(here, "operator"), await joined(there, "host"), await joined(there, "viewer")
    room = there.app.hub.rooms["evening"]
    room._unfollow()
    operator.say(type="cue", id="c1", text="hold it up")
    operator.say(type="cue", id="c2", text="the last thirty")
    operator.say(type="acknowledge", id="a1", cue="c1")
    operator.say(type="notice", id="n1", text="Tea first")
    await operator.wait_for(Done, id="n1")
    room._follow_anew()
    assert (await host.wait_for(Cue)).id == "c2"
    assert (await host.wait_for(Acknowledged)).cue == "c1"
    snapshot = await viewer.wait_for(Snapshot)
    assert (snapshot.notice.text, snapshot.notice.at_ms > 0) == ("Tea first", True)
