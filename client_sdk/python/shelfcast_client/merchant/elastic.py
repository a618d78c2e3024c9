"""The elastic reserve of a SKU, over the HTTP API: docs/rules.md#elastic-reserve says when it is needed."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from shelfcast_client.calls import below, new_id
from shelfcast_client.merchant.writes import Writes
from shelfcast_client.places import POOL
from shelfcast_client.records import ElasticReserve, MoveDone


class Rule(TypedDict, total=False):
    """When a reserve is needed: what is left is at most `at_units`, or `at_share_percent` of what was offered in a show
    on air, or lasts at most `at_eta_minutes`. `step_units` are released at once, left out all."""

    at_units: int
    at_share_percent: int
    at_eta_minutes: int
    step_units: int


class Elastic(Writes):
    """The part of a `Merchant` that looks after the elastic reserves."""

    async def elastic(self, sku: str) -> ElasticReserve | None:
        """A SKU's reserve and its rule. None where the pool has no such SKU."""
        return await self._calls.find(ElasticReserve, "sku", self._reserve(sku))

    async def define_elastic(
        self, sku: str, mode: str = "ask", *, if_match: int | None = None, **rule: Unpack[Rule]
    ) -> ElasticReserve:
        """State the rule of a SKU's reserve: `ask` raises an alert that offers a release, `auto` releases, `off` does
        neither. It acts with the next change."""
        return await self._calls.ask(
            ElasticReserve, "PUT", self._reserve(sku), {"mode": mode, **rule}, if_match=if_match
        )

    async def drop_elastic(self, sku: str, *, if_match: int | None = None) -> ElasticReserve:
        """Drop the rule of a SKU's reserve; its units stay where they are."""
        return await self._calls.ask(ElasticReserve, "DELETE", self._reserve(sku), if_match=if_match)

    async def release_reserve(
        self, sku: str, units: int | None = None, *, target: str = POOL, reason: str = "", key: str | None = None
    ) -> MoveDone:
        """Release so many units of a SKU's reserve to the pool or a channel, once a key; without a number a step of its
        rule, or all."""
        body: dict[str, Any] = {"units": units, "target": target, "reason": reason}
        path = f"{self._reserve(sku)}/release"
        return await self._calls.ask(MoveDone, "POST", path, body, key=new_id() if key is None else key)

    def _reserve(self, sku: str) -> str:
        return below(self._path, "skus", sku, "elastic")
