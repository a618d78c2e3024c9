"""What one anonymous client costs the others: `python loadtest/bench/hostile.py [--only NAME] [--seconds 8]`.

For each attack of `hostile_attacks.py` a real server of its own, 200 bystanders who reserve and give back
(`hostile_bystanders.py`), first alone, which is the control run, then beside the attack. Everything is on loopback;
attacker, bystanders and newcomers come from addresses of their own. Writes `out/bench-hostile.json`; exits with 1 where
an attack costs the others more than the bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
import psutil
from hostile_attacks import ATTACKS, Attack
from measured_server import MeasuredServer
from rich.console import Console
from rich.table import Table
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from shelfcast_client.merchant import Merchant

HERE = Path(__file__).parent
BYSTANDERS = 200
PAUSE_S = 1.0
"""From one reservation of a bystander to its next."""
SECONDS = 8.0
POOL, ROOM, CHANNEL, SKU = "hostile", "evening", "live", "mug"
BYSTANDER, NEWCOMER, ATTACKER = "127.0.0.1", "127.0.0.2", "127.0.0.66"
DESCRIPTORS = 4_096
"""What a process of the server may open here: as many as many a system gives."""
SAMPLE_S = 0.25
END_S = 20.0

P99_TIMES = 2.0
P99_MORE_MS = 50.0
MEMORY_MORE_MB = 112.0
"""What 2,000 HTTP connections take that each have eight requests waiting: 50 KB each."""
DESCRIPTORS_MORE = 2_200
"""The connections that one address may have (2,000), and what newcomers need beside them."""
LOG_LINES_A_SECOND_MAX = 20.0
LOG_BYTES_A_SECOND_MAX = 10_000.0
PASSES_MAX = 240
"""Guests' passes that one address may have (120 a minute), in the two minutes that a run may touch."""


class Cost(NamedTuple):
    """What the server's processes used at most, and wrote a second."""

    memory_mb: float
    descriptors: int
    lines_a_second: float
    bytes_a_second: float


class Watch(threading.Thread):
    """Looks at the server's processes for as long as a part of the run lasts. A context manager."""

    def __init__(self, server: MeasuredServer) -> None:
        super().__init__(daemon=True)
        self._server = psutil.Process(server.pid)
        self._log = server.log_path
        self._over = threading.Event()
        self._memory = self._descriptors = 0

    def __enter__(self) -> Watch:
        self._begun, self._written = time.monotonic(), self._log.stat().st_size
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
        self._look()
        self._seconds = time.monotonic() - self._begun

    @property
    def cost(self) -> Cost:
        with self._log.open("rb") as log:
            log.seek(self._written)
            written = log.read()
        return Cost(
            memory_mb=self._memory / 1e6,
            descriptors=self._descriptors,
            lines_a_second=written.count(b"\n") / self._seconds,
            bytes_a_second=len(written) / self._seconds,
        )

    def run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self._look()

    def _look(self) -> None:
        """All processes but the engine: memory together, descriptors of the one that has the most."""
        memory = most = 0
        for process in [self._server, *self._server.children(recursive=True)]:
            try:
                if not process.name().startswith(("valkey", "redis")):
                    memory += process.memory_info().rss
                    most = max(most, process.num_fds())
            except psutil.Error:
                continue
        self._memory, self._descriptors = max(self._memory, memory), max(self._descriptors, most)


class Bystanders:
    """The process of all who only want to buy."""

    def __init__(self, port: int, tokens: list[str], newcomer: str) -> None:
        plan = {
            "port": port, "room": ROOM, "sku": SKU, "tokens": tokens, "pause_s": PAUSE_S, "source": BYSTANDER,
            "newcomer_source": NEWCOMER, "newcomer_token": newcomer,
        }  # fmt: skip
        command = [sys.executable, str(HERE / "hostile_bystanders.py"), json.dumps(plan)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._hear() != "there":
            self.end()
            raise RuntimeError("the bystanders did not come in")

    def part(self) -> dict[str, Any]:
        """What they have seen since the last time."""
        assert self._process.stdin
        self._process.stdin.write("part\n")
        self._process.stdin.flush()
        seen: dict[str, Any] = json.loads(self._hear())
        return seen

    def _hear(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


# --- one attack ---------------------------------------------------------------------------------------------------


def run(name: str, attack: Attack, seconds: float, bystanders: int) -> dict[str, Any]:
    """The control run and the attack, on a server of their own, and what each showed."""
    proxy = ATTACKER if attack.trusted else BYSTANDER
    flags = ["--log-level", "info" if attack.lines else "warning", "--trusted-proxies", proxy]
    with tempfile.TemporaryDirectory(prefix="shelfcast-hostile-") as folder:
        server = MeasuredServer(Path(folder), workers=attack.workers, flags=flags, niceness=0, descriptors=DESCRIPTORS)
        with server:
            tokens = Tokens(Settings(token_secret=server.secret))
            asyncio.run(_open_room(server.url, tokens.mint(role=Role.OPERATOR, user="hostile")))
            buyers = [tokens.mint(role=Role.VIEWER, user=f"buyer-{n}", room=ROOM) for n in range(bystanders)]
            newcomer = tokens.mint(role=Role.VIEWER, user="newcomer", room=ROOM)
            seen = Bystanders(server.port, buyers, newcomer)
            try:
                time.sleep(PAUSE_S)
                seen.part()
                with Watch(server) as quiet:
                    time.sleep(seconds)
                control = seen.part()
                with Watch(server) as busy:
                    ended = _attack(name, server, seconds)
                beside = seen.part()
            finally:
                seen.end()
            return {
                "workers": attack.workers,
                "control": _figures(control, quiet.cost),
                "beside": _figures(beside, busy.cost),
                "attacker": ended,
            }


async def _open_room(url: str, token: str) -> None:
    async with Merchant(url, token, POOL) as merchant:
        await merchant.define_pool()
        await merchant.define_channel(CHANNEL)
        rows = [{"sku": SKU, "title": "Mug", "price_minor": 9_900, "opening": 1_000_000}]
        await merchant.catalogue(rows, key="opening")
        await merchant.define_room(ROOM, channel=CHANNEL, status="live", anonymous=True, open_reservations=True)
        await merchant.list_in_room(ROOM, [{"sku": SKU}])


def _attack(name: str, server: MeasuredServer, seconds: float) -> dict[str, Any]:
    target = {"port": server.port, "room": ROOM, "seconds": seconds, "source": ATTACKER, "secret": server.secret}
    command = [sys.executable, str(HERE / "hostile_attacks.py"), name, json.dumps(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attacker:
        try:
            said, _ = attacker.communicate(timeout=seconds + END_S)
        except subprocess.TimeoutExpired:
            attacker.send_signal(signal.SIGKILL)
            said, _ = attacker.communicate()
    if not said:
        return {"fate": {"did not come to an end": 1}, "answers": {}, "sent_bytes": 0}
    ended: dict[str, Any] = json.loads(said)
    return ended


def _figures(part: dict[str, Any], cost: Cost) -> dict[str, Any]:
    times = sorted(part["ms"]) or [float("inf")]
    return {
        "reservations": len(part["ms"]),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[min(len(times) - 1, len(times) * 99 // 100)],
        "max_ms": times[-1],
        "lost": part["lost"],
        "verdicts": part["verdicts"],
        "probes": part["probes"],
        "probe_max_ms": max(part["probe_ms"], default=0.0),
        **cost._asdict(),
    }


# --- the verdict ----------------------------------------------------------------------------------------------------


def faults(attack: Attack, found: dict[str, Any]) -> list[str]:
    """What of the bounds does not hold."""
    control, beside, answers = found["control"], found["beside"], found["attacker"]["answers"]
    most_ms = max(control["p99_ms"] * P99_TIMES, control["p99_ms"] + P99_MORE_MS)
    told = []
    if not beside["p99_ms"] <= most_ms:
        told.append(f"p99 {beside['p99_ms']:,.0f} ms, above {most_ms:,.0f}")
    if beside["lost"]:
        told.append(f"cut off: {sum(beside['lost'].values())}")
    if beside["memory_mb"] > control["memory_mb"] + MEMORY_MORE_MB:
        told.append(f"memory +{beside['memory_mb'] - control['memory_mb']:,.0f} MB")
    if beside["descriptors"] > control["descriptors"] + DESCRIPTORS_MORE:
        told.append(f"descriptors {beside['descriptors']:,}")
    turned_away = {name: count for name, count in beside["probes"].items() if not name.endswith((" 200", " 101"))}
    told += [f"newcomer: {count} × {name}" for name, count in sorted(turned_away.items())]
    if beside["lines_a_second"] > LOG_LINES_A_SECOND_MAX:
        told.append(f"{beside['lines_a_second']:,.0f} log lines a second")
    if beside["bytes_a_second"] > LOG_BYTES_A_SECOND_MAX:
        told.append(f"{beside['bytes_a_second'] / 1e3:,.0f} KB of log a second")
    if not attack.trusted and answers.get("201", 0) > PASSES_MAX:
        told.append(f"{answers['201']:,} passes")
    wrong = {name: count for name, count in answers.items() if "500" in name or "without an answer" in name}
    told += [f"attacker: {count:,} × {name}" for name, count in sorted(wrong.items())]
    return told


def show(result: dict[str, Any]) -> None:
    console = Console(width=170)
    table = Table(title=f"What one client costs {result['bystanders']} others, alone → beside the attack")
    for heading in ("attack", "workers", "p50 ms", "p99 ms", "max ms", "cut off", "memory MB", "descriptors",
                    "log lines/s", "KB/s", "verdict"):  # fmt: skip
        table.add_column(heading, justify="left" if heading in {"attack", "verdict"} else "right")
    for name, found in result["attacks"].items():
        a, b = found["control"], found["beside"]
        pairs = [f"{a[key]:,.0f} → {b[key]:,.0f}" for key in ("p50_ms", "p99_ms", "max_ms")]
        used = [f"{a[key]:,.0f} → {b[key]:,.0f}" for key in ("memory_mb", "descriptors")]
        written = [f"{b['lines_a_second']:,.0f}", f"{b['bytes_a_second'] / 1e3:,.1f}"]
        said = "; ".join(found["faults"]) or "holds"
        lost = str(sum(b["lost"].values()))
        table.add_row(name, str(found["workers"]), *pairs, lost, *used, *written, said)
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(ATTACKS), help="this attack; may be given again")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the control run, and of the attack")
    parser.add_argument("--bystanders", type=int, default=BYSTANDERS)
    parser.add_argument("--out", type=Path, default=Path("out/bench-hostile.json"))
    args = parser.parse_args()
    result: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores", "seconds": args.seconds, "bystanders": args.bystanders, "attacks": {},
    }  # fmt: skip
    for name in args.only or ATTACKS:
        found = run(name, ATTACKS[name], args.seconds, args.bystanders)
        found["faults"] = faults(ATTACKS[name], found)
        result["attacks"][name] = found
        sys.stdout.write(f"{name}: {'; '.join(found['faults']) or 'holds'}; attacker: {found['attacker']}\n")
        sys.stdout.flush()
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)
    return 1 if any(found["faults"] for found in result["attacks"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
