"""A blind count stays blind over HTTP: whoever counts is told nothing that is expected, by whatever route."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from counting_people import COUNTS, People, figures_in
from shelfcast.http.application import ENDPOINTS
from shelfcast.protocol.access import Role

SAYS_WHETHER_IT_DIFFERS = {"reason", "ready", "applied"}
TOLD = {
    "list_counts", "get_count", "list_count_rows", "post_line", "put_line", "post_answer",
    "get_count_sheet", "delete_line",
}  # fmt: skip
"""What somebody who counts may call; each is asked below for figures, at every stage of a count. The last two answer
with a file and with nothing."""


def test_no_route_of_counts_tells_a_counter_what_is_not_looked_at_here() -> None:
    may = {one.name for one in ENDPOINTS if one.tag == "counts" and Role.COUNTER in one.access.roles}
    assert may == TOLD


@pytest.fixture
async def people(shop: Any) -> People:
    rows = [{"sku": "cup", "title": "Cup", "opening": 41}, {"sku": "fan", "title": "Fan", "opening": 23}]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    return People(shop)


async def all_that_is_told(people: People, who: str) -> list[Any]:
    """What every route answers that shows something of a count."""
    queries = ["", *(f"?status={status}" for status in ("reason", "ready", "applied", "recount", "counted", "asks"))]
    told = [await people.do(who, "/rows" + query, method="GET") for query in [*queries, "?sku=mug", "?sku=cup"]]
    told.append(await people.read(who))
    told.append(await people.api.ok("GET", COUNTS, as_=people.headers(who)))
    return told


async def test_a_counter_is_told_no_figure_at_any_time(people: People) -> None:
    await people.make("mug", "cup", "fan", blind=False)
    await people.api.reserve("r1", 3)
    await people.api.ok("POST", "/v1/pools/main/reservations/r1/confirm")
    told: list[Any] = [await people.do("ann", "/lines", {"sku": "mug"})]
    await people.api.ok("POST", "/v1/pools/main/reservations/r1/ship", {"id": "parcel-1", "qty": 2})
    told.append(await people.do("ann", f"/lines/{told[0]['line']}", {"sku": "mug", "good": 90}, "PUT"))
    told.append(await people.line("ben", 40, "cup"))
    told += await all_that_is_told(people, "ann")
    [question] = (await people.row(who="ann"))["questions"]
    assert (await people.row(who="ben"))["questions"] == [], "it has not counted that"
    told.append(await people.do("ann", "/answers", {"sku": "mug", "seq": question["seq"], "included": 0}))
    await people.do("wang", "/close")
    told += await all_that_is_told(people, "ann")
    assert (await people.row())["difference"] == -8, "the operator is told"
    told.append(await people.line("ben", 97))
    await people.reasons("mug", "cup")
    told += await all_that_is_told(people, "ann") + await all_that_is_told(people, "ben")
    await people.do("wang", "/apply", await people.revision())
    assert (await people.read())["lost"] == 2
    told += await all_that_is_told(people, "ann") + await all_that_is_told(people, "ben")
    assert [found for answer in told for found in figures_in(answer)] == []
    assert dict(figures_in(await people.row()))["difference"] == -1


async def test_a_counter_sees_its_own_lines_alone_and_not_whether_they_fit(people: People) -> None:
    await people.make("mug", "cup")
    await people.line("ann", 99)
    await people.line("ben", 1, zone="B2")
    await people.line("ben", 40, "cup")
    await people.do("wang", "/close")
    for who in ("ann", "ben"):
        rows = await people.rows(who)
        assert {line["by"] for row in rows for line in row["lines"]} == {who}
        assert {row["status"] for row in rows}.isdisjoint(SAYS_WHETHER_IT_DIFFERS)
        for status in SAYS_WHETHER_IT_DIFFERS:
            assert await people.rows(who, f"?status={status}") == [], "neither by asking for those"
    assert {row["status"] for row in await people.rows()} == {"reason", "ready"}
    assert {row["sku"] for row in await people.rows("ann", "?status=counted")} == {"cup", "mug"}


async def test_a_blind_count_is_blind_for_its_operator_too_while_it_goes_on(people: People) -> None:
    await people.make("mug", blind=True)
    await people.line("ann", 90)
    row = await people.row()
    assert (row["status"], row["lines"], list(figures_in(row))) == ("counted", [], [])
    assert list(figures_in(await people.read())) == []
    await people.do("wang", "/close")
    assert (await people.row())["difference"] == -10
    await people.do("wang", "/reopen")
    assert (await people.row())["difference"] is None
    open_one = People(people.api, "c2")
    await open_one.make("cup", blind=False)
    await open_one.line("ann", 40, "cup")
    row = await open_one.row("cup")
    assert (row["difference"], row["on_hand"], [line["by"] for line in row["lines"]]) == (-1, 41, ["ann"])


@pytest.mark.parametrize("accept", ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"])
async def test_a_sheet_to_fill_in_has_no_figure(people: People, accept: str) -> None:
    await people.make("mug", "cup")
    answers = []
    for opening in (0, 77):
        if opening:
            move = {"kind": "receive", "id": "m1", "sku": "mug", "qty": opening, "target": "pool"}
            await people.api.ok("POST", "/v1/pools/main/moves", move)
        headers = {**people.headers("ann"), "Accept": accept}
        answers.append((await people.api.call("GET", people.path + "/sheet", as_=headers)).content)
    assert answers[0] == answers[1], "it is the same whatever there is"
    if accept == "text/csv":
        [header, *rows] = csv.reader(answers[0].decode("utf-8-sig").splitlines())
        assert header == ["sku", "barcode", "title", "shelf_zone", "good", "bad", "zone", "lot", "expires_on", "note"]
        assert rows == [["cup", "", "Cup", *[""] * 7], ["mug", "", "Mug", *[""] * 7]]


async def test_whoever_counts_reaches_nothing_else(people: People) -> None:
    await people.make("mug")
    headers = people.headers("ann")
    for path in ("skus", "skus/mug", "ledger", "audit", "alerts", "actions", "events", "reservations", "count-plan"):
        problem = await people.api.problem("GET", f"/v1/pools/main/{path}", as_=headers)
        assert (problem["status"], problem["field"]) == (403, "role"), path
    other = people.api.as_("counter", "ann", pool="other")
    assert (await people.api.problem("GET", people.path, as_=other))["field"] == "pool"
    narrow = people.api.as_("counter", "ann", room="evening")
    assert (await people.api.problem("GET", people.path, as_=narrow))["field"] == "room"


async def test_a_counter_signs_in_and_sees_which_pools_it_has(people: People, browsers: Any) -> None:
    await people.api.ok("PATCH", "/v1/pools/main", {"title": "Main", "handover": "40 mugs are missing"})
    await people.api.ok("PUT", "/v1/pools/other")
    account = {"role": "counter", "password": "correct horse battery", "pools": ["main"]}
    await people.api.ok("PUT", "/v1/accounts/ann", account)
    browser = browsers()
    session = await browser.log_in("ann")
    assert (session.status_code, session.json()["role"], session.json()["pools"]) == (201, "counter", ["main"])
    found = (await people.api.ok("GET", "/v1/pools", as_=people.api.as_("counter", "ann", pool="main")))["pools"]
    assert [(pool["pool"], pool["title"], pool["handover"]) for pool in found] == [("main", "Main", "")]
