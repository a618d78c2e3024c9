"""The `shelfcast` command with one more duty, which must not run twice and writes down each of its runs.

To the file that DUTY_RUNS names it appends a line when a run begins and one when it ends; the clock is the machine's.
"""

from __future__ import annotations

import asyncio
import json
import os
import time

from shelfcast.__main__ import main
from shelfcast.duty.registry import REGISTRY
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pool

NAME = "write_down"
RUN_S = 0.02


class WriteDown:
    name = NAME
    may_run_twice = False
    interval_ms = 100

    def __init__(self, settings: Settings) -> None:
        self._file = os.open(os.environ["DUTY_RUNS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def run(self, pool: Pool, fence: int | None) -> None:
        self._write("begin", fence)
        await asyncio.sleep(RUN_S)
        self._write("end", fence)

    def _write(self, what: str, fence: int | None) -> None:
        line = json.dumps({"pid": os.getpid(), "fence": fence, "what": what, "at_s": time.monotonic()})
        os.write(self._file, line.encode() + b"\n")


if __name__ == "__main__":
    REGISTRY.register(WriteDown)
    main()
