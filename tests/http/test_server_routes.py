from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.engine import Engine
from shelfcast.http.api.services import Check, Services
from shelfcast.http.application import create_app


def client(services: Services, **changes: Any) -> httpx.AsyncClient:
    names = ("settings", "pools", "hub", "tokens", "entry", "pool_entry", "checks")
    parts = {name: getattr(services, name) for name in names}
    transport = httpx.ASGITransport(create_app(Services(**(parts | changes))))
    return httpx.AsyncClient(transport=transport, base_url="http://shelf.test")


async def test_alive_needs_no_token(api: Any) -> None:
    response = await api.call("GET", "/healthz", as_={})
    assert (response.status_code, response.text) == (200, "ok\n")


def saying(reason: str) -> Check:
    async def check() -> str:
        return reason

    return check


async def never() -> str:
    await asyncio.Event().wait()
    return ""


async def test_ready_only_when_every_check_is_content(services: Services) -> None:
    async with client(services, checks={"engine": saying(""), "feeds": saying("")}) as http:
        response = await http.get("/readyz")
        assert (response.status_code, response.json()) == (200, {"ready": True, "reasons": {}})
    async with client(services, checks={"engine": saying(""), "serving": saying("draining")}) as http:
        response = await http.get("/readyz")
        assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": {"serving": "draining"}})


async def test_a_warning_is_told_and_traffic_still_comes(services: Services) -> None:
    async with client(
        services, checks={"engine": saying("")}, warnings={"books": saying("short"), "x": saying("")}
    ) as http:
        response = await http.get("/readyz")
        said = {"ready": True, "reasons": {}, "warnings": {"books": "short"}}
        assert (response.status_code, response.json()) == (200, said)


async def test_a_check_that_does_not_answer_counts_against_it(services: Services) -> None:
    hasty = msgspec.structs.replace(services.settings, engine_call_timeout_ms=10)
    async with client(services, settings=hasty, checks={"engine": never}) as http:
        assert (await http.get("/readyz")).json()["reasons"] == {"engine": "no answer in time"}


async def test_metrics_count_requests_by_pattern(shop: Any) -> None:
    await shop.call("GET", "/v1/pools/main/skus/mug")
    text = (await shop.call("GET", "/metrics", as_={})).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    paths = {sample.labels["path"] for sample in families["shelfcast_http_requests"].samples}
    assert "/v1/pools/{pool}/skus/{sku:path}" in paths
    assert not any("mug" in path for path in paths)


PREFLIGHT = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}


async def test_another_origin_is_allowed_where_the_settings_name_it(services: Services) -> None:
    named = msgspec.structs.replace(services.settings, allowed_origins="https://shop.example, https://obs.example")
    async with client(services, settings=named) as http:
        asked = PREFLIGHT | {"Access-Control-Request-Headers": "authorization,content-type,idempotency-key"}
        response = await http.options("/v1/pools/main", headers=asked)
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "https://shop.example"
        problem = await http.get("/v1/pools", headers={"Origin": "https://shop.example"})
        assert problem.status_code == 401
        assert problem.headers["access-control-allow-origin"] == "https://shop.example"
        other = await http.get("/healthz", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_no_origin_is_allowed_by_default(services: Services) -> None:
    async with client(services) as http:
        response = await http.options("/v1/pools/main", headers=PREFLIGHT)
        assert "access-control-allow-origin" not in response.headers


async def test_an_engine_that_is_away_is_a_503_to_try_again(engine: Engine, shop: Any) -> None:
    await engine.close()
    for method, path, body in (
        ("GET", "/v1/pools/main/skus", None),
        ("POST", "/v1/pools/main/moves", {"id": "m", "kind": "freeze", "sku": "mug"}),
    ):
        response = await shop.call(method, path, body)
        problem = response.json()
        assert (problem["status"], problem["code"], problem["retry"]) == (503, "UNAVAILABLE", "same_id")
        assert response.headers["retry-after"] == "1"
