"""The merchant's side of the SDK has what the server has: a method for each route, its fields, its places."""

from __future__ import annotations

import inspect
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import ROOM
from shelfcast.archive import minutes as show_states
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import MoveDone, Step
from shelfcast.http.api.jobs import JobAnswer
from shelfcast.http.application import ENDPOINTS
from shelfcast.http.routes import (
    accounts,
    actions,
    alerts,
    allocation,
    articles,
    batches,
    checklist_items,
    count_items,
    elastic,
    emergencies,
    events,
    import_items,
    ledger,
    listings,
    moves,
    pool,
    pools,
    previews,
    receipt_items,
    reports,
    rooms,
    show_minutes,
    shows,
    statuses,
    strategy,
)
from shelfcast.merchant import after_show_items, archive, archive_state, day_items, people, report_items, report_lists
from shelfcast.merchant import emergencies as emergency_cases
from shelfcast.protocol.from_server import AlertAction
from shelfcast.stock import places as server_places
from shelfcast.stock import refusals
from shelfcast.stock.archived import LedgerPlace
from shelfcast.stock.audit import Violation
from shelfcast.stock.records import LedgerEntry, Reservation
from shelfcast_client import ServerRefused, places, records
from shelfcast_client.merchant import Merchant
from starlette.routing import compile_path

OTHERS = {
    "POST /v1/pools/{pool}/alerts/{alert}/acknowledge": "`acknowledge_alert` takes it for an alert of no show",
    "POST /v1/pools/{pool}/alerts/{alert}/snooze": "`snooze_alert` takes it for an alert of no show",
    "GET /v1/pools/{pool}/audit": "`audit` begins a job and asks about it",
    "GET /v1/pools/{pool}/ws": "`connect_pool` is there for it",
    "GET /v1/shows/{show}/report.csv": "`report_file` takes its form",
    "GET /v1/shows/{show}/report.html": "`report_file` takes its form",
    "GET /v1/pools/{pool}/entry": "for browsers, which hide a handshake from their pages",
    "POST /v1/rooms/{room}/reservations/{id}/demo-payment": "nobody pays there",
}
VALUES: dict[str, Any] = {
    "sku": "mug", "qty": 1, "on_hand": 1, "source": "pool", "target": "safety", "kind": "receive", "key": "k",
    "rows": [{"sku": "mug"}], "channel": "live", "batch": "b", "user": "u", "room": ROOM, "reservation": "r",
    "order": "o", "scope": {"sku": "mug"}, "job": "j", "action": "a", "file": b"sku\nmug\n",
    "show": f"{ROOM}.1", "link": 1, "alert": f"{ROOM}.1:1", "strategy": "brand",
    "proposal": "main.1", "reason": "no", "status": "paused", "account": "chen", "role": "host", "id": "i",
    "count": "c", "line": 1, "good": 1, "seq": 1, "included": 0, "revision": 1, "skus": ["mug"],
    "minute": 0, "receipt": "r", "lines": [], "levels": {"mug": 1}, "words": "mug", "units": 1, "state": "declined",
}  # fmt: skip


async def test_every_route_of_a_merchant_has_a_method(merchant: Merchant, tmp_path: Path) -> None:
    asked: set[tuple[str, str]] = set()

    async def note(request: Any) -> None:
        asked.add((request.method, request.url.raw_path.decode().partition("?")[0]))

    merchant._calls._http.event_hooks["request"].append(note)
    values = VALUES | {"to": tmp_path / "saved", "form": "xlsx"}
    for name, method in inspect.getmembers(merchant, inspect.ismethod):
        if name.startswith("_"):
            continue
        needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
        given = {each.name: values[each.name] for each in needed if each.kind is not each.VAR_KEYWORD}
        with suppress(ServerRefused):
            called = method(**given)
            if inspect.isasyncgen(called):
                await anext(called, None)
            else:
                await called
    for endpoint in ENDPOINTS:
        route = f"{endpoint.method} {endpoint.path.replace(':path}', '}')}"
        if endpoint.access not in (Access.PUBLIC, Access.GUEST, Access.SESSION) and route not in OTHERS:
            pattern = compile_path(endpoint.path)[0]
            assert any(pattern.match(path) for method, path in asked if method == endpoint.method), route


@pytest.mark.parametrize(
    ("ours", "servers"),
    [
        (records.Account, accounts.AccountItem),
        (records.Checklist, checklist_items.Checklist),
        (records.ChecklistItem, checklist_items.ChecklistItem),
        (records.CheckTally, checklist_items.CheckTally),
        (records.Cure, checklist_items.CureItem),
        (records.GateFound, checklist_items.GateFound),
        (records.Count, count_items.CountItem),
        (records.CountFileRead, count_items.CountFileRead),
        (records.CountLine, count_items.CountLineItem),
        (records.CountMade, count_items.CountMade),
        (records.CountPlan, count_items.CountPlan),
        (records.CountQuestion, count_items.CountQuestionItem),
        (records.CountRow, count_items.CountRowItem),
        (records.Due, count_items.DueItem),
        (records.Elsewhere, count_items.ElsewhereItem),
        (records.FileFault, count_items.FileFault),
        (records.LineSaved, count_items.LineSaved),
        (records.Signature, count_items.SignatureItem),
        (records.BatchDuring, report_items.BatchDuring),
        (records.ChannelDuring, report_items.ChannelDuring),
        (records.CountDuring, report_items.CountDuring),
        (records.Decision, report_items.Decision),
        (records.DecisionMade, reports.DecisionMade),
        (records.ListedReport, report_lists.Listed),
        (records.LostDemand, report_items.LostDemand),
        (records.PoolSkuDuring, report_items.PoolSkuDuring),
        (records.PoolTotals, report_items.PoolTotals),
        (records.Report, report_items.Report),
        (records.ReportedAlert, report_items.ReportedAlert),
        (records.ReportedSku, report_items.ReportedSku),
        (records.ReportEvent, report_items.ReportEvent),
        (records.ReportMinute, report_items.ReportMinute),
        (records.ReportTotals, report_items.ReportTotals),
        (records.SkuMeans, report_lists.SkuMeans),
        (records.SkuShow, report_lists.SkuShow),
        (records.SkuShows, report_lists.SkuShows),
        (records.Suggestion, report_items.Suggestion),
        (records.PoolDefinition, pool.Pool),
        (records.Strategy, strategy.StrategyItem),
        (records.StrategyNumbers, strategy.Preset),
        (records.Proposal, allocation.ProposalItem),
        (records.ProposalMove, allocation.ProposalMove),
        (records.PoolSku, pools.PoolSku),
        (records.ElasticTerms, pools.ElasticTerms),
        (records.ElasticReserve, elastic.Reserve),
        (records.Channel, pools.Channel),
        (records.Batch, batches.Batch),
        (records.PoolUser, pools.PoolUser),
        (records.Person, people.Person),
        (records.OpenOrder, people.OpenOrder),
        (records.Forgotten, people.Forgotten),
        (records.RoomDefinition, rooms.Room),
        (records.RoomList, rooms.RoomList),
        (records.RoomWarning, rooms.RoomWarning),
        (records.Show, shows.ShowItem),
        (records.StatusChange, shows.StatusChangeItem),
        (records.Spotlit, shows.SpotlitItem),
        (records.ShowAlert, alerts.AlertItem),
        (records.ShowAlertAction, AlertAction),
        (records.RefusedAttempts, refusals.Refused),
        (records.RefusedCode, refusals.RefusedCode),
        (records.RefusedSku, refusals.RefusedSku),
        (records.SeriesHour, alerts.Series),
        (records.ShowMinute, alerts.ShowMinuteItem),
        (records.ShowAt, show_minutes.ShowAt),
        (records.MinuteState, show_states.MinuteState),
        (records.SkuNamed, show_states.SkuNamed),
        (records.StoodAlert, show_states.StoodAlert),
        (records.Reconciliation, after_show_items.Reconciliation),
        (records.ReconciledSku, after_show_items.ReconciledSku),
        (records.ReconciliationTotals, after_show_items.ReconciliationTotals),
        (records.SoldUnits, after_show_items.SoldUnits),
        (records.CountFound, after_show_items.CountFound),
        (records.OpenCount, after_show_items.OpenCount),
        (records.MoneyTotal, after_show_items.MoneyTotal),
        (records.AskedRefund, after_show_items.AskedRefund),
        (records.DayTotal, day_items.DayTotal),
        (records.DayTotals, day_items.DayTotals),
        (records.DayUnits, day_items.DayUnits),
        (records.Inventory, day_items.Inventory),
        (records.SkuStock, day_items.SkuStock),
        (records.SkuTotal, day_items.SkuTotal),
        (records.SlowMover, day_items.SlowMover),
        (records.SlowMovers, day_items.SlowMovers),
        (records.RoomSku, listings.RoomSku),
        (records.MoveDone, MoveDone),
        (records.FreezeDone, emergencies.FreezeDone),
        (records.InForce, emergency_cases.InForce),
        (records.StatusDone, statuses.StatusDone),
        (records.Step, Step),
        (records.Reservation, Reservation),
        (records.LedgerEntry, LedgerEntry),
        (records.ReservationStory, ledger.ReservationStory),
        (records.PoolEvent, events.Event),
        (records.Effect, actions.Effect),
        (records.Action, actions.ActionItem),
        (records.Audit, moves.Audit),
        (records.Violation, Violation),
        (records.Job, JobAnswer),
        (records.Archive, archive_state.ArchiveState),
        (records.ArchiveCheckpoint, archive_state.ShownCheckpoint),
        (records.ArchiveRun, archive.ArchiveRun),
        (records.WaitingShow, archive_state.WaitingShow),
        (records.LedgerPlace, LedgerPlace),
        (records.Receipt, receipt_items.ReceiptItem),
        (records.ReceiptEntry, receipt_items.ReceiptEntryItem),
        (records.ReceiptExpected, receipt_items.ReceiptExpectedItem),
        (records.Article, articles.ArticleItem),
        (records.ReceiptLine, receipt_items.ReceiptLineItem),
        (records.ExpiringLots, receipt_items.LotList),
        (records.ExpiringLot, receipt_items.LotItem),
        (records.ErpLevel, receipt_items.ErpLevelItem),
        (records.ErpLevelsNoted, receipt_items.ErpLevelsNoted),
        (records.LevelFault, receipt_items.LevelFault),
        (records.RefundRequest, receipt_items.RefundRequestItem),
        (records.CataloguePreview, previews.CataloguePreview),
        (records.CountedChange, previews.CountedChange),
        (records.CountsPreview, previews.CountsPreview),
        (records.OrderChange, previews.OrderChange),
        (records.OrderEffect, previews.OrderEffect),
        (records.OrdersPreview, previews.OrdersPreview),
        (records.ShortSku, previews.ShortSku),
        (records.FileRow, previews.FileRow),
        (records.Import, import_items.ImportItem),
        (records.RefusedRow, import_items.RefusedRow),
        (records.PreviewRow, previews.PreviewRow),
        (records.PreviewChange, previews.PreviewChange),
        (records.PreviewFault, previews.PreviewFault),
    ],
    ids=lambda kind: kind.__name__,
)
def test_records_have_the_servers_fields(ours: type, servers: Any) -> None:
    assert list(ours.__annotations__) == sorted(servers.__struct_encode_fields__, key=list(ours.__annotations__).index)


def test_moves_and_places_have_the_servers_names() -> None:
    assert [kind.value for kind in places.MoveKind] == [kind.value for kind in moves.MoveName]
    names = ("POOL", "SAFETY", "ELASTIC", "UNSELLABLE", "SUPPLIER", "SHIPPED", "RETURNED", "WRITTEN_OFF")
    assert all(getattr(places, name) == getattr(server_places, name) for name in names)
    assert (places.of_channel("a"), places.of_batch("b")) == (server_places.CHANNEL + "a", server_places.BATCH + "b")
