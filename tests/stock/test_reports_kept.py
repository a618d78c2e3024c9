"""What the book keeps of reports: which there are, when one is refused, and what SKUs came to in their last shows."""

from __future__ import annotations

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from shelfcast.stock.report_operations import Decide, KeepHistory, NoteReport
from shelfcast.stock.reports import (
    HISTORY_SHOWS_MAX,
    Decided,
    SkuHistory,
    history_from,
    record_from,
    stored_history,
)
from shop import Shop
from shows import become

pytestmark = pytest.mark.each_engine
SHOW = "evening.1"


def note(state: str = "provisional", continued: int = 0, pending: tuple[str, ...] = (), show: str = SHOW) -> NoteReport:
    return NoteReport(show, state, continued, 7, f"p/shows/{show}/report-{state}", "c0ffee", list(pending))


def history(n: int, **said: object) -> SkuHistory:
    usual: dict[str, object] = {
        "expected": None, "sold": n, "lost_people": 0, "lost_units": 0, "variance": None, "closing": 10,
    }  # fmt: skip
    return SkuHistory(f"evening.{n}", n * 1_000, **usual | said)  # type: ignore[arg-type]


async def test_a_report_is_noted_of_a_show_that_has_ended(shop: Shop) -> None:
    assert await shop.refused(note()) == (Code.STALE, "continued")
    assert await shop.refused(note(show="evening.9")) == (Code.NOT_FOUND, "show")
    await become(shop, "evening", "ended")
    assert await shop.refused(note(continued=1)) == (Code.STALE, "continued")
    noted = record_from((await shop.ok(note(pending=("r1", "r2")))).data)
    assert noted == await shop.book.report_record(SHOW)
    assert (noted.pending, noted.final) == (["r1", "r2"], None)
    assert noted.provisional is not None
    assert (noted.provisional.seq, noted.provisional.checksum) == (7, "c0ffee")
    [event] = [event for event in await shop.book.events() if event.type == "report.ready"]
    assert (event.subject, event.room) == (SHOW, "evening")
    assert event.data == {"show": SHOW, "state": "provisional", "seq": 7, "pending": 2}


async def test_a_final_report_waits_until_the_show_cannot_go_on_and_is_written_once(
    shop: Shop, settings: Settings
) -> None:
    await become(shop, "evening", "ended")
    await shop.ok(note(pending=("r1",)))
    assert await shop.refused(note("final")) == (Code.STALE, "state")
    await shop.advance(settings.show_continue_max_ms + 1)
    first = record_from((await shop.ok(note("final"))).data)
    assert (first.pending, first.provisional is not None) == ([], True)
    await shop.advance(1_000)
    for again in (note("final"), note(pending=("r2",))):
        assert record_from((await shop.ok(again)).data) == first
    assert sum(event.type == "report.ready" for event in await shop.book.events()) == 2


async def test_a_show_that_goes_on_withdraws_its_report(shop: Shop) -> None:
    await become(shop, "evening", "ended")
    await shop.ok(note(pending=("r1",)))
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}, by=By("on", "wang"), continues=True))
    record = await shop.book.report_record(SHOW)
    assert (record.provisional, record.pending) == (None, [])
    assert await shop.refused(note()) == (Code.STALE, "continued")
    await become(shop, "evening", "ended")
    assert record_from((await shop.ok(note(continued=1))).data).continued == 1


async def test_of_a_sku_the_last_shows_are_kept_the_latest_first(shop: Shop) -> None:
    order = [3, 1, 12, 7, 2, 5, 11, 4, 6, 10, 9, 8]
    for n in order:
        row = history(n, expected=0 if n == 12 else None, variance=-1 if n == 12 else None)
        await shop.ok(KeepHistory(f"evening.{n}", [("mug", stored_history(row)), ("bowl", stored_history(row))]))
    found = await shop.book.histories(["mug", "bowl", "hat"])
    assert sorted(found) == ["bowl", "mug"]
    assert [row.sold for row in found["mug"]] == list(range(12, 12 - HISTORY_SHOWS_MAX, -1))
    assert (found["mug"][0].expected, found["mug"][0].variance, found["mug"][1].expected) == (0, -1, None)


async def test_a_row_that_is_written_anew_keeps_its_decision(shop: Shop) -> None:
    decided = Decide(SHOW, "mug", Decided.RESTOCK, 0, "soon", By("d1", "wang", "evening"))
    assert await shop.refused(decided) == (Code.NOT_FOUND, "sku")
    await shop.ok(KeepHistory(SHOW, [("mug", stored_history(history(1)))]))
    outcome = await shop.ok(decided)
    row = history_from(outcome.data)
    assert (row.decided, row.decided_units, row.decided_by, row.decided_note) == (Decided.RESTOCK, 0, "wang", "soon")
    assert (outcome.action_id, outcome.undoable) == ("d1", False)
    await shop.ok(KeepHistory(SHOW, [("mug", stored_history(history(1, sold=9)))]))
    [kept] = (await shop.book.histories(["mug"]))["mug"]
    assert kept == msgspec.structs.replace(row, sold=9)
    # The same request again is the same decision.
    assert (await shop.ok(decided)).action_id == "d1"
    assert len([a for a in await shop.book.actions() if a.action.kind == "decide"]) == 1
    told = [(event.subject, event.action, event.data) for event in await shop.book.events() if event.type == "action"]
    assert [(subject, action, data["kind"]) for subject, action, data in told[-1:]] == [("mug", "d1", "decide")]
    await shop.ok(Decide(SHOW, "mug", Decided.KEEP, -1, "", By("d2", "li", "evening")))
    [kept] = (await shop.book.histories(["mug"]))["mug"]
    assert (kept.decided, kept.decided_units, kept.decided_by) == (Decided.KEEP, None, "li")


async def test_what_is_kept_of_a_show_goes_with_it(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "main", msgspec.structs.replace(settings, shows_kept_max=1))
    shop = Shop(book, engine)
    await shop.set_up()
    await become(shop, "morning", "ended")
    await become(shop, "evening", "ended")
    await shop.ok(put(What.ROOM, "evening", {"run_order": [{"sku": "mug", "expected_units": 5}]}))
    await become(shop, "evening", "live")
    assert await book.forecast("evening.2") == {"mug": 5}
    await become(shop, "evening", "ended")
    await shop.ok(note(show="evening.2"))
    await shop.ok(KeepHistory("evening.2", [("mug", stored_history(history(2)))]))
    assert list(await book.report_records()) == ["evening.2"]
    await become(shop, "evening", "live")
    assert await book.report_records() == {}
    assert await book.forecast("evening.2") == {}
    assert len((await book.histories(["mug"]))["mug"]) == 1
    await book.close()
