"""What every endpoint does with requests of the wrong form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from shelfcast.http.api.problems import STATUS
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.protocol.codes import Code

SKU = "/v1/pools/main/skus/mug"


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/pools/", "/v1/pools/main/nothing", "//v1/pools"])
async def test_an_unknown_path_is_a_problem(api: Any, path: str) -> None:
    problem = await api.problem("GET", path)
    assert (problem["status"], problem["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["POST", "DELETE", "TRACE", "BREW"])
async def test_a_wrong_method_says_which_are_right(api: Any, method: str) -> None:
    response = await api.call(method, SKU)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, PATCH, PUT")
    assert response.headers["content-type"] == "application/problem+json"


async def test_head_is_get_without_a_body(api: Any) -> None:
    assert (await api.call("HEAD", "/healthz")).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
async def test_a_body_is_json_and_says_so(shop: Any, content_type: str) -> None:
    headers = shop.as_("operator") | {"Content-Type": content_type}
    response = await shop.http.put(SKU, content=b"{}", headers=headers)
    assert (response.status_code, response.json()["field"]) == (415, "Content-Type")


async def test_a_charset_does_no_harm_and_an_encoding_does(shop: Any) -> None:
    headers = shop.as_("operator") | {"Content-Type": "application/JSON; charset=utf-8"}
    assert (await shop.http.put(SKU, content=b"{}", headers=headers)).status_code == 200
    response = await shop.http.put(SKU, content=b"{}", headers=headers | {"Content-Encoding": "gzip"})
    assert response.status_code == 415


@pytest.mark.parametrize("payload", [b"", b"{", b'{"title": }', b"\xff\xfe", b'{"title": "\xff"}', b"{}{}", b"NaN"])
async def test_what_is_no_json_is_a_bad_request(shop: Any, payload: bytes) -> None:
    headers = shop.as_("operator") | {"Content-Type": "application/json"}
    response = await shop.http.put(SKU, content=payload, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "BAD_MESSAGE"), response.text


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        ([], "", "Expected `object`, got `array`"),
        (None, "", "Expected `object`, got `null`"),
        ({"colour": "red"}, "colour", "Object contains unknown field `colour`"),
        ({"title": 7}, "title", "Expected `str | null`, got `int`"),
        ({"title": "x" * 201}, "title", "Expected one line of at most 200 characters"),
        ({"title": "a\u0000b"}, "title", "Expected one line of at most 200 characters"),
        ({"currency": "yuan"}, "currency", "Expected ISO 4217, three capital letters"),
        ({"price_minor": -1}, "price_minor", "Expected `int` >= 0"),
        ({"elastic_release_at": True}, "elastic_release_at", "Expected `int | null`, got `bool`"),
    ],
)
async def test_a_wrong_body_names_the_field_and_what_it_expected(shop: Any, body: Any, field: str, detail: str) -> None:
    headers = shop.as_("operator") | {"Content-Type": "application/json"}
    response = await shop.http.put(SKU, content=msgspec.json.encode(body), headers=headers)
    problem = response.json()
    assert (response.status_code, problem.get("field", ""), problem["detail"]) == (422, field, detail)


@pytest.mark.parametrize("value", ["1e400", "-0.5", "9" * 5_000, "[" * 100_000, '"\\ud800"', "true"])
async def test_no_number_and_no_nesting_gets_further_than_the_edge(shop: Any, value: str) -> None:
    headers = shop.as_("operator") | {"Content-Type": "application/json"}
    response = await shop.http.put(SKU, content=f'{{"price_minor": {value}}}'.encode(), headers=headers)
    assert response.status_code in (400, 422)


async def test_a_body_has_a_limit_declared_or_not(services: Services) -> None:
    limited = msgspec.structs.replace(services.settings, body_max_bytes=100)
    app = create_app(replace(services, settings=limited))
    token = services.tokens.mint(role="operator", user="wang")  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def in_parts() -> Any:
        for _ in range(20):
            yield b'{"title": "' + b"x" * 20

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shelf.test") as http:
        for content in (b'{"title": "' + b"x" * 100 + b'"}', in_parts()):
            response = await http.put(SKU, content=content, headers=headers)
            assert response.status_code == 413
            assert "at most 100 bytes" in response.json()["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
        ("after=%20x", "after"),
        ("after=", "after"),
    ],
)
async def test_a_wrong_query_names_the_parameter(shop: Any, query: str, field: str) -> None:
    problem = await shop.problem("GET", f"/v1/pools/main/skus?{query}")
    assert (problem["status"], problem["field"]) == (422, field)


@pytest.mark.parametrize("path", ["/v1/pools/Main", "/v1/pools/a%20b", "/v1/pools/a%0A", "/v1/pools/" + "x" * 65])
async def test_a_wrong_name_in_the_path_says_what_a_name_is(api: Any, path: str) -> None:
    problem = await api.problem("GET", path)
    assert (problem["field"], problem["status"]) == ("pool", 422)
    assert problem["detail"] == "Expected lower-case letters, digits, - and _; at most 64"


def test_every_code_has_one_status() -> None:
    assert STATUS.keys() == set(Code)


async def test_a_defect_is_a_problem_and_in_the_log(
    shop: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(_: str) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(shop.services.pools, "get", broken)
    problem = await shop.problem("GET", "/v1/pools/main")
    assert (problem["status"], problem["retry"]) == (500, "same_id")
    assert "a defect" not in str(problem)
    assert "a defect" in capsys.readouterr().out
