"""Counts over HTTP: from the sheet to the units that are moved."""

from __future__ import annotations

from typing import Any

import pytest
from counting_people import COUNTS, People


@pytest.fixture
async def people(shop: Any) -> People:
    """A shop with mugs, cups and fans in two zones, and those who count it."""
    await shop.ok("PATCH", "/v1/pools/main/skus/mug", {"zone": "A1", "category": "tea", "barcode": "690"})
    rows = [
        {"sku": "cup", "title": "Cup", "opening": 40, "zone": "A1", "category": "tea"},
        {"sku": "fan", "title": "Fan", "opening": 20, "zone": "B2"},
    ]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "more"})
    return People(shop)


async def is_sound(people: People) -> bool:
    return bool((await people.api.ok("GET", "/v1/pools/main/audit"))["ok"])


async def test_two_zones_are_counted_signed_and_applied(people: People) -> None:
    made = await people.make("mug", "cup", "fan", note="before the show")
    assert made["elsewhere"] == []
    assert (made["count"]["state"], made["count"]["rows"], made["count"]["made_by"]) == ("counting", 3, "wang")
    assert (made["count"]["recount_over"], made["count"]["sign_over"]) == (5, 10), (
        "what the pool has where it says none"
    )
    saved = await people.line("ann", 60, zone="A1")
    assert saved["row"]["lines"][0]["good"] == 60
    await people.line("ben", 35, bad=2, zone="B2", lot="L7", expires_on="2027-02-28")
    await people.line("ann", 40, "cup")
    await people.do("wang", "/close")
    row = await people.row()
    assert (row["counted"], row["bad"], row["on_hand"], row["difference"]) == (97, 2, 100, -3)
    assert [(line["by"], line["zone"], line["lot"], line["expires_on"], line["open"]) for line in row["lines"]] == [
        ("ann", "A1", "", None, False),
        ("ben", "B2", "L7", "2027-02-28", False),
    ]
    read = await people.read()
    assert [read[name] for name in ("counted_rows", "differing", "unreasoned", "asking", "recounts", "over")] == [
        2, 1, 1, 0, 0, 0,
    ]  # fmt: skip
    await people.reasons("mug")
    signed = await people.do("wang", "/sign", await people.revision())
    assert [one["by"] for one in signed["signatures"]] == ["wang"]
    applied = await people.do("wang", "/apply", await people.revision())
    assert (applied["state"], applied["lost"], applied["gained"], applied["shortage"]) == ("applied", 3, 0, 0)
    assert await people.api.units() == {"pool": 95, "unsellable": 2, "supplier": -100, "count_loss": 3}
    assert (await people.api.units("fan"))["pool"] == 20, "not counted is not zero"
    assert (await people.do("wang", "/apply", await people.revision()))["state"] == "applied", "the same again"
    assert await is_sound(people)


@pytest.mark.parametrize(
    ("scope", "skus"),
    [
        ({"room": "evening"}, ["mug"]),
        ({"zone": "A1"}, ["cup", "mug"]),
        ({"category": "tea", "room": "evening"}, ["mug"]),
        ({}, ["cup", "fan", "mug"]),
        ({"skus": ["fan", "fan"]}, ["fan"]),
        ({"skus": []}, []),
    ],
)
async def test_a_sheet_is_of_what_is_named(people: People, scope: Any, skus: list[str]) -> None:
    made = await people.make(**scope)
    assert [row["sku"] for row in await people.rows()] == skus
    assert made["count"]["rows"] == len(skus)
    assert [made["count"][part] for part in ("room", "zone", "category")] == [
        scope.get(part) for part in ("room", "zone", "category")
    ]


async def test_a_sku_is_on_one_open_count(people: People) -> None:
    await people.make("mug", "cup")
    other = People(people.api, "c2")
    assert (await other.make())["elsewhere"] == [{"sku": "cup", "count": "c1"}, {"sku": "mug", "count": "c1"}]
    assert (await other.make())["elsewhere"] == [{"sku": "cup", "count": "c1"}, {"sku": "mug", "count": "c1"}]
    added = await people.do("wang", "/skus", {"skus": ["mug", "fan"]})
    assert (added["elsewhere"], added["count"]["rows"]) == ([{"sku": "fan", "count": "c2"}], 2)
    await other.do("wang", "/cancel")
    assert (await people.do("wang", "/skus", {"skus": ["fan"]}))["count"]["rows"] == 3
    listed = (await people.api.ok("GET", COUNTS))["counts"]
    assert [(one["count"], one["state"]) for one in listed] == [("c1", "counting"), ("c2", "cancelled")]


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        ({"zone": "Z9"}, "zone"),
        ({"category": "cars"}, "category"),
        ({"room": "bare"}, "room"),
        ({"room": "evening", "zone": "Z9"}, "zone"),
        ({"zone": "B2", "category": "tea"}, "category"),
    ],
)
async def test_a_sheet_of_nothing_is_not_made(people: People, scope: dict[str, str], field: str) -> None:
    await people.api.ok("PUT", "/v1/rooms/bare", {"pool": "main", "channel": "live"})
    refusal = await people.api.problem("POST", COUNTS, {"kind": "spot", "id": "c1", **scope})
    assert (refusal["status"], refusal["field"]) == (422, field)
    assert scope[field] in refusal["detail"]
    assert (await people.api.ok("GET", COUNTS))["counts"] == []


async def test_a_sheet_that_was_made_is_answered_though_its_scope_has_nothing_any_more(people: People) -> None:
    made = await people.make(room="evening")
    await people.api.call("DELETE", "/v1/rooms/evening/skus/mug")
    assert (await people.make(room="evening"))["count"] == made["count"]


async def test_a_sheet_is_made_once_an_id(people: People) -> None:
    first = await people.make("mug", note="")
    assert (await people.make("mug", note=""))["count"] == first["count"]
    body = {"kind": "after", "id": "c1", "skus": ["mug"]}
    assert (await people.api.problem("POST", COUNTS, body))["field"] == "kind"
    conflict = await people.api.problem("POST", COUNTS, body | {"kind": "spot", "skus": ["mug", "fan"]})
    assert (conflict["code"], conflict["field"]) == ("ID_CONFLICT", "skus")
    answer = await people.api.call("POST", COUNTS, {"kind": "cycle", "skus": ["fan"]})
    assert answer.status_code == 201
    assert (await people.api.ok("GET", answer.headers["Location"]))["kind"] == "cycle"


async def test_a_line_with_a_key_is_made_once(people: People) -> None:
    await people.make("mug")
    body = {"sku": "mug", "good": 30}
    headers = {**people.headers("ann"), "Idempotency-Key": "l1"}
    lines = [(await people.api.ok("POST", people.path + "/lines", body, as_=headers))["line"] for _ in range(2)]
    assert lines[0] == lines[1]
    for field, value in (("good", 31), ("note", "again")):
        problem = await people.api.problem("POST", people.path + "/lines", body | {field: value}, as_=headers)
        assert (problem["status"], problem["code"], problem["field"]) == (409, "ID_CONFLICT", field)
    assert (await people.line("ann", 30))["line"] != lines[0], "another key is another line"
    for field, value in (("good", 31), ("bad", 1), ("zone", "B2"), ("lot", "L1"), ("expires_on", "2027-01-31")):
        other = await people.api.problem("POST", people.path + "/lines", body | {field: value}, as_=headers)
        assert (other["code"], other["field"]) == ("ID_CONFLICT", field)
    await people.do("ann", f"/lines/{lines[0]}", {"sku": "mug", "good": 29}, "PUT")
    again = await people.api.ok("POST", people.path + "/lines", body, as_=headers)
    assert again["line"] == lines[0], "also when it was changed since"
    assert (await people.read())["lines"] == 2


async def test_a_line_is_opened_saved_changed_and_dropped_by_its_counter_alone(people: People) -> None:
    await people.make("mug")
    opened = await people.do("ann", "/lines", {"sku": "mug", "zone": "A1"})
    [line] = opened["row"]["lines"]
    assert (line["line"], line["open"], line["seq"], opened["row"]["status"]) == (
        opened["line"],
        True,
        None,
        "counting",
    )
    step = f"/lines/{opened['line']}"
    saved = await people.do("ann", step, {"sku": "mug", "good": 90, "bad": 1, "note": "a box is wet"}, "PUT")
    [line] = saved["row"]["lines"]
    assert (line["good"], line["bad"], line["zone"], line["note"], line["open"]) == (90, 1, "A1", "a box is wet", False)
    assert (await people.refused("ben", step, {"sku": "mug", "good": 1}, "PUT"))["field"] == "line"
    assert (await people.refused("ben", step + "?sku=mug", method="DELETE"))["status"] == 404
    await people.do("ann", step, {"sku": "mug", "good": 91}, "PUT")
    await people.do("ann", step + "?sku=mug", method="DELETE")
    assert (await people.row())["status"] == "uncounted"
    assert (await people.refused("ann", step + "?sku=mug", method="DELETE"))["field"] == "line"


async def test_what_left_while_it_was_counted_is_asked_about(people: People) -> None:
    await people.make("mug")
    await people.api.reserve("r1", 3)
    await people.api.ok("POST", "/v1/pools/main/reservations/r1/confirm")
    opened = await people.do("ann", "/lines", {"sku": "mug"})
    await people.api.ok("POST", "/v1/pools/main/reservations/r1/ship", {"id": "parcel-1", "qty": 2})
    saved = await people.do("ann", f"/lines/{opened['line']}", {"sku": "mug", "good": 98}, "PUT")
    [question] = saved["row"]["questions"]
    assert (question["units"], question["kind"], question["included"]) == (-2, "ship", None)
    assert saved["row"]["status"] == "asks"
    asked = {"sku": "mug", "seq": question["seq"], "included": 0}
    assert (await people.refused("ben", "/answers", asked))["field"] == "question", "it has no line of the SKU"
    over = await people.refused("ann", "/answers", asked | {"included": 3})
    assert (over["status"], over["field"]) == (422, "included")
    assert "0 to 2" in over["detail"]
    await people.do("wang", "/close")
    refusal = await people.refused("wang", "/sign", await people.revision())
    assert (refusal["status"], refusal["field"]) == (409, "asking")
    assert "1 SKUs" in refusal["detail"]
    row = await people.do("ann", "/answers", asked)
    assert row["questions"][0]["included"] == 0
    assert (await people.row())["difference"] == 0


async def test_what_differs_much_is_counted_again_by_somebody_else(people: People) -> None:
    await people.make("mug", "cup")
    await people.line("ann", 80)
    await people.line("ann", 40, "cup")
    await people.do("wang", "/close")
    assert (await people.row())["status"] == "recount"
    assert [(await people.row(who=who))["may_count"] for who in ("ann", "ben")] == [False, True]
    refusal = await people.refused("ann", "/lines", {"sku": "mug", "good": 90})
    assert (refusal["code"], refusal["status"]) == ("SAME_SIGNER", 409)
    assert "somebody else" in refusal["detail"]
    refusal = await people.refused("ann", "/lines", {"sku": "cup", "good": 40})
    assert (refusal["field"], refusal["status"]) == ("state", 409), "the first round is over"
    assert (await people.refused("wang", "/sign", await people.revision()))["field"] == "recounts"
    await people.line("ben", 100)
    row = await people.row()
    assert (row["round"], row["difference"], [line["by"] for line in row["lines"]]) == (2, 0, ["ben"])
    await people.do("wang", "/recounts", {"skus": ["cup"]})
    assert (await people.row("cup"))["status"] == "recount"
    await people.do("wang", "/reopen")
    assert (await people.row("cup", "ann"))["may_count"] is False
    await people.line("ben", 39, "cup")
    await people.do("wang", "/close")
    assert (await people.row("cup"))["difference"] == -1


async def test_a_count_is_not_closed_while_somebody_counts(people: People) -> None:
    await people.make("mug")
    await people.line("ann", 60, zone="A1")
    await people.do("ben", "/lines", {"sku": "mug", "zone": "B1"})
    # Whoever only counts is told that somebody does.
    assert (await people.read("ann"))["open_rows"] == 1
    refusal = await people.refused("wang", "/close")
    assert (refusal["field"], refusal["status"], refusal["available"]) == ("open_lines", 409, 1)
    assert refusal["detail"].startswith("somebody has a line of 1 SKU open still")
    assert (await people.refused("wang", "/close", {"anyway": 1}))["field"] == "anyway"
    assert (await people.do("wang", "/close", {"anyway": True}))["state"] == "review"
    assert await is_sound(people)


async def test_a_reason_is_needed_and_another_one_needs_a_note(people: People) -> None:
    await people.make("mug", sign_over=0, recount_over=100)
    await people.line("ann", 99)
    await people.do("wang", "/close")
    refusal = await people.refused("wang", "/sign", await people.revision())
    assert (refusal["field"], refusal["status"]) == ("unreasoned", 409)
    rows = [{"sku": "mug", "reason": "other"}]
    for note in ("", " ", "\u200b"):
        rows = [{"sku": "mug", "reason": "other", "note": note}]
        assert (await people.refused("wang", "/reasons", {"rows": rows}, "PUT"))["field"] == "rows[0].note"
    await people.do("wang", "/reasons", {"rows": [rows[0] | {"note": "a gift"}]}, "PUT")
    row = await people.row()
    assert (row["reason"], row["reason_note"], row["status"]) == ("other", "a gift", "ready")
    assert (await people.read())["signatures_needed"] == 2


async def test_what_is_signed_is_what_was_looked_at(people: People) -> None:
    await people.make("mug")
    await people.line("ann", 100)
    await people.do("wang", "/close")
    before = await people.revision()
    await people.do("wang", "/recounts", {"skus": ["mug"]})
    await people.line("ben", 99)
    for step in ("/sign", "/apply"):
        refusal = await people.refused("wang", step, before)
        assert (refusal["code"], refusal["field"], refusal["expected"]) == ("STALE", "revision", before["revision"])
        assert refusal["revision"] == (await people.revision())["revision"]


async def test_rows_come_in_pages_and_by_status(people: People) -> None:
    await people.make()
    await people.line("ann", 1, "cup")
    page = await people.do("wang", "/rows?limit=2", method="GET")
    assert ([row["sku"] for row in page["rows"]], page["next"]) == (["cup", "fan"], "fan")
    page = await people.do("wang", "/rows?limit=2&after=fan", method="GET")
    assert ([row["sku"] for row in page["rows"]], page["next"]) == (["mug"], None)
    assert [row["sku"] for row in await people.rows(query="?status=uncounted")] == ["fan", "mug"]
    page = await people.do("wang", "/rows?status=uncounted&limit=1", method="GET")
    assert ([row["sku"] for row in page["rows"]], page["next"]) == (["fan"], "fan")
    assert await people.rows(query="?sku=none") == []
    row = await people.row("mug")
    assert (row["title"], row["barcode"], row["shelf_zone"], row["link"]) == ("Mug", "690", "A1", None)


async def test_a_count_of_a_room_says_by_which_number_it_is_called(people: People) -> None:
    await people.make(room="evening")
    await people.api.ok("PATCH", "/v1/rooms/evening/skus/mug", {"link": 7})
    assert (await people.row(who="ann"))["link"] == 7
    assert (await people.line("ann", 99))["row"]["link"] == 7


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("/lines", "review"), ("/close", "applied"), ("/reopen", "applied"), ("/sign", "counting"),
        ("/apply", "counting"), ("/recounts", "counting"), ("/reasons", "counting"), ("/cancel", "applied"),
        ("/skus", "review"), ("/answers", "applied"),
    ],
)  # fmt: skip
async def test_what_the_state_does_not_allow_is_said_in_a_sentence(people: People, step: str, state: str) -> None:
    await people.make("mug")
    await people.line("ann", 100)
    if state != "counting":
        await people.do("wang", "/close")
    if state == "applied":
        await people.do("wang", "/apply", await people.revision())
    bodies: dict[str, Any] = {
        "/lines": {"sku": "mug", "good": 1},
        "/sign": await people.revision(),
        "/apply": await people.revision(),
        "/recounts": {"skus": ["mug"]},
        "/skus": {"skus": ["fan"]},
        "/reasons": {"rows": [{"sku": "mug", "reason": "lost"}]},
        "/answers": {"sku": "mug", "seq": 1, "included": 0},
    }
    refusal = await people.refused("wang", step, bodies.get(step), "PUT" if step == "/reasons" else "POST")
    assert (refusal["status"], refusal["code"], refusal["field"]) == (409, "BAD_MESSAGE", "state"), refusal
    assert refusal["detail"].endswith(f"it is {state}")


@pytest.mark.parametrize(
    ("method", "step", "body", "wrong"),
    [
        ("POST", "", {"kind": "draft"}, (422, "kind")),
        ("POST", "", {"kind": "weekly"}, (422, "kind")),
        ("POST", "", {}, (422, "kind")),
        ("POST", "", {"kind": "spot", "id": "no/id"}, (422, "id")),
        ("POST", "", {"kind": "spot", "id": "draft.m1", "skus": []}, (422, "id")),
        ("POST", "", {"kind": "spot", "room": "none"}, (404, "room")),
        ("POST", "", {"kind": "spot", "skus": ["none"]}, (404, "skus[0]")),
        ("POST", "", {"kind": "spot", "skus": ["mug"], "zone": "A1"}, (422, "zone")),
        ("POST", "", {"kind": "spot", "sign_over": 11}, (422, "sign_over")),
        ("POST", "", {"kind": "spot", "recount_over": -1}, (422, "recount_over")),
        ("POST", "", {"kind": "spot", "note": "a\nb"}, (422, "note")),
        ("GET", "/c1/rows?limit=0", None, (422, "limit")),
        ("GET", "/c1/rows?status=lost", None, (422, "status")),
        ("GET", "/c1/sheet?language=fr", None, (422, "language")),
        ("POST", "/c1/lines", {"good": 1}, (422, "sku")),
        ("POST", "/c1/lines", {"sku": "fan", "good": 1}, (404, "sku")),
        ("POST", "/c1/lines", {"sku": "mug", "good": -1}, (422, "good")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1_000_001}, (422, "good")),
        ("POST", "/c1/lines", {"sku": "mug", "good": "5"}, (422, "good")),
        ("POST", "/c1/lines", {"sku": "mug", "bad": -1}, (422, "bad")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "expires_on": "2027-02-30"}, (422, "expires_on")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "expires_on": "1.2.2027"}, (422, "expires_on")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "lot": "L" * 65}, (422, "lot")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "zone": "a\x1fb"}, (422, "zone")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "begun_seq": 1_000_000}, (422, "begun_seq")),
        ("POST", "/c1/lines", {"sku": "mug", "good": 1, "begun_seq": 10**20}, (422, "begun_seq")),
        ("POST", "/c1/lines", {"sku": "mug", "begun_seq": 1}, (422, "begun_seq")),
        ("PUT", "/c1/lines/1", {"sku": "mug"}, (422, "good")),
        ("PUT", "/c1/lines/0", {"sku": "mug", "good": 1}, (422, "line")),
        ("PUT", "/c1/lines/9", {"sku": "mug", "good": 1}, (404, "line")),
        ("PUT", "/c1/lines/9", {"sku": "fan", "good": 1}, (404, "sku")),
        ("DELETE", "/c1/lines/1", None, (422, "sku")),
        ("DELETE", "/c1/lines/9?sku=mug", None, (404, "line")),
        ("POST", "/c1/answers", {"sku": "mug", "seq": 0, "included": 0}, (422, "seq")),
        ("POST", "/c1/answers", {"sku": "mug", "seq": 10**20, "included": 0}, (422, "seq")),
        ("POST", "/c1/answers", {"sku": "mug", "seq": 1, "included": 0}, (404, "question")),
        ("POST", "/c1/skus", {"skus": []}, (422, "skus")),
        ("POST", "/c1/skus", {"skus": ["none"]}, (404, "skus[0]")),
        ("POST", "/c1/recounts", {}, (422, "skus")),
        ("PUT", "/c1/reasons", {"rows": [{"sku": "mug", "reason": "bored"}]}, (422, "rows[0].reason")),
        ("POST", "/c1/sign", {}, (422, "revision")),
        ("POST", "/c1/apply", {"revision": -1}, (422, "revision")),
        ("POST", "/c1/sign", {"revision": 2**53}, (422, "revision")),
        ("POST", "/c1/apply", {"revision": 10**20}, (422, "revision")),
        ("POST", "/c1/close", {"why": "late"}, (422, "why")),
    ],
)
async def test_wrong_input_is_said_by_its_field(people: People, method: str, step: str, body: Any, wrong: Any) -> None:
    await people.make("mug")
    problem = await people.api.problem(method, COUNTS + step, body)
    assert (problem["status"], problem["field"]) == wrong, problem
    assert problem["detail"]


@pytest.mark.parametrize(
    "step",
    ["", "/rows", "/sheet", "/lines", "/answers", "/skus", "/recounts", "/reasons", "/close", "/reopen", "/cancel",
     "/sign", "/apply"],
)  # fmt: skip
async def test_a_count_that_is_not_there_is_not_found(people: People, step: str) -> None:
    bodies: dict[str, Any] = {
        "/lines": {"sku": "mug", "good": 1},
        "/answers": {"sku": "mug", "seq": 1, "included": 0},
        "/skus": {"skus": ["mug"]},
        "/recounts": {"skus": ["mug"]},
        "/reasons": {"rows": [{"sku": "mug", "reason": "lost"}]},
        "/sign": {"revision": 0},
        "/apply": {"revision": 0},
    }
    method = "GET" if step in ("", "/rows", "/sheet") else "PUT" if step == "/reasons" else "POST"
    problem = await people.api.problem(method, f"{COUNTS}/none{step}", bodies.get(step))
    assert (problem["status"], problem["code"], problem["field"]) == (404, "NOT_FOUND", "count")


async def test_only_so_many_counts_are_open(people: People) -> None:
    most = people.api.services.settings.counts_open_max
    for number in range(most):
        await People(people.api, f"n{number}").make(skus=[])
    refusal = await people.api.problem("POST", COUNTS, {"kind": "spot", "skus": []})
    assert (refusal["code"], refusal["field"]) == ("SHELF_FULL", "counts")
