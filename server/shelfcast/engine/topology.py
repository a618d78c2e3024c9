"""Which engine process answers for a key: one process, the primary that Sentinels name, or a Cluster's slot owner."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import Any, Protocol

from redis.asyncio.sentinel import Sentinel
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from shelfcast.engine.address import Address, Node, Shape
from shelfcast.engine.link import Link
from shelfcast.errors import EngineRefused


class Topology(Protocol):
    """Finds primaries and remembers them until told to forget. Raises redis-py's errors when nobody can say."""

    async def primary_of(self, key: bytes) -> Node:
        """The process that may write this key."""

    async def primaries(self) -> list[Node]:
        """Every process that takes writes."""

    def forget(self) -> None:
        """What is known may be out of date: ask again on the next use."""

    async def close(self) -> None:
        """End what it holds open."""


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

    def forget(self) -> None:
        pass

    async def close(self) -> None:
        pass


class _Sentinels:
    def __init__(self, address: Address, connect_timeout_ms: int) -> None:
        self._service = address.service
        self._known: Node | None = None
        timeout_s = connect_timeout_ms / 1000
        self._sentinel = Sentinel(  # type: ignore[no-untyped-call]
            [tuple(node) for node in address.nodes],
            sentinel_kwargs={
                "socket_timeout": timeout_s,
                "socket_connect_timeout": timeout_s,
                "ssl": address.tls,
                **{name: value for name, value in address.options.items() if name.startswith("ssl_")},
                **address.sentinel_options,
            },
        )

    async def primary_of(self, key: bytes) -> Node:
        if self._known is None:
            host, port = await self._sentinel.discover_master(self._service)
            self._known = Node(host.decode() if isinstance(host, bytes) else host, int(port))
        return self._known

    async def primaries(self) -> list[Node]:
        return [await self.primary_of(b"")]

    def forget(self) -> None:
        self._known = None

    async def close(self) -> None:
        await self._sentinel.aclose()


class _Cluster:
    """The slot map, read with CLUSTER SLOTS from any node that answers."""

    def __init__(self, address: Address, connect_timeout_ms: int) -> None:
        self._address = address
        self._connect_timeout_ms = connect_timeout_ms
        self._starts: list[int] = []
        self._ranges: list[tuple[int, Node]] = []
        """Last slot and owner of the range that begins at the same place of `_starts`."""
        self._nodes: list[Node] = list(address.nodes)
        self._stale = True
        self._reading = asyncio.Lock()

    async def primary_of(self, key: bytes) -> Node:
        if self._stale:
            await self._read_map()
        slot = key_slot(key)
        place = bisect_right(self._starts, slot) - 1
        if place < 0 or self._ranges[place][0] < slot:
            self._stale = True
            raise RedisConnectionError(f"no node of the Cluster owns slot {slot}")
        return self._ranges[place][1]

    async def primaries(self) -> list[Node]:
        if self._stale:
            await self._read_map()
        return sorted({node for _, node in self._ranges})

    def forget(self) -> None:
        self._stale = True

    async def close(self) -> None:
        pass

    async def _read_map(self) -> None:
        async with self._reading:
            if not self._stale:
                return
            fault: RedisError | None = None
            for node in dict.fromkeys([*self._nodes, *self._address.nodes]):
                try:
                    rows = await self._ask_slots(node)
                except RedisConnectionError as error:
                    fault = error
                    continue
                except RedisError as error:
                    raise EngineRefused(f"{node} is no Cluster node: {error}; use redis:// for one engine") from None
                if rows:
                    self._take(rows, node)
                    return
            raise fault or RedisConnectionError("no node of the Cluster knows an owner of any slot")

    async def _ask_slots(self, node: Node) -> list[Any]:
        link = await Link.open(self._address, node, self._connect_timeout_ms)
        try:
            async with asyncio.timeout(self._connect_timeout_ms / 1000):
                rows: list[Any] = await link.ask("CLUSTER", "SLOTS")
        except TimeoutError:
            raise RedisConnectionError(f"{node} did not say who owns which slot") from None
        finally:
            await link.close()
        return rows

    def _take(self, rows: list[Any], asked: Node) -> None:
        """Rows are [first slot, last slot, [host, port, id, …] of the primary, replicas…]; an empty host is `asked`."""
        rows = sorted(rows, key=lambda row: int(row[0]))
        self._starts = [int(row[0]) for row in rows]
        self._ranges = [(int(row[1]), Node((row[2][0] or b"").decode() or asked.host, int(row[2][1]))) for row in rows]
        self._nodes = sorted({node for _, node in self._ranges})
        self._stale = False
