"""What the handshake of a caller would be told, asked without one: a browser hides the status of its own."""

from __future__ import annotations

from collections.abc import Iterable

from shelfcast.errors import EngineError
from shelfcast.gateway.gate import Gate
from shelfcast.gateway.handshake import Caller, read_caller, read_topics
from shelfcast.protocol.access import ENDED, Principal
from shelfcast.protocol.cookies import digest_of
from shelfcast.protocol.refusal import Refusal


async def refusal_at_entry(gate: Gate, room: str, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
    """Why this caller would not be let in now, None where it would be. It takes no place.

    The gate is asked what `NewConnection` asks it, in the same order. The caller's address has a place for one more,
    or it could not ask.
    """
    turned_away = gate.turn_away()
    if turned_away is not None:
        return turned_away
    caller = read_caller(headers)
    if isinstance(caller, Refusal):
        return caller
    principal = await _who(gate, caller)
    if isinstance(principal, Refusal):
        return principal
    try:
        found = await gate.hub.enter(room)
    except EngineError:
        return gate.unreadable("room")
    return gate.check_room(found, principal)


async def refusal_at_pool_entry(
    gate: Gate, pool: str, query: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> Refusal | None:
    """The same for a pool's socket with this query."""
    turned_away = gate.turn_away()
    if turned_away is not None:
        return turned_away
    caller = read_caller(headers)
    if isinstance(caller, Refusal):
        return caller
    topics = read_topics(query)
    if isinstance(topics, Refusal):
        return topics
    principal = await _who(gate, caller)
    if isinstance(principal, Refusal):
        return principal
    denied = gate.check_access(pool, principal)
    if denied is not None:
        return denied
    try:
        return gate.check_pool(await gate.pool_hub.enter(pool))
    except EngineError:
        return gate.unreadable("pool")


async def _who(gate: Gate, caller: Caller) -> Principal | Refusal:
    """Who asks: by token, by the session of a cookie, or anybody."""
    principal = gate.check(caller)
    if isinstance(principal, Refusal) or not caller.cookie:
        return principal
    denied = gate.check_cookie(caller)
    if denied is not None:
        return denied
    try:
        return await gate.sessions.principal(digest_of(caller.cookie)) or ENDED
    except EngineError:
        return gate.unreadable("session")
