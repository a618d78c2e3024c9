"""A command that draws on a terminal (a pseudo-terminal of this machine) until it has drawn enough, and Ctrl-C
ends it."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

SOON_S = 30
READ_BYTES = 65_536


def hear_interrupts() -> None:
    """For a child process, before it begins: what a script starts in the background is deaf to Ctrl-C, and so is all
    that it starts in turn."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def drawn(command: Sequence[str], environment: Mapping[str, str], enough: Callable[[bytes], bool]) -> bytes:
    """All bytes that the command wrote to its terminal. Raises TimeoutError where it never draws enough."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *command, stdout=theirs, stderr=theirs, env=environment, preexec_fn=hear_interrupts
    )
    os.close(theirs)
    seen = b""
    async with asyncio.timeout(SOON_S):
        while not enough(seen):
            seen += await asyncio.to_thread(os.read, ours, READ_BYTES)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(SOON_S):
        with suppress(OSError):  # the terminal's other end is closed
            while chunk := await asyncio.to_thread(os.read, ours, READ_BYTES):
                seen += chunk
    await process.wait()
    os.close(ours)
    return seen
