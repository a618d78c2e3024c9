"""Sessions of the sockets that a cookie opened: looked up when they are opened, and again every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from shelfcast.barrier import barrier
from shelfcast.errors import EngineError
from shelfcast.gateway.connection import Connection
from shelfcast.protocol.access import Principal
from shelfcast.protocol.codes import Close
from shelfcast.settings import Settings
from shelfcast.stock.accounts import SESSIONS_A_READ, Accounts


class SocketSessions:
    """The sessions behind the open sockets of a process. `start` before use, `close` at the end.

    While the engine does not answer, open sockets stay open: each is bounded by its session's own end.
    """

    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self._accounts = accounts
        self._every_s = settings.session_check_ms / 1000
        self._lookups_max = settings.session_lookups_at_once_max
        self._lookups: set[asyncio.Task[Principal | None]] = set()
        self._open: dict[str, set[Connection]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look after the sessions."""
        self._task = asyncio.get_running_loop().create_task(self._look_after(), name="socket sessions")

    async def close(self) -> None:
        """Look after nothing any more."""
        tasks = [*self._lookups, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def is_full(self) -> bool:
        """Whether as many are being looked up as may be."""
        return len(self._lookups) >= self._lookups_max

    async def principal(self, digest: str) -> Principal | None:
        """Who shows the cookie of this digest; None where the session has ended. Raises EngineError."""
        [session] = await self._accounts.sessions([digest])
        return None if session is None else session.principal

    def look_up(self, digest: str, tell: Callable[[asyncio.Task[Principal | None]], None]) -> None:
        """The same, told when it is known."""
        task = asyncio.get_running_loop().create_task(self.principal(digest), name="session")
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)
        task.add_done_callback(tell)

    def opened(self, connection: Connection) -> None:
        """A connection is open; one that no cookie opened is left alone."""
        digest = connection.principal.session
        if digest:
            self._open.setdefault(digest, set()).add(connection)

    def lost(self, connection: Connection) -> None:
        """A connection is closed."""
        digest = connection.principal.session
        connections = self._open.get(digest)
        if connections is not None:
            connections.discard(connection)
            if not connections:
                del self._open[digest]

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            with barrier("gate.sessions"):
                await self._close_ended()

    async def _close_ended(self) -> None:
        digests = list(self._open)
        for first in range(0, len(digests), SESSIONS_A_READ):
            page = digests[first : first + SESSIONS_A_READ]
            try:
                found = await self._accounts.sessions(page)
            except EngineError:
                return
            for digest, session in zip(page, found, strict=True):
                for connection in list(self._open.get(digest, ())) if session is None else ():
                    with barrier("gate.session_ended"):
                        connection.close(Close.TOKEN_EXPIRED, "the session has ended")
