"""The broadcast loop beside everything else the process does."""

from __future__ import annotations

import asyncio
import time

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.from_server import Notice, Snapshot, Stock
from shelfcast.room.audience import Broadcast, Lane, write_plain
from shelfcast.room.bulletin import Bulletin
from waiting import until

VIEWERS = 24


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """Broadcasts stop after every single connection."""
    server = await start_server(broadcast_chunk_connections=1)
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def crowd(server: RunningServer) -> list[RawSocket]:
    encodings = [list(Encoding)[n % 2] for n in range(VIEWERS)]
    sockets = [await RawSocket.join(server.port, encoding=encoding) for encoding in encodings]
    for socket in sockets:
        assert isinstance(await socket.hear(), Snapshot)
    return sockets


async def test_other_work_is_done_while_a_broadcast_runs(shop: RunningServer) -> None:
    sockets = await crowd(shop)
    room = shop.app.hub.rooms["evening"]
    between = 0
    room.announce(Notice(text="hello", at_ms=1))
    while room.audience.running:
        between += 1
        await asyncio.sleep(0)
    assert between >= VIEWERS - 1
    for socket in sockets:
        assert (await socket.wait_for(Notice)).text == "hello"


def test_a_broadcast_costs_the_processor_time_it_takes_and_not_what_others_take_in_between() -> None:
    sleep_s = 0.05
    over: list[Broadcast] = []
    held_up = Broadcast(
        Lane(), Bulletin(), 1, amend=lambda: None, written=lambda _: time.sleep(sleep_s), done=over.append
    )
    held_up._chunks.append((write_plain, [], Encoding.JSON))
    loop = asyncio.new_event_loop()
    try:
        held_up.run(loop)
        assert over == [held_up]
        assert loop.time() - held_up.started >= sleep_s
        assert held_up.cost_s() < sleep_s
    finally:
        loop.close()


def test_a_broadcast_costs_up_to_twice_its_time_where_the_worker_has_other_work_meanwhile() -> None:
    def work_a_while() -> None:
        until_s = time.thread_time() + 0.05
        while time.thread_time() < until_s:
            pass

    over: list[Broadcast] = []
    beside = Broadcast(Lane(), Bulletin(), 1, amend=lambda: None, written=lambda _: None, done=over.append)
    beside._chunks.extend([(write_plain, [], Encoding.JSON)] * 2)
    loop = asyncio.new_event_loop()
    try:
        beside.run(loop)
        work_a_while()
        beside.run(loop)
        assert over == [beside]
        assert beside.cost_s() == pytest.approx(2 * beside.spent_s)
    finally:
        loop.close()


async def test_what_changes_in_the_middle_of_a_broadcast_goes_out_with_the_rest_of_it(shop: RunningServer) -> None:
    sockets = await crowd(shop)
    room = shop.app.hub.rooms["evening"]
    room.announce(Notice(text="first", at_ms=1))
    assert room.audience.running
    room.announce(Notice(text="second", at_ms=2))
    frames_before = metrics.FRAMES_OUT._value.get()
    await until(lambda: not room.audience.running and not room.state.dirty)
    for socket in sockets:
        assert [(await socket.wait_for(Notice)).text for _ in range(2)] == ["first", "second"]
    # All but those that had the first by then were sent both in one go; and nobody anything twice.
    written = metrics.FRAMES_OUT._value.get() - frames_before
    assert VIEWERS - 1 <= written < VIEWERS + VIEWERS // 2
    shop.app.hub.rooms["evening"].announce(Notice(text="third", at_ms=3))
    for socket in sockets:
        assert (await socket.wait_for(Notice)).text == "third"


async def test_who_comes_in_the_middle_of_a_broadcast_sees_nothing_older_than_its_snapshot(shop: RunningServer) -> None:
    await crowd(shop)

    async def keep_changing() -> None:
        while True:
            await shop.receive("mug", 1)

    async def come() -> None:
        for _ in range(5):
            late = await RawSocket.join(shop.port)
            first = await late.hear()
            assert isinstance(first, Snapshot)
            for _ in range(3):
                seen = await late.wait_for(Stock)
                assert seen.seq >= first.seq
                assert seen.rows[0][1] >= first.skus[0].available
            late.close()

    changing = asyncio.ensure_future(keep_changing())
    await asyncio.gather(*(come() for _ in range(6)))
    changing.cancel()


async def test_who_leaves_in_the_middle_of_a_broadcast_is_not_written_to(shop: RunningServer) -> None:
    sockets = await crowd(shop)
    room = shop.app.hub.rooms["evening"]
    listeners = list(room.audience.everybody)
    room.announce(Notice(text="hello", at_ms=1))
    assert room.audience.running
    for listener in listeners:
        listener.abort()
    await until(lambda: not room.audience.running and all(listener.fd == -1 for listener in listeners))
    assert len(room.audience) == 0
    assert all(listener.blocked for listener in listeners)
    for socket in sockets:
        await socket.wait_closed()
