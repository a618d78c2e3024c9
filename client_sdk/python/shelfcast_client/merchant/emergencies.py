"""Emergencies over the HTTP API: stopping the sale of a SKU, a channel, a room or the pool, and letting it go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast

from shelfcast_client.calls import below
from shelfcast_client.errors import UsageError
from shelfcast_client.merchant.writes import Once, Writes
from shelfcast_client.records import FreezeDone


class Scope(TypedDict, total=False):
    """What is meant, by one of these; `pool` is True for the whole pool."""

    sku: str
    channel: str
    room: str
    pool: bool


class Why(TypedDict, total=False):
    """The id of the write, for what reason, and who asked for it where that is not the token's own user."""

    key: str
    reason: str
    actor: str


class Emergencies(Writes):
    """The part of a `Merchant` that freezes and thaws. A SKU, a channel, a room and the pool have a flag each: what is
    sold is frozen while any over it is set. To freeze takes an operator's token.

    Methods raise UsageError where a scope does not say exactly one of sku, channel, room and pool."""

    async def freeze_scope(self, scope: Scope, **why: Unpack[Why]) -> FreezeDone:
        """Stop sales at once, such as `freeze_scope({"channel": "douyin"}, reason="wrong price")`; holds stay. The
        answer says what was reached."""
        return await self._set("freeze", scope, why)

    async def thaw_scope(self, scope: Scope, **why: Unpack[Why]) -> FreezeDone:
        """Take the flag back; what another flag is over stays frozen."""
        return await self._set("thaw", scope, why)

    async def freeze_reach(self, scope: Scope) -> FreezeDone:
        """What a freeze would reach now; nothing is changed."""
        path, body = below(self._path, "emergencies", "freeze"), {"scope": _only(scope), "dry_run": True}
        return await self._calls.ask(FreezeDone, "POST", path, body)

    async def _set(self, what: str, scope: Scope, why: Why) -> FreezeDone:
        path = below(self._path, "emergencies", what)
        return await self._once(FreezeDone, path, {"scope": _only(scope)}, cast(Once, why))


def _only(scope: Any) -> Mapping[str, Any]:
    if not isinstance(scope, Mapping) or len(scope) != 1:
        raise UsageError(f"scope: expected one of sku, channel, room and pool with its name, got {scope!r}")
    return scope
