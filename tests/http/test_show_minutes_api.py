"""A show's pages at a minute, and its own ledger, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.series import SHOWN, TERMS, shown_name
from shelfcast.stock.alert_operations import DropSeries, KeepMinute
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.operations import CancelPaid, Confirm, Op

AT = "/v1/shows/evening.1/at"
NEWEST = 1
"""A fence that no duty here has."""


async def apply(shop: Any, op: Op) -> Any:
    pool = await shop.services.pools.get("main")
    outcome = await pool.book.apply(op)
    assert outcome.code == "OK", outcome
    return outcome


async def keep(shop: Any, minute: int, available: int) -> None:
    """Have a minute of the show kept, in which so many mugs were left."""
    show = await shop.ok("GET", "/v1/shows/evening.1")
    number = show["started_at_ms"] // MINUTE_MS + minute
    taken = 100 - available
    rows: list[tuple[str, tuple[object, ...]]] = [("mug", (available, 0, taken, taken))]
    rows.append((shown_name(SHOWN, "mug"), ("ok", 2.5)))
    if minute == 0:
        rows.append((shown_name(TERMS, "mug"), (1, 7, "A mug of then", 800, "CNY")))
    paces: list[tuple[str, float | bool, KeptPace]] = [("mug", 2.5, KeptPace(2.5, taken, number, [taken]))]
    await apply(shop, KeepMinute(NEWEST, "evening", "evening.1", number, rows, (taken, []), paces, number))


async def test_a_quarter_of_an_hour_is_read_at_once(shop: Any) -> None:
    for minute, left in enumerate((100, 90, 90, 70)):
        await keep(shop, minute, left)
    page = await shop.ok("GET", f"{AT}?minute=1&minutes=15")
    assert (page["show"], page["room"], page["pool"], page["minutes"]) == ("evening.1", "evening", "main", 4)
    assert (page["source"], page["is_full"], page["next"]) == ("engine", False, None)
    assert page["state"]["minute"] == 1
    assert page["state"]["units"] == [["mug", 90, 0, 10, 10, "ok", 2.5]]
    [terms] = page["state"]["terms"]
    assert (terms["title"], terms["price_minor"], terms["link"], terms["as_of_then"]) == ("A mug of then", 800, 7, True)
    assert [(change["minute"], change["units"]) for change in page["changes"]] == [
        (2, []),
        (3, [["mug", 70, 0, 30, 30, "ok", 2.5]]),
    ]
    alone = await shop.ok("GET", f"{AT}?minute=1")
    assert (alone["state"], alone["changes"], alone["next"]) == (page["state"], [], 2)


async def test_a_quarter_of_an_hour_ends_where_the_next_begins(shop: Any) -> None:
    for minute in range(18):
        await keep(shop, minute, 100 - minute)
    page = await shop.ok("GET", f"{AT}?minute=10&minutes=15")
    assert ([change["minute"] for change in page["changes"]], page["next"]) == ([11, 12, 13, 14], 15)
    page = await shop.ok("GET", f"{AT}?minute=15&minutes=15")
    assert ([change["minute"] for change in page["changes"]], page["next"]) == ([16, 17], None)


async def test_a_minute_that_there_is_not_says_which_there_are(shop: Any) -> None:
    problem = await shop.problem("GET", f"{AT}?minute=0")
    assert (problem["status"], problem["field"]) == (404, "minute")
    assert problem["detail"] == "no minute of this show has ended yet"
    for minute in range(3):
        await keep(shop, minute, 100)
    problem = await shop.problem("GET", f"{AT}?minute=3")
    assert problem["detail"] == "expected a minute from 0 to 2: so many have ended so far"
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    problem = await shop.problem("GET", f"{AT}?minute=1")
    assert problem["detail"] == "expected a minute from 0 to 0: so many the show had"


@pytest.mark.parametrize(
    ("query", "field"),
    [("minute=-1", "minute"), ("minute=x", "minute"), ("minute=0&minutes=16", "minutes"),
     ("minute=0&minutes=0", "minutes"), ("minute=0&second=1", "second")],
)  # fmt: skip
async def test_what_is_no_minute_is_refused(shop: Any, query: str, field: str) -> None:
    problem = await shop.problem("GET", f"{AT}?{query}")
    assert problem["status"] == 422
    assert field in problem["field"] + problem["detail"]


async def test_a_show_that_ended_unwatched_says_so(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    problem = await shop.problem("GET", f"{AT}?minute=0")
    assert problem["detail"].startswith("no minute of this show was kept")


async def test_an_archive_that_does_not_answer_is_said(shop: Any) -> None:
    pool = await shop.services.pools.get("main")
    await keep(shop, 0, 100)
    through = (await pool.book.series_kept("evening.1")).through
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    now = await pool.book.now_ms() + shop.services.settings.show_continue_max_ms + 1
    key = f"{pool.book.base}:meta"
    await shop.services.pools._engine.command("HSET", key, "rehearsal_clock_ms", now, key=key)
    await apply(shop, DropSeries("evening.1", through, 1))
    problem = await shop.problem("GET", f"{AT}?minute=0")
    assert (problem["status"], problem["code"]) == (503, "UNAVAILABLE")
    assert "shows/evening.1/minutes/0000.json.zst" in problem["detail"]


async def test_the_ledger_of_a_show_is_read_on_and_on(shop: Any) -> None:
    path = "/v1/shows/evening.1/entries"
    assert (await shop.ok("GET", path))["entries"] == []
    await shop.ok("PUT", "/v1/rooms/morning", {"pool": "main", "channel": "live", "status": "live"})
    await shop.ok("PUT", "/v1/rooms/morning/skus/mug", {})
    for number in range(3):
        await shop.reserve(f"r{number}", qty=2, user=f"user{number}")
        await shop.reserve(f"m{number}", room="morning")
    await apply(shop, Confirm("r0"))
    await shop.ok("PATCH", "/v1/rooms/evening", {"status": "ended"})
    await apply(shop, CancelPaid("back", "r0", 1))
    whole = await shop.ok("GET", path)
    told = [(entry["id"], entry["kind"], entry["qty"]) for entry in whole["entries"]]
    reserved = [(f"r{number}", "reserve", 2) for number in range(3)]
    assert told == [*reserved, ("r0", "confirm", 2), ("r0", "cancel_paid", 1)]
    assert whole["complete"]
    users = {entry["user"] for entry in whole["entries"]}
    assert len(users) == 3
    assert not users & {"user0", "user1", "user2"}, "they are pseudonyms"
    pages, after = list[Any](), 0
    while not pages or not pages[-1]["complete"]:
        pages.append(await shop.ok("GET", f"{path}?after={after}&limit=2"))
        after = pages[-1]["next"]
    assert [entry for page in pages for entry in page["entries"]] == whole["entries"]
    assert (await shop.ok("GET", f"{path}?after={after}"))["entries"] == []
