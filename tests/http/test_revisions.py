"""ETag and If-Match on every definition (RFC 9110, 13.1.1), and what a stale write is told."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from openapi_conformance import api_document
from shelfcast.http.application import ENDPOINTS

MUG = "/v1/pools/main/skus/mug"
ROOM = "/v1/rooms/evening"
DEFINITIONS = [
    ("/v1/pools/main", {"title": "Main"}),
    (MUG, {"title": "Cup"}),
    ("/v1/pools/main/channels/live", {"title": "Live"}),
    ("/v1/pools/main/batches/second", {"title": "Second"}),
    ("/v1/pools/main/users/li", {"standing": "review"}),
    (ROOM, {"pool": "main", "channel": "live", "title": "Evening"}),
    (ROOM + "/skus/mug", {"limit_per_user": 3}),
]


def match(revision: object) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


@pytest.mark.parametrize(("path", "body"), DEFINITIONS)
async def test_reads_and_writes_of_a_definition_say_its_revision(shop: Any, path: str, body: dict[str, Any]) -> None:
    await shop.ok("PUT", path, {name: body[name] for name in body.keys() & {"pool", "channel"}})
    read = await shop.call("GET", path)
    revision = read.json()["revision"]
    assert read.headers["etag"] == f'"{revision}"'
    written = await shop.call("PUT", path, body, headers=match(revision))
    assert (written.status_code, written.headers["etag"]) == (200, f'"{revision + 1}"')
    assert (await shop.call("GET", path)).headers["etag"] == written.headers["etag"]
    again = await shop.call("PUT", path, body, headers=match(revision))
    assert (again.status_code, again.headers["etag"]) == (200, f'"{revision + 1}"'), "it is as it shall be"


@pytest.mark.parametrize(("path", "body"), DEFINITIONS)
async def test_a_stale_write_is_told_both_revisions(shop: Any, path: str, body: dict[str, Any]) -> None:
    await shop.ok("PUT", path, body)
    revision = (await shop.ok("GET", path))["revision"]
    text = "reason" if "standing" in body else "last_n" if "limit_per_user" in body else "title"
    other = {**body, text: 9 if text == "last_n" else "other"}
    problem = await shop.problem("PUT", path, other, headers=match(revision + 5))
    assert (problem["status"], problem["code"], problem["retry"], problem["field"]) == (
        412, "STALE", "changed", "If-Match",
    )  # fmt: skip
    assert (problem["expected"], problem["revision"]) == (revision + 5, revision)
    assert problem["seq"] >= 0
    assert problem["current"] == await shop.ok("GET", path), "a page shows both"
    whole = await shop.problem("PUT", path, other, headers=match(revision + 5), as_=shop.as_("viewer"))
    assert (whole["code"], "current" in whole) == ("FORBIDDEN", False)
    assert (await shop.ok("GET", path))["revision"] == revision


async def test_patch_and_delete_take_it_too(shop: Any) -> None:
    assert (await shop.problem("PATCH", MUG, {"title": "Cup"}, headers=match(7)))["code"] == "STALE"
    assert (await shop.ok("PATCH", MUG, {"title": "Cup"}, headers=match(1)))["revision"] == 2
    assert (await shop.problem("PATCH", ROOM, {"title": "Late"}, headers=match(7)))["code"] == "STALE"
    listed = ROOM + "/skus/mug"
    assert (await shop.problem("PATCH", listed, {"last_n": 3}, headers=match(7)))["code"] == "STALE"
    deleted = await shop.problem("DELETE", listed, headers=match(7))
    assert (deleted["code"], deleted["current"]) == ("STALE", await shop.ok("GET", listed))
    for numbers in (MUG + "/elastic", "/v1/pools/main/strategy"):
        body = {"mode": "off"} if "elastic" in numbers else {"strategy": "brand"}
        problem = await shop.problem("PUT", numbers, body, headers=match(7))
        assert (problem["code"], problem["current"]) == ("STALE", await shop.ok("GET", numbers))
    assert (await shop.call("DELETE", listed, headers=match(1))).status_code == 204
    assert (await shop.call("DELETE", listed, headers=match(1))).status_code == 204, "it is as it shall be"


async def test_a_star_is_whatever_is_there(shop: Any) -> None:
    anything = {"If-Match": "*"}
    assert (await shop.ok("PATCH", MUG, {"title": "Cup"}, headers=anything))["title"] == "Cup"
    for path, body in (
        ("/v1/pools/main/skus/bowl", {}),
        ("/v1/rooms/night", {"pool": "main", "channel": "live"}),
        ("/v1/pools/main/channels/douyin", {}),
    ):
        for headers in (anything, match(0), match(1)):
            problem = await shop.problem("PUT", path, body, headers=headers)
            assert (problem["status"], problem["code"], "revision" in problem) == (412, "STALE", False)
            assert "current" not in problem
        assert (await shop.call("PUT", path, body)).status_code == 201, "nothing of it was left behind"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("1", "quoted"),
        ("'1'", "quoted"),
        ('"one"', "quoted"),
        ('"01"', "quoted"),
        ('"-1"', "quoted"),
        ('"1', "quoted"),
        ("", "quoted"),
        ('"99999999999999999999"', "quoted"),
        ('W/"1"', "strong"),
        ('"1", "2"', "several"),
        ('*, "1"', "several"),
    ],
)
async def test_a_wrong_if_match_says_what_was_expected(shop: Any, value: str, says: str) -> None:
    problem = await shop.problem("PATCH", MUG, {"title": "Cup"}, headers={"If-Match": value})
    assert (problem["status"], problem["code"], problem["field"]) == (422, "BAD_MESSAGE", "If-Match")
    assert says in problem["detail"]
    assert (await shop.ok("GET", MUG))["revision"] == 1


async def test_two_headers_are_refused_as_two_tags(shop: Any) -> None:
    headers = [*shop.as_("operator").items(), ("If-Match", '"1"'), ("If-Match", '"1"')]
    response = await shop.http.patch(MUG, json={"title": "Cup"}, headers=headers)
    assert (response.status_code, response.json()["field"]) == (422, "If-Match")


async def test_the_show_makes_nobodys_edit_of_the_room_stale(shop: Any) -> None:
    before = await shop.ok("GET", ROOM)
    await shop.ok("PATCH", ROOM, {"spotlight": "mug"})
    after = await shop.ok("PATCH", ROOM, {"title": "Late"}, headers=match(before["revision"]))
    assert (after["revision"], after["state_revision"]) == (before["revision"] + 1, before["state_revision"] + 1)


SAYS_IT_IN_ITS_BODY = ("apply_import", "post_sign_count", "post_apply_count")
"""Of these the body names the reading, or the revision, that was looked at."""
OF_NO_DEFINITION = ("patch_import", "put_line", "put_reasons", "put_receipt_entry")
"""These say what a file is read as, what one person has found, or why: it is nobody else's."""


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_the_document_says_which_take_it(endpoint: Any) -> None:
    operation = api_document()["paths"][endpoint.path.replace(":path}", "}")][endpoint.method.lower()]
    takes = "If-Match" in [parameter["name"] for parameter in operation.get("parameters", [])]
    assert takes == (endpoint.revised and endpoint.method != "GET")
    assert ("412" in operation["responses"]) == (takes or endpoint.name in SAYS_IT_IN_ITS_BODY)
    successes = [answer for status, answer in operation["responses"].items() if status in ("200", "201")]
    for answer in successes:
        assert ("ETag" in answer.get("headers", {})) == endpoint.revised
    if endpoint.method in ("PUT", "PATCH") and endpoint.name not in OF_NO_DEFINITION:
        assert endpoint.revised


async def test_of_racing_writers_over_the_network_one_wins(server: Any) -> None:
    await server.open_shop()
    await server.sell("mug", 10)
    headers = {"Authorization": f"Bearer {server.token('operator')}"}
    async with (
        httpx.AsyncClient(base_url=server.url, headers=headers) as first,
        httpx.AsyncClient(base_url=server.url, headers=headers) as second,
    ):
        for round_ in range(10):
            tag = (await first.get(MUG)).headers["etag"]
            answers = await asyncio.gather(
                *[
                    client.patch(MUG, json={"title": f"{round_} {name}"}, headers={"If-Match": tag})
                    for name, client in (("first", first), ("second", second))
                ]
            )
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            won = next(answer for answer in answers if answer.status_code == 200).json()
            assert (await first.get(MUG)).json()["title"] == won["title"]
