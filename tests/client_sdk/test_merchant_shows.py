"""Shows by the merchant's side of the SDK against the real server: what they were, alerts, refusals, minutes."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from mugs import has
from shelfcast.protocol.codes import Code
from shelfcast.stock.alert_operations import KeepMinute
from shelfcast.stock.alerts import KeptPace
from shelfcast.stock.operations import AddRefusals, Reserve
from shelfcast.stock.refusals import RefusedRow
from shelfcast_client import ServerRefused, UsageError, connect_pool
from shelfcast_client.merchant import Merchant
from shelfcast_client.records import ShowRefusals, SkuAt, SkuMinute

SHOW = f"{ROOM}.1"
SOON_S = 30
NEWEST = 1 << 50
"""A fence above those of the duty, which are times in milliseconds."""


async def ring(shop: RunningServer, merchant: Merchant) -> str:
    """Sell all mugs but five, with some in the elastic reserve; the id of the alert that rings."""
    await merchant.carve("mug", 20, source="pool", target="elastic")
    async with connect_pool(shop.url, POOL, token=shop.token("operator"), topics=["alerts"]) as pool:
        await shop.apply(Reserve("r1", ROOM, "mug", 75, "li"))
        await pool.until(lambda pool: pool.alerts, timeout_s=SOON_S)
        return next(iter(pool.alerts))


async def test_a_room_has_shows(merchant: Merchant) -> None:
    await merchant.change_room(ROOM, status="ended")
    await merchant.change_room(ROOM, status="live", continue_show=True)
    for _ in range(25):  # more than a page
        await merchant.change_room(ROOM, status="ended")
        await merchant.change_room(ROOM, status="live")
    found = [show async for show in merchant.shows(ROOM)]
    assert [show["n"] for show in found] == list(range(26, 0, -1))
    assert await merchant.show(SHOW) == found[-1]
    assert (found[-1]["continued"], found[0]["status"], found[0]["started_by"]) == (1, "live", "erp")
    assert await merchant.show(f"{ROOM}.99") is None


async def test_an_alert_is_listed_acknowledged_and_put_aside(shop: RunningServer, merchant: Merchant) -> None:
    name = await ring(shop, merchant)
    (alert,) = await merchant.alerts()
    assert (alert["id"], alert["show"], alert["rule"], alert["sku"]) == (name, SHOW, "share_left", "mug")
    assert (alert["state"], alert["remaining"], alert["snoozed_until_ms"]) == ("firing", 5, None)
    assert await merchant.show_alerts(SHOW) == [alert]
    aside = await merchant.snooze_alert(name, 5)
    assert aside["snoozed_until_ms"] == aside["changed_at_ms"] + 300_000
    noted = await merchant.acknowledge_alert(name, "on it")
    assert (noted["state"], noted["acknowledged_by"], noted["note"]) == ("acknowledged", "erp", "on it")
    assert (await merchant.acknowledge_alert(name))["note"] == "on it", "the first one's stands"
    with pytest.raises(ServerRefused) as refused:
        await merchant.snooze_alert(name, 31)
    assert (refused.value.status, refused.value.field) == (422, "minutes")
    with pytest.raises(ServerRefused) as refused:
        await merchant.acknowledge_alert(f"{SHOW}:99")
    assert (refused.value.status, refused.value.field) == (404, "alert")


async def test_what_answers_an_alert_is_done_once_and_undone(shop: RunningServer, merchant: Merchant) -> None:
    name = await ring(shop, merchant)
    ((action,),) = [alert["actions"] for alert in await merchant.alerts()]
    assert (action["id"], action["qty"], action["remaining_after"]) == ("release_elastic:1", 20, 25)
    done = await merchant.act_on_alert(name, "release_elastic:1")
    assert await merchant.act_on_alert(name, "release_elastic:1") == done
    await has(merchant, pool=25, elastic=0)
    await merchant.undo(done["id"])
    await has(merchant, pool=5, elastic=20)
    with pytest.raises(ServerRefused) as refused:
        await merchant.act_on_alert(name, "pray")
    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", "action")


@pytest.mark.parametrize("alert", ["", "1", SHOW, f"{SHOW}:", f"{SHOW}:1/act", f"{SHOW}:1\n", None, 1])
async def test_what_is_no_alerts_id_is_not_sent(merchant: Merchant, alert: Any) -> None:
    for call in (merchant.acknowledge_alert(alert), merchant.snooze_alert(alert), merchant.act_on_alert(alert, "a")):
        with pytest.raises(UsageError, match=r"alert: expected the id of an alert, as evening\.3:17"):
            await call


async def test_what_a_show_refused_is_read_whole(
    shop: RunningServer, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfcast_client.merchant.shows.BULK_ROWS", 2)
    assert await merchant.refusals(SHOW) == ShowRefusals(
        show=SHOW, codes=[], lack_of_stock={"count": 0, "units": 0, "people": 0}, skus=[]
    )
    skus = [f"s{number}" for number in range(5)]
    await shop.apply(AddRefusals([RefusedRow(SHOW, sku, Code.SOLD_OUT, 2, 3, ["a1"]) for sku in skus]))
    found = await merchant.refusals(SHOW)
    assert found["codes"] == [{"code": "SOLD_OUT", "count": 10, "units": 15, "people": 1}]
    assert [row["sku"] for row in found["skus"]] == skus
    assert found["skus"][4]["lack_of_stock"] == {"count": 2, "units": 3, "people": 1}


async def test_the_minutes_of_a_show_are_read_an_hour_at_a_time(shop: RunningServer, merchant: Merchant) -> None:
    for minute, row in ((59, (90, 10, 0, 10)), (60, (80, 10, 10, 20))):
        kept = KeptPace(10.0, row[3], minute, [10], 1)
        paces = [("mug", 10.0, kept)]
        await shop.apply(KeepMinute(NEWEST, ROOM, SHOW, minute, [("mug", row)], (row[2], []), paces, minute))
    first, second = [hour async for hour in merchant.series(SHOW)]
    assert first["skus"] == [SkuMinute(minute_ms=59 * 60_000, sku="mug", available=90, held=10, sold=0, taken=10)]
    assert [(minute["minute_ms"], minute["paid"]) for minute in second["minutes"]] == [(3_600_000, 10)]
    assert second["next_from_ms"] is None
    assert [hour async for hour in merchant.series(SHOW, from_ms=first["next_from_ms"])] == [second]


async def test_a_shows_pages_at_a_minute_and_its_own_entries(shop: RunningServer, merchant: Merchant) -> None:
    show = await merchant.show(SHOW)
    assert show
    first = show["started_at_ms"] // 60_000
    for minute, row in enumerate(((90, 10, 0, 10), (80, 10, 10, 20))):
        paces = [("mug", 10.0, KeptPace(10.0, row[3], first + minute, [10], 1))]
        at = first + minute
        await shop.apply(KeepMinute(NEWEST, ROOM, SHOW, at, [("mug", row)], (row[2], []), paces, at))
    page = await merchant.show_at(SHOW, 0, minutes=2)
    assert (page["minutes"], page["source"], page["next"]) == (2, "engine", None)
    [mug] = page["state"]["units"]
    assert mug == SkuAt("mug", 90, 10, 0, 10, None, None)
    assert [row.available for change in page["changes"] for row in change["units"]] == [80]
    with pytest.raises(ServerRefused) as refused:
        await merchant.show_at(SHOW, 2)
    assert (refused.value.status, refused.value.field) == (404, "minute")
    await shop.apply(Reserve("r1", ROOM, "mug", 2, "li"))
    [entry] = [entry async for entry in merchant.show_entries(SHOW)]
    assert (entry["id"], entry["kind"], entry["qty"]) == ("r1", "reserve", 2)
    assert entry["user"] != "li"
    assert [entry async for entry in merchant.show_entries(SHOW, after=entry["pool_seq"])] == []


async def test_a_show_that_is_not_known_is_said(merchant: Merchant) -> None:
    for call in (
        merchant.show_alerts(f"{ROOM}.99"),
        merchant.refusals(f"{ROOM}.99"),
        anext(merchant.series(f"{ROOM}.99")),
    ):
        with pytest.raises(ServerRefused) as refused:
            await call
        assert (refused.value.status, refused.value.field) == (404, "show")
