"""Everybody presses at once, over real sockets: admission, storms for what is gone, and a sale with a lobby."""

from __future__ import annotations

import asyncio

import pytest
from fixtures_server import RunningServer, StartServer
from raw_socket import RawSocket
from shelfcast import metrics
from shelfcast.protocol.codes import Code, Retry
from shelfcast.protocol.from_server import Banner, Cancelled, Me, Refused, Reserved, Snapshot
from shelfcast.protocol.states import BannerKind
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Confirm, put
from waiting import until

STORM_CONNECTIONS, STORM_EACH = 50, 40
FAR_MS = 3_600_000
TICK_MS = 10_000
LOBBY_MS = 700
OPENS_IN_MS = 700


async def customer(server: RunningServer, user: str = "wang") -> RawSocket:
    socket = await RawSocket.join(server.port, token=server.token(user=user))
    assert isinstance(await socket.hear(), Snapshot)
    await socket.wait_for(Me)
    return socket


async def verdict(socket: RawSocket) -> Reserved | Refused:
    while True:
        message = await socket.hear()
        if isinstance(message, Reserved | Refused):
            return message


async def engine_calls(server: RunningServer) -> int:
    """Function calls by the engine's own count."""
    stats: bytes = await server.app.engine.command("INFO", "commandstats")
    line = next(line for line in stats.decode().splitlines() if line.startswith("cmdstat_fcall:"))
    return int(line.partition("calls=")[2].partition(",")[0])


# --- admission --------------------------------------------------------------------------------------------------


async def test_more_than_may_be_under_way_are_sent_away_for_a_while(start_server: StartServer) -> None:
    server = await start_server(reservations_under_way_max=3, retry_after_ms=100, retry_spread_ms=1_000)
    await server.open_shop()
    await server.sell("mug", 100)
    buyer = await customer(server)
    # All in one write: none is answered before the last one is read.
    for number in range(20):
        buyer.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    verdicts = [await verdict(buyer) for _ in range(20)]
    refused = [v for v in verdicts if isinstance(v, Refused)]
    assert refused
    assert len(refused) <= 17
    assert {(v.code, v.retry) for v in refused} == {(Code.OVERLOADED, Retry.SAME_ID)}
    times = [v.retry_after_ms for v in refused]
    assert all(isinstance(time, int) and time >= 100 for time in times)
    assert len(set(times)) > len(times) // 2, "they do not come together"
    # Nothing was executed: the same id is taken as a new one.
    buyer.say(type="reserve", id=refused[0].id, sku="mug", qty=1, again=True)
    assert isinstance(await verdict(buyer), Reserved)
    _, buckets = await (await server.book()).sku("mug")  # type: ignore[misc]
    assert buckets["held:live"] == 20 - len(refused) + 1


# --- sold out ---------------------------------------------------------------------------------------------------


async def test_a_storm_for_what_is_gone_costs_no_engine_call(start_server: StartServer) -> None:
    server = await start_server(
        messages_burst=10_000,
        messages_a_second=10_000,
        expiry_sweep_ms=FAR_MS,
        duty_interval_ms=FAR_MS,
        viewers_interval_ms=FAR_MS,
        # A long tick, to show that nobody waits for one.
        tick_ms=TICK_MS,
        tick_max_ms=TICK_MS,
    )
    await server.open_shop()
    await server.sell("mug", 1)
    crowd = await asyncio.gather(*(customer(server, f"user-{n}") for n in range(STORM_CONNECTIONS)))
    crowd[0].say(type="reserve", id="first", sku="mug", qty=1)
    assert isinstance(await verdict(crowd[0]), Reserved)
    await server.apply(Confirm("first"))
    room = server.app.hub.rooms["evening"]
    await until(room.state.shelves["mug"].certainly_sold_out)

    async def press(number: int) -> None:
        for n in range(STORM_EACH):
            crowd[number].say(type="reserve", id=f"storm-{number}-{n}", sku="mug", qty=1)
        for _ in range(STORM_EACH):
            refused = await verdict(crowd[number])
            assert isinstance(refused, Refused)
            assert refused.code is Code.SOLD_OUT

    before, begun = await engine_calls(server), asyncio.get_running_loop().time()
    await asyncio.gather(*map(press, range(STORM_CONNECTIONS)))
    seconds = asyncio.get_running_loop().time() - begun
    # What is left is the feed's question, once a second, how far the book is.
    assert await engine_calls(server) - before <= 2 * (seconds + 2)
    # One comes back, while all go on pressing: somebody has it at once.
    over = asyncio.Event()

    async def press_on(number: int) -> Reserved | None:
        for n in range(1_000_000):
            if over.is_set():
                return None
            crowd[number].say(type="reserve", id=f"again-{number}-{n}", sku="mug", qty=1)
            answer = await verdict(crowd[number])
            if isinstance(answer, Reserved):
                over.set()
                return answer
        return None

    pressing = [asyncio.ensure_future(press_on(number)) for number in range(STORM_CONNECTIONS)]
    await server.receive("mug", 1)
    sold = [answer for answer in await asyncio.gather(*pressing) if answer is not None]
    assert len(sold) == 1
    entries = await (await server.book()).ledger("ledger", 0)  # type: ignore[arg-type]
    came, went = entries[-2:]
    assert (came.kind, went.kind) == ("receive", "reserve")
    assert went.at_ms - came.at_ms < TICK_MS


# --- a sale that opens at an instant ----------------------------------------------------------------------------


async def shop_of(start_server: StartServer, units: int = 1, **settings: object) -> RunningServer:
    server = await start_server(**settings)
    await server.open_shop()
    await server.sell("mug", units, last_n=0)
    return server


async def open_soon(server: RunningServer) -> int:
    """Put the mugs on sale in a moment, with a lobby; returns when it ends."""
    opens_at_ms = await (await server.book()).now_ms() + OPENS_IN_MS
    terms = {"opens_at_ms": opens_at_ms, "lobby_ms": LOBBY_MS}
    await server.apply(put(What.LISTING, "mug", terms, parent="evening"))
    room = server.app.hub.rooms["evening"]
    await until(lambda: room.state.shelves["mug"].listing.lobby_ms == LOBBY_MS)
    return opens_at_ms + LOBBY_MS


async def test_who_comes_too_early_is_refused_without_an_engine_call(start_server: StartServer) -> None:
    server = await shop_of(start_server)
    robot = await customer(server, "robot")
    await open_soon(server)
    by_book = metrics.BOOK_OPERATIONS.labels("Reserve", "NOT_OPEN")._value.get()
    robot.say(type="reserve", id="early", sku="mug", qty=1)
    refused = await verdict(robot)
    assert isinstance(refused, Refused)
    assert refused.code is Code.NOT_OPEN
    assert isinstance(refused.retry_after_ms, int)
    assert 0 <= refused.retry_after_ms <= OPENS_IN_MS
    assert metrics.BOOK_OPERATIONS.labels("Reserve", "NOT_OPEN")._value.get() == by_book


async def test_nobody_is_served_before_the_lobby_is_over(start_server: StartServer) -> None:
    server = await shop_of(start_server, units=3)
    crowd = [await customer(server, f"user-{n}") for n in range(10)]
    lobby_ends_at_ms = await open_soon(server)
    await crowd[0].wait_for(Banner, kind=BannerKind.SALE_OPEN)
    book = await server.book()
    for number, buyer in enumerate(crowd):
        buyer.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    verdicts = [await verdict(buyer) for buyer in crowd]
    assert sum(isinstance(v, Reserved) for v in verdicts) == 3
    assert {v.code for v in verdicts if isinstance(v, Refused)} <= {Code.ALL_HELD}
    served = [entry.at_ms for entry in await book.ledger("ledger", 0) if entry.kind == "reserve"]  # type: ignore[arg-type]
    assert min(served) >= lobby_ends_at_ms
    # Afterwards first come is first served again.
    await server.receive("mug", 1)
    crowd[0].say(type="reserve", id="later", sku="mug", qty=1)
    await crowd[0].wait_for(Reserved, id="later")


async def test_a_cancellation_waits_behind_its_reservation(start_server: StartServer) -> None:
    server = await shop_of(start_server)
    buyer = await customer(server)
    await open_soon(server)
    await buyer.wait_for(Banner, kind=BannerKind.SALE_OPEN)
    buyer.say(type="reserve", id="r", sku="mug", qty=1)
    buyer.say(type="cancel", id="r")
    assert isinstance(await verdict(buyer), Reserved)
    assert (await buyer.wait_for(Cancelled)).id == "r"
    _, buckets = await (await server.book()).sku("mug")  # type: ignore[misc]
    assert buckets["pool"] == 1


async def test_a_full_lobby_sends_the_others_away(start_server: StartServer) -> None:
    server = await shop_of(start_server, units=10, lobby_users_max=2, lobby_requests_a_user_max=1)
    crowd = [await customer(server, f"user-{n}") for n in range(6)]
    await open_soon(server)
    await crowd[0].wait_for(Banner, kind=BannerKind.SALE_OPEN)
    for number, buyer in enumerate(crowd):
        buyer.say(type="reserve", id=f"r{number}", sku="mug", qty=1)
    verdicts = [await verdict(buyer) for buyer in crowd]
    refused = [v for v in verdicts if isinstance(v, Refused)]
    assert len(refused) == 4
    assert {v.code for v in refused} == {Code.OVERLOADED}
    assert all(v.retry_after_ms for v in refused)


@pytest.mark.parametrize("again", [True, False])
async def test_saying_again_is_no_way_around_the_lobby(start_server: StartServer, again: bool) -> None:
    server = await shop_of(start_server)
    robot = await customer(server, "robot")
    lobby_ends_at_ms = await open_soon(server)
    robot.say(type="reserve", id="r", sku="mug", qty=1, again=again)
    if again:
        assert isinstance(await verdict(robot), Reserved)
        entries = await (await server.book()).ledger("ledger", 0)  # type: ignore[arg-type]
        assert entries[-1].at_ms >= lobby_ends_at_ms
    else:
        assert isinstance(await verdict(robot), Refused)
