"""The HTTP application over a real engine, without a socket between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest
from browser import HERE, PASSWORD, Browser
from heavy_work import heavy_work
from openapi_conformance import assert_documented
from shelfcast.engine import Engine
from shelfcast.gateway.entry import refusal_at_entry, refusal_at_pool_entry
from shelfcast.gateway.gate import Gate
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.pool.hub import PoolHub
from shelfcast.protocol.access import Role
from shelfcast.room.hub import Hub
from shelfcast.settings import Settings
from shelfcast.stock.operations import Reserve
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.pools import Pools


class Api:
    """A client of one application. `as_` gives the headers of a role; calls without headers are an operator's.

    Every answer is held against the OpenAPI document.
    """

    def __init__(self, services: Services, http: httpx.AsyncClient) -> None:
        self.services = services
        self.http = http

    def as_(self, role: str, user: str = "wang", **scope: Any) -> dict[str, str]:
        token = self.services.tokens.mint(role=Role(role), user=user, **scope)
        return {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {**options.pop("as_", self.as_("operator")), **options.pop("headers", {})}
        response = await self.http.request(method, path, json=body, headers=headers, **options)
        assert_documented(response)
        return response

    async def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        response = await self.call(method, path, body, **options)
        assert response.is_success, (response.status_code, response.text)
        return response.json() if response.content else None

    async def problem(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """A refused call's problem document; its form is checked here for every test."""
        response = await self.call(method, path, body, **options)
        assert response.headers["content-type"] == "application/problem+json", response.text
        problem: dict[str, Any] = response.json()
        assert problem["status"] == response.status_code >= 400
        assert problem["type"].startswith("urn:shelfcast:problem:")
        assert {"title", "code", "retry"} <= problem.keys()
        return problem

    async def shop(self) -> None:
        """A pool `main` with 100 mugs, a shared channel, and the live room `evening` that sells them."""
        await self.ok("PUT", "/v1/pools/main")
        await self.ok("PUT", "/v1/pools/main/channels/live", {"kind": "shared"})
        rows = [{"sku": "mug", "title": "Mug", "price_minor": 990, "opening": 100}]
        await self.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "opening"})
        await self.ok("PUT", "/v1/rooms/evening", {"pool": "main", "channel": "live", "status": "live"})
        await self.ok("PUT", "/v1/rooms/evening/skus/mug", {"limit_per_user": 5})

    async def reserve(self, name: str, qty: int = 1, user: str = "li", room: str = "evening") -> Outcome:
        pool = await self.services.pools.get("main")
        assert pool
        outcome = await pool.book.apply(Reserve(name, room, "mug", qty, user))
        assert outcome.code == "OK", outcome
        return outcome

    async def units(self, sku: str = "mug") -> dict[str, int]:
        """What is where in the pool `main`, without the zeros."""
        found = await self.ok("GET", f"/v1/pools/main/skus/{sku}")
        return {place: units for place, units in found["buckets"].items() if units}


@pytest.fixture
async def services(engine: Engine, settings: Settings) -> AsyncIterator[Services]:
    pools = Pools(engine, settings)
    hub = Hub(pools, settings)
    hub.start()
    tokens = Tokens(settings)
    gate = Gate(settings, hub, PoolHub(pools, settings, hub.airtime), tokens.verify, pools.accounts)
    entry, pool_entry = partial(refusal_at_entry, gate), partial(refusal_at_pool_entry, gate)
    async with heavy_work(engine, settings):
        yield Services(settings=settings, pools=pools, hub=hub, tokens=tokens, entry=entry, pool_entry=pool_entry)
    await hub.close()
    await pools.close()


@pytest.fixture
async def api(services: Services) -> AsyncIterator[Api]:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://shelf.test") as http:
        yield Api(services, http)


@pytest.fixture
async def shop(api: Api) -> Api:
    await api.shop()
    return api


@pytest.fixture
async def browsers(services: Services) -> AsyncIterator[Any]:
    """Makes browsers: `browsers(address=…)`; of a server with other settings: `browsers(sessions_a_user_max=2)`."""
    made: list[Browser] = []

    def make(
        address: str = "192.0.2.1", url: str = HERE, house: frozenset[str] = frozenset(), **changes: Any
    ) -> Browser:
        changed = msgspec.structs.replace(services.settings, **changes)
        pools = Pools(services.pools._engine, changed) if changes else services.pools
        made.append(Browser(replace(services, settings=changed, pools=pools, open_house=house), address, url))
        return made[-1]

    yield make
    for browser in made:
        await browser.http.aclose()


@pytest.fixture
async def wang(shop: Any) -> Any:
    """An account of an operator."""
    await shop.ok("PUT", "/v1/accounts/wang", {"role": "operator", "password": PASSWORD})
    return shop
