"""Kill the process that does the duties, again and again: how long until another one does each, and is none done twice?

Three servers on one engine, each a process of its own. `make kill-holders` is the long form (KILLS=50); the suite has a
short one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from duty.counted_server import NAME
from engine_process import EngineProcess
from server_process import ServerProcess
from shelfcast.duty.registry import REGISTRY
from shelfcast.engine import Engine, find_binary, socket_url
from shelfcast.engine.binary import engine_command
from shelfcast.settings import Settings
from shelfcast.stock.directory import Directory
from shelfcast.stock.library import LIBRARY

SERVERS = 3
POOL = "main"
WITHIN_S = 6.0
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
SUCCESS = "shelfcast_duty_last_success_timestamp_seconds"
PROGRAM = str(Path(__file__).with_name("counted_server.py"))


@dataclass
class Found:
    """What a run of kills found."""

    seconds: list[dict[str, float]] = field(default_factory=list)
    """Of each kill: by duty, how long until it had succeeded in another process."""
    faults: list[str] = field(default_factory=list)
    runs: int = 0
    """Runs of the duty that must not run twice."""

    def worst(self) -> dict[str, float]:
        """By duty, the longest time of all kills."""
        return {name: max(kill[name] for kill in self.seconds) for name in self.seconds[0]}


async def kill_holders(kills: int, engine_url: str, folder: Path, settings: Settings) -> Found:
    """Kill the holder of the lease so often. What it takes down with it is started again each time."""
    duties = {duty.name for duty in REGISTRY.duties(settings)} | {NAME}
    runs, found, killed = folder / "runs.jsonl", Found(), {}
    engine = await Engine.connect(engine_url, settings=settings, library=LIBRARY)
    await Directory(engine, settings).create_pool(POOL)
    await engine.close()
    async with AsyncExitStack() as started:
        servers = [
            ServerProcess(settings, engine_url, program=[PROGRAM], duty_runs=runs,
                          shelfcast_duty_lease_ms=settings.duty_lease_ms, shelfcast_public_reads_a_second_max=1_000)
            for _ in range(SERVERS)
        ]  # fmt: skip
        for server in servers:
            started.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers))
        for _ in range(kills):
            holder = await holder_of(servers, duties)
            others = [server for server in servers if server is not holder]
            at, pid = time.time(), holder.pid
            await holder.kill()
            killed[pid] = time.monotonic()
            found.seconds.append(await until_all_go_on(others, duties, at))
            await holder.start()
    lines = [json.loads(line) for line in runs.read_text(encoding="utf-8").splitlines()]
    found.runs = sum(line["what"] == "begin" for line in lines)
    found.faults = [*done_twice(lines, killed), *too_late(found.seconds)]
    return found


async def holder_of(servers: list[ServerProcess], duties: set[str]) -> ServerProcess:
    """The server that holds the lease, once it has done each duty."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for server in servers:
                if await server.figure("shelfcast_duty_lease_held") and duties <= (await successes(server)).keys():
                    return server
            await asyncio.sleep(LOOK_EVERY_S)


async def until_all_go_on(servers: list[ServerProcess], duties: set[str], since: float) -> dict[str, float]:
    """By duty, the seconds from `since` to the first success in one of these processes that was seen."""
    took: dict[str, float] = {}
    async with asyncio.timeout(PATIENCE_S):
        while took.keys() < duties:
            for server in servers:
                for duty, at in (await successes(server)).items():
                    if at > since:
                        took.setdefault(duty, at - since)
            await asyncio.sleep(LOOK_EVERY_S)
    return took


async def successes(server: ServerProcess) -> dict[str, float]:
    """By duty, when it last succeeded for the pool in this process."""
    try:
        found = await server.figures(SUCCESS)
    except httpx.TransportError:
        return {}
    return {labels["duty"]: at for labels, at in found if labels["pool"] == POOL}


def done_twice(lines: list[dict[str, Any]], killed: dict[int, float]) -> list[str]:
    """Runs that were under way in two processes at once, or under a fence that was another's or too low."""
    faults, runs = [], []
    open_since: dict[int, dict[str, Any]] = {}
    for line in lines:
        if line["what"] == "begin":
            open_since[line["pid"]] = line
        else:
            runs.append((open_since.pop(line["pid"]), line["at_s"]))
    # A run that its process did not live to end was over when that was killed.
    runs += [(begun, killed.get(pid, begun["at_s"])) for pid, begun in open_since.items()]
    runs.sort(key=lambda run: run[0]["at_s"])
    owners = {begun["fence"]: begun["pid"] for begun, _ in runs[:1]}
    for (begun, ended_s), (later, _) in pairwise(runs):
        if later["at_s"] < ended_s:
            faults.append(f"two at once: {begun} until {ended_s}, and {later}")
        if later["fence"] < begun["fence"]:
            faults.append(f"a lower fence: {later} after {begun}")
        if owners.setdefault(later["fence"], later["pid"]) != later["pid"]:
            faults.append(f"one fence, two processes: {later}")
    return faults


def too_late(seconds: list[dict[str, float]]) -> list[str]:
    """Duties that went on too late."""
    return [
        f"kill {number}: {duty} went on after {took:.2f} s"
        for number, kill in enumerate(seconds, 1)
        for duty, took in kill.items()
        if took > WITHIN_S
    ]


def main() -> None:
    """The long form, as a command. Exits with 1 where a duty went on too late, or was done twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory(prefix="shelfcast-kills-") as name:
        folder = Path(name)
        data, socket = folder / "engine", folder / "engine" / "s"
        data.mkdir()
        settings = Settings(key_prefix=f"k{secrets.token_hex(4)}", port=0, token_secret=secrets.token_hex(32))
        command = engine_command(find_binary(), data, socket, parent=os.getpid())
        with EngineProcess(command, socket_url(socket), data) as engine:
            found = asyncio.run(kill_holders(kills, engine.url, folder, settings))
    for duty, worst in sorted(found.worst().items()):
        mean = sum(kill[duty] for kill in found.seconds) / kills
        sys.stdout.write(f"{duty:14} goes on after {mean:.2f} s on average, {worst:.2f} s at worst\n")
    sys.stdout.write(f"{kills} kills; {found.runs} runs of what must not run twice\n")
    sys.stdout.write("".join(f"FAULT {fault}\n" for fault in found.faults))
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
