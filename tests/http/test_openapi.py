from __future__ import annotations

from typing import Any

import msgspec
import pytest
from openapi_conformance import api_document
from openapi_spec_validator import validate
from shelfcast.http.api.services import Services
from shelfcast.http.application import ENDPOINTS, create_app
from shelfcast.http.pages.routes import PAGES
from shelfcast.http.routes import batches, listings, moves, pool, pools, rooms
from shelfcast.http.routes import strategy as strategy_routes
from shelfcast.merchant import strategy
from shelfcast.protocol.access import Role
from shelfcast.stock import configuration, operations
from starlette.routing import Route

OPERATIONS = [
    (method, path, operation) for path, item in api_document()["paths"].items() for method, operation in item.items()
]


def test_the_document_is_valid_openapi() -> None:
    validate(api_document())


async def test_it_is_served(api: Any) -> None:
    response = await api.call("GET", "/v1/openapi.json", as_={})
    assert response.json() == api_document()


def test_routes_and_document_agree(services: Services) -> None:
    routed = {route.path.replace(":path}", "}") for route in create_app(services).routes if isinstance(route, Route)}
    assert routed - {page.path for page in PAGES} == set(api_document()["paths"])
    assert len({endpoint.name for endpoint in ENDPOINTS}) == len(ENDPOINTS)


async def test_every_documented_operation_is_answered_and_no_other_method(api: Any) -> None:
    for path, item in api_document()["paths"].items():
        url = path
        for name in ("pool", "channel", "batch", "room", "sku", "user", "id", "job", "account", "import"):
            url = url.replace(f"{{{name}}}", "x")
        url = url.replace("{link}", "1")
        for method in ("GET", "PUT", "PATCH", "POST", "DELETE"):
            response = await api.call(method, url)
            assert (response.status_code == 405) == (method.lower() not in item), (method, url)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=lambda value: str(value)[:40])
def test_every_operation_says_all_there_is_to_say(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert "\n " not in operation["description"]
    named = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
    assert named == [part[1:-1] for part in path.split("/") if part.startswith("{")]
    assert ("requestBody" in operation) == (method in ("put", "patch", "post"))
    if operation["security"]:
        assert {"401", "403", "503"} <= operation["responses"].keys()
        [roles] = operation["security"][-1].values()
        assert set(roles) <= set(Role)
    if "requestBody" in operation:
        assert {"400", "413", "415", "422"} <= operation["responses"].keys()
    for status, response in operation["responses"].items():
        if int(status) >= 400 and operation["operationId"] != "readyz":
            assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("body", "config", "elsewhere"),
    [
        (pool.PoolBody, configuration.PoolConfig, {"strategy", *strategy.NUMBERS}),
        (strategy_routes.StrategyBody, configuration.PoolConfig, set(pool.PoolBody.__struct_fields__)),
        (pools.SkuBody, configuration.SkuConfig, set()),
        (pools.ChannelBody, configuration.ChannelConfig, set()),
        (batches.BatchBody, configuration.BatchConfig, set()),
        (rooms.RoomBody, configuration.RoomConfig, {"ended_at_ms"}),
        (listings.ListingBody, configuration.Listing, set()),
        (pools.UserBody, configuration.UserConfig, set()),
    ],
)
def test_bodies_name_every_field_of_their_configuration(
    body: type[msgspec.Struct], config: type[msgspec.Struct], elsewhere: set[str]
) -> None:
    """What is not in the body is what the book itself writes."""
    fields = set(body.__struct_fields__) - {"units"}  # moves, beside a batch's definition
    assert fields == set(config.__struct_fields__) - configuration.WRITTEN_BY_THE_BOOK - elsewhere


def test_every_plain_move_can_be_asked_for() -> None:
    assert {kind.value for kind in operations.MoveKind} <= {name.value for name in moves.MoveName}


def test_requests_refuse_unknown_fields() -> None:
    schemas = api_document()["components"]["schemas"]
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            assert schemas[endpoint.body.__name__]["additionalProperties"] is False


def test_the_document_names_the_header_beside_which_a_proxys_password_may_stand() -> None:
    document = api_document()
    entry = document["paths"]["/v1/rooms/{room}/entry"]["get"]
    assert [list(way) for way in entry["security"]] == [[], ["page"], ["bearer"], ["session"]]
    pools = document["paths"]["/v1/pools"]["get"]
    assert [list(way) for way in pools["security"]] == [["page"], ["bearer"], ["session"]]
    assert document["components"]["securitySchemes"]["page"]["name"] == "Shelfcast-Token"
    session = document["components"]["securitySchemes"]["session"]
    assert (session["in"], session["name"]) == ("cookie", "__Host-shelfcast")
    assert [list(way) for way in document["paths"]["/v1/session"]["delete"]["security"]] == [["session"]]
