"""Strategies of a pool, and what its channels say for the split, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

PATH = "/v1/pools/main/strategy"
DOUYIN = "/v1/pools/main/channels/douyin"
NUMBERS = ("split", "split_every_minutes", "elastic_percent", "elastic_mode", "safety_percent")


def numbers(said: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(said[name] for name in NUMBERS)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("", ("off", 15, 0, "off", 10)),
        ("brand", ("propose", 15, 0, "off", 10)),
        ("influencer", ("off", 15, 15, "ask", 10)),
        ("promotion", ("off", 15, 0, "off", 10)),
    ],
)
async def test_a_strategy_is_a_preset_of_numbers(shop: Any, strategy: str, expected: tuple[Any, ...]) -> None:
    await shop.ok("PUT", PATH, {"strategy": "brand", "split": "auto", "elastic_percent": 3})
    said = await shop.ok("PUT", PATH, {"strategy": strategy})
    assert (said["strategy"], numbers(said), said["changed"]) == (strategy, expected, [])
    assert await shop.ok("GET", PATH) == said
    assert numbers(said["presets"][strategy]) == expected


async def test_each_number_can_be_said_besides_and_changed_later(shop: Any) -> None:
    said = await shop.ok("PUT", PATH, {"strategy": "brand", "split": "auto", "safety_percent": None})
    assert (numbers(said), said["changed"]) == (("auto", 15, 0, "off", 10), ["split"])
    said = await shop.ok("PATCH", PATH, {"split_every_minutes": 5, "safety_percent": 0})
    assert (said["strategy"], numbers(said)) == ("brand", ("auto", 5, 0, "off", 0))
    assert said["changed"] == ["split", "split_every_minutes", "safety_percent"]
    said = await shop.ok("PATCH", PATH, {"split": None})
    assert (said["strategy"], said["split"]) == ("brand", "off")


async def test_the_rest_of_the_pools_settings_stays_as_it_is(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/pools/main", {"title": "Main"})
    await shop.ok("PUT", PATH, {"strategy": "influencer"})
    pool = await shop.ok("PUT", "/v1/pools/main", {"currency": "EUR"})
    assert (pool["title"], pool["currency"], pool["strategy"], pool["elastic_percent"]) == ("", "EUR", "influencer", 15)


async def test_it_is_a_definition_with_a_revision_and_an_undo(shop: Any) -> None:
    read = await shop.call("GET", PATH)
    begun = await shop.call("PUT", PATH, {"strategy": "brand"}, headers={"If-Match": read.headers["etag"]})
    assert begun.status_code == 200
    stale = await shop.problem("PUT", PATH, {"strategy": ""}, headers={"If-Match": read.headers["etag"]})
    assert (stale["status"], stale["code"]) == (412, "STALE")
    action = begun.headers["shelfcast-action"]
    await shop.ok("POST", f"/v1/pools/main/actions/{action}/undo")
    assert (await shop.ok("GET", PATH))["strategy"] == ""


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({"strategy": "greed"}, "strategy", "greed"),
        ({"strategy": None}, "strategy", "null"),
        ({"split": "on"}, "split", "on"),
        ({"split_every_minutes": 0}, "split_every_minutes", "1"),
        ({"split_every_minutes": 1441}, "split_every_minutes", "1440"),
        ({"elastic_percent": 101}, "elastic_percent", "100"),
        ({"elastic_percent": -1}, "elastic_percent", "0"),
        ({"elastic_mode": "maybe"}, "elastic_mode", "maybe"),
        ({"safety_percent": 10.5}, "safety_percent", "int"),
        ({"elastic_percent": 91}, "elastic_percent", "at most 90"),
        ({"elastic_percent": 50, "safety_percent": 51}, "elastic_percent", "at most 49"),
        ({"strategy": "influencer", "safety_percent": 86}, "elastic_percent", "at most 14"),
        ({"colour": "red"}, "colour", "unknown"),
    ],
)
async def test_wrong_numbers_are_refused_with_their_field(
    shop: Any, body: dict[str, Any], field: str, says: str
) -> None:
    problem = await shop.problem("PUT", PATH, body)
    assert (problem["status"], problem["code"], problem["field"]) == (422, "BAD_MESSAGE", field)
    assert says in problem["detail"]
    assert (await shop.ok("GET", PATH))["revision"] == 0


async def test_a_change_is_held_against_what_stands(shop: Any) -> None:
    await shop.ok("PUT", PATH, {"safety_percent": 60})
    assert (await shop.problem("PATCH", PATH, {"elastic_percent": 41}))["field"] == "elastic_percent"
    assert (await shop.problem("PATCH", "/v1/pools/none/strategy", {"split": "off"}))["code"] == "NOT_FOUND"


async def test_a_channel_has_weights_a_floor_and_a_cap(shop: Any) -> None:
    own = {"weight": 2, "weights": {"shoes": 0.5, "bags": 0}, "floor_units": 5, "cap_units": 60}
    said = await shop.ok("PUT", DOUYIN, {"kind": "dedicated", **own})
    assert own.items() <= said.items()
    assert (await shop.ok("PUT", DOUYIN, {"kind": "dedicated"})).items() >= {
        "weight": 1, "weights": {}, "floor_units": None, "cap_units": None,
    }.items()  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"weight": -1}, "weight", "0"),
        ({"weight": 1001}, "weight", "1000"),
        ({"weight": "much"}, "weight", "float"),
        ({"weights": {"shoes": -1}}, "weights", "0"),
        ({"weights": {"a\nb": 1}}, "weights", "one line"),
        ({"weights": {str(n): 1 for n in range(201)}}, "weights", "200"),
        ({"floor_units": -1}, "floor_units", "0"),
        ({"cap_units": 1.5}, "cap_units", "int"),
        ({"floor_units": 10, "cap_units": 9}, "cap_units", "at least floor_units, which is 10"),
        ({"kind": "shared", "cap_units": 9}, "cap_units", "shared"),
    ],
)
async def test_what_contradicts_itself_is_refused_with_its_field(
    shop: Any, fields: dict[str, Any], field: str, says: str
) -> None:
    problem = await shop.problem("PUT", DOUYIN, {"kind": "dedicated", **fields})
    assert (problem["status"], problem["code"], problem["field"].partition("[")[0]) == (422, "BAD_MESSAGE", field)
    assert says in problem["detail"]
    assert (await shop.problem("GET", DOUYIN))["code"] == "NOT_FOUND"
