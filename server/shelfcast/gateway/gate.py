"""The gate of one process: who may open a socket, and one round for all that are open.

The round is the only timer: it pings, closes the silent, the slow and those whose token has expired, ends closing
handshakes that do not end, and hangs up on clients that do not finish their request.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import chain
from typing import TypeVar

import structlog

from shelfcast import metrics
from shelfcast.addresses import TrustedProxies, site
from shelfcast.barrier import barrier
from shelfcast.errors import InvalidInput
from shelfcast.gateway.accept_limiter import AcceptLimiter
from shelfcast.gateway.connection import Connection
from shelfcast.gateway.connection_limits import ConnectionLimits, retry_later
from shelfcast.gateway.descriptors import Descriptors
from shelfcast.gateway.handshake import CHALLENGE, Caller
from shelfcast.gateway.http_connections import HttpConnections
from shelfcast.gateway.newcomer import Newcomer
from shelfcast.gateway.socket_sessions import SocketSessions
from shelfcast.gateway.wheel import Wheel
from shelfcast.hosts import Hosts
from shelfcast.origins import Origins, is_own_origin, may_use_cookie
from shelfcast.pool.hub import PoolHub
from shelfcast.pool.live import LivePool
from shelfcast.protocol.access import ANONYMOUS, ENDED, ROLES, Act, Principal, Right, Role, Touches, missing
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.codes import Close, Code
from shelfcast.protocol.frame import framed
from shelfcast.protocol.from_server import Draining
from shelfcast.protocol.refusal import Refusal
from shelfcast.room.hub import Hub
from shelfcast.room.live import Room
from shelfcast.settings import Settings
from shelfcast.stock.accounts import Accounts

_K = TypeVar("_K")
_log = structlog.get_logger(__name__)
_ENTERING = Act(Right.LOOK)

ROUND_MAX_S = 0.25
"""The longest step of the round; shorter where a setting is so short that this would be coarse."""
ROUND_PARTS = 8
MEASURE_S = 1.0
"""How often what waits for slow connections is added up."""
DRAIN_BATCHES = 20
DRAIN_AT_ONCE = 50
"""So few connections are closed without spreading them."""
ENDS_A_TURN = 64
"""Connections with late requests or unread answers that are ended in one turn of the loop."""
ANSWER_POLL_S = 0.01
_SESSION_ENDED = Refusal(HTTPStatus.UNAUTHORIZED, Code.FORBIDDEN, "the session has ended", CHALLENGE, field="session")
FOLLOW_POOL = Act(Right.KEEP, Touches.POOL)


class Gate:
    """Holds every open connection of the process. `start` before use; `drain`, then `close` at the end.

    `verify` tells who shows a token, and raises InvalidInput that says what is wrong with it; `accounts` know the
    sessions of those who show a cookie. `descriptor_limit` is how many descriptors this process may open, 0 where that
    is not looked after.
    """

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        pool_hub: PoolHub,
        verify: Callable[[str], Principal],
        accounts: Accounts,
        descriptor_limit: int = 0,
    ) -> None:
        self.settings = settings
        self.hub = hub
        self.pool_hub = pool_hub
        self.now: Callable[[], float] = asyncio.get_running_loop().time
        """The loop's clock, in seconds."""
        self.limits = ConnectionLimits(settings)
        self.http = HttpConnections(settings, self.now)
        self.descriptors = Descriptors(descriptor_limit, settings.descriptors_reserved)
        self.proxies = TrustedProxies(settings.trusted_proxies)
        self.limiter = AcceptLimiter(settings.handshakes_a_turn, asyncio.get_running_loop().call_soon)
        self.http_limiter = AcceptLimiter(settings.http_reads_a_turn, asyncio.get_running_loop().call_soon)
        self._way_out = AcceptLimiter(ENDS_A_TURN, asyncio.get_running_loop().call_soon)
        self.draining = False
        self.sessions = SocketSessions(accounts, settings)
        self._verify = verify
        self._origins = Origins(settings.allowed_origins)
        self._hosts = Hosts(settings.hosts)
        self._connections: set[Connection] = set()
        self._nobody_left = asyncio.Event()
        self._blocked_since: dict[Connection, float] = {}
        self._closing_until: dict[Connection, float] = {}
        self._held: list[Connection] = []
        shortest_ms = min(
            settings.ping_interval_ms,
            settings.backstage_ping_interval_ms,
            settings.idle_close_ms,
            settings.slow_viewer_close_ms,
            settings.handshake_timeout_ms,
            settings.close_timeout_ms,
        )
        step_s = min(ROUND_MAX_S, shortest_ms / 1000 / ROUND_PARTS)
        horizon_s = settings.ping_interval_ms / 1000 * (1 + settings.ping_jitter_share)
        self._wheel: Wheel[Connection] = Wheel(step_s, horizon_s)
        self._round_timer: asyncio.TimerHandle | None = None
        self._measured_at = 0.0
        self._gauges = {
            (role, encoding): metrics.CONNECTIONS.labels(role, encoding.name.lower())
            for role in Role
            for encoding in Encoding
        }
        self._refused: Counter[str] = Counter()
        """By reason, since it was last said in the log."""
        self.free_pong_s = 1 / settings.messages_a_second
        """A pong that comes this long after whatever was heard before costs no allowance."""

    def start(self) -> None:
        """Begin the round."""
        self._round_timer = asyncio.get_running_loop().call_later(self._wheel.step_s, self._round)
        self.sessions.start()

    async def finish_handshakes(self) -> None:
        """Let in whoever has connected already; call it when nobody else is accepted. On a busy machine a client may
        need a second from its connection to its first word, and would find it reset; all have the time that any
        handshake has."""
        deadline = self.now() + self.settings.handshake_timeout_ms / 1000
        while True:
            # A connection that is accepted already is made known only with the loop's next turn.
            await asyncio.sleep(ANSWER_POLL_S)
            if not (self.http.unfinished or self.http.securing) or self.now() >= deadline:
                return

    async def drain(self) -> None:
        """Take nobody more, and close everybody in jittered batches, so that they do not all reconnect at once; whoever
        waits for an answer gets it first."""
        self.draining = True
        message = Draining(reconnect_after_ms=self.settings.drain_reconnect_after_ms)
        farewell = {encoding: framed(message, encoding) for encoding in Encoding}
        everybody = list(self._connections)
        random.shuffle(everybody)
        batch = max(DRAIN_AT_ONCE, -(-len(everybody) // DRAIN_BATCHES))
        timeout_s = self.settings.drain_timeout_ms / 1000
        for begin in range(0, len(everybody), batch):
            for connection in everybody[begin : begin + batch]:
                if not connection.awaits_answer:
                    connection.dismiss(farewell[connection.encoding])
            if begin + batch < len(everybody):
                await asyncio.sleep(random.uniform(0, timeout_s / DRAIN_BATCHES))  # noqa: S311 - no secret
        await self._dismiss_when_answered(farewell)
        if self._connections:
            self._nobody_left.clear()
            try:
                async with asyncio.timeout(min(timeout_s, self.settings.close_timeout_ms / 1000)):
                    await self._nobody_left.wait()
            except TimeoutError:
                _log.info("gate.aborting", connections=len(self._connections))

    async def _dismiss_when_answered(self, farewell: Mapping[Encoding, bytes]) -> None:
        """Close whoever is left, each when the book has answered it; a call ends within its timeout, and so do we."""
        deadline = self.now() + self.settings.engine_call_timeout_ms / 1000
        while rest := [connection for connection in self._connections if not connection.is_closing]:
            late = self.now() >= deadline
            for connection in rest:
                if late or not connection.awaits_answer:
                    connection.dismiss(farewell[connection.encoding])
            await asyncio.sleep(ANSWER_POLL_S)

    async def close(self) -> None:
        """Hang up on whoever is left, and stop the round."""
        await self.sessions.close()
        for connection in list(self._connections):
            connection.abort()
        if self._connections:
            self._nobody_left.clear()
            await self._nobody_left.wait()
        if self._round_timer is not None:
            self._round_timer.cancel()

    # --- who may enter --------------------------------------------------------------------------------------------

    def turn_away(self) -> Refusal | None:
        """What can be said against anybody who comes now, whoever it is: told before the request is even read."""
        if self.draining:
            detail = "this server is stopping"
            return retry_later(self.settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.UNAVAILABLE, detail)
        return self.limits.full()

    def check(self, caller: Caller) -> Principal | Refusal:
        """Who asks to enter; all that can be said against it before anything is looked up. Whoever shows a cookie is
        nobody until its session is (`check_cookie`, and then `sessions`)."""
        if caller.origin and not self._origin_allowed(caller):
            detail = "this page's origin is neither that of the `Host` it asks, nor listed in `allowed_origins`"
            return Refusal(HTTPStatus.FORBIDDEN, Code.FORBIDDEN, detail, field="Origin")
        if not caller.token:
            return ANONYMOUS
        try:
            return self._verify(caller.token)
        except InvalidInput as error:
            return Refusal(HTTPStatus.UNAUTHORIZED, Code.FORBIDDEN, str(error), CHALLENGE)

    def check_cookie(self, caller: Caller) -> Refusal | None:
        """What can be said against looking up the session of this caller's cookie: a browser sends it along with any
        page's handshake, so the page has to be one that may."""
        if not may_use_cookie(caller.origin, caller.host, self._origins):
            detail = "a socket by cookie needs the Origin of a page of this server"
            return Refusal(HTTPStatus.FORBIDDEN, Code.FORBIDDEN, detail, field="Origin")
        if self.sessions.is_full:
            return self._busy("sessions", "as many sessions are being looked up as may be")
        return None

    def check_room(self, room: Room | None, principal: Principal) -> Refusal | None:
        """What can be said against this caller entering this room."""
        if room is None:
            return self.nothing("room")
        if not principal.user and not room.state.config.anonymous:
            if principal is ENDED:
                return _SESSION_ENDED
            detail = "this room takes nobody without a token"
            return Refusal(HTTPStatus.UNAUTHORIZED, Code.FORBIDDEN, detail, CHALLENGE)
        lacks = missing(principal, _ENTERING, pool=room.pool.book.pool, room=room.name)
        if lacks == "role":
            detail = f"the {principal.shown}'s role is {principal.role}, which comes into no room"
            return Refusal(HTTPStatus.FORBIDDEN, Code.FORBIDDEN, detail)
        if lacks:
            detail = f"the {principal.shown} is for another room or pool"
            return Refusal(HTTPStatus.FORBIDDEN, Code.FORBIDDEN, detail)
        return None

    def check_access(self, pool: str, principal: Principal) -> Refusal | None:
        """What can be said against this caller following the pool of this name, whether there is one or not."""
        if principal is ENDED:
            return _SESSION_ENDED
        if not principal.user:
            detail = "a pool takes nobody without a token"
            return Refusal(HTTPStatus.UNAUTHORIZED, Code.FORBIDDEN, detail, CHALLENGE, field="Authorization")
        lacks = missing(principal, FOLLOW_POOL, pool=pool)
        if not lacks:
            return None
        wanted = ", ".join(sorted(ROLES[Right.KEEP]))
        details = {"role": f"the {principal.shown}'s role is {principal.role}; this needs one of {wanted}"}
        detail = details.get(lacks, f"the {principal.shown} is for another {lacks}, or for one {lacks} alone")
        return Refusal(HTTPStatus.FORBIDDEN, Code.FORBIDDEN, detail, field=lacks)

    def check_pool(self, pool: LivePool | None) -> Refusal | None:
        """What can be said against anybody who may follow this pool."""
        if pool is None:
            return self.nothing("pool")
        if self.pool_hub.is_full(pool):
            return self._busy("pool_sockets", "as many follow pools here as may")
        return None

    def nothing(self, what: str) -> Refusal:
        """What is said where there is no such room or pool."""
        return Refusal(HTTPStatus.NOT_FOUND, Code.NOT_FOUND, f"there is no such {what}", field=what)

    def unreadable(self, what: str) -> Refusal:
        """What is said while the engine cannot tell of a room or pool."""
        detail = f"the {what} cannot be read"
        return retry_later(self.settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.UNAVAILABLE, detail)

    def _origin_allowed(self, caller: Caller) -> bool:
        if caller.origin in self._origins:
            return True
        return is_own_origin(caller.origin, caller.host) and self._hosts.allow(caller.host)

    # --- those who are entering -----------------------------------------------------------------------------------

    def receive(self, newcomer: Newcomer, descriptor: int) -> Refusal | None:
        """A client has connected; why there is no place for it."""
        if self.descriptors.in_reserve(descriptor):
            return self._busy("descriptors", "this server has no descriptor left")
        refusal = None if newcomer.trusted else newcomer.count_as(site(newcomer.peer))
        if refusal is None and not self.http.add(newcomer):
            refusal = self._busy("http_connections", "too many requests are waiting to be finished")
        return refusal

    @property
    def handshakes_under_way(self) -> int:
        """How many clients have not finished their request."""
        return self.http.unfinished

    def begin_request(self, newcomer: Newcomer) -> Refusal | None:
        """The next request of a kept connection begins; why it may not."""
        if self.http.begin(newcomer):
            return None
        return self._busy("http_connections", "too many requests are waiting to be finished")

    def note(self, reason: str) -> None:
        """Count a connection that is refused or ended; once a second the log says how many."""
        self._refused[reason] += 1
        metrics.CONNECTIONS_REFUSED.labels(reason).inc()

    def _busy(self, reason: str, detail: str) -> Refusal:
        self.note(reason)
        return retry_later(self.settings, HTTPStatus.SERVICE_UNAVAILABLE, Code.OVERLOADED, detail)

    # --- those who are open ---------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """A connection is open; its place was taken before."""
        self._connections.add(connection)
        self.sessions.opened(connection)
        self._wheel.schedule(connection, connection.first_pause())
        self._gauges[connection.principal.role, connection.encoding].inc()

    def lost(self, connection: Connection, address: str) -> None:
        """A connection is closed."""
        self._connections.discard(connection)
        self.sessions.lost(connection)
        self._wheel.forget(connection)
        self._blocked_since.pop(connection, None)
        self._closing_until.pop(connection, None)
        self._gauges[connection.principal.role, connection.encoding].dec()
        self.limits.release()
        self.limits.leave(address)
        if not self._connections:
            self._nobody_left.set()

    def blocked(self, connection: Connection) -> None:
        """Its socket is full."""
        self._blocked_since.setdefault(connection, self.now())

    def unblocked(self, connection: Connection) -> None:
        """Its socket has drained."""
        self._blocked_since.pop(connection, None)

    def is_blocked(self, connection: Connection) -> bool:
        """Whether its socket is full now."""
        return connection in self._blocked_since

    def closing(self, connection: Connection) -> None:
        """Its closing handshake has begun."""
        self._wheel.forget(connection)
        self._blocked_since.pop(connection, None)
        self._closing_until[connection] = self.now() + self.settings.close_timeout_ms / 1000

    def hold(self, connection: Connection) -> None:
        """Do not read from it until the next round."""
        connection.hold(back=True)
        self._held.append(connection)

    def ping_pause(self, role: Role) -> float:
        """Seconds until a connection's next ping, jittered so that they do not come together."""
        jitter = self.settings.ping_jitter_share
        return self._ping_interval_ms(role) / 1000 * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 - no secret

    def ping_within_ms(self, role: Role) -> int:
        """The longest time until a connection's next ping."""
        return math.ceil(self._ping_interval_ms(role) * (1 + self.settings.ping_jitter_share))

    def _ping_interval_ms(self, role: Role) -> int:
        settings = self.settings
        if role not in ROLES[Right.BACKSTAGE]:
            return settings.ping_interval_ms
        return min(settings.backstage_ping_interval_ms, settings.ping_interval_ms)

    # --- the round ------------------------------------------------------------------------------------------------

    def _round(self) -> None:
        loop = asyncio.get_running_loop()
        self._round_timer = loop.call_later(self._wheel.step_s, self._round)
        now = self.now()
        # One connection's defect must not keep the others from their pings and their ends.
        for connection in self._wheel.turn():
            with barrier("gate.visit"):
                pause = connection.visit(now)
                if pause is not None:
                    self._wheel.schedule(connection, pause)
        slow_before = now - self.settings.slow_viewer_close_ms / 1000
        for connection in _first(self._blocked_since, slow_before):
            with barrier("gate.slow"):
                connection.close(Close.SLOW, "it does not read what it is sent")
        for connection in _first(self._closing_until, now):
            del self._closing_until[connection]
            with barrier("gate.closing"):
                connection.abort()
        held, self._held = self._held, []
        for connection in held:
            with barrier("gate.held"):
                connection.hold(back=False)
        for newcomer in self.http.late():
            self._end(newcomer.peer, newcomer.hang_up)
        if now - self._measured_at >= min(MEASURE_S, self.settings.response_stall_max_ms / 1000):
            self._measured_at = now
            self._measure()

    def _measure(self) -> None:
        for newcomer in self.http.unread():
            self.note("unread")
            self._end(newcomer.peer, newcomer.abort)
        metrics.HANDSHAKES_UNDER_WAY.set(self.handshakes_under_way)
        metrics.HTTP_CONNECTIONS.set(len(self.http))
        metrics.SLOW_CONNECTIONS.set(len(self._blocked_since))
        waiting = (connection.unsent_bytes for connection in chain(self._blocked_since, self._closing_until))
        metrics.WRITE_BUFFER_BYTES.set(sum(waiting))
        if self._refused:
            _log.warning("connections.refused", **self._refused)
            self._refused.clear()

    def _end(self, address: str, end: Callable[[], None]) -> None:
        """Two thousand that are late at once are ended in several turns of the loop."""
        if self._way_out.passes():
            with barrier("gate.end"):
                end()
        else:
            self._way_out.wait(address, end)


def _first(times: dict[_K, float], until: float) -> list[_K]:
    """The keys whose time has come. They were put in in the order of their times, so the first that has not ends it."""
    due = []
    for key, at in times.items():
        if at > until:
            break
        due.append(key)
    return due
