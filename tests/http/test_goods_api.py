"""What a catalogue says of a SKU besides its price, and what a run order says besides its SKUs."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx
import msgspec
import pytest
from shelfcast.errors import ConfigError
from shelfcast.http.application import create_app
from shelfcast.http.pages.routes import content_policy
from shelfcast.origins import Origins
from shelfcast.pictures import image_fault, read_image_origins
from shelfcast.settings import Settings

MUG = "/v1/pools/main/skus/mug"
ROOM = "/v1/rooms/evening"
CDN = "https://cdn.example"
GOODS = {
    "substitutes": ["cup"],
    "aliases": ["蓝杯", "the blue one"],
    "zone": "A-12",
    "supplier": "Jingdezhen Nr. 3",
    "image_url": "/pictures/mug.webp",
}


async def test_a_sku_has_substitutes_names_a_place_a_supplier_and_a_picture(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    found = await shop.ok("PATCH", MUG, GOODS | {"aliases": [" 蓝杯 ", "the blue one"]})
    assert {name: found[name] for name in GOODS} == GOODS
    action = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"][0]
    assert sorted(action["fields"]) == sorted(GOODS)
    await shop.ok("POST", f"/v1/pools/main/actions/{action['id']}/undo")
    found = await shop.ok("GET", MUG)
    assert (found["substitutes"], found["aliases"], found["zone"], found["image_url"]) == ([], [], "", "")
    await shop.ok("PUT", MUG, GOODS)
    revision = (await shop.ok("PUT", MUG, GOODS))["revision"]
    assert (await shop.ok("PUT", MUG, GOODS))["revision"] == revision
    assert (await shop.ok("PUT", MUG, {}))["substitutes"] == []


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"substitutes": ["mug"]}, "substitutes[0]", "BAD_MESSAGE"),
        ({"substitutes": ["cup", "cup"]}, "substitutes[1]", "BAD_MESSAGE"),
        ({"substitutes": ["none"]}, "substitutes", "UNKNOWN_SKU"),
        ({"substitutes": list("abcdef")}, "substitutes", "BAD_MESSAGE"),
        ({"aliases": ["blue", "blue "]}, "aliases[1]", "BAD_MESSAGE"),
        ({"aliases": [" "]}, "aliases[0]", "BAD_MESSAGE"),
        ({"aliases": ["blue, green"]}, "aliases[0]", "BAD_MESSAGE"),
        ({"aliases": ["x" * 65]}, "aliases[0]", "BAD_MESSAGE"),
        ({"aliases": [str(n) for n in range(21)]}, "aliases", "BAD_MESSAGE"),
        ({"zone": "two\nlines"}, "zone", "BAD_MESSAGE"),
        ({"supplier": "x" * 129}, "supplier", "BAD_MESSAGE"),
        ({"image_url": f"{CDN}/mug.webp"}, "image_url", "BAD_MESSAGE"),
        ({"image_url": "/" + "x" * 500}, "image_url", "BAD_MESSAGE"),
    ],
)
async def test_what_a_sku_cannot_be_is_refused(shop: Any, given: dict[str, Any], field: str, code: str) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    for method in ("PUT", "PATCH"):
        problem = await shop.problem(method, MUG, given)
        assert (problem["code"], problem["field"]) == (code, field)
    rows = {"skus": [{"sku": "cup"}, {"sku": "mug", **given}]}
    problem = await shop.problem("POST", "/v1/pools/main/catalogue", rows)
    assert (problem["code"], problem["field"]) == (code, f"skus[1].{field}")


async def test_rows_of_one_request_may_be_one_another_s_substitutes(shop: Any) -> None:
    rows = [{"sku": "a", "substitutes": ["b", "mug"]}, {"sku": "b", "substitutes": ["a"], "title": "B"}]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows})
    assert (await shop.ok("GET", "/v1/pools/main/skus/a"))["substitutes"] == ["b", "mug"]
    found = await shop.ok("GET", "/v1/pools/main/skus/b")
    assert (found["substitutes"], found["title"]) == (["a"], "B")


async def test_a_run_order_has_slots_or_names(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    await shop.ok("PUT", f"{ROOM}/skus/cup", {})
    slot = {"sku": "mug", "minutes": 10, "expected_units": 40, "note": "show the handle"}
    found = await shop.ok("PATCH", ROOM, {"run_order": [slot, "cup"]})
    assert found["run_order"] == [slot, "cup"]
    assert (await shop.ok("PATCH", ROOM, {"run_order": [slot, {"sku": "cup"}]}))["revision"] == found["revision"]
    assert (await shop.ok("GET", f"{ROOM}/snapshot"))["skus"][0]["sku"] == "mug"
    changed = await shop.ok("PATCH", ROOM, {"run_order": [slot | {"minutes": 11}, "cup"]})
    assert changed["revision"] == found["revision"] + 1
    action = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"][0]
    assert action["fields"] == ["run_order"]
    await shop.ok("POST", f"/v1/pools/main/actions/{action['id']}/undo")
    assert (await shop.ok("GET", ROOM))["run_order"] == [slot, "cup"]
    plain = await shop.ok("PATCH", ROOM, {"run_order": [{"sku": "cup", "minutes": None, "note": ""}, {"sku": "mug"}]})
    assert plain["run_order"] == ["cup", "mug"]
    for wrong, field in (
        ([{"sku": "mug", "minutes": 0}], "run_order[0].minutes"),
        ([{"sku": "mug", "minutes": 1441}], "run_order[0].minutes"),
        (["mug", {"sku": "cup", "expected_units": -1}], "run_order[1].expected_units"),
        ([{"minutes": 5}], "run_order[0].sku"),
        ([{"sku": "mug", "colour": "blue"}], "run_order[0].colour"),
    ):
        assert (await shop.problem("PATCH", ROOM, {"run_order": wrong}))["field"] == field
    unknown = await shop.problem("PATCH", ROOM, {"run_order": [{"sku": "bowl", "minutes": 5}]})
    assert (unknown["code"], unknown["field"]) == ("UNKNOWN_SKU", "run_order")
    assert "bowl" in unknown["detail"]


async def test_what_an_old_server_reads_of_a_run_order_is_names(shop: Any) -> None:
    """One of the release before takes a list of texts, and nothing else."""
    await shop.ok("PATCH", ROOM, {"run_order": [{"sku": "mug"}]})
    pool = await shop.services.pools.get("main")
    blob = await pool.book._engine.command("HGET", f"{pool.book.base}:rooms", "evening", key=pool.book.base)
    assert msgspec.msgpack.decode(blob)["run_order"] == ["mug"]


async def test_a_link_number_is_one_listing_s(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/skus/cup", {})
    await shop.ok("PUT", "/v1/pools/main/skus/bowl", {})
    rows = [{"sku": "bowl"}, {"sku": "cup", "link": 2}]
    await shop.ok("POST", f"{ROOM}/skus", {"skus": rows})
    assert {row["sku"]: row["link"] for row in (await shop.ok("GET", f"{ROOM}/skus"))["skus"]} == {
        "mug": 1,
        "cup": 2,
        "bowl": 3,
    }
    taken = await shop.problem("PATCH", f"{ROOM}/skus/bowl", {"link": 2})
    assert (taken["status"], taken["code"], taken["field"]) == (409, "ID_CONFLICT", "link")
    assert "'cup'" in taken["detail"]
    assert (await shop.ok("PUT", f"{ROOM}/skus/cup", {"position": 8}))["link"] == 2
    assert (await shop.problem("PATCH", f"{ROOM}/skus/cup", {"link": 1000}))["field"] == "link"
    taken = await shop.problem("POST", f"{ROOM}/skus", {"skus": [{"sku": "mug"}, {"sku": "bowl", "link": 1}]})
    assert (taken["code"], taken["field"]) == ("ID_CONFLICT", "skus[1].link")


async def test_pictures_come_from_where_the_operator_allows(shop: Any) -> None:
    setting = f"{CDN}, http://127.0.0.1:9000"
    settings = msgspec.structs.replace(shop.services.settings, image_origins=setting)
    services = dataclasses.replace(shop.services, settings=settings)
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://shelf.test") as http:
        for url, status in ((f"{CDN}/a.webp", 200), ("http://127.0.0.1:9000/a", 200), ("https://b.example/a", 422)):
            answer = await http.patch(MUG, json={"image_url": url}, headers=shop.as_("operator"))
            assert answer.status_code == status, url
        assert CDN in answer.json()["detail"]
    policy = content_policy("shelf.test", Origins(""), framed=True, images=read_image_origins(setting)).split("; ")
    assert f"img-src 'self' {CDN} http://127.0.0.1:9000" in policy


@pytest.mark.parametrize(
    "setting", ["http://cdn.example", "cdn.example", "https://*.example", "null", "ftp://127.0.0.1", "https://a/b"]
)
def test_only_safe_origins_can_be_allowed(setting: str) -> None:
    with pytest.raises(ConfigError, match="image_origins: expected"):
        Settings.load({"image_origins": setting}, {})


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/mug.webp",
        "https://cdn.example.evil.example/mug.webp",
        "https://cdn.example@evil.example/mug.webp",
        "https://cdn.example:8443/mug.webp",
        "http://cdn.example/mug.webp",
        "//evil.example/mug.webp",
        "/\\evil.example/mug.webp",
        "/mug webp",
        '/mug".webp',
        "mug.webp",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https:/cdn.example/mug.webp",
        "https://",
    ],
)
def test_an_address_that_a_browser_would_read_otherwise_is_refused(url: str) -> None:
    assert image_fault(url, read_image_origins(CDN))


@pytest.mark.parametrize("url", [f"{CDN}/mug.webp?w=300#x", "HTTPS://CDN.example:443/%E6%9D%AF.png", "/mug.svg", "/"])
def test_an_address_of_an_allowed_origin_or_of_the_server_is_taken(url: str) -> None:
    assert image_fault(url, read_image_origins(CDN)) == ""
