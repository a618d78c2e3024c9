"""The composition root: the only module that knows every layer. It starts them in order, and stops them in reverse."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, cast

import structlog
from uvicorn import Config, Server

from shelfcast.archive.store import ArchiveStore
from shelfcast.archive.watch import ArchiveWatch
from shelfcast.duty.keeper import Keeper
from shelfcast.duty.registry import REGISTRY
from shelfcast.engine import Engine, open_engine
from shelfcast.errors import ConfigError
from shelfcast.gateway.descriptors import raise_descriptor_limit
from shelfcast.gateway.entry import refusal_at_entry, refusal_at_pool_entry
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.new_connection import NewConnection
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.services import Check, Exposition, Services, own_exposition
from shelfcast.http.application import create_app
from shelfcast.pool.hub import PoolHub
from shelfcast.room.hub import Hub
from shelfcast.settings import Settings
from shelfcast.stock.lease import Lease
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.pools import Pools

_log = structlog.get_logger(__name__)

WRITE_CHECK_EVERY_S = 1.0


class App:
    """One server process: engine, pools, rooms, sockets and HTTP on one port.

    `engine` is one that is connected already, and stays open; without it the one that the settings name is used, or
    the embedded one. `listener` is a listening socket to serve, which the app closes; `exposition` is what
    /metrics answers, `warnings` what /readyz says of parts that are none of ours; `open_house` names the rooms
    whose host passes anybody may have; `beside` ends what else uses the engine, behind all but that. `start` raises
    ConfigError and EngineError with one line that says what to mend.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        engine: Engine | None = None,
        listener: socket.socket | None = None,
        exposition: Exposition = own_exposition,
        warnings: Mapping[str, Check] | None = None,
        open_house: frozenset[str] = frozenset(),
        beside: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.settings = settings
        self.port = 0
        """The port it listens on, once started; the system's choice where the setting is 0."""
        self._given_engine = engine
        self._given_listener = listener
        self._exposition = exposition
        self._warnings = dict(warnings or {})
        self._open_house = open_house
        self._beside = beside
        self._parts = AsyncExitStack()
        self._ticker: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._checking_writes = asyncio.Lock()
        self._next_write_check = float("-inf")
        self._write_complaint = ""

    async def start(self) -> None:
        """Start everything; when it returns, the port answers."""
        async with AsyncExitStack() as parts:
            await self._start(parts)
            self._parts = parts.pop_all()

    async def _start(self, parts: AsyncExitStack) -> None:
        settings = self.settings
        tokens = checked_tokens(settings)
        listener = self._given_listener or _listen(settings)
        parts.callback(listener.close)
        # Sockets that are accepted inherit it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, settings.send_buffer_bytes)
        engine = self._given_engine
        if engine is None:
            engine = await parts.enter_async_context(open_engine(settings, LIBRARY))
        self.engine: Engine = engine
        if self._beside is not None:
            parts.push_async_callback(self._beside)
        self._archive_watch = ArchiveWatch(ArchiveStore(settings))
        parts.push_async_callback(self._archive_watch.close)
        self._archive_watch.complaint()
        self.pools = Pools(engine, settings)
        parts.push_async_callback(self.pools.close)
        self.keeper = Keeper(self.pools, Lease(engine, "duty", settings), settings, REGISTRY.duties(settings))
        self.keeper.start()
        parts.push_async_callback(self.keeper.close)
        self.hub = Hub(self.pools, settings)
        self.hub.start()
        parts.push_async_callback(self.hub.close)
        self.pool_hub = PoolHub(self.pools, settings, self.hub.airtime)
        parts.push_async_callback(self.pool_hub.close)
        self.gate = Gate(
            settings, self.hub, self.pool_hub, tokens.verify, self.pools.accounts, raise_descriptor_limit()
        )
        self.gate.start()
        parts.push_async_callback(self.gate.close)
        checks = {"engine": self._check_engine, "feeds": self._check_feeds, "serving": self._check_serving}
        services = Services(
            settings=settings,
            pools=self.pools,
            hub=self.hub,
            tokens=tokens,
            entry=partial(refusal_at_entry, self.gate),
            pool_entry=partial(refusal_at_pool_entry, self.gate),
            checks=checks,
            warnings={
                "books": self._warn_of_lost_data,
                "engine": self._warn_of_repair,
                "duties": self._warn_of_late_duties,
                "archive": self._warn_of_archive,
                **self._warnings,
            },
            open_house=self._open_house,
            exposition=self._exposition,
            stopping=self._stopping.is_set,
        )
        self._server = Server(self._server_config(services))
        await _start_server(self._server, listener, settings)
        parts.push_async_callback(self._server.shutdown)
        self._ticker = asyncio.get_running_loop().create_task(self._server.main_loop(), name="uvicorn")
        self.port = listener.getsockname()[1]
        # With workers, the supervisor says so once for all of them.
        say = _log.info if self._given_listener is None else _log.debug
        say("serving", host=settings.host, port=self.port, tls=bool(settings.tls_certificate_file))

    async def serve_forever(self) -> None:
        """Wait until `stop` is under way."""
        await self._stopping.wait()

    async def stop(self, *, handover: bool = False) -> None:
        """Drain: viewers are told to go elsewhere, requests are finished, what was taken is answered; the engine goes
        last. May be called twice.

        Whoever comes meanwhile is told that this server stops; with `handover`, another process takes them at once.
        """
        if self._stopping.is_set():
            return
        settings = self.settings
        self._stopping.set()
        _log.info("draining")
        if self._ticker is not None:
            if handover:
                for server in self._server.servers:
                    server.close()
                await self.gate.finish_handshakes()
            else:
                await asyncio.sleep(settings.drain_notice_ms / 1000)
            await self.gate.drain()
            # Not waited for: it looks ten times a second whether it should end.
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        limit_ms = settings.drain_timeout_ms + settings.engine_call_timeout_ms + settings.engine_stop_timeout_ms
        try:
            async with asyncio.timeout(limit_ms / 1000):
                await self._parts.aclose()
        except TimeoutError:
            # The part that hung was cancelled, and the others were stopped behind it.
            _log.exception("stopped.late", limit_ms=limit_ms)
        else:
            _log.info("stopped")

    def _server_config(self, services: Services) -> Config:
        settings = self.settings
        return Config(
            create_app(services),
            # uvicorn asks for a class, and calls it: the gate comes with it.
            http=cast(Any, partial(NewConnection, self.gate)),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # `gateway.http_talk` believes the proxies that the settings name.
            proxy_headers=False,
            backlog=settings.listen_backlog,
            ssl_certfile=settings.tls_certificate_file or None,
            ssl_keyfile=settings.tls_key_file or None,
            timeout_graceful_shutdown=max(1, settings.drain_timeout_ms // 1000),
        )

    # --- readiness ----------------------------------------------------------------------------------------------

    async def _check_engine(self) -> str:
        """Whether the book can be written; looked at once a second at most, however many ask."""
        loop = asyncio.get_running_loop()
        async with self._checking_writes:
            if loop.time() >= self._next_write_check:
                self._write_complaint = await self._try_to_write()
                self._next_write_check = loop.time() + WRITE_CHECK_EVERY_S
        return self._write_complaint

    async def _try_to_write(self) -> str:
        prefix = self.settings.key_prefix
        # In a Cluster each pool has a primary of its own.
        bases = [pool.book.base for pool in self.pools.opened] if self.engine.is_cluster else []
        keys = [f"{base}:writable" for base in (bases or [prefix])]
        complaints = await asyncio.gather(*(self.engine.write_complaint(key) for key in keys))
        return "; ".join(dict.fromkeys(filter(None, complaints)))

    async def _check_feeds(self) -> str:
        silent = [pool.book.pool for pool in self.pools.opened if not pool.feed.live]
        return f"no feed of {', '.join(silent)}" if silent else ""

    async def _warn_of_repair(self) -> str:
        return self.engine.folder.repaired() if self.engine.folder is not None else ""

    async def _warn_of_lost_data(self) -> str:
        short = [pool.book.pool for pool in self.pools.opened if pool.book.lost_data]
        return f"the engine came back without acknowledged moves of {', '.join(short)}: audit" if short else ""

    async def _warn_of_late_duties(self) -> str:
        return "; ".join(self.keeper.late())

    async def _warn_of_archive(self) -> str:
        return self._archive_watch.complaint()

    async def _check_serving(self) -> str:
        return "draining" if self._stopping.is_set() else ""


def checked_tokens(settings: Settings) -> Tokens:
    """What checks tokens by these settings. Raises ConfigError for settings that a server cannot run with."""
    settings.check()
    tokens = Tokens(settings)
    if not tokens.can_verify:
        raise ConfigError(
            "no key to check tokens with: set SHELFCAST_TOKEN_SECRET (32 bytes or more), "
            "or --token-public-key-file; `shelfcast demo` needs neither"
        )
    return tokens


def _listen(settings: Settings) -> socket.socket:
    """The listening socket. Raises ConfigError where there cannot be one."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=settings.listen_backlog)
    except OSError as error:
        raise ConfigError(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}") from None


async def _start_server(server: Server, listener: socket.socket, settings: Settings) -> None:
    """What `Server.serve` does before its loop, without its signal handlers: those are the command's."""
    try:
        server.config.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the TLS certificate or key cannot be used: {error}") from None
    config = server.config
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[])
    # uvicorn would give a client that begins TLS and says no more a minute.
    timeout_s = settings.handshake_timeout_ms / 1000 if config.ssl is not None else None
    made = partial(cast(Any, config.http_protocol_class), config=config, server_state=server.server_state, app_state={})
    # uvloop accepts one connection a turn from each descriptor that it listens on. Behind thousands who have connected
    # at once, a health check would wait in the kernel's queue for as many turns.
    # `dup` sets the socket itself to whether ours blocks. A predecessor still accepts from it: on one that blocks, it
    # would stand still from the first client that another takes until the next one comes.
    listener.setblocking(False)
    listeners = [listener, *(listener.dup() for _ in range(settings.accepts_a_turn - 1))]
    for one in listeners:
        serving = await asyncio.get_running_loop().create_server(
            made, sock=one, ssl=config.ssl, ssl_handshake_timeout=timeout_s, backlog=config.backlog
        )
        server.servers.append(serving)
