"""Customers who want nothing but to buy, while somebody attacks: `python hostile_bystanders.py PLAN` (JSON).

Each reserves a unit and gives it back, again and again, over a WebSocket of its own; from another address `/healthz`,
`/readyz` and a newcomer's socket are asked for. A line "there" is written once all are in; then each line on standard
input that names a part of the run answers with what that part showed, as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
import msgspec
import uvloop
from wire import CLOSE, HEAD_END, JSON, PING, PONG, TEXT, Unreadable, invitation, masked, read_frames, read_head

PROBE_S = 0.5
PROBE_TIMEOUT_S = 5.0
COME_S = 60.0
AGAIN_S = 0.5
MEMBERS_AT_ONCE = 20


class Plan(NamedTuple):
    """What the customers are told."""

    port: int
    room: str
    sku: str
    tokens: list[str]
    """One a customer."""
    pause_s: float
    """From one reservation of a customer to the next."""
    source: str
    newcomer_source: str
    newcomer_token: str


class Part:
    """What one part of the run showed."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        """From sending a reservation to its verdict."""
        self.lost: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.probes: Counter[str] = Counter()
        self.probe_ms: list[float] = []

    def plain(self) -> dict[str, Any]:
        return {"ms": self.ms, "lost": self.lost, "verdicts": self.verdicts, "probes": self.probes,
                "probe_ms": self.probe_ms}  # fmt: skip


class Street:
    """All of them together. `part` is what is counted into now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.part = Part()
        self.inside = 0
        self.all_in = asyncio.Event()

    def take(self, waiting: list[Customer]) -> Part:
        """The part so far. Whoever still waits for a verdict has waited so long already."""
        part, self.part = self.part, Part()
        now = time.monotonic()
        part.ms += [(now - customer.asked_at) * 1000 for customer in waiting if customer.asked_at]
        return part


class Customer(asyncio.Protocol):
    """One customer's connection: reserve, hear, give back, hear, rest."""

    def __init__(self, street: Street, number: int) -> None:
        self._street = street
        self._number = number
        self._ids = itertools.count()
        self._id = ""
        self._name = f"{number}-{time.time_ns():x}"
        self.asked_at = 0.0
        self._connect()

    def _connect(self) -> None:
        self._head, self._data, self._upgraded = b"", b"", False
        asyncio.get_running_loop().create_task(self._come())

    async def _come(self) -> None:
        plan = self._street.plan
        self._expected = invitation(f"127.0.0.1:{plan.port}", plan.room, JSON)
        try:
            self._transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: self, "127.0.0.1", plan.port, local_addr=(plan.source, 0)
            )
        except OSError:
            asyncio.get_running_loop().call_later(AGAIN_S, self._connect)
            return
        self._transport.write(self._expected.request(plan.tokens[self._number]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._street.part.lost["reset" if exc else "closed" if self._upgraded else "refused"] += 1
        asyncio.get_running_loop().call_later(AGAIN_S, self._connect)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._upgraded:
            answer = read_head(self._data, self._expected)
            if answer is None or answer[0] != 101:
                return
            self._upgraded, self._data = True, answer[1]
            self._street.inside += 1
            if self._street.inside == len(self._street.plan.tokens):
                self._street.all_in.set()
            self._rest(spread=True)
        frames, self._data = read_frames(self._data)
        for opcode, payload in frames:
            if opcode == PING:
                self._transport.write(masked(PONG, payload))
            elif opcode == CLOSE:
                self._street.part.lost[str(int.from_bytes(payload[:2]))] += 1
            elif opcode == TEXT and self._id and self._id.encode() in payload:
                self._hear(msgspec.json.decode(payload))

    def _rest(self, *, spread: bool = False) -> None:
        """The first time each begins at a moment of its own."""
        pause_s = self._street.plan.pause_s
        share = self._number / len(self._street.plan.tokens) if spread else 1.0
        asyncio.get_running_loop().call_later(pause_s * share, self._reserve)

    def _reserve(self) -> None:
        if self._transport.is_closing() or self.asked_at:
            return
        self._id, self.asked_at = f"{self._name}-{next(self._ids)}", time.monotonic()
        self._say({"type": "reserve", "id": self._id, "sku": self._street.plan.sku, "qty": 1})

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind in {"reserved", "refused"} and self.asked_at:
            self._street.part.ms.append((time.monotonic() - self.asked_at) * 1000)
            self._street.part.verdicts[message.get("code", "OK")] += 1
            self.asked_at = 0.0
            if kind == "reserved":
                self._say({"type": "cancel", "id": self._id})
            self._rest()

    def _say(self, message: dict[str, Any]) -> None:
        self._transport.write(masked(TEXT, msgspec.json.encode(message)))


# --- newcomers --------------------------------------------------------------------------------------------------


async def probe_in_turn(street: Street) -> None:
    """Health checks and a newcomer, from an address of their own, for as long as the process lives."""
    while True:
        for name, ask in (("healthz", _get("/healthz")), ("readyz", _get("/readyz")), ("socket", _newcomer)):
            begun, part = time.monotonic(), street.part
            try:
                async with asyncio.timeout(PROBE_TIMEOUT_S):
                    said = await ask(street.plan)
            except TimeoutError:
                said = "no answer"
            except (OSError, Unreadable) as error:
                said = type(error).__name__
            part.probes[f"{name} {said}"] += 1
            part.probe_ms.append((time.monotonic() - begun) * 1000)
        await asyncio.sleep(PROBE_S)


def _get(path: str) -> Any:
    async def ask(plan: Plan) -> str:
        reader, writer = await _dial(plan)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nConnection: close\r\n\r\n".encode())
            head = await reader.read(65_536)
            return head[9:12].decode("ascii", "replace") or "closed"
        finally:
            writer.close()

    return ask


async def _newcomer(plan: Plan) -> str:
    """Comes in, and waits until it was told its own reservations."""
    expected = invitation(f"127.0.0.1:{plan.port}", plan.room, JSON)
    reader, writer = await _dial(plan)
    try:
        writer.write(expected.request(plan.newcomer_token))
        head = await reader.readuntil(HEAD_END)
        if head[9:12] != b"101":
            return head[9:12].decode("ascii", "replace")
        data = b""
        while b'"type":"me"' not in data:
            came = await reader.read(65_536)
            if not came:
                return "closed"
            data += came
    except asyncio.IncompleteReadError:
        return "closed"
    else:
        return "101"
    finally:
        writer.close()


async def _dial(plan: Plan) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", plan.port, local_addr=(plan.newcomer_source, 0))


async def main(plan: Plan) -> None:
    street = Street(plan)
    customers = []
    for number in range(len(plan.tokens)):
        customers.append(Customer(street, number))
        if number % MEMBERS_AT_ONCE == 0:
            await asyncio.sleep(0)
    async with asyncio.timeout(COME_S):
        await street.all_in.wait()
    probing = asyncio.create_task(probe_in_turn(street))
    sys.stdout.write("there\n")
    sys.stdout.flush()
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        sys.stdout.write(json.dumps(street.take(customers).plain()) + "\n")
        sys.stdout.flush()
    probing.cancel()


if __name__ == "__main__":
    uvloop.run(main(Plan(**json.loads(sys.argv[1]))))
