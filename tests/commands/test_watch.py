"""`shelfcast watch` on a real server: lines where nobody looks, a table where somebody does."""

from __future__ import annotations

import asyncio
import io
import os
import sys

import pytest
from fixtures_server import ROOM, RunningServer
from rich.console import Console
from shelfcast.commands import watch
from shelfcast.commands.room_board import Board, plain_lines, printable, window
from shelfcast.errors import ConfigError
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Move, MoveKind, put
from shelfcast_client import Alert, Banner, Notice, SkuState, Spotlight, StateChange, Waiting, connect
from terminal_window import drawn

SOON_S = 30


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    await server.open_shop()
    await server.sell("mug", 40, last_n=30)
    await server.sell("bowl", 0)
    return server


def screen(board: Board, room: object, height: int = 24) -> str:
    console = Console(file=io.StringIO(), width=120, height=height, color_system=None, force_terminal=True)
    console.print(board.render(room, height))  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_the_table_shows_counts_levels_spotlight_and_banners(shop: RunningServer) -> None:
    board = Board()
    operator = connect(shop.url, ROOM, token=shop.token("operator", user="zhang"))
    async with connect(shop.url, ROOM, enter_timeout_s=None) as room, operator:
        events = room.events()
        await operator.operator.spotlight("mug")
        await operator.operator.notice("back at \x1b[2J eight")
        await operator.reserve("mug", 12)
        awaited: set[type] = {Banner, Notice, Spotlight}
        async for event in events:
            board.take(event, room)
            awaited.discard(type(event))
            if not awaited:
                break
        seen = screen(board, room)
    assert "LIVE" in seen
    assert "connected" in seen
    [mug] = [line for line in seen.splitlines() if "Mug" in line]
    assert all(word in mug for word in ("▶", "mug", "9.90 CNY", "28", "12", "last"))
    [bowl] = [line for line in seen.splitlines() if "Bowl" in line]
    assert "sold out" in bowl
    assert "mug: last 28 left" in seen
    assert "notice: back at �[2J eight" in seen


async def test_whoever_comes_backstage_reads_the_servers_share_and_alerts(shop: RunningServer) -> None:
    board = Board()
    async with (
        connect(shop.url, ROOM, token=shop.token("host"), enter_timeout_s=None) as room,
        connect(shop.url, ROOM) as passer_by,
        connect(shop.url, ROOM, token=shop.token(user="wang")) as buyer,
    ):
        events = room.events()
        await buyer.reserve("mug", 35)
        async for event in events:
            board.take(event, room)
            if isinstance(event, Alert):
                break
        await room.until(lambda room: "mug" in room.metrics and room.metrics["mug"].remaining == 5, timeout_s=SOON_S)
        seen, seen_by_viewers = screen(board, room), screen(Board(), passer_by)
        [alert] = room.alerts.values()
        await room.operator.acknowledge_alert(alert.id, note="on its way")
        async for event in events:
            if isinstance(event, Alert):
                board.take(event, room)
                break
        noted = screen(board, room)
    assert (alert.rule, alert.tier_percent, alert.remaining, alert.offered) == ("share_left", 20, 5, 40)
    assert "alert: mug at or under 20 %, 5 left: " in seen
    [mug] = [line for line in seen.splitlines() if "Mug" in line]
    assert mug.count("█") == 2, "an eighth of twelve cells, rounded up"
    assert "█" not in seen_by_viewers, "a viewer is not told what was offered"
    assert "alert noted by wang: mug at or under 20 %, 5 left" in noted


async def test_who_waits_is_counted_and_an_alert_says_whom_its_answer_serves(shop: RunningServer) -> None:
    board, told = Board(), dict[str, tuple[int, int, str]]()
    await shop.apply(put(What.ROOM, ROOM, {"waitlist": True}))
    await shop.apply(Move("carve", MoveKind.CARVE, "mug", 10, "pool", "elastic"))
    async with (
        connect(shop.url, ROOM, token=shop.token("host")) as room,
        connect(shop.url, ROOM, token=shop.token(user="wang")) as buyer,
        connect(shop.url, ROOM, token=shop.token(user="li")) as late,
    ):
        events = room.events()
        await buyer.reserve("mug", 22)
        assert isinstance(await late.wait("mug", 9), Waiting), "there are only eight"
        await buyer.reserve("mug", 7)
        lines: list[str] = []
        async for event in events:
            board.take(event, room)
            lines += plain_lines(event, room, told)
            said = "\n".join(lines)
            if "mug: 1 wait" in said and "10 more serve 1 who wait" in said:
                break
        seen = screen(board, room)
    assert "; 10 more serve 1 who wait" in seen
    header = next(line for line in seen.splitlines() if "held" in line)
    [mug] = [line for line in seen.splitlines() if "Mug" in line]
    assert mug[header.index("wait") : header.index("wait") + 4].strip() == "1"


async def test_a_lost_connection_is_shown_with_the_last_counts(shop: RunningServer) -> None:
    board = Board()
    async with connect(shop.url, ROOM) as room:
        events = room.events()
        room._socket.transport.abort()  # type: ignore[union-attr]
        async for event in events:
            board.take(event, room)
            if isinstance(event, StateChange):
                break
        seen = screen(board, room)
    assert "disconnected: connection lost" in seen
    assert "next attempt in" in seen
    assert "last known counts" in seen
    assert "40" in seen


async def test_more_skus_than_fit_are_named_by_their_number(shop: RunningServer) -> None:
    for number in range(30):
        await shop.sell(f"sku-{number:02}", 0)
    async with connect(shop.url, ROOM) as room:
        await room.until(lambda room: len(room.stock) == 32, timeout_s=SOON_S)
        seen = screen(Board(), room)
    assert "more SKUs; here are those that changed last" in seen
    assert len(seen.splitlines()) <= 24


async def test_plain_lines_print_a_count_once(shop: RunningServer) -> None:
    shown: dict[str, tuple[int, int, str]] = {}
    lines: list[str] = []
    async with (
        connect(shop.url, ROOM, enter_timeout_s=None) as room,
        connect(shop.url, ROOM, token=shop.token(user="wang")) as buyer,
    ):
        events = room.events()
        await buyer.reserve("mug", 2)
        async for event in events:
            lines += plain_lines(event, room, shown)
            if "38 left" in lines[-1]:
                break
        room._socket.transport.abort()  # type: ignore[union-attr]
        await buyer.reserve("mug", 1)
        async for event in events:
            lines += plain_lines(event, room, shown)
            if "37 left" in lines[-1]:
                break
    words = [line.partition(" ")[2] for line in lines]
    assert [line for line in words if line.startswith("mug: ")][-2:] == [
        "mug: 38 left, 2 held, ok",
        "mug: 37 left, 3 held, ok",
    ]
    assert words.count("bowl: 0 left, 0 held, sold_out") == 1
    assert [line for line in words if line.startswith("disconnected")]


async def test_the_command_prints_lines_into_a_pipe(shop: RunningServer) -> None:
    command = [sys.executable, "-m", "shelfcast", "watch", ROOM, "--url", shop.url, "--seconds", "60"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(SOON_S):
        while b"mug: 40 left" not in await process.stdout.readline():
            pass
        await shop.receive("bowl", 7)
        while b"bowl: 7 left" not in await process.stdout.readline():
            pass
    process.terminate()
    await process.wait()


async def test_the_command_draws_a_table_on_a_terminal(shop: RunningServer) -> None:
    command = [sys.executable, "-m", "shelfcast", "watch", ROOM, "--url", shop.url, "--seconds", "60"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    seen = await drawn(command, environment, lambda seen: b"Mug" in seen and b"40" in seen)
    assert b"\x1b[?1049h" in seen, "it draws on a screen of its own"
    assert b"\x1b[?1049l" in seen, "and gives the terminal back"


async def run(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", "watch", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_wrong_use_and_refusals_are_one_line_with_their_exit_code(shop: RunningServer) -> None:
    for arguments, code, words in (
        (("Not A Room", "--url", shop.url), 2, "room: expected 1 to 64"),
        ((ROOM, "--url", "ftp://host"), 2, "url: expected http"),
        (("nowhere", "--url", shop.url), 1, "there is no such room"),
        ((ROOM, "--url", shop.url, "--token", "no.token.this"), 1, "status 401"),
    ):
        returned, said = await run(*arguments)
        assert (returned, len(said.splitlines())) == (code, 1), said
        assert words in said


async def test_a_room_that_is_never_seen_is_a_failure() -> None:
    with pytest.raises(watch.RoomEnded, match=r"room show was not seen in 0\.3 s: .*Connect call failed"):
        await asyncio.to_thread(watch.run, "http://127.0.0.1:1", "show", None, seconds=0.3)
    with pytest.raises(ConfigError):
        await asyncio.to_thread(watch.run, "nonsense", "show", None, seconds=1)


def test_sale_windows_count_down_by_the_servers_clock() -> None:
    def state(opens_at_ms: int | None = None, closes_at_ms: int | None = None) -> SkuState:
        return SkuState("mug", "Mug", 990, "CNY", 1, 0, "ok", None, opens_at_ms, closes_at_ms)

    assert window(state(), 0) == ""
    assert window(state(opens_at_ms=61_500), None) == ""
    assert window(state(opens_at_ms=61_500), 0) == "opens in 0:01:02"
    assert window(state(opens_at_ms=1_000, closes_at_ms=61_000), 1_000) == "closes in 0:01:00"
    assert window(state(closes_at_ms=61_000), 61_000) == "closed"


def test_what_could_command_a_terminal_is_not_printed() -> None:
    assert printable("a\x1b]0;owned\x07b\nc") == "a�]0;owned�b�c"
    assert printable("茶具 🍵") == "茶具 🍵"
