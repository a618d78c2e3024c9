"""The server's way to its engine: calls of library functions, routed by key, retried until they are answered.

Every function of the library gives the same answer to the same request, so a call whose answer was lost is sent again
until `engine_call_timeout_ms` is over; only then is it `EngineUnavailable`.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import structlog
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shelfcast.backoff import Backoff
from shelfcast.barrier import barrier, note_fault
from shelfcast.engine.address import Node, Shape, read_address, without_password
from shelfcast.engine.fitness import Fitness, read_fitness, said_of_writing
from shelfcast.engine.folder import DataFolder
from shelfcast.engine.library import Library
from shelfcast.engine.link import Argument, Link, pack
from shelfcast.engine.subscription import Subscription
from shelfcast.engine.topology import make_topology
from shelfcast.errors import EngineRefused, EngineUnavailable, LibraryFault, ShelfcastError
from shelfcast.metrics import ENGINE_RETRIES
from shelfcast.settings import Settings

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

RETRY = Backoff(least_ms=10, most_ms=250)
WRITE_CHECK_LASTS_MS = 60_000
"""The key that a check of writing leaves behind goes by itself."""
_ASKING = pack("ASKING")
_PASSING = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, ClusterDownError, TryAgainError)
"""Errors that another try, perhaps at another node, can mend. LOADING and MASTERDOWN are kinds of these."""
_PASSING_CODES = ("BUSY ", "NOREPLICAS ")
_UNABLE_CODES = ("MISCONF ", "OOM ")


class Engine:
    """A connected engine with our library on it. Made by `Engine.connect`; you must `close` it.

    One pipelined connection to each primary serves all calls of the process; each subscription has its own.
    """

    def __init__(self, url: str, settings: Settings, library: Library | None) -> None:
        self.url = url
        self._shown_url = without_password(url)
        self._settings = settings
        self._library = library
        self._address = read_address(url)
        self._topology = make_topology(self._address, settings.engine_connect_timeout_ms)
        self._links: dict[Node, Link] = {}
        self._opening: defaultdict[Node, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._call_timeout_s = settings.engine_call_timeout_ms / 1000
        self._closed = False
        self.folder: DataFolder | None = None
        """The data folder of an embedded engine, to look at when it does not answer."""
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, url: str, *, settings: Settings, library: Library | None) -> Engine:
        """Connect, check that the engine is fit, and bring the library onto every primary.

        Raises ConfigError for a URL that cannot be read, EngineUnavailable, EngineRefused (too old, a replica, wrong
        password), LibraryFault. Warns in the log where the engine can lose what it acknowledged.
        """
        engine = cls(url, settings, library)
        try:
            await engine._check_fitness()
            await engine.ensure_library()
        except BaseException:
            await engine.close()
            raise
        if engine._address.shape is Shape.SENTINEL:
            engine._watch = asyncio.get_running_loop().create_task(engine._leave_replaced(), name="engine primary")
        return engine

    @property
    def is_cluster(self) -> bool:
        """Whether keys are spread over several primaries."""
        return self._address.shape is Shape.CLUSTER

    async def call(self, function: str, key: str, *args: Argument) -> bytes:
        """FCALL a library function on the node that owns `key`; its answer as bytes.

        Raises EngineUnavailable (what was asked may or may not have happened: ask again with the same id), and
        LibraryFault when the function raised an error.
        """
        routing_key = _encoded(key)
        packed = _packed("FCALL", function, 1, routing_key, *args)
        answer: bytes = await self._until_answered(lambda: self._call_once(routing_key, packed))
        return answer

    async def command(self, *args: Argument, key: str | None = None) -> Any:
        """A plain command on the node that owns `key`; without a key, on any primary. Errors as `call`.

        It may be carried out twice when an answer is lost: use it for reads and for writes that may repeat.
        """
        routing_key = _encoded(key) if key is not None else None
        packed = _packed(*args)
        return await self._until_answered(lambda: self._ask_once(routing_key, packed))

    def subscribe(self, channel: str) -> Subscription:
        """A subscription to a sharded channel, not yet entered. Only `SPUBLISH` reaches it."""
        return Subscription(self._address, self._topology, channel, self._settings)

    async def fitness(self) -> list[Fitness]:
        """What every primary is and how durable. Raises EngineUnavailable, EngineRefused."""
        return await self._until_answered(lambda: self._on_primaries(read_fitness))

    async def _check_fitness(self) -> None:
        for fitness in await self.fitness():
            refusal = fitness.refusal(cluster=self.is_cluster)
            if refusal:
                raise EngineRefused(refusal)
            for weakness in fitness.weaknesses():
                _log.warning("engine.not_durable", node=fitness.node, found=weakness.found, mend=weakness.mend)

    async def write_complaint(self, key: str) -> str:
        """Why the primary of `key` takes no write at this moment, or "". Tried twice, without patience: what the first
        try found out (another primary, a replica that is dialled anew) the second goes by."""
        routing_key, packed = _encoded(key), _packed("SET", key, "1", "PX", WRITE_CHECK_LASTS_MS)
        complaint = self._shortage()  # A full disk takes a small write now and then, and ends the engine at the next.
        if complaint:
            return f"the engine takes no writes: {complaint}"
        for _ in range(2):
            try:
                async with asyncio.timeout(self._call_timeout_s / 4):
                    await self._ask_once(routing_key, packed)
            except Exception as error:
                if isinstance(error, TimeoutError):  # of whichever node it is
                    self._topology.forget()
                complaint = said_of_writing(error)
            else:
                return ""
        return f"the engine takes no writes: {self._shortage() or complaint}"

    def _shortage(self) -> str:
        return self.folder.shortage() if self.folder is not None else ""

    async def ensure_library(self) -> None:
        """Bring the library onto every primary. `call` does it by itself when a function is missing."""
        library = self._library
        if library is not None:
            await self._until_answered(lambda: self._on_primaries(library.ensure))

    async def close(self) -> None:
        """End all connections. Calls still unanswered raise EngineUnavailable."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        for link in list(self._links.values()):
            await link.close()
        self._links.clear()

    async def _until_answered(self, attempt: Callable[[], Awaitable[_T]]) -> _T:
        """Try until the engine answers, the error is one that no retry mends, or the time is over."""
        deadline = asyncio.get_running_loop().time() + self._call_timeout_s
        fault: RedisError | None = None
        tries = 0
        try:
            async with asyncio.timeout_at(deadline):
                while not self._closed:
                    try:
                        return await attempt()
                    except ShelfcastError:
                        raise
                    except RedisError as error:
                        fault = error
                    except Exception as error:
                        # Not of the engine's kind: a defect, or a transport's own. Another link may do better.
                        note_fault("engine.call")
                        self._topology.forget()
                        fault = RedisConnectionError(f"{type(error).__name__}: {error}")
                    self._judge(fault)
                    ENGINE_RETRIES.inc()
                    tries += 1
                    await asyncio.sleep(_pause_s(tries, fault))
        except TimeoutError:
            await self._close_silent_links()
            reason = self._shortage() or fault or "no answer"
            limit = self._settings.engine_call_timeout_ms
            raise EngineUnavailable(f"engine {self._shown_url}: not within {limit} ms: {reason}") from fault
        raise EngineUnavailable(f"engine {self._shown_url}: closed") from fault

    def _judge(self, error: RedisError) -> None:
        """Return where another try can help; else raise our own fault."""
        text = str(error)
        if isinstance(error, AuthenticationError | AuthorizationError | NoPermissionError):
            raise EngineRefused(f"engine {self._shown_url}: {text}") from error
        if isinstance(error, (MovedError, *_PASSING)) or text.startswith(_PASSING_CODES):
            return
        if isinstance(error, OutOfMemoryError) or text.startswith(_UNABLE_CODES):
            raise EngineUnavailable(f"engine {self._shown_url} cannot write: {said_of_writing(error)}") from error
        raise LibraryFault(text) from error

    async def _call_once(self, key: bytes, packed: bytes) -> Any:
        """A function call, at the one node that has all of the function's keys.

        It names one key and uses many. While their slot is being moved key by key, each node has only some of them, and
        both would decide on half a book: an ASK redirection is not followed, the call waits until the slot has moved.
        """
        node, link = await self._link_of(key)
        with self._doubting(node):
            try:
                return await self._ask_at(node, link, packed)
            except MovedError:  # for redis-py a kind of AskError
                raise
            except AskError as error:
                raise TryAgainError(f"the slot of {key.decode()} is on its way to another node") from error
            except ResponseError as error:
                if self._library is None or "Function not found" not in str(error):
                    raise
            # The engine was restarted empty, flushed, promoted from a replica that had none, or is new in the Cluster.
            await self._library.ensure(link)
            return await self._ask_at(node, link, packed)

    async def _ask_once(self, key: bytes | None, packed: bytes) -> Any:
        node, link = await self._link_of(key)
        with self._doubting(node):
            try:
                return await self._ask_at(node, link, packed)
            except MovedError:
                raise
            except AskError as error:
                link = await self._link_to(Node(error.host or node.host, error.port))
                return await link.ask_packed(packed, preface=_ASKING)

    async def _ask_at(self, node: Node, link: Link, packed: bytes) -> Any:
        try:
            return await link.ask_packed(packed)
        except MovedError as error:
            self._topology.follow(error, node)
            raise
        except (ReadOnlyError, MasterDownError):
            # A replica. Behind the same name or address another one may be the primary by now: ask who answers there.
            await self._leave(node, link)
            raise

    async def _link_of(self, key: bytes | None) -> tuple[Node, Link]:
        """The node that owns `key` (without one, any primary), and a usable link to it."""
        node = (await self._topology.primaries())[0] if key is None else await self._topology.primary_of(key)
        link = self._links.get(node)
        if link is not None and link.usable:
            return node, link
        with self._doubting(node):
            return node, await self._link_to(node)

    async def _on_primaries(self, use: Callable[[Link], Awaitable[_T]]) -> list[_T]:
        used = []
        for node in await self._topology.primaries():
            with self._doubting(node):
                used.append(await use(await self._link_to(node)))
        return used

    @contextmanager
    def _doubting(self, node: Node) -> Iterator[None]:
        """What fails here is looked up anew before the next try: this node may not be the primary any more."""
        try:
            yield
        except _PASSING:
            self._topology.forget(node)
            raise

    async def _link_to(self, node: Node) -> Link:
        async with self._opening[node]:
            link = self._links.get(node)
            if link is not None and link.usable:
                return link
            if link is not None:
                await link.close()
            link = await Link.open(self._address, node, self._settings.engine_connect_timeout_ms)
            if self._closed:
                await link.close()
                raise RedisConnectionError("closed")
            self._links[node] = link
            return link

    async def _leave_replaced(self) -> None:
        """Stop calling a primary that another one has replaced, before it knows itself. Feeds notice by the epoch."""
        while True:
            await asyncio.sleep(self._settings.engine_quiet_ms / 1000)
            # Where nobody can say: what fails is looked up anew by whoever it fails.
            with barrier("engine.primary"), suppress(RedisError):
                former = await self._topology.replaced()
                if former is not None:
                    _log.warning("engine.primary_replaced", former=str(former))
                    await self._leave(former, self._links.get(former))

    async def _leave(self, node: Node, link: Link | None) -> None:
        """Speak to a node by this link no more: the next call dials anew."""
        if link is not None:
            if self._links.get(node) is link:
                del self._links[node]
            await link.close()

    async def _close_silent_links(self) -> None:
        """A process that answered nobody for as long as a call may take is stopped or gone: connect anew next time."""
        for node, link in list(self._links.items()):
            if link.silent_s() >= self._call_timeout_s * 0.9:
                _log.warning("engine.silent", node=str(node))
                self._topology.forget(node)
                await link.close()


def _encoded(key: str) -> bytes:
    try:
        return key.encode()
    except UnicodeEncodeError as error:
        raise LibraryFault(f"a key cannot be encoded: {error}") from error


def _packed(*arguments: Argument) -> bytes:
    try:
        return pack(*arguments)
    except (TypeError, ValueError, OverflowError) as error:
        raise LibraryFault(f"an argument cannot be encoded: {error}") from error


def _pause_s(tries: int, fault: RedisError) -> float:
    """Full jitter, doubling. A redirection is followed at once the first time."""
    if tries == 1 and isinstance(fault, MovedError):
        return 0.0
    return random.uniform(0, RETRY.pause_s(tries))  # noqa: S311 - spreads retries, no secret
