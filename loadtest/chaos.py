"""Strike a server that sells, again and again, and see that nothing is lost: `python loadtest/chaos.py --rounds 300`.

Each round: customers reserve over sockets, a till confirms and cancels over HTTP, a fault strikes at a random instant,
the server recovers, and the book is held against all that was acknowledged. The server and its data go on over all
rounds. `--resume` goes on where a run was interrupted; state, data and log are in out/chaos/ until a run has ended
well. Writes out/chaos.json; exits with 1 when anything was lost, doubled, oversold, unanswered, or an HTTP 500.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import shutil
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from chaos_faults import FAULTS, Fault, NotRecovered, Stricken, mount_small_disk, unmount
from chaos_sale import Account, Sale, account_of
from rich.console import Console
from rich.table import Table

STRIKE_S = (0.1, 0.8)
"""From the opening to the fault."""
GOES_ON_S = 0.3
"""The sale goes on so long behind the recovery."""
ROUND_MAX_S = 240.0
AUDIT_EVERY = 10
"""An audit reads the whole ledger, which grows."""


class Round(msgspec.Struct):
    """What one round showed."""

    number: int
    kind: str
    seed: int
    acknowledged: int
    recovered_s: float
    seconds: float
    counts: dict[str, int]
    faults: list[str]

    @property
    def bad(self) -> bool:
        return bool(self.faults or self.counts.get("unanswered") or self.counts.get("http_500"))


class State(msgspec.Struct):
    """What a resumed run must know."""

    seed: int
    kinds: list[str]
    skipped: dict[str, str]
    account: Account
    rounds: list[Round]


async def play(server: Stricken, state: State, number: int, kind: str) -> Round:
    """One round."""
    seed = state.seed + number
    chance = random.Random(seed)
    sale = Sale(server.url, server.secret, number, chance)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(ROUND_MAX_S):
            await sale.open(state.account)
            selling = asyncio.create_task(sale.run())
            try:
                said, recovered_s = await _strike(server, FAULTS[kind], chance)
                await asyncio.sleep(GOES_ON_S)
            finally:
                sale.over.set()
                await selling
            audited = number % AUDIT_EVERY == 0 or number == 1
            faults = ([said] if said else []) + await sale.check(state.account, audited=audited)
    finally:
        await sale.close()
    return Round(
        number=number,
        kind=kind,
        seed=seed,
        acknowledged=len(sale.said),
        recovered_s=recovered_s,
        seconds=time.monotonic() - begun,
        counts=dict(sale.counts),
        faults=faults,
    )


async def _strike(server: Stricken, fault: Fault, chance: random.Random) -> tuple[str, float]:
    """At a random instant; what there is to say of it, and how long the server was not ready."""
    await asyncio.sleep(chance.uniform(*STRIKE_S))
    struck = time.monotonic()
    said = await asyncio.to_thread(fault, server, chance)
    await asyncio.to_thread(server.wait_until_ready)
    return said, time.monotonic() - struck


def run(args: argparse.Namespace) -> State:
    folder: Path = args.folder
    path = folder / "state.json"
    if args.resume and path.exists() and not any((folder / "data").glob("*")):
        raise SystemExit(f"{folder / 'data'} is empty: the rounds before cannot be gone on with")
    if not args.resume:
        unmount(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    state = _begun(args, path)
    for kind, why in state.skipped.items():
        sys.stdout.write(f"left out: {kind} ({why})\n")
    with Stricken(folder) as server:
        server.wait_until_ready()
        if state.rounds:
            # The round that was interrupted is in the book, and its answers are known to nobody.
            state.account = asyncio.run(account_of(server.url, server.secret))
        while len(state.rounds) < args.rounds:
            number = len(state.rounds) + 1
            kind = state.kinds[(number - 1) % len(state.kinds)]
            try:
                played = asyncio.run(play(server, state, number, kind))
            except (NotRecovered, TimeoutError, ExceptionGroup) as error:
                state.rounds.append(_broken(state, number, kind, error))
                path.write_bytes(msgspec.json.encode(state))
                sys.stdout.write(f"round {number} ({kind}): {error}\n{server.log()}\n")
                break
            state.rounds.append(played)
            path.write_bytes(msgspec.json.encode(state))
            _tell(played)
    return state


def _begun(args: argparse.Namespace, path: Path) -> State:
    if args.resume and path.exists():
        return msgspec.json.decode(path.read_bytes(), type=State)
    kinds = list(args.kind or FAULTS)
    no_disk = mount_small_disk(args.folder / "data") if "disk-full" in kinds else ""
    skipped = {"disk-full": no_disk} if no_disk else {}
    seed = secrets.randbelow(1 << 30) if args.seed is None else args.seed
    return State(seed, [kind for kind in kinds if kind not in skipped], skipped, Account({}, {}, {}), [])


def _broken(state: State, number: int, kind: str, error: BaseException) -> Round:
    fault = f"the round did not come to an end: {error!r}"[:500]
    return Round(number, kind, state.seed + number, 0, 0.0, 0.0, {}, [fault])


def _tell(played: Round) -> None:
    counts = played.counts
    said = "; ".join(played.faults) or "holds"
    sys.stdout.write(
        f"round {played.number:>3} {played.kind:<10} seed {played.seed}: {played.acknowledged:>4} acknowledged, "
        f"recovered in {played.recovered_s:.1f} s, {counts.get('unanswered', 0)} unanswered, "
        f"{counts.get('http_500', 0)} HTTP 500, {played.seconds:.1f} s: {said}\n"
    )
    sys.stdout.flush()


def summary(state: State) -> list[dict[str, Any]]:
    """What each kind of fault did."""
    rows = []
    for kind in state.kinds:
        rounds = [played for played in state.rounds if played.kind == kind]
        if not rounds:
            continue
        words = Counter(fault.partition(":")[0] for played in rounds for fault in played.faults)
        rows.append({
            "kind": kind,
            "rounds": len(rounds),
            "acknowledged": sum(played.acknowledged for played in rounds),
            "recovered_p50_s": statistics.median(played.recovered_s for played in rounds),
            "recovered_max_s": max(played.recovered_s for played in rounds),
            "asked_again": sum(played.counts.get("again", 0) for played in rounds),
            "unanswered": sum(played.counts.get("unanswered", 0) for played in rounds),
            "http_500": sum(played.counts.get("http_500", 0) for played in rounds),
            "faults": dict(words),
        })  # fmt: skip
    return rows


def show(state: State, rows: list[dict[str, Any]]) -> None:
    console = Console(width=150)
    table = Table(title=f"{len(state.rounds)} rounds, seed {state.seed}")
    headings = ("fault", "rounds", "acknowledged", "recovered p50 / max s", "asked again", "unanswered", "HTTP 500", "")
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {"fault", ""} else "right")
    for row in rows:
        said = ", ".join(f"{count} × {word}" for word, count in row["faults"].items()) or "nothing lost"
        recovered = f"{row['recovered_p50_s']:.1f} / {row['recovered_max_s']:.1f}"
        names = ("asked_again", "unanswered", "http_500")
        table.add_row(
            row["kind"], str(row["rounds"]), f"{row['acknowledged']:,}", recovered, *(str(row[n]) for n in names), said
        )
    for kind, why in state.skipped.items():
        table.add_row(kind, "0", "", "", "", "", "", f"left out: {why}")
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300, help="in all, those before a --resume among them")
    parser.add_argument("--resume", action="store_true", help="go on with the rounds, the data and the seed of before")
    parser.add_argument("--kind", action="append", choices=sorted(FAULTS), help="only this fault; may be given again")
    parser.add_argument("--seed", type=int, help="of the chance in all rounds; printed")
    parser.add_argument("--folder", type=Path, default=Path("out/chaos"))
    parser.add_argument("--out", type=Path, default=Path("out/chaos.json"))
    args = parser.parse_args()
    args.folder = args.folder.resolve()
    state = run(args)
    rows = summary(state)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"seed": state.seed, "skipped": state.skipped, "kinds": rows, "rounds": msgspec.to_builtins(state.rounds)}
    args.out.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    show(state, rows)
    bad = [played for played in state.rounds if played.bad]
    if not bad and len(state.rounds) >= args.rounds:
        # A run that found something leaves its data to be looked at.
        unmount(args.folder / "data")
        shutil.rmtree(args.folder)
    return 1 if bad or len(state.rounds) < args.rounds else 0


if __name__ == "__main__":
    sys.exit(main())
