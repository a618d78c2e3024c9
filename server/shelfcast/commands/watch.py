"""`shelfcast watch ROOM`: a room in the terminal, live. Where the output is no terminal: one line an event."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from rich.console import Console
from rich.live import Live
from shelfcast_client import ClientError, Room, UsageError, connect

from shelfcast.commands import terminal
from shelfcast.commands.faults import fault_of
from shelfcast.commands.room_board import Board, plain_lines
from shelfcast.errors import ShelfcastError

REDRAW_S = 0.1
"""Least spacing of redraws; more often than ten times a second nobody can read."""
LINES_MIN = 12
"""Lines of a table below other text, however low the terminal."""
COUNTDOWN_S = 1.0
"""Redrawn at least this often, for the countdowns."""


class RoomEnded(ShelfcastError):
    """The server does not let this command watch the room, or not any more."""


def run(url: str, room: str, token: str | None, *, seconds: float | None) -> int:
    """Watch until interrupted, or for `seconds`. Returns 0.

    Raises ConfigError for a wrong address, name or proxy, RoomEnded when the server refuses and when the room was never
    seen in that time.
    """
    try:
        return asyncio.run(_watch(url, room, token, seconds, terminal.console()))
    except UsageError as error:
        raise fault_of(error) from None
    except ClientError as error:
        raise RoomEnded(f"room {room}: {error}") from None


async def _watch(url: str, name: str, token: str | None, seconds: float | None, console: Console) -> int:
    show = show_live if console.is_terminal else _print_lines
    async with connect(url, name, token=token, enter_timeout_s=None) as room:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await show(room, console)
        if room.seq < 0:
            in_time = "" if seconds is None else f" in {seconds:g} s"
            raise RoomEnded(f"room {name} was not seen{in_time}: {room.last_reason or 'no snapshot came'}")
        return 0


async def _print_lines(room: Room, _: Console) -> None:
    shown: dict[str, tuple[int, int, str]] = {}
    async for event in room.events():
        for line in plain_lines(event, room, shown):
            print(line)
        sys.stdout.flush()


async def show_live(room: Room, console: Console, *, lines_above: int = 0) -> None:
    """Show the room until it is closed: on the whole screen, or below what was printed before, of which `lines_above`
    lines stay in sight. The room is best entered without waiting, so that its coming is seen too."""
    board = Board(encoding=console.encoding)
    changed = asyncio.Event()

    async def read() -> None:
        async for event in room.events():
            board.take(event, room)
            changed.set()

    with Live(console=console, auto_refresh=False, screen=lines_above == 0) as live:
        reading = asyncio.create_task(read())
        try:
            while not reading.done():
                live.update(board.render(room, max(LINES_MIN, console.height - lines_above)), refresh=True)
                await asyncio.sleep(REDRAW_S)
                with suppress(TimeoutError):
                    async with asyncio.timeout(COUNTDOWN_S):
                        await changed.wait()
                changed.clear()
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
