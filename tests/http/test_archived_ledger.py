"""What HTTP says of entries that have left the engine."""

from __future__ import annotations

from typing import Any

import pytest
from shelfcast.stock.book import StockBook
from shelfcast.stock.operations import Retire
from shelfcast.stock.records import Stream
from trimming import final_report, note, note_days, place_at, trim

LEDGER = "/v1/pools/main/ledger"
STORY = "/v1/pools/main/reservations/{}/story"
DAY_MS = 86_400_000


@pytest.fixture
async def cut_seq(shop: Any) -> int:
    """r1 and r2 are made and over in front of the cut, r3 is made there and over behind it, r4 is made behind it."""
    await shop.reserve("r1", 1)
    await shop.ok("POST", "/v1/pools/main/reservations/r1/cancel")
    await shop.reserve("r2", 1)
    await shop.ok("POST", "/v1/pools/main/reservations/r2/cancel")
    await shop.reserve("r3", 1)
    book: StockBook = (await shop.services.pools.get("main")).book
    await note_days(book)
    _, seq, _ = await book.clock()
    await shop.ok("POST", "/v1/pools/main/reservations/r3/cancel")
    await shop.reserve("r4", 1)
    for room, config in (await book.rooms()).items():
        await shop.ok("PATCH", f"/v1/rooms/{room}", {"status": "ended"})
        for n in range(1, config.show + 2):
            await final_report(book, f"{room}.{n}")
    key = f"{book.base}:meta"
    later = await book.now_ms() + 3 * DAY_MS
    await book._engine.command("HSET", key, "rehearsal_clock_ms", later, key=key)
    while (await book.apply(Retire(100))).data:
        pass
    await note(book, await place_at(book, seq))
    await trim(book, seq)
    return seq


@pytest.mark.parametrize(
    ("query", "headers"),
    [("", {}), ("&limit=all", {}), ("", {"Accept": "text/csv"}), ("&limit=all", {"Accept": "text/csv"})],
)
async def test_the_ledger_before_the_cut_is_gone_and_says_where(
    shop: Any, cut_seq: int, query: str, headers: dict[str, str]
) -> None:
    book: StockBook = (await shop.services.pools.get("main")).book
    for after in (0, (await book.cut()).ledger - 1):
        answer = await shop.call("GET", f"{LEDGER}?after={after}{query}", headers=headers)
        assert answer.status_code == 410
        problem = answer.json()
        assert (problem["code"], problem["retry"]) == ("ARCHIVED", "never")
        assert (problem["archive"], problem["begin_after"]) == ("main/ledger/ledger/", (await book.cut()).ledger)
        assert f"up to sequence {cut_seq} " in problem["detail"]
        there = await shop.call("GET", f"{LEDGER}?after={problem['begin_after']}{query}", headers=headers)
        assert there.status_code == 200
        assert b"r4" in there.content


async def test_a_search_says_where_it_ends(shop: Any, cut_seq: int) -> None:
    found = await shop.ok("GET", f"{LEDGER}/search?kind=reserve")
    assert ([entry["id"] for entry in found["entries"]], found["complete"]) == (["r4"], True)
    assert found["archived_through"] == cut_seq
    first = await shop.ok("GET", f"{LEDGER}/search?limit=1")
    assert (first["complete"], first["archived_through"]) == (False, None)
    book: StockBook = (await shop.services.pools.get("main")).book
    newest = (await book.ledger(Stream.STOCK, (await book.cut()).ledger))[-1]
    since = await shop.ok("GET", f"{LEDGER}/search?from_ms={newest.at_ms + 1}")
    assert (since["entries"], since["archived_through"]) == ([], None)


async def test_a_story_says_which_part_of_it_is_in_the_archive(shop: Any, cut_seq: int) -> None:
    whole = await shop.ok("GET", STORY.format("r4"))
    assert (whole["complete"], whole["archived_through"]) == (True, None)
    assert whole["steps"][0]["kind"] == "reserve"
    rest = await shop.ok("GET", STORY.format("r3"))
    assert [step["kind"] for step in rest["steps"]] == ["cancel"]
    assert (rest["complete"], rest["archived_through"], rest["next"]) == (False, cut_seq, None)
    gone = await shop.problem("GET", STORY.format("r1"))
    assert (gone["status"], gone["code"], gone["archive"]) == (410, "ARCHIVED", "main/ledger/ledger/")
    of_a_room = shop.as_("operator", room="night")
    assert (await shop.problem("GET", STORY.format("r1"), as_=of_a_room))["status"] == 404


async def test_a_story_whose_record_is_kept_says_so_too(shop: Any) -> None:
    await shop.reserve("r1", 1)
    book: StockBook = (await shop.services.pools.get("main")).book
    await note_days(book)
    _, seq, _ = await book.clock()
    await shop.ok("POST", "/v1/pools/main/reservations/r1/confirm")
    for room, config in (await book.rooms()).items():
        await shop.ok("PATCH", f"/v1/rooms/{room}", {"status": "ended"})
        for n in range(1, config.show + 2):
            await final_report(book, f"{room}.{n}")
    await note(book, await place_at(book, seq))
    await trim(book, seq)
    told = await shop.ok("GET", STORY.format("r1"))
    assert told["reservation"]["state"] == "confirmed"
    assert [step["kind"] for step in told["steps"]] == ["confirm"]
    assert (told["complete"], told["archived_through"]) == (False, seq)
    behind = await shop.ok("GET", STORY.format("r1") + f"?after={seq}")
    assert (behind["complete"], behind["archived_through"]) == (True, None)
    before = await shop.ok("GET", STORY.format("r1") + f"?after={seq - 1}")
    assert (before["complete"], before["archived_through"]) == (False, seq)


async def test_what_is_worked_out_from_all_of_a_show_says_so_too(shop: Any, cut_seq: int) -> None:
    gone = await shop.problem("GET", "/v1/shows/evening.1/reconciliation")
    assert (gone["status"], gone["code"], gone["archive"]) == (410, "ARCHIVED", "main/ledger/ledger/")
    assert f"up to sequence {cut_seq} " in gone["detail"]
    jobs = (await shop.ok("GET", "/v1/pools/main/jobs"))["jobs"]
    assert [(job["kind"], job["state"], job["code"]) for job in jobs] == [("reconciliation", "failed", "ARCHIVED")]
