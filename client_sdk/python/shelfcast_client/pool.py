"""The asyncio client of a whole pool, for those who run it.

    async with connect_pool("https://shop.example", "main", token=operators_token) as pool:
        print(pool.units["MUG-01"].pool, pool.rooms["evening-show"].viewers)

Reference: docs/protocol.md (A pool's socket).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shelfcast_client import pool_messages as pm
from shelfcast_client.codec import Encoding, decode_pool
from shelfcast_client.connection import ENTER_TIMEOUT_S, LiveConnection, Token, address_of
from shelfcast_client.dial import pool_socket_url
from shelfcast_client.errors import UsageError
from shelfcast_client.messages import Alert
from shelfcast_client.pool_mirror import PoolMirror
from shelfcast_client.session import ClientSession, Policy


@dataclass(slots=True, kw_only=True)
class PoolSession(ClientSession[PoolMirror]):
    """The session of a pool; nothing is asked over it."""

    def _make_mirror(self) -> PoolMirror:
        return PoolMirror()

    def _decode(self, payload: str | bytes) -> pm.PoolMessage:
        return decode_pool(payload, self.encoding)


def connect_pool(
    url: str,
    pool: str,
    *,
    token: Token,
    topics: Sequence[pm.Topic | str] | None = None,
    encoding: str | Encoding = Encoding.MSGPACK,
    origin: str | None = None,
    ssl: ssl.SSLContext | None = None,
    enter_timeout_s: float | None = ENTER_TIMEOUT_S,
    ping_interval_s: float = 20.0,
    proxy: bool | str = True,
    policy: Policy | None = None,
) -> Pool:
    """A pool of the server at `url` (http, https, ws or wss), to be entered with `async with`.

    Entering waits until everything is known, at most `enter_timeout_s`; with None it does not wait at all. `token` is
    that of an operator or service of the pool. `topics` are some of `Topic`, or all the server has (None).
    The others are as in `connect`. Raises UsageError.
    """
    if topics is not None and (isinstance(topics, str) or not topics or not all(isinstance(t, str) for t in topics)):
        raise UsageError(f"topics: expected some of {', '.join(pm.Topic)}, or None for all, got {topics!r}")
    address = address_of(
        pool_socket_url(url, pool, topics),
        token=token,
        encoding=encoding,
        origin=origin,
        ssl=ssl,
        ping_interval_s=ping_interval_s,
        proxy=proxy,
    )
    session = PoolSession(encoding=address.encoding, policy=policy or Policy())
    return Pool(address, token, session, enter_timeout_s)


class Pool(LiveConnection[PoolSession]):
    """A pool that is followed. Made by `connect_pool`; usable inside `async with`.

    Its events are the server's messages as they come: their rows are in `units`, `rooms`, `actions`, `alerts` and
    `crew` already.
    """

    _what = "pool"

    @property
    def units(self) -> Mapping[str, pm.UnitsRow]:
        """SKU → where its units are. Read it as often as you like: it changes in place."""
        return self._session.mirror.units

    @property
    def rooms(self) -> Mapping[str, pm.PeopleRow]:
        """Room → its status, its spotlight, and its viewers over all servers."""
        return self._session.mirror.rooms

    @property
    def actions(self) -> Mapping[int, pm.ActionRow]:
        """Number → event: what happened besides moves, the last of it. A gap in the numbers is what was missed."""
        return self._session.mirror.actions

    @property
    def alerts(self) -> Mapping[str, Alert]:
        """Id → alert: those of the pool's shows that stand."""
        return self._session.mirror.alerts

    @property
    def crew(self) -> Mapping[tuple[str, str], pm.CrewRow]:
        """User and role → who follows the pool, with how many connections, and since when."""
        return self._session.mirror.crew
