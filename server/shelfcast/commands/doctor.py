"""`shelfcast doctor`: what a server needs on this machine and of its engine, and what to mend.

Each check is a row: what was looked at, what was found, and what to do about it. The command ends with 1 when something
must be mended; a warning alone does not make it fail.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from shelfcast.archive.store import ArchiveStore
from shelfcast.commands import terminal
from shelfcast.commands.letters import fitting
from shelfcast.commands.quiet import quiet_log
from shelfcast.engine import DataFolder, EmbeddedEngine, Engine, Fitness, find_binary, running_socket, socket_url
from shelfcast.engine.folder import look_for_shortage
from shelfcast.errors import ConfigError, EngineError
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import TOKEN_SECRET_MIN_BYTES, Settings

DESCRIPTORS_RESERVE = 128
"""Listening sockets, the engine's connections, log files and what Python itself holds open."""
CLOCK_DIFFERENCE_MAX_MS = 500
FLUSH_SLOW_MS = 20
DISK_FREE_MIN_BYTES = 1_073_741_824
SAMPLES = 9


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    MEND = "mend"


class Check(msgspec.Struct, frozen=True):
    """One row of the table."""

    subject: str
    verdict: Verdict
    found: str
    mend: str = ""


def run(settings: Settings) -> int:
    """Check everything, print the table, and return 1 when something must be mended, else 0."""
    with quiet_log():
        checks = [*check_machine(settings), check_secret(settings), *asyncio.run(_check_places(settings))]
    console = terminal.console()
    console.print(_table(checks, console.encoding))
    broken = [check for check in checks if check.verdict is Verdict.MEND]
    console.print(f"{len(broken)} to mend." if broken else "Nothing to mend.")
    return 1 if broken else 0


async def _check_places(settings: Settings) -> list[Check]:
    return [*await check_engine(settings), await check_archive(settings)]


async def check_archive(settings: Settings) -> Check:
    """Whether what is finished can be kept; a server sells without."""
    try:
        store = ArchiveStore(settings)
    except ConfigError as error:
        return Check("archive", Verdict.MEND, str(error), "archive_url is a folder, or s3://BUCKET/PATH")
    complaint = await store.complaint()
    if complaint:
        return Check("archive", Verdict.WARNING, complaint, "until it can be written, ledgers stay in the engine")
    return Check("archive", Verdict.OK, store.place)


def check_machine(settings: Settings) -> list[Check]:
    """Limits of descriptors and of the listen queue."""
    # `serve` raises its own limit to what the system allows.
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    backlog_limit = _number_in(Path("/proc/sys/net/core/somaxconn"))
    checks = [check_descriptors(settings, limit)]
    if backlog_limit is not None:
        checks.append(check_backlog(settings, backlog_limit))
    return checks


def check_descriptors(settings: Settings, limit: int) -> Check:
    """Every viewer of a worker is a descriptor; HTTP connections come on top."""
    subject, found = "open files", f"{limit:,} a process"
    if limit == resource.RLIM_INFINITY:
        return Check(subject, Verdict.OK, "unlimited")
    viewers = settings.connections_max + DESCRIPTORS_RESERVE
    wanted = viewers + settings.http_connections_max
    raised = f"raise the hard limit to {wanted:,} (LimitNOFILE, limits.conf or the container's ulimits)"
    if limit < viewers:
        return Check(
            subject,
            Verdict.MEND,
            f"{found}; connections_max {settings.connections_max:,} needs {viewers:,}",
            f"{raised}, or --connections-max {max(limit - DESCRIPTORS_RESERVE, 1)}",
        )
    if limit < wanted:
        return Check(
            subject,
            Verdict.WARNING,
            f"{found}; {wanted:,} with handshakes under way",
            f"{raised}, or a rush at full house is refused by the system",
        )
    return Check(subject, Verdict.OK, found)


def check_backlog(settings: Settings, limit: int) -> Check:
    """The system cuts the listen queue to net.core.somaxconn."""
    if limit < settings.listen_backlog:
        return Check(
            "listen queue",
            Verdict.WARNING,
            f"net.core.somaxconn {limit:,} cuts listen_backlog {settings.listen_backlog:,}",
            f"sysctl net.core.somaxconn={settings.listen_backlog}",
        )
    return Check("listen queue", Verdict.OK, f"{settings.listen_backlog:,}")


def check_secret(settings: Settings) -> Check:
    """A key to verify tokens with: present, long enough, readable."""
    length = len(settings.token_secret.encode())
    make_one = "SHELFCAST_TOKEN_SECRET=$(openssl rand -hex 32), the same on every node"
    if 0 < length < TOKEN_SECRET_MIN_BYTES:
        return Check("token secret", Verdict.MEND, f"{length} bytes; {TOKEN_SECRET_MIN_BYTES} are needed", make_one)
    try:
        able = Tokens(settings).can_verify
    except ConfigError as error:
        return Check("token secret", Verdict.MEND, str(error), "give a PEM public key or a JWKS file that can be read")
    if not able:
        return Check("token secret", Verdict.MEND, "none, and no public key", make_one)
    kinds = [f"secret of {length} bytes"] if length else []
    kinds += [f"public key {settings.token_public_key_file}"] if settings.token_public_key_file else []
    return Check("token secret", Verdict.OK, ", ".join(kinds))


async def check_engine(settings: Settings) -> list[Check]:
    """The engine's version, durability, clock and flush time; for the embedded one its data folder too."""
    data_dir = Path(settings.data_dir)
    checks = [] if settings.engine else [check_disk(data_dir)]
    try:
        async with _engine(settings) as engine:
            for fitness in await engine.fitness():
                checks += check_fitness(fitness, cluster=engine.is_cluster)
            checks.append(check_clock(await _clock_difference_ms(engine)))
            if all(check.verdict is not Verdict.MEND for check in checks):
                checks.append(check_flush(await _flush_ms(engine, f"{settings.key_prefix}:doctor")))
    except EngineError as error:
        checks.append(Check("engine", Verdict.MEND, str(error), "mend the engine or its URL, then run this again"))
    # Behind the engine: its start may have been the one that found the tail cut.
    return checks if settings.engine else [*checks, *check_repair(data_dir)]


def check_fitness(fitness: Fitness, *, cluster: bool) -> list[Check]:
    """An engine process: fit to be used at all, then how durable it is."""
    refusal = fitness.refusal(cluster=cluster)
    if refusal:
        return [Check("engine", Verdict.MEND, refusal, "use a primary of Redis 7.0, Valkey 8 or newer")]
    checks = [Check("engine", Verdict.OK, f"{fitness.product} {fitness.version} at {fitness.node}")]
    for weakness in fitness.weaknesses():
        verdict = Verdict.MEND if weakness.certain else Verdict.WARNING
        checks.append(Check("durability", verdict, f"{fitness.node} {weakness.found}", weakness.mend))
    if len(checks) == 1:
        checks.append(Check("durability", Verdict.OK, "append-only file, flushed before each answer; evicts nothing"))
    return checks


def check_clock(difference_ms: float) -> Check:
    """Holds and sale windows go by the engine's clock, tokens by this machine's."""
    found = f"this machine is {abs(difference_ms):.0f} ms {'ahead of' if difference_ms > 0 else 'behind'} the engine"
    if abs(difference_ms) > CLOCK_DIFFERENCE_MAX_MS:
        return Check("clock", Verdict.MEND, found, "set both by NTP (chrony or systemd-timesyncd)")
    return Check("clock", Verdict.OK, found)


def check_flush(flush_ms: float) -> Check:
    """Each batch of reservations waits for one flush."""
    found = f"{flush_ms:.1f} ms for a write to be answered (median of {SAMPLES})"
    if flush_ms > FLUSH_SLOW_MS:
        return Check("flush", Verdict.WARNING, found, "put the append-only file on a faster disk")
    return Check("flush", Verdict.OK, found)


def check_disk(data_dir: Path) -> Check:
    """Room for the append-only file of the embedded engine."""
    folder = data_dir.resolve()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    shortage = look_for_shortage(existing)
    if shortage:
        return Check("data folder", Verdict.MEND, shortage, "make room, or give another --data-dir")
    free = shutil.disk_usage(existing).free
    found = f"{folder}: {free / 1_073_741_824:,.1f} GiB free"
    if free < DISK_FREE_MIN_BYTES:
        return Check("data folder", Verdict.WARNING, found, "make room, or give another --data-dir")
    return Check("data folder", Verdict.OK, found)


def check_repair(data_dir: Path) -> list[Check]:
    """Whether an engine has found the tail of its append-only file cut, and dropped it."""
    found = DataFolder(data_dir).repaired()
    return [Check("append-only file", Verdict.WARNING, found, "shelfcast audit POOL")] if found else []


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[Engine]:
    """The engine as it is, without the library and without refusing it: the one of the settings, that of the server
    which runs on the data folder, or the embedded one started on it. A folder that is not there is not made.
    """
    embedded: EmbeddedEngine | None = None
    with tempfile.TemporaryDirectory(prefix="shelfcast-doctor-") as scratch:
        data_dir = Path(settings.data_dir)
        socket = running_socket(data_dir)
        if settings.engine:
            url = settings.engine
        elif socket is not None:
            url = socket_url(socket)
        else:
            embedded = EmbeddedEngine(data_dir if _exists(data_dir) else Path(scratch), settings, binary=find_binary())
            url = await embedded.start()
        engine = Engine(url, settings, None)
        try:
            yield engine
        finally:
            await engine.close()
            if embedded is not None:
                await embedded.stop()


async def _clock_difference_ms(engine: Engine) -> float:
    """This machine's clock minus the engine's, taken where the round trip was shortest (as NTP does)."""
    samples = []
    for _ in range(SAMPLES):
        before = time.time()
        seconds, micros = await engine.command("TIME")
        after = time.time()
        samples.append((after - before, (before + after) / 2 - (int(seconds) + int(micros) / 1e6)))
    return min(samples)[1] * 1000


async def _flush_ms(engine: Engine, key: str) -> float:
    times = []
    for _ in range(SAMPLES):
        before = time.perf_counter()
        await engine.command("SET", key, "flush", "PX", 60_000, key=key)
        times.append(time.perf_counter() - before)
    await engine.command("DEL", key, key=key)
    return sorted(times)[SAMPLES // 2] * 1000


def _table(checks: list[Check], encoding: str) -> Table:
    styles = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.MEND: "bold red"}
    table = Table("check", "verdict")
    table.add_column("found", overflow="fold")
    table.add_column("what to mend", overflow="fold")
    for check in checks:
        verdict = f"[{styles[check.verdict]}]{check.verdict}[/]"
        words = (Text(fitting(text, encoding)) for text in (check.found, check.mend))
        table.add_row(check.subject, verdict, *words)
    return table


def _number_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _exists(folder: Path) -> bool:
    return folder.exists()
