"""Strike a server on which thousands wait, again and again: `python loadtest/waitlist_chaos.py [--waiting 5000]`.

All units of a SKU are held, and people wait for one each, over sockets of their own. Each round customers give units
back and some decline what they were offered, while the engine, all workers or everything is killed at a random instant.
When the server has recovered, everybody sends its `wait` again under its id, and the answers, the book's waits and the
ledger are held against what was before:

- no number of a wait has changed, and none is unknown;
- who waits is told a band that has its place, who was offered something the same offer as before, with the same end,
  and who declined that it did;
- as many are served as units were given back, the lowest numbers, nobody twice, in order;
- all units are there, and the audit finds nothing.

Prints a line a round, writes `out/waitlist-chaos.json`; exits with 1 where anything was not so.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
from chaos_faults import FAULTS, HOLD_MS, Fault, Stricken
from shelfcast.stock.waitlist import WaitRecord
from waitlist_crowd import Crowd, Plan, together
from waitlist_shop import HELD, POOL, ROOM, SKU, open_shop, operator, order_faults, reserved_in, units_in, waits_in

KINDS = ("engine", "workers", "all")
CROWDS = 2
CUSTOMER_SOURCE, CROWD_SOURCE = "127.0.0.1", "127.0.1.{}"
GIVEN_BACK_MAX = 100
"""Units that customers give back in a round."""
ROUND_SHARE = 20
"""That, or this part of those who wait where it is fewer."""
DECLINED_SHARE = 4
"""To so many units that are given back, one offer is declined."""
STRIKE_S = (0.0, 0.4)
"""From the first unit that is given back to the fault."""
GIVING_BACK_S = 0.5
"""About how long it takes until all is given back that is in a round: the fault comes in the midst of it."""
AGAIN_S = 0.1
SETTLED_S = 120.0
"""How long it may take until units that are given back are offered, and requests are answered."""
LOOK_S = 0.25
FLAGS = {"offer-ms": HOLD_MS, "live-reservations-a-user-max": GIVEN_BACK_MAX, "messages-burst": 10_000}


def kill_workers(server: Stricken, _chance: random.Random) -> str:
    """All of them, and nothing else: everybody who waits loses the connection."""
    for worker in server.workers():
        with suppress(psutil.NoSuchProcess):
            worker.kill()
    return ""


STRIKES: dict[str, Fault] = {**FAULTS, "workers": kill_workers}


class Known(msgspec.Struct):
    """What is known before a round, and must be so behind it."""

    numbers: dict[str, int]
    """Of each wait, by id."""
    until: dict[str, int] = {}
    """When each offer ends that was told, by id."""
    declined: set[str] = set()
    freed: int = 0
    """Units that came free so far, each of which is somebody's."""


class Round(msgspec.Struct):
    """What one round showed."""

    number: int
    kind: str
    freed: int
    recovered_s: float
    seconds: float
    lost: dict[str, int]
    faults: list[str]


class Evening:
    """A shop, those who hold its units, and those who wait."""

    def __init__(self, server: Stricken, waiting: int, rounds: int, chance: random.Random) -> None:
        self.server = server
        self.chance = chance
        self.each = max(4, min(GIVEN_BACK_MAX, waiting // ROUND_SHARE))
        self.units = rounds * self.each
        self.buyers = Plan(server.port, ROOM, SKU, server.secret, "buys", rounds, "reserve", self.each, CUSTOMER_SOURCE)
        sizes = [waiting // CROWDS + (number < waiting % CROWDS) for number in range(CROWDS)]
        self.plans = [
            Plan(server.port, ROOM, SKU, server.secret, f"waits{number}", size, "wait",
                 source=CROWD_SOURCE.format(number + 1))
            for number, size in enumerate(sizes) if size
        ]  # fmt: skip
        self.ids = [f"{plan.name}-{number}-0" for plan in self.plans for number in range(plan.people)]
        self.crowds: list[Crowd] = []
        self.known = Known({})

    def begin(self, there: ExitStack) -> None:
        """All is held, and all wait."""
        asyncio.run(open_shop(self.server.url, self.server.secret, self.units))
        with Crowd(self.buyers) as buyers:
            for line in ("come", "ask"):
                together([buyers], line)
        self.crowds = [there.enter_context(Crowd(plan)) for plan in self.plans]
        for line in ("come", "ask", "seen"):
            together(self.crowds, line)
        self.known.numbers = {name: wait.number for name, wait in self._waits().items()}

    def play(self, number: int, kind: str) -> Round:
        """One round. Raises RuntimeError, NotRecovered."""
        begun = time.monotonic()
        offered = [name for name in self.known.until if name not in self.known.declined]
        declined = self.chance.sample(offered, min(len(offered), self.each // DECLINED_SHARE))
        for crowd in self.crowds:
            crowd.tell(" ".join(["decline", *(name for name in declined if name.startswith(f"{crowd.plan.name}-"))]))
        said, recovered_s = asyncio.run(self._give_back_and_strike(number, kind))
        for crowd in self.crowds:
            crowd.hear()
        self.known.declined |= set(declined)
        self.known.freed += self.each + len(declined)
        faults = [said] if said else []
        faults += self._until_all_are_offered()
        together(self.crowds, "ask")
        parts = together(self.crowds, "seen")
        answers = {name: answer for part in parts for name, answer in part.answers.items()}
        lost: dict[str, int] = {}
        for part in parts:
            for why, count in part.lost.items():
                lost[why] = lost.get(why, 0) + count
        faults += self._check(answers)
        return Round(number, kind, self.known.freed, recovered_s, time.monotonic() - begun, lost, faults)

    # --- a round --------------------------------------------------------------------------------------------------

    async def _give_back_and_strike(self, number: int, kind: str) -> tuple[str, float]:
        """Customers give back, and in the midst of it the fault strikes; what there is to say, and how long it was."""
        async with asyncio.TaskGroup() as together_:
            together_.create_task(self._give_back([f"buys-{number - 1}-{n}" for n in range(self.each)]))
            await asyncio.sleep(self.chance.uniform(*STRIKE_S))
            struck = time.monotonic()
            said = await asyncio.to_thread(STRIKES[kind], self.server, self.chance)
            await asyncio.to_thread(self.server.wait_until_ready)
            recovered_s = time.monotonic() - struck
        return said, recovered_s

    async def _give_back(self, ids: Sequence[str]) -> None:
        """One after the other, each until it is answered. Raises RuntimeError."""
        token = operator(self.server.secret)
        async with httpx.AsyncClient(
            base_url=self.server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30.0, trust_env=False
        ) as http:
            until = time.monotonic() + SETTLED_S
            for name in ids:
                while not await _is_given_back(http, name):
                    if time.monotonic() > until:
                        raise RuntimeError(f"expected {name} to be given back within {SETTLED_S:.0f} s")
                    await asyncio.sleep(AGAIN_S)
                await asyncio.sleep(GIVING_BACK_S / self.each)

    def _until_all_are_offered(self) -> list[str]:
        until = time.monotonic() + SETTLED_S
        while (units := asyncio.run(units_in(self.server.data_dir))).get(HELD, 0) < self.units:
            if time.monotonic() > until:
                return [f"not offered: after {SETTLED_S:.0f} s the book has {units}"]
            time.sleep(LOOK_S)
        return []

    # --- held against what was ------------------------------------------------------------------------------------

    def _waits(self) -> dict[str, WaitRecord]:
        return asyncio.run(waits_in(self.server.data_dir, self.ids))

    def _check(self, answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
        waits = self._waits()
        order = asyncio.run(reserved_in(self.server.data_dir))[self.units :]
        told = answer_faults(self.known, waits, answers) + order_faults(order, waits)
        if len(order) != self.known.freed:
            told.append(f"served {len(order)}, given back were {self.known.freed}")
        units = asyncio.run(units_in(self.server.data_dir))
        if units.get(HELD, 0) != self.units or units.get("pool", 0):
            told.append(f"of {self.units} units the book has {units}")
        audit = self.server.audit(POOL)
        if not audit["ok"]:
            told.append(f"audit: {audit['violation_count']} violations: {audit['violations'][:3]}")
        return told


async def _is_given_back(http: httpx.AsyncClient, name: str) -> bool:
    try:
        answer = await http.post(f"/v1/pools/{POOL}/reservations/{name}/cancel", json={})
    except httpx.TransportError:
        return False
    return answer.is_success or answer.json().get("code") == "ALREADY_CANCELLED"


def answer_faults(known: Known, waits: Mapping[str, WaitRecord], answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What was answered otherwise than before, or than the book has it; `known` learns of new offers."""
    told = []
    still = sorted(wait.number for wait in waits.values() if wait.state == "waiting")
    place_of = {number: place for place, number in enumerate(still, 1)}
    for name, number in known.numbers.items():
        wait, answer = waits.get(name), answers.get(name, {})
        kind = answer.get("type")
        if wait is None or wait.number != number:
            told.append(f"{name} was number {number}, and is {wait.number if wait else 'unknown'}")
        elif wait.state == "waiting":
            place = place_of[number]
            if name in known.until or kind != "waiting" or not answer["first"] <= place <= answer["last"]:
                told.append(f"{name} waits in place {place}, and was answered {answer}")
        elif name in known.declined:
            if answer.get("code") != "ALREADY_CANCELLED":
                told.append(f"{name} has declined, and was answered {answer}")
        elif kind != "offer" or known.until.setdefault(name, answer["expires_at_ms"]) != answer["expires_at_ms"]:
            told.append(f"{name} was offered until {known.until.get(name)}, and was answered {answer}")
    return told


def show(played: Round) -> None:
    said = "; ".join(played.faults[:5]) + (f"; and {len(played.faults) - 5} more" if len(played.faults) > 5 else "")
    sys.stdout.write(
        f"round {played.number:>3} {played.kind:<8} recovered in {played.recovered_s:.1f} s, "
        f"{sum(played.lost.values()):>5} connections lost or refused, {played.freed:>5} served so far, "
        f"{played.seconds:.1f} s: {said or 'holds'}\n"
    )
    sys.stdout.flush()


def run(folder: Path, args: argparse.Namespace, chance: random.Random) -> list[Round]:
    kinds = args.kind or KINDS
    flags = {**FLAGS, "waits-a-sku-max": max(10_000, args.waiting)}
    rounds: list[Round] = []
    with ExitStack() as there:
        server = there.enter_context(
            Stricken(folder, flags=[part for flag, value in flags.items() for part in (f"--{flag}", str(value))])
        )
        server.wait_until_ready()
        evening = Evening(server, args.waiting, args.rounds, chance)
        evening.begin(there)
        for number in range(1, args.rounds + 1):
            rounds.append(evening.play(number, kinds[(number - 1) % len(kinds)]))
            show(rounds[-1])
    return rounds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=5_000, help="people who wait; fewer than half are served")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--kind", action="append", choices=sorted(set(STRIKES) - {"disk-full"}), help="only this fault")
    parser.add_argument("--seed", type=int, help="of the chance in all rounds; printed")
    parser.add_argument("--out", type=Path, default=Path("out/waitlist-chaos.json"))
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    seed = secrets.randbelow(1 << 30) if args.seed is None else args.seed
    sys.stdout.write(f"{args.waiting:,} people wait; seed {seed}\n")
    with tempfile.TemporaryDirectory(prefix="shelfcast-wait-") as folder:
        rounds = run(Path(folder), args, random.Random(seed))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"seed": seed, "waiting": args.waiting, "rounds": msgspec.to_builtins(rounds)}
    args.out.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    return 1 if any(played.faults for played in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
