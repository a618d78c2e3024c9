"""The status of a room over HTTP, with what it will do said first."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from shelfcast.errors import EngineUnavailable
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.operations import Wait

STATUS = "/v1/rooms/evening/status"
EFFECT = ("room", "show", "before", "status", "skus", "holds", "units_held", "waiting", "viewers")
_ids = count(1)


async def become(shop: Any, status: str, **more: Any) -> Any:
    return await shop.ok("POST", STATUS, {"status": status, "id": f"s{next(_ids)}", **more})


async def try_to(shop: Any, status: str, **more: Any) -> Any:
    return await shop.ok("POST", STATUS, {"status": status, "dry_run": True, **more})


async def test_each_step_says_first_what_it_then_does(shop: Any) -> None:
    await shop.reserve("r1", 5)
    await shop.reserve("r2", 2, "zhao")
    steps: tuple[tuple[str, dict[str, bool], str, str], ...] = (
        ("paused", {}, "live", "evening.1"),
        ("live", {}, "paused", "evening.1"),
        ("ended", {}, "live", "evening.1"),
        ("live", {"continue_show": True}, "ended", "evening.1"),
        ("ended", {}, "live", "evening.1"),
        ("live", {}, "ended", "evening.2"),
    )
    for status, more, before, show in steps:
        tried = await try_to(shop, status, **more)
        room = await shop.ok("GET", "/v1/rooms/evening")
        assert room["status"] == before, "nothing was written"
        done = await become(shop, status, **more)
        assert {name: done[name] for name in EFFECT} == {name: tried[name] for name in EFFECT}
        assert (tried["before"], tried["status"], tried["show"]) == (before, status, show)
        assert (tried["skus"], tried["holds"], tried["units_held"], tried["viewers"]) == (1, 2, 7, 0)
        for said, dry in ((tried, True), (done, False)):
            assert (said["changed"], said["undoable"], said["dry_run"]) == (True, True, dry)
        assert (tried["id"], bool(done["id"])) == ("", True)
        room = await shop.ok("GET", "/v1/rooms/evening")
        assert (room["status"], f"evening.{room['show']}") == (status, show)


async def test_those_who_wait_are_counted_before_their_wait_ends(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"waitlist": True})
    for n in range(20):
        await shop.reserve(f"r{n}", 5, f"user{n}")
    pool = await shop.services.pools.get("main")
    assert (await pool.book.apply(Wait("w", "evening", "mug", 1, "ann"))).code is Code.OK
    assert [(await try_to(shop, status))["waiting"] for status in ("paused", "ended")] == [1, 1]
    assert (await become(shop, "ended"))["waiting"] == 1


async def test_what_is_so_already_changes_nothing(shop: Any) -> None:
    for said in (await try_to(shop, "live"), await become(shop, "live")):
        assert (said["changed"], said["undoable"], said["before"], said["show"]) == (False, False, "live", "evening.1")


async def test_a_pause_and_a_freeze_do_not_wait_for_what_they_reach_to_be_counted(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are they undone where it cannot be: the same id says what became of them."""
    await shop.reserve("r1", 5)
    book = (await shop.services.pools.get("main")).book

    def lost() -> None:
        raise EngineUnavailable("the engine went away")

    freeze = {"scope": {"sku": "mug"}, "id": "f"}
    for path, body in ((STATUS, {"status": "paused", "id": "p"}), ("/v1/pools/main/emergencies/freeze", freeze)):
        with monkeypatch.context() as broken:
            broken.setattr(book, "live_holds", lost)
            problem = await shop.problem("POST", path, body)
        assert (problem["status"], problem["retry"]) == (503, "same_id")
        in_force = (await shop.ok("GET", "/v1/pools/main/emergencies"))["in_force"]
        assert ("paused" if path == STATUS else "frozen") in {each["kind"] for each in in_force}
        done = await shop.ok("POST", path, body)
        assert (done["changed"], done["undoable"], done["holds"], done["units_held"]) == (True, True, 1, 5)
        assert done == await shop.ok("POST", path, body)
    assert (await shop.ok("GET", "/v1/rooms/evening"))["status"] == "paused"
    actions = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"]
    assert [action["id"] for action in actions if action["kind"] in ("status", "freeze")][:2] == ["f", "p"]


async def test_a_step_that_is_sent_again_answers_the_same(shop: Any) -> None:
    for body in ({"status": "paused", "id": "p"}, {"status": "ended", "id": "e"}, {"status": "live", "id": "l"}):
        done = await shop.ok("POST", STATUS, body)
        assert await shop.ok("POST", STATUS, body) == done
    assert (await shop.ok("GET", "/v1/rooms/evening"))["show"] == 2
    action = await shop.ok("GET", "/v1/pools/main/actions/e")
    assert (action["kind"], action["actor"]) == ("status", "wang")


@pytest.mark.parametrize("continues", [False, True])
@pytest.mark.parametrize("wanted", list(RoomStatus))
@pytest.mark.parametrize("way", [(), ("live",), ("live", "paused"), ("live", "ended")])
async def test_a_dry_run_is_refused_as_the_write_is(
    shop: Any, way: tuple[str, ...], wanted: RoomStatus, continues: bool
) -> None:
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live"})
    for status in way:
        await shop.ok("PATCH", "/v1/rooms/night", {"status": status})
    path, body = "/v1/rooms/night/status", {"status": wanted, "continue_show": continues}
    tried = await shop.call("POST", path, {**body, "dry_run": True})
    done = await shop.call("POST", path, {**body, "id": "s"})
    assert tried.status_code == done.status_code
    if tried.is_success:
        assert {name: tried.json()[name] for name in (*EFFECT, "changed", "undoable")} == {
            name: done.json()[name] for name in (*EFFECT, "changed", "undoable")
        }
    else:
        assert (tried.status_code, tried.json()) == (409, done.json())
        assert tried.json()["field"] in ("status", "continue_show")


async def test_a_show_that_cannot_go_on(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated"})
    await become(shop, "ended")
    pool = await shop.services.pools.get("main")
    key = f"{pool.book.base}:meta"
    later = await pool.book.now_ms() + Settings().show_continue_max_ms + 1_000
    body = {"status": "live", "continue_show": True}
    await pool.book._engine.command("HSET", key, "rehearsal_clock_ms", later, key=key)
    late = await shop.problem("POST", STATUS, {**body, "dry_run": True})
    assert late == await shop.problem("POST", STATUS, {**body, "id": "l"})
    await shop.ok("PATCH", "/v1/rooms/evening", {"channel": "douyin"})
    elsewhere = await shop.problem("POST", STATUS, {**body, "dry_run": True})
    assert elsewhere == await shop.problem("POST", STATUS, {**body, "id": "l"})
    assert len({late["detail"], elsewhere["detail"]}) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "over"}, "status"),
        ({"status": "live"}, "id"),
        ({"status": "live", "id": ""}, "id"),
        ({"status": "live", "dry_run": "yes"}, "dry_run"),
        ({"status": "live", "continue": True}, "continue"),
    ],
)
async def test_bad_input_names_its_field(shop: Any, body: dict[str, Any], field: str) -> None:
    problem = await shop.problem("POST", STATUS, body)
    assert (problem["status"], problem["field"]) == (422, field)


async def test_who_may(shop: Any) -> None:
    for role, may in (("viewer", 403), ("host", 403), ("counter", 403), ("service", 200), ("operator", 200)):
        for body in ({"status": "live", "dry_run": True}, {"status": "live", "id": "x"}):
            assert (await shop.call("POST", STATUS, body, as_=shop.as_(role))).status_code == may
    body = {"status": "live", "dry_run": True}
    assert (await shop.call("POST", STATUS, body, as_=shop.as_("operator", room="evening"))).status_code == 200
    assert (await shop.problem("POST", STATUS, body, as_=shop.as_("operator", room="night")))["field"] == "room"
    assert (await shop.problem("POST", "/v1/rooms/none/status", body))["status"] == 404
