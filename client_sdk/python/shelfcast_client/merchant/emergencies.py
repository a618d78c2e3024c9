"""Emergencies over the HTTP API: stopping the sale of a SKU, a channel, a room or the pool, and letting it go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, cast

from shelfcast_client.calls import below
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.errors import UsageError
from shelfcast_client.merchant.writes import ByHand, Once, Writes
from shelfcast_client.records import FreezeDone, InForce, StatusDone


class _InForce(TypedDict):
    in_force: list[InForce]


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

    async def emergencies(self) -> list[InForce]:
        """What stops sales now, the latest first: flags that are set and rooms that are paused; at most BULK_ROWS."""
        query = {"limit": BULK_ROWS}
        return (await self._calls.ask(_InForce, "GET", below(self._path, "emergencies"), query=query))["in_force"]

    async def set_status(
        self, room: str, status: str, *, continue_show: bool = False, override: str = "", key: str | None = None
    ) -> StatusDone:
        """Begin ("live"), pause ("paused"), go on with ("live") or end ("ended") the show of a room; with
        `continue_show` a show that has just ended goes on. The answer says what was reached.

        Raises ServerRefused (GATE) where the room's checklist fails and its gate is to refuse that: `override` says why
        it goes on air all the same, which takes an operator's token."""
        once: ByHand = {} if key is None else {"key": key}
        body = _status(status, continue_show, override)
        return await self._once(StatusDone, below("/v1/rooms", room, "status"), body, once)

    async def status_reach(
        self, room: str, status: str, *, continue_show: bool = False, override: str = ""
    ) -> StatusDone:
        """What that status would reach now, or the refusal that it would meet; nothing is changed."""
        body = {**_status(status, continue_show, override), "dry_run": True}
        return await self._calls.ask(StatusDone, "POST", below("/v1/rooms", room, "status"), body)

    async def _set(self, what: str, scope: Scope, why: Why) -> FreezeDone:
        path = below(self._path, "emergencies", what)
        return await self._once(FreezeDone, path, {"scope": _only(scope)}, cast(Once, why))


def _status(status: str, continue_show: bool, override: str) -> dict[str, Any]:
    said = {"override": override} if override else {}
    return {"status": status, "continue_show": continue_show, **said}


def _only(scope: Any) -> Mapping[str, Any]:
    if not isinstance(scope, Mapping) or len(scope) != 1:
        raise UsageError(f"scope: expected one of sku, channel, room and pool with its name, got {scope!r}")
    return scope
