"""The client against the real server: engine, book, feed, room, gateway and all."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from engine_process import EngineProcess
from fixtures_server import ROOM, RunningServer, StartServer
from shelfcast.engine import Engine
from shelfcast.settings import Settings
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Confirm, Move, MoveKind, OpenBatch, Reserve, put
from shelfcast_client import (
    Acknowledged,
    Answer,
    Banner,
    Cancelled,
    ClosedByServer,
    Confirmed,
    Cue,
    Done,
    Notice,
    Policy,
    Refused,
    Rejected,
    Reserved,
    Room,
    RoomStatus,
    StandingNotice,
    State,
    StateChange,
    Stock,
    connect,
)
from tcp_proxy import Line, TcpProxy

BOTH = pytest.mark.parametrize("encoding", ["msgpack", "json"])
SOON_S = 30


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    await server.open_shop()
    await server.sell("mug", 5)
    await server.sell("bowl", 100)
    return server


def enter(server: RunningServer, user: str = "wang", role: str = "viewer", **options: Any) -> Room:
    return connect(server.url, ROOM, token=server.token(role, user=user), **options)


async def shows(room: Room, sku: str, available: int, held: int) -> None:
    """Wait until the room shows these counts."""
    await room.until(
        lambda room: (room.stock[sku].available, room.stock[sku].held) == (available, held), timeout_s=SOON_S
    )


@BOTH
async def test_a_reservation_shows_in_every_mirror_and_goes_back(shop: RunningServer, encoding: str) -> None:
    async with enter(shop, "wang", encoding=encoding) as wang, connect(shop.url, ROOM, encoding=encoding) as passer_by:
        assert wang.stock["mug"].available == 5
        assert (wang.stock["mug"].title, wang.stock["mug"].price_minor, wang.status) == ("Mug", 990, "live")
        result = await wang.reserve("mug", 2)
        assert isinstance(result, Reserved)
        for room in (wang, passer_by):
            await shows(room, "mug", 3, 2)
        now_ms = wang.server_now_ms()
        assert now_ms is not None
        assert 250_000 < result.expires_at_ms - now_ms <= 301_000
        assert list(wang.reservations) == [result.id]
        assert isinstance(await wang.cancel(result.id), Cancelled)
        for room in (wang, passer_by):
            await shows(room, "mug", 5, 0)
        assert dict(wang.reservations) == {}


async def test_viewers_see_what_one_call_changed_too_much_to_say(start_server: StartServer) -> None:
    server = await start_server(feed_message_max_bytes=1_000)
    await server.open_shop()
    skus = [f"s{number:02}" for number in range(40)]
    await server.apply(put(What.BATCH, "wave", {}))
    for number, sku in enumerate(skus):
        await server.sell(sku, 2)
        await server.apply(Move(f"m{number}", MoveKind.RECEIVE, sku, 3, "supplier", "batch:wave"))
    book = await server.book()
    async with enter(server, "wang") as wang:
        await server.apply(OpenBatch("open", "wave"))
        await wang.until(lambda room: {room.stock[sku].available for sku in skus} == {5}, timeout_s=SOON_S)
        # One of them is wang's own, made on another connection.
        await asyncio.gather(
            *[book.apply(Reserve(f"r-{sku}", ROOM, sku, 1, "wang" if sku == "s07" else sku)) for sku in skus]
        )
        await wang.until(lambda room: {room.stock[sku].held for sku in skus} == {1}, timeout_s=SOON_S)
        await wang.until(lambda room: list(room.reservations) == ["r-s07"], timeout_s=SOON_S)


async def test_refusals_are_values_that_say_whether_to_try_again(shop: RunningServer) -> None:
    await shop.sell("cup", 10, limit_per_order=1)
    async with enter(shop) as wang, connect(shop.url, ROOM) as anonymous:
        for room, sku, qty, code, retry in (
            (wang, "mug", 6, "INSUFFICIENT", "changed"),
            (wang, "cup", 2, "LIMIT_PER_ORDER", "changed"),
            (wang, "plate", 1, "UNKNOWN_SKU", "never"),
            (anonymous, "mug", 1, "FORBIDDEN", "never"),
        ):
            result = await room.reserve(sku, qty)
            assert isinstance(result, Refused)
            assert (result.code, result.retry) == (code, retry)
        unknown = await wang.cancel("nobody-made-this")
        assert isinstance(unknown, Refused)
        assert unknown.code == "NOT_FOUND"


async def test_the_same_id_is_answered_once_and_another_body_conflicts(shop: RunningServer) -> None:
    async with enter(shop) as room:
        first = await room.reserve("mug", 1, reservation_id="mine")
        again = await room.reserve("mug", 1, reservation_id="mine")
        assert isinstance(first, Reserved)
        assert isinstance(again, Reserved)
        assert (first.expires_at_ms, first.seq) == (again.expires_at_ms, again.seq)
        other = await room.reserve("mug", 2, reservation_id="mine")
        assert isinstance(other, Refused)
        assert (other.code, other.field) == ("ID_CONFLICT", "qty")
        await shows(room, "mug", 4, 1)


async def test_what_became_of_an_id_is_told_although_all_is_sold(shop: RunningServer) -> None:
    async with enter(shop) as room:
        assert isinstance(await room.reserve("mug", 5, reservation_id="mine"), Reserved)
        await shop.apply(Confirm("mine", reference="paid", actor="till"))
        await shows(room, "mug", 0, 0)
        assert isinstance(await room.reserve("mug", 5, reservation_id="mine"), Confirmed)
        refused = await room.reserve("mug", 1)
        assert isinstance(refused, Refused)
        assert refused.code == "SOLD_OUT"


async def test_the_last_units_go_to_as_many_as_there_are(shop: RunningServer) -> None:
    rooms = [enter(shop, f"user-{number}") for number in range(20)]
    async with asyncio.TaskGroup() as entering:
        for room in rooms:
            entering.create_task(room.__aenter__())
    try:
        results = await asyncio.gather(*(room.reserve("mug") for room in rooms))
        assert sum(isinstance(result, Reserved) for result in results) == 5
        codes = {result.code for result in results if isinstance(result, Refused)}
        assert codes <= {"ALL_HELD", "SOLD_OUT", "INSUFFICIENT"}
        await shows(rooms[-1], "mug", 0, 5)
        assert rooms[-1].stock["mug"].level == "all_held"
    finally:
        await asyncio.gather(*(room.aclose() for room in rooms))


async def test_a_crowd_of_reservations_of_one_customer_is_paced_and_all_answered(shop: RunningServer) -> None:
    async with enter(shop) as room:
        results = await asyncio.gather(*(room.reserve("bowl") for _ in range(60)))
        assert all(isinstance(result, Reserved) for result in results)
        await shows(room, "bowl", 40, 60)


async def test_events_tell_counts_and_banners_in_order(shop: RunningServer) -> None:
    async with enter(shop) as room:
        events = room.events()
        await room.reserve("mug", 5)
        seen = []
        async for event in events:
            seen.append(event)
            if isinstance(event, Banner):
                break
        assert isinstance(seen[-1], Banner)
        assert (seen[-1].sku, seen[-1].kind) == ("mug", "all_held")
        assert any(isinstance(event, Stock) for event in seen)


async def test_answers_are_in_the_clients_language(shop: RunningServer) -> None:
    async with enter(shop, language="zh") as chinese, enter(shop) as english:
        for room, text in ((chinese, "最后5件"), (english, "last 5 left")):
            answer = await room.ask("mug")
            assert isinstance(answer, Answer)
            assert (answer.text, answer.left) == (text, 5)


async def test_cues_stand_until_a_host_acknowledges_them(shop: RunningServer) -> None:
    async with enter(shop, "zhang", "operator") as zhang:
        for cue_id in ("c1", "c2", "c1"):
            assert await zhang.operator.cue("hold it up", cue_id=cue_id) == Done(id=cue_id)
        async with enter(shop, "host", "host") as host:
            await host.until(lambda room: list(room.cues) == ["c1", "c2"], timeout_s=SOON_S)
            settled = zhang.events()
            assert isinstance(await host.operator.acknowledge("c1"), Done)
            assert isinstance(await host.operator.acknowledge("c1"), Done)
            unknown = await host.operator.acknowledge("c9")
            assert isinstance(unknown, Refused)
            assert (unknown.code, unknown.field) == ("NOT_FOUND", "cue")
            for room in (zhang, host):
                await room.until(lambda room: list(room.cues) == ["c2"], timeout_s=SOON_S)
            acknowledged = await anext(event async for event in settled if isinstance(event, Acknowledged))
            assert (acknowledged.cue, acknowledged.by) == ("c1", "host")


async def test_a_viewer_knows_what_the_room_is_called_and_whether_it_is_a_demonstration(shop: RunningServer) -> None:
    async with enter(shop) as room:
        assert (room.title, room.demonstration, room.notice, dict(room.cues)) == ("", False, None, {})
        change = {"title": "An evening of tea", "open_reservations": True}
        await shop.apply(put(What.ROOM, ROOM, change))
        await room.until(lambda room: (room.title, room.demonstration) == (change["title"], True), timeout_s=SOON_S)


async def test_a_network_that_dies_without_a_word_is_noticed(shop: RunningServer, start_server: StartServer) -> None:
    """The connection stays and carries nothing: only the `alive` that does not come can tell."""
    server = await start_server(ping_interval_ms=200)
    async with TcpProxy(f"tcp://127.0.0.1:{server.port}") as proxy:
        url = proxy.url.replace("redis", "http")
        async with connect(url, ROOM, token=server.token(), ping_interval_s=3_600) as room:
            await room.until(lambda room: room._session._silence_s < 2, timeout_s=SOON_S)
            proxy.become(Line.SWALLOWS)
            await room.until(lambda room: not room.current, timeout_s=SOON_S)
            proxy.become(Line.OPEN)
            await room.until(lambda room: room.current, timeout_s=SOON_S)


async def test_an_operator_runs_the_show(shop: RunningServer) -> None:
    async with enter(shop) as viewer, enter(shop, "host", "host") as host, enter(shop, "zhang", "operator") as zhang:
        heard, cued = viewer.events(), host.events()
        assert isinstance(await zhang.operator.notice("回来了 at eight"), Done)
        assert isinstance(await zhang.operator.cue("say the last five", sku="mug"), Done)
        notice = await anext(event async for event in heard if isinstance(event, Notice))
        cue = await anext(event async for event in cued if isinstance(event, Cue))
        assert (notice.text, cue.text, cue.sku) == ("回来了 at eight", "say the last five", "mug")
        await viewer.until(lambda room: room.notice is not None, timeout_s=SOON_S)
        assert viewer.notice == StandingNotice(text=notice.text, at_ms=notice.at_ms)
        for _ in range(2):
            assert await zhang.operator.notice("back at nine", notice_id="n1") == Done(id="n1")
        other = await zhang.operator.notice("back at ten", notice_id="n1")
        assert isinstance(other, Refused)
        assert (other.code, other.field) == ("ID_CONFLICT", "text")
        await viewer.until(lambda room: room.notice and room.notice.text == "back at nine", timeout_s=SOON_S)
        assert isinstance(await zhang.operator.notice(""), Done)
        await viewer.until(lambda room: room.notice is None, timeout_s=SOON_S)

        assert isinstance(await zhang.operator.spotlight("mug"), Done)
        await viewer.until(lambda room: room.spotlight == "mug", timeout_s=SOON_S)
        assert isinstance(await host.operator.spotlight(None), Done)
        await viewer.until(lambda room: room.spotlight is None, timeout_s=SOON_S)

        assert isinstance(await zhang.operator.freeze("mug", reason="wrong price"), Done)
        await viewer.until(lambda room: room.stock["mug"].level == "frozen", timeout_s=SOON_S)
        assert (await viewer.reserve("mug")).code == "FROZEN"  # type: ignore[union-attr]
        assert isinstance(await zhang.operator.freeze("mug", False), Done)

        assert isinstance(await zhang.operator.status("paused"), Done)
        await viewer.until(lambda room: room.status == RoomStatus.PAUSED, timeout_s=SOON_S)
        assert (await viewer.reserve("mug")).code == "PAUSED"  # type: ignore[union-attr]
        resumed = await zhang.operator.status("live")
        assert isinstance(await zhang.operator.undo(resumed.id), Done)
        await viewer.until(lambda room: room.status == RoomStatus.PAUSED, timeout_s=SOON_S)
        assert (await zhang.operator.undo("nothing")).code == "NOT_FOUND"  # type: ignore[union-attr]

        for refused in (await viewer.operator.notice("buy mine"), await host.operator.status("ended")):
            assert isinstance(refused, Refused)
            assert refused.code == "FORBIDDEN"


async def test_a_users_other_device_follows(shop: RunningServer) -> None:
    async with enter(shop) as phone, enter(shop) as tablet:
        result = await phone.reserve("mug")
        await tablet.until(lambda room: result.id in room.reservations, timeout_s=SOON_S)
        assert isinstance(await tablet.cancel(result.id), Cancelled)
        await phone.until(lambda room: not room.reservations, timeout_s=SOON_S)


async def test_reservations_are_there_again_after_coming_back(shop: RunningServer) -> None:
    async with enter(shop) as room:
        result = await room.reserve("mug")
    async with enter(shop) as room:
        await room.until(lambda room: list(room.reservations) == [result.id], timeout_s=SOON_S)


# --- refused for good -----------------------------------------------------------------------------------


async def test_who_may_not_enter_is_told_why(shop: RunningServer) -> None:
    await shop.open_shop("members", anonymous=False)
    cases: tuple[tuple[str, dict[str, Any], int], ...] = (
        (ROOM, {"token": "not.a.token"}, 401),
        (ROOM, {"token": shop.token(room="members")}, 403),
        (ROOM, {"origin": "https://evil.example"}, 403),
        ("members", {}, 401),
        ("nowhere", {}, 404),
    )
    for room, options, status in cases:
        with pytest.raises(Rejected) as rejected:
            await connect(shop.url, room, **options).__aenter__()
        assert rejected.value.status == status
        assert rejected.value.message


async def test_an_expired_token_is_followed_by_a_fresh_one_where_a_function_gives_it(shop: RunningServer) -> None:
    lifetimes_s = iter([3])
    async with connect(shop.url, ROOM, token=lambda: shop.token(ttl_s=next(lifetimes_s, 600))) as room:
        events = room.events()
        lost = await anext(event async for event in events if isinstance(event, StateChange))
        assert "4500" in lost.reason
        await room.until(lambda room: room.current, timeout_s=SOON_S)
        assert isinstance(await room.reserve("mug"), Reserved)


async def test_an_expired_token_ends_the_room(shop: RunningServer) -> None:
    async with connect(shop.url, ROOM, token=shop.token(ttl_s=3)) as room:
        with pytest.raises(ClosedByServer, match="the token has expired") as closed:
            await room.until(lambda room: False, timeout_s=SOON_S)
        assert closed.value.code == 4500


# --- connections that break ---------------------------------------------------------------------------------


@BOTH
async def test_a_reservation_whose_answer_was_lost_is_taken_once(shop: RunningServer, encoding: str) -> None:
    async with enter(shop, encoding=encoding) as room, connect(shop.url, ROOM) as witness:
        asking = asyncio.create_task(room.reserve("mug", 2))
        cut = asyncio.create_task(witness.until(lambda witness: witness.stock["mug"].held == 2, timeout_s=SOON_S))
        # The connection breaks while the reservation is on its way, and once more when the book has decided.
        await room.until(lambda room: bool(room._waiting), timeout_s=SOON_S)
        room._socket.transport.abort()  # type: ignore[union-attr]
        await cut
        result = await asking
        assert isinstance(result, Reserved)
        assert result.qty == 2
        await shows(room, "mug", 3, 2)


async def test_a_server_that_stops_is_left_and_its_successor_met(start_server: StartServer) -> None:
    first = await start_server(drain_reconnect_after_ms=50)
    await first.open_shop()
    await first.sell("mug", 5)
    async with enter(first) as room:
        events = room.events()
        held = await room.reserve("mug", 2)
        await shows(room, "mug", 3, 2)
        await first.app.stop()
        await room.until(lambda room: not room.current, timeout_s=SOON_S)
        assert room.stock["mug"].available == 3, "the last known count"
        asking = asyncio.create_task(room.reserve("mug"))
        await start_server(port=first.port)
        await room.until(lambda room: room.current, timeout_s=SOON_S)
        assert isinstance(await asking, Reserved)
        await shows(room, "mug", 2, 3)
        await room.until(lambda room: held.id in room.reservations, timeout_s=SOON_S)
        changes = []
        async for event in events:
            if isinstance(event, StateChange):
                changes.append(event)
                if event.state is State.CONNECTED:
                    break
        assert changes[0].state is State.DISCONNECTED
        assert "4000" in changes[0].reason


async def test_while_the_engine_is_away_counts_are_marked_and_reservations_wait_for_it(
    own_engine: EngineProcess, settings: Settings, start_server: StartServer
) -> None:
    changes = {"engine_call_timeout_ms": 300, "engine_quiet_ms": 100, "engine_ping_timeout_ms": 200}
    settings = msgspec.structs.replace(settings, **changes)
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    server = await start_server(own_engine=engine, **changes)
    await server.open_shop()
    await server.sell("mug", 5)
    async with enter(server) as patient, enter(server, "li", policy=Policy(same_id_attempts_max=1)) as hasty:
        own_engine.send(signal.SIGSTOP)
        await patient.until(lambda room: not room.current, timeout_s=SOON_S)
        assert patient.state is State.CONNECTED
        assert patient.stock["mug"].available == 5
        refused = await hasty.reserve("mug")
        assert isinstance(refused, Refused)
        assert (refused.code, refused.retry) == ("UNAVAILABLE", "same_id")
        waiting = asyncio.create_task(patient.reserve("mug", 2))
        own_engine.send(signal.SIGCONT)
        assert isinstance(await waiting, Reserved)
        await patient.until(lambda room: room.current, timeout_s=SOON_S)
        again = await hasty.reserve("mug", reservation_id=refused.id)
        assert isinstance(again, Reserved)
        await shows(patient, "mug", 2, 3)
    await server.app.stop()
    await engine.close()


async def test_a_full_server_is_asked_again_until_there_is_a_place(start_server: StartServer) -> None:
    server = await start_server(connections_max=1, retry_after_ms=100)
    await server.open_shop()
    first = enter(server)
    second = enter(server, "li")
    await first.__aenter__()
    entering = asyncio.create_task(second.__aenter__())
    await second.until(lambda room: room.state is State.CONNECTING, timeout_s=SOON_S)
    await second.until(lambda room: room.state is State.DISCONNECTED, timeout_s=SOON_S)
    assert "full" in second._last_reason
    await first.aclose()
    async with asyncio.timeout(SOON_S):
        await entering
    assert second.current
    await second.aclose()


async def test_the_example_of_the_readme_runs(shop: RunningServer, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "client_sdk" / "python" / "README.md").read_text(encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(program, "README.md", "exec"), names)
    await shop.open_shop("demo")
    await shop.sell("mug", 0, room="demo")
    running = asyncio.create_task(names["main"](shop.url, shop.token(), "mug"))
    async with connect(shop.url, "demo", token=shop.token(user="li")) as room:
        await room.until(lambda room: room.viewers == 2, timeout_s=SOON_S)
        while not running.done():
            held = await room.reserve("mug", 5)
            if isinstance(held, Reserved):
                await asyncio.wait([running], timeout=0.2)
                await room.cancel(held.id)
        await running
    assert "live {'mug': 5}" in capsys.readouterr().out
