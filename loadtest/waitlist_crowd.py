"""People of one room who reserve, or wait for what comes free: `waitlist_crowd.py`, told line by line what to do.

The first line on standard input is a `Plan` (JSON); then each line is answered by one line:

    come             all connect, as their users; answered when everybody is in
    ask              all send what they are here for, under the same ids each time; answered when each has its answer
    offers           answered when everybody has been offered something
    decline ID …     those who have been offered this give it back; answered when each was told so
    left UNITS       answered when everybody was told that so many units are available
    seen             what was seen so far (`Seen`), and another sheet is begun

Every answer is JSON: {"fault": …} where something was not so in time. Whoever loses its connection comes back after a
moment, and sends again what it has no answer to.
"""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import uvloop
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings
from wire import CLOSE, JSON, PING, PONG, TEXT, invitation, masked, read_frames, read_head

ENTERING_MAX = 100
"""Connections whose handshake is under way."""
AGAIN_S, AGAIN_MAX_S = 0.5, 5.0
"""At most so long after a lost connection the next attempt is made, then after double the time, up to the latter."""
KNOWN_MAX = 512
"""Frames for everybody that are remembered with what they say: they come to each of them."""
PATIENCE_S = 120.0
LINE_MAX_BYTES = 2**20
_ANSWERS = frozenset(("reserved", "confirmed", "waiting", "offer", "wait_over", "refused"))


class Plan(msgspec.Struct):
    """Who comes, and what for."""

    port: int
    room: str
    sku: str
    secret: str
    name: str
    """Of the crowd; its people's names and ids begin with it."""
    people: int
    kind: str
    """`reserve` or `wait`: what they send."""
    each: int = 1
    """How many requests each sends, of one unit."""
    source: str = "127.0.0.1"
    patience_s: float = PATIENCE_S


class Offered(msgspec.Struct, array_like=True):
    """An offer as it arrived, by this machine's clock."""

    id: str
    at_s: float
    seq: int
    qty: int


class Left(msgspec.Struct, array_like=True):
    """What frames said of the SKU's available units, when the first of them arrived, and how many there were."""

    seq: int
    available: int
    at_s: float
    frames: int


class Seen(msgspec.Struct):
    """What everybody has seen since the last time."""

    frames: int = 0
    """That tell of the SKU's units: snapshots, and changes."""
    left: list[Left] = []
    """Those with any available."""
    offers: list[Offered] = []
    held: dict[str, int] = {}
    """By id of a reservation: until when, in the engine's milliseconds."""
    answers: dict[str, dict[str, Any]] = {}
    """By id: the latest answer."""
    lost: dict[str, int] = {}
    """Connections that ended, by why."""
    refused: dict[str, int] = {}
    fault: str = ""


class Street:
    """All people of the process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tokens = Tokens(Settings(token_secret=plan.secret))
        self.entering = asyncio.Semaphore(ENTERING_MAX)
        self.inside = 0
        self.unanswered: set[str] = set()
        self.without_offer: set[str] = set()
        self.declining: set[str] = set()
        self.changed = asyncio.Event()
        self._known: dict[bytes, dict[str, Any]] = {}
        self._left: dict[tuple[int, int], Left] = {}
        self._lost: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self.seen = Seen(offers=[], held={}, answers={})
        self.people = [Person(self, number) for number in range(plan.people)]
        self.by_id = {name: person for person in self.people for name in person.ids}

    async def come(self) -> Seen | None:
        for person in self.people:
            person.connect()
        return await self._until(lambda: self.inside == len(self.people), "everybody in")

    async def ask(self) -> Seen | None:
        self.unanswered = set(self.by_id)
        for person in self.people:
            person.say_unanswered()
        return await self._until(lambda: not self.unanswered, "an answer for everybody")

    async def offers(self) -> Seen | None:
        return await self._until(lambda: not self.without_offer, "an offer for everybody")

    async def decline(self, ids: list[str]) -> Seen | None:
        self.declining = set(ids)
        for name in ids:
            self.by_id[name].decline(name)
        return await self._until(lambda: not self.declining, "every offer given back")

    async def left(self, units: int) -> Seen | None:
        def all_know() -> bool:
            return all(person.available == units for person in self.people)

        return await self._until(all_know, f"{units} available for everybody")

    def take(self) -> Seen:
        seen, self.seen = self.seen, Seen(offers=[], held={}, answers={})
        seen.left, self._left = list(self._left.values()), {}
        seen.lost, seen.refused = dict(self._lost), dict(self._refused)
        self._lost.clear()
        self._refused.clear()
        return seen

    async def _until(self, so: Callable[[], bool], what: str) -> Seen | None:
        """None, or what there is to say where it is not so in time."""
        try:
            async with asyncio.timeout(self.plan.patience_s):
                while not so():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            left = f"{self.inside} in, {len(self.unanswered)} unanswered, {len(self.without_offer)} without an offer"
            return Seen(fault=f"expected {what} within {self.plan.patience_s:.0f} s: {left}")
        return None

    # --- what is heard ----------------------------------------------------------------------------------------------

    def hear(self, person: Person, payload: bytes) -> None:
        message = self._known.get(payload)
        if message is None:
            message = msgspec.json.decode(payload)
            if message["type"] in ("stock", "snapshot"):
                if len(self._known) >= KNOWN_MAX:
                    self._known.clear()
                self._known[payload] = message
        kind = message["type"]
        if kind in ("stock", "snapshot"):
            self._count(person, message)
        elif kind in _ANSWERS:
            self._answered(person, kind, message)
        elif kind in ("cancelled", "expired") and message["id"] in self.declining:
            self.declining.discard(message["id"])
            self.changed.set()

    def _count(self, person: Person, message: dict[str, Any]) -> None:
        if message["type"] == "stock":
            available = next((row[1] for row in message["rows"] if row[0] == self.plan.sku), None)
        else:
            available = next((row["available"] for row in message["skus"] if row["sku"] == self.plan.sku), None)
        if available is None:
            return
        self.seen.frames += 1
        if available != person.available:
            person.available = available
            self.changed.set()
        if available > 0:
            left = self._left.setdefault(
                (message["seq"], available), Left(message["seq"], available, time.time(), frames=0)
            )
            left.frames += 1

    def _answered(self, person: Person, kind: str, message: dict[str, Any]) -> None:
        name = message["id"]
        if name not in self.by_id:
            return
        if kind == "refused":
            self._refused[message["code"]] += 1
            if message["retry"] == "same_id" and (name in self.unanswered or name in self.declining):
                pause_s = message.get("retry_after_ms", 0) / 1000 or random.uniform(0, AGAIN_S)
                asyncio.get_running_loop().call_later(pause_s, person.say_again, name)
                return
            if name in self.declining:
                # It was given back before, and only the answer was lost.
                self.declining.discard(name)
        if kind == "offer":
            self.seen.offers.append(Offered(name, time.time(), message["seq"], message["qty"]))
            self.without_offer.discard(name)
        if kind in ("offer", "reserved"):
            self.seen.held[name] = message["expires_at_ms"]
        self.seen.answers[name] = message
        self.unanswered.discard(name)
        if not self.unanswered or not self.without_offer or not self.declining:
            self.changed.set()

    def lost(self, why: str) -> None:
        self._lost[why] += 1


class Person(asyncio.Protocol):
    """One person's connection."""

    def __init__(self, street: Street, number: int) -> None:
        plan = street.plan
        self._street = street
        self._user = f"{plan.name}-{number}"
        self.ids = [f"{self._user}-{n}" for n in range(plan.each)]
        self.available = -1
        self._transport: asyncio.Transport | None = None
        self._upgraded = False
        self._attempt = 0
        if plan.kind == "wait":
            street.without_offer |= set(self.ids)

    def connect(self) -> None:
        self._data, self._upgraded, self._transport = b"", False, None
        self._coming = asyncio.get_running_loop().create_task(self._come())

    async def _come(self) -> None:
        plan = self._street.plan
        await self._street.entering.acquire()
        self._has_turn = True
        self._expected = invitation(f"127.0.0.1:{plan.port}", plan.room, JSON)
        token = self._street.tokens.mint(role=Role.VIEWER, user=self._user, room=plan.room)
        try:
            transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: self, "127.0.0.1", plan.port, local_addr=(plan.source, 0)
            )
        except OSError as error:
            self._pass_turn()
            self._street.lost(type(error).__name__)
            self._come_again()
            return
        self._transport = transport
        transport.write(self._expected.request(token))

    def _pass_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._street.entering.release()

    def _come_again(self) -> None:
        pause_s = random.uniform(0, min(AGAIN_MAX_S, AGAIN_S * 2**self._attempt))
        self._attempt += 1
        asyncio.get_running_loop().call_later(pause_s, self.connect)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pass_turn()
        if self._upgraded:
            self._street.inside -= 1
        self._upgraded = False
        self._street.lost("reset" if exc else "closed" if self._data else "refused")
        self._come_again()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._upgraded:
            answer = read_head(self._data, self._expected)
            if answer is None:
                return
            if answer[0] != 101:
                assert self._transport is not None
                self._transport.close()
                return
            self._upgraded, self._data, self._attempt = True, answer[1], 0
            self._pass_turn()
            self._street.inside += 1
            self._street.changed.set()
            self.say_unanswered()
        frames, self._data = read_frames(self._data)
        for opcode, payload in frames:
            if opcode == PING:
                self._write(PONG, payload)
            elif opcode == CLOSE:
                self._street.lost(f"close {int.from_bytes(payload[:2])}")
            elif opcode == TEXT:
                self._street.hear(self, payload)

    # --- what is said -----------------------------------------------------------------------------------------------

    def say_unanswered(self) -> None:
        for name in self.ids:
            self.say_again(name)

    def say_again(self, name: str) -> None:
        """Not now where there is no connection: then all is said again when there is one."""
        if name in self._street.unanswered:
            plan = self._street.plan
            self._say({"type": plan.kind, "id": name, "sku": plan.sku, "qty": 1})
        if name in self._street.declining:
            self._say({"type": "decline", "id": name})

    def decline(self, name: str) -> None:
        self._say({"type": "decline", "id": name})

    def _say(self, message: dict[str, Any]) -> None:
        self._write(TEXT, msgspec.json.encode(message))

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._upgraded and self._transport is not None and not self._transport.is_closing():
            self._transport.write(masked(opcode, payload))


class Crowd:
    """A crowd's process, as who conducts it has it. A context manager."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.tell(msgspec.json.encode(plan).decode())

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, line: str) -> None:
        """Say what to do; it is answered by the next `hear`."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> Seen:
        """The answer. Raises RuntimeError where something was not so in time, or the process has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the crowd {self.plan.name} has ended by itself")
        seen = msgspec.json.decode(line, type=Seen)
        if seen.fault:
            raise RuntimeError(f"the crowd {self.plan.name}: {seen.fault}")
        return seen


def together(crowds: list[Crowd], line: str) -> list[Seen]:
    """All do it at the same time. Raises RuntimeError."""
    for crowd in crowds:
        crowd.tell(line)
    return [crowd.hear() for crowd in crowds]


async def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    lines = asyncio.StreamReader(limit=LINE_MAX_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    street = Street(msgspec.json.decode(await lines.readline(), type=Plan))
    while line := await lines.readline():
        word, *rest = line.decode().split()
        match word:
            case "come":
                said = await street.come()
            case "ask":
                said = await street.ask()
            case "offers":
                said = await street.offers()
            case "decline":
                said = await street.decline(rest)
            case "left":
                said = await street.left(int(rest[0]))
            case "seen":
                said = street.take()
            case _:
                said = Seen(fault=f"no such command: {word}")
        sys.stdout.buffer.write(msgspec.json.encode(said or Seen()) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(main())
