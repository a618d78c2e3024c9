"""Two people sign for what differs much, and no route walks around them."""

from __future__ import annotations

from typing import Any

import pytest
from counting_people import COUNTS, People

MOVES = "/v1/pools/main/moves"


@pytest.fixture
async def people(shop: Any) -> People:
    """A pool in which one person may stand for 10 units."""
    await shop.ok("PATCH", "/v1/pools/main", {"sign_over_units": 10})
    return People(shop)


async def counted(people: People, good: int) -> dict[str, int]:
    """A count that is ready to be signed, at this revision."""
    await people.make("mug", recount_over=1_000)
    await people.line("ann", good)
    await people.do("wang", "/close")
    if good != 100:
        await people.reasons("mug")
    return await people.revision()


async def on_hand(people: People) -> int:
    units = await people.api.units()
    return sum(units.get(place, 0) for place in ("pool", "safety", "unsellable", "held:pool", "sold:pool"))


# --- signing --------------------------------------------------------------------------------------------------


async def test_beyond_the_threshold_two_people_sign(people: People) -> None:
    revision = await counted(people, 80)
    assert (await people.read())["signatures_needed"] == 2
    refusal = await people.refused("wang", "/apply", revision)
    assert (refusal["code"], refusal["status"]) == ("NEEDS_APPROVAL", 409)
    assert "somebody else" in refusal["detail"]
    await people.do("wang", "/sign", revision)
    await people.do("wang", "/sign", revision)
    refusal = await people.refused("wang", "/apply", revision)
    assert (refusal["code"], refusal["status"]) == ("SAME_SIGNER", 409)
    assert [one["by"] for one in (await people.read())["signatures"]] == ["wang"], "once, however often"
    # Another token of the same person is the same person.
    again = people.api.as_("operator", "wang", pool="main")
    refusal = await people.api.problem("POST", people.path + "/apply", revision, as_=again)
    assert refusal["code"] == "SAME_SIGNER"
    assert await on_hand(people) == 100
    applied = await people.do("zhou", "/apply", revision)
    assert (applied["state"], applied["lost"], [one["by"] for one in applied["signatures"]]) == (
        "applied", 20, ["wang", "zhou"],
    )  # fmt: skip
    assert await on_hand(people) == 80


@pytest.mark.parametrize("step", ["/sign", "/apply", "/cancel", "/close", "/reopen", "/recounts", "/reasons", "/skus"])
@pytest.mark.parametrize("who", ["erp", "ann", "host", "viewer"])
async def test_no_program_signs_nor_does_whoever_counts(people: People, who: str, step: str) -> None:
    revision = await counted(people, 95)
    bodies: dict[str, Any] = {
        "/sign": revision,
        "/apply": revision,
        "/recounts": {"skus": ["mug"]},
        "/skus": {"skus": ["mug"]},
        "/reasons": {"rows": [{"sku": "mug", "reason": "lost"}]},
    }
    refusal = await people.refused(who, step, bodies.get(step), "PUT" if step == "/reasons" else "POST")
    assert (refusal["status"], refusal["field"]) == (403, "role")
    assert await people.revision() == revision
    assert await on_hand(people) == 100


@pytest.mark.parametrize("who", ["erp", "host", "viewer"])
async def test_only_those_who_count_enter_lines(people: People, who: str) -> None:
    await people.make("mug")
    for step, body in (("/lines", {"sku": "mug", "good": 1}), ("/answers", {"sku": "mug", "seq": 1, "included": 0})):
        assert (await people.refused(who, step, body))["field"] == "role"
    for step in ("", "/rows", "/sheet"):
        assert (await people.refused(who, step, method="GET"))["field"] == "role"
    for who_else in (who, "ann"):
        assert (await people.api.problem("POST", COUNTS, {"kind": "spot"}, as_=people.headers(who_else)))[
            "status"
        ] == 403


async def test_what_changes_behind_a_signature_voids_it(people: People) -> None:
    revision = await counted(people, 80)
    await people.do("wang", "/sign", revision)
    await people.reasons("mug", reason="damaged")
    assert (await people.read())["signatures"] == []
    assert (await people.refused("zhou", "/apply", revision))["code"] == "STALE"
    assert (await people.refused("zhou", "/apply", await people.revision()))["code"] == "NEEDS_APPROVAL"


async def test_an_applied_count_is_not_undone(people: People) -> None:
    revision = await counted(people, 95)
    answer = await people.api.call("POST", people.path + "/apply", revision, as_=people.headers("wang"))
    action = answer.headers["Shelfcast-Action"]
    for who in ("wang", "zhou", "erp"):
        path = f"/v1/pools/main/actions/{action}/undo"
        refusal = await people.api.problem("POST", path, as_=people.headers(who))
        assert refusal["code"] == "BAD_MESSAGE"
    assert await on_hand(people) == 95


# --- moves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["wang", "erp"])
@pytest.mark.parametrize(
    ("body", "counted"), [({"kind": "count", "qty": 80}, 80), ({"kind": "write_off", "qty": 20, "source": "pool"}, 80)]
)
async def test_a_move_beyond_the_threshold_becomes_a_draft_that_two_people_sign(
    people: People, who: str, body: dict[str, Any], counted: int
) -> None:
    move = {"id": "m1", "sku": "mug", **body}
    headers = people.headers(who)
    refusal = await people.api.problem("POST", MOVES, move, as_=headers)
    assert (refusal["code"], refusal["status"], refusal["count"]) == ("NEEDS_APPROVAL", 409, "draft.m1")
    assert "draft.m1" in refusal["detail"]
    assert (await people.api.problem("POST", MOVES, move, as_=headers))["count"] == "draft.m1", "the same again"
    draft = People(people.api, "draft.m1")
    record = await draft.read()
    assert (record["kind"], record["state"], record["move"], record["rows"]) == ("draft", "review", "m1", 1)
    assert (record["signatures_needed"], (await draft.row())["difference"]) == (2, -20)
    assert await on_hand(people) == 100
    revision = await draft.revision()
    assert (await draft.refused("wang", "/apply", revision))["code"] == "NEEDS_APPROVAL"
    await draft.do("wang", "/sign", revision)
    assert (await draft.refused("wang", "/apply", revision))["code"] == "SAME_SIGNER"
    for step in ("/sign", "/apply"):
        assert (await draft.refused("erp", step, revision))["field"] == "role"
    assert (await draft.refused("wang", "/reopen"))["field"] == "kind"
    assert (await draft.refused("ann", "/lines", {"sku": "mug", "good": 100}))["field"] == "state"
    assert (await draft.do("zhou", "/apply", revision))["state"] == "applied"
    assert await on_hand(people) == counted
    assert (await people.api.ok("POST", MOVES, move, as_=headers))["id"] == "m1", "done by now"
    assert (await people.api.ok("GET", "/v1/pools/main/audit"))["ok"]


async def test_a_cancelled_draft_is_told_as_one(people: People) -> None:
    move = {"kind": "write_off", "id": "m1", "sku": "mug", "qty": 20, "source": "pool"}
    first = await people.api.problem("POST", MOVES, move)
    assert (first["count"], "it waits" in first["detail"]) == ("draft.m1", True)
    await People(people.api, "draft.m1").do("wang", "/cancel")
    again = await people.api.problem("POST", MOVES, move)
    assert (again["code"], again["field"], again["count"]) == ("NEEDS_APPROVAL", "id", "draft.m1")
    assert ("it waits" in again["detail"], "takes a new id" in again["detail"]) == (False, True)
    other = await people.api.problem("POST", MOVES, move | {"id": "m2"})
    assert (other["count"], "it waits" in other["detail"]) == ("draft.m2", True)


async def test_slices_of_a_move_count_together(people: People) -> None:
    for number in range(2):
        await people.api.ok(
            "POST", MOVES, {"kind": "write_off", "id": f"m{number}", "sku": "mug", "qty": 5, "source": "pool"}
        )
    body = {"kind": "write_off", "id": "m9", "sku": "mug", "qty": 1, "source": "pool"}
    assert (await people.api.problem("POST", MOVES, body))["code"] == "NEEDS_APPROVAL"
    count = {"kind": "count", "id": "m10", "sku": "mug", "qty": 91}
    refusal = await people.api.problem("POST", MOVES, count)
    assert (refusal["code"], refusal["count"]) == ("NEEDS_APPROVAL", "draft.m9"), "the SKU is on that one already"
    assert await on_hand(people) == 90


async def test_a_pool_without_a_threshold_moves_as_before(shop: Any) -> None:
    done = await shop.ok("POST", MOVES, {"kind": "count", "id": "m1", "sku": "mug", "qty": 20})
    assert done["data"]["difference"] == -80


# --- the threshold itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "looser"), [("PATCH", 20), ("PATCH", None), ("PUT", 20), ("PUT", None)])
async def test_two_people_let_one_person_move_more(people: People, method: str, looser: int | None) -> None:
    path, body = "/v1/pools/main", {"sign_over_units": looser}
    refusal = await people.api.problem(method, path, body, as_=people.headers("erp"))
    assert (refusal["status"], refusal["field"]) == (403, "role"), "a program never"
    refusal = await people.api.problem(method, path, body, as_=people.headers("wang"))
    assert (refusal["code"], refusal["field"], refusal["status"]) == ("NEEDS_APPROVAL", "sign_over_units", 409)
    assert (await people.api.problem(method, path, body, as_=people.headers("wang")))["code"] == "SAME_SIGNER"
    assert (await people.api.ok("GET", path))["sign_over_units"] == 10
    done = await people.api.call(method, path, body, as_=people.headers("zhou"))
    assert done.json()["sign_over_units"] == looser
    undo = f"/v1/pools/main/actions/{done.headers['Shelfcast-Action']}/undo"
    assert (await people.api.problem("POST", undo, as_=people.headers("wang")))["code"] == "BAD_MESSAGE"


async def test_a_pool_that_is_stated_without_its_threshold_loses_it_by_two_people_alone(people: People) -> None:
    body = {"title": "Main"}
    assert (await people.api.problem("PUT", "/v1/pools/main", body, as_=people.headers("erp")))["field"] == "role"
    assert (await people.api.problem("PUT", "/v1/pools/main", body))["code"] == "NEEDS_APPROVAL"
    await people.api.ok("PATCH", "/v1/pools/main", body, as_=people.headers("erp"))
    await people.api.ok("PUT", "/v1/pools/main", as_=people.headers("erp"))
    assert (await people.api.ok("GET", "/v1/pools/main"))["sign_over_units"] == 10


async def test_a_tighter_threshold_is_not_undone_by_one_person(people: People) -> None:
    for who in ("wang", "erp"):
        units = {"wang": 7, "erp": 5}[who]
        done = await people.api.call("PATCH", "/v1/pools/main", {"sign_over_units": units}, as_=people.headers(who))
        assert done.status_code == 200, "to make it tighter takes nobody else"
        undo = f"/v1/pools/main/actions/{done.headers['Shelfcast-Action']}/undo"
        for asker in ("erp", "wang"):
            assert (await people.api.call("POST", undo, as_=people.headers(asker))).status_code >= 400
    assert (await people.api.ok("GET", "/v1/pools/main"))["sign_over_units"] == 5


async def test_a_sheet_is_never_looser_than_the_pool(people: People) -> None:
    refusal = await people.api.problem("POST", COUNTS, {"kind": "spot", "sign_over": 11, "skus": []})
    assert (refusal["field"], refusal["status"]) == ("sign_over", 422)
    assert "10" in refusal["detail"]
    assert (await people.make("mug", sign_over=3, recount_over=1))["count"]["sign_over"] == 3
