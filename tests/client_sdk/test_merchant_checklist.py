"""A room's checklist and its gate by the merchant's side of the SDK against the real server."""

from __future__ import annotations

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from shelfcast.protocol.codes import Code
from shelfcast.stock.alert_operations import RingPoolAlert
from shelfcast_client import ServerRefused, UsageError
from shelfcast_client.merchant import Merchant

NEWEST = 1 << 50
"""A fence above those of the duty, which are times in milliseconds."""


async def test_a_gate_says_what_fails_and_a_person_may_override(shop: RunningServer, merchant: Merchant) -> None:
    await merchant.change_room(ROOM, status="ended", gate="refuse")
    found = await merchant.checklist(ROOM)
    assert (found["room"], found["pool"], found["gate"], found["may_go_live"]) == (ROOM, POOL, "refuse", False)
    fails = await merchant.checklist(ROOM, level="fail")
    assert {item["level"] for item in fails["items"]} == {"fail"}
    of_mug = await merchant.checklist(ROOM, sku="mug", limit=3)
    assert {item["sku"] for item in of_mug["items"]} == {"mug"}
    assert (len(of_mug["items"]), of_mug["left_out"] > 0) == (3, True)
    for call in (merchant.set_status, merchant.status_reach):
        with pytest.raises(ServerRefused) as refused:
            await call(ROOM, "live")
        assert (refused.value.code, refused.value.field, refused.value.fails) == (Code.GATE, "status", found["fails"])
    async with Merchant(shop.url, shop.token("operator", user="chen"), POOL) as person:
        done = await person.set_status(ROOM, "live", override="counting goes on")
    assert done["gate"] == {"fails": found["fails"], "warns": found["warns"], "overridden": True}
    await merchant.change_room(ROOM, status="ended")
    with pytest.raises(ServerRefused) as refused:
        await merchant.change_room(ROOM, status="live")
    assert refused.value.code == Code.GATE


async def test_an_alert_of_no_show_is_listed_acknowledged_and_put_aside(
    shop: RunningServer, merchant: Merchant
) -> None:
    await merchant.change_room(ROOM, status="ended")
    await shop.apply(RingPoolAlert(NEWEST, "gate", ROOM, "", "now", "warning", 2.0, 60.0, 2, 30, "mug: never counted"))
    (alert,) = await merchant.alerts()
    assert (alert["id"], alert["show"], alert["room"], alert["rule"]) == (f"{POOL}:1", "", ROOM, "gate")
    aside = await merchant.snooze_alert(alert["id"], 5)
    assert aside["snoozed_until_ms"] == aside["changed_at_ms"] + 300_000
    noted = await merchant.acknowledge_alert(alert["id"], "on it")
    assert (noted["state"], noted["note"]) == ("acknowledged", "on it")
    with pytest.raises(ServerRefused) as refused:
        await merchant.acknowledge_alert(f"{POOL}:2")
    assert refused.value.code == Code.NOT_FOUND
    for wrong in ("", "main", "main:", "main.1:2:3"):
        with pytest.raises(UsageError):
            await merchant.acknowledge_alert(wrong)
