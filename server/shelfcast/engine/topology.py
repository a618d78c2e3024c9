"""Which engine process answers for a key: one process, the primary that Sentinels name, or a Cluster's slot owner."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

import msgspec
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shelfcast.engine.address import Address, Node, Shape
from shelfcast.engine.link import Link
from shelfcast.errors import EngineRefused

_T = TypeVar("_T")


class Topology(Protocol):
    """Finds primaries and remembers them until told to forget. Raises redis-py's errors when nobody can say."""

    async def primary_of(self, key: bytes) -> Node:
        """The process that may write this key."""

    async def primaries(self) -> list[Node]:
        """Every process that takes writes."""

    def follow(self, moved: MovedError, asked: Node) -> None:
        """A node said that a slot is another's now."""

    def forget(self, node: Node | None = None) -> None:
        """What is known of this node, or of all, may be out of date: ask again before the next use of it."""

    async def replaced(self) -> Node | None:
        """A primary that is none any more although it still answers as one, forgotten now; None where there is none."""


def make_topology(address: Address, connect_timeout_ms: int) -> Topology:
    """The topology of an address; connects to nothing yet."""
    match address.shape:
        case Shape.SINGLE:
            return _Single(address.nodes[0])
        case Shape.SENTINEL:
            return _Sentinels(address, connect_timeout_ms)
        case Shape.CLUSTER:
            return _Cluster(address, connect_timeout_ms)


class _Single:
    def __init__(self, node: Node) -> None:
        self._node = node

    async def primary_of(self, key: bytes) -> Node:
        return self._node

    async def primaries(self) -> list[Node]:
        return [self._node]

    def follow(self, moved: MovedError, asked: Node) -> None:
        raise EngineRefused(f"{asked} is a Cluster node; give its URL as redis+cluster://{asked}")

    def forget(self, node: Node | None = None) -> None:
        pass

    async def replaced(self) -> Node | None:
        return None


class _Sentinels:
    """The primary that a Sentinel names and does not hold for down."""

    def __init__(self, address: Address, connect_timeout_ms: int) -> None:
        options = {name: value for name, value in address.options.items() if name.startswith(("ssl_", "socket_"))}
        self._address = msgspec.structs.replace(address, options=options | dict(address.sentinel_options))
        self._connect_timeout_ms = connect_timeout_ms
        self._known: Node | None = None
        self._failovers = 0
        """The Sentinels' count of failovers that `_known` is of; one that lags names a former primary."""

    async def primary_of(self, key: bytes) -> Node:
        if self._known is not None:
            return self._known
        failovers, named = await _first_answer(self._address.nodes, self._ask)
        self._failovers, self._known = failovers, named
        return named

    async def primaries(self) -> list[Node]:
        return [await self.primary_of(b"")]

    def follow(self, moved: MovedError, asked: Node) -> None:
        raise EngineRefused(f"{asked} is a Cluster node: Sentinels and Cluster do not go together")

    def forget(self, node: Node | None = None) -> None:
        if node is None or node == self._known:
            self._known = None

    async def replaced(self) -> Node | None:
        """Sentinels tell a primary some ten seconds later that it was replaced; what it takes until then is lost."""
        former = self._known
        failovers, named = await _first_answer(self._address.nodes, self._ask)
        if former is None or named == former or failovers <= self._failovers:
            return None
        self._failovers, self._known = failovers, named
        return former

    async def _ask(self, sentinel: Node) -> tuple[int, Node]:
        service = self._address.service
        try:
            answer = await _ask_once(self._address, sentinel, self._connect_timeout_ms, "SENTINEL", "MASTER", service)
        except ResponseError as error:
            raise RedisConnectionError(f"Sentinel {sentinel} knows no service {service!r}: {error}") from None
        fields = dict(zip(answer[::2], answer[1::2], strict=True))
        if b"down" in fields[b"flags"]:
            raise RedisConnectionError(f"Sentinel {sentinel} holds the primary of {service!r} for down")
        return int(fields[b"config-epoch"]), Node(fields[b"ip"].decode(), int(fields[b"port"]))


class _Cluster:
    """The slot map, read with CLUSTER SLOTS from any node that answers."""

    def __init__(self, address: Address, connect_timeout_ms: int) -> None:
        self._address = address
        self._connect_timeout_ms = connect_timeout_ms
        self._starts: list[int] = []
        self._ranges: list[tuple[int, Node]] = []
        """Last slot and owner of the range that begins at the same place of `_starts`."""
        self._moved: dict[int, Node] = {}
        """Slots that were found elsewhere since the map was read; other nodes may learn of it later than we did."""
        self._nodes: list[Node] = list(address.nodes)
        self._stale = True
        self._doubted: set[Node] = set()
        """Nodes that failed since the map was read. Their slots alone are looked up anew: while a primary is away that
        has no replica, calls to the others wait for no map."""
        self._reading = asyncio.Lock()

    async def primary_of(self, key: bytes) -> Node:
        slot = key_slot(key)
        owner = self._owner_of(slot)
        if owner is None:
            self._stale = True
        if self._stale or owner in self._doubted:
            await self._read_map()
            owner = self._owner_of(slot)
        if owner is None:
            raise RedisConnectionError(f"no node of the Cluster owns slot {slot}")
        return owner

    def _owner_of(self, slot: int) -> Node | None:
        if slot in self._moved:
            return self._moved[slot]
        place = bisect_right(self._starts, slot) - 1
        return None if place < 0 or self._ranges[place][0] < slot else self._ranges[place][1]

    async def primaries(self) -> list[Node]:
        if self._stale or self._doubted:
            await self._read_map()
        return sorted({node for _, node in self._ranges} | set(self._moved.values()))

    def follow(self, moved: MovedError, asked: Node) -> None:
        self._moved[moved.slot_id] = Node(moved.host or asked.host, moved.port)

    def forget(self, node: Node | None = None) -> None:
        if node is None:
            self._stale = True
            self._moved.clear()
        else:
            self._doubted.add(node)
            self._moved = {slot: owner for slot, owner in self._moved.items() if owner != node}

    async def replaced(self) -> Node | None:
        return None  # A node that was replaced answers MOVED, and one that is cut off from the others nothing.

    async def _read_map(self) -> None:
        async with self._reading:
            if self._stale or self._doubted:
                nodes = dict.fromkeys([*self._nodes, *self._address.nodes])
                self._take(*await _first_answer(nodes, self._ask))

    async def _ask(self, node: Node) -> tuple[Node, list[Any]]:
        try:
            rows = await _ask_once(self._address, node, self._connect_timeout_ms, "CLUSTER", "SLOTS")
        except ResponseError as error:
            raise EngineRefused(f"{node} is no Cluster node ({error}); use redis:// for one engine") from None
        if not rows:
            raise RedisConnectionError(f"{node} knows no owner of any slot")
        return node, rows

    def _take(self, asked: Node, rows: list[Any]) -> None:
        """Rows are [first slot, last slot, [host, port, id, …] of the primary, replicas…]; no host means `asked`."""
        rows = sorted(rows, key=lambda row: int(row[0]))
        self._starts = [int(row[0]) for row in rows]
        self._ranges = [(int(row[1]), _owner(row[2], asked)) for row in rows]
        self._nodes = sorted({node for _, node in self._ranges})
        self._stale = False
        self._doubted.clear()


def _owner(fields: list[Any], asked: Node) -> Node:
    host = (fields[0] or b"").decode()
    return Node(asked.host if host in {"", "?"} else host, int(fields[1]))


async def _ask_once(address: Address, node: Node, timeout_ms: int, *command: str) -> list[Any]:
    """One command on a connection of its own. Raises redis-py's errors, ConnectionError after the time-out."""
    link = await Link.open(address, node, timeout_ms)
    try:
        async with asyncio.timeout(timeout_ms / 1000):
            answer: list[Any] = await link.ask(*command)
    except TimeoutError:
        raise RedisConnectionError(f"{node} did not answer {command[0]} {command[1]}") from None
    finally:
        await link.close()
    return answer


async def _first_answer(nodes: Iterable[Node], ask: Callable[[Node], Coroutine[Any, Any, _T]]) -> _T:
    """Ask all at once and take the first that answers, so that dead ones cost no time. Raises the last fault."""
    asking = [asyncio.create_task(ask(node)) for node in nodes]
    fault: RedisError = RedisConnectionError("no node to ask")
    try:
        for answer in asyncio.as_completed(asking):
            try:
                return await answer
            except (RedisConnectionError, RedisTimeoutError) as error:
                fault = error
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    raise fault
