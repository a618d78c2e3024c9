"""Moves by the merchant's side of the SDK against the real server: units, batches, freezes, the elastic reserve."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures_server import ROOM
from mugs import has
from shelfcast_client import ServerRefused, UsageError, places
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.emergencies import Scope


async def test_every_kind_of_move(merchant: Merchant) -> None:
    await merchant.define_batch("second")
    await merchant.carve("mug", 10, source="pool", target="safety")
    await merchant.carve("mug", 10, source="pool", target="elastic")
    await merchant.carve("mug", 20, source="pool", target=places.of_batch("second"))
    await merchant.allocate("mug", 15, source="pool", target=places.of_channel("live"))
    await merchant.release_elastic("mug", 4)
    await merchant.quarantine("mug", 3)
    await merchant.write_off("mug", 1, source="unsellable", reason="broken")
    await has(merchant, pool=46, safety=10, elastic=6, batch__second=20, channel__live=15, unsellable=2, written_off=1)
    await merchant.quarantine("mug", 2, source="unsellable", target="pool")
    opened = await merchant.open_batch("second")
    assert opened["data"] == {"skus": 1}
    counted = await merchant.count("mug", 101)
    assert counted["data"] is not None
    assert counted["data"]["difference"] == 2
    await merchant.quota("mug", 30)
    await merchant.quota("mug", -10)
    await has(merchant, pool=50, presale=20, batch__second=20, unsellable=0)
    assert (await merchant.close_batch("second", key="close"))["data"] == {"skus": 1}
    await has(merchant, pool=70, batch__second=0)
    await merchant.freeze("mug", reason="wrong label")
    assert (await merchant.listed(ROOM))["mug"]["frozen"]
    await merchant.unfreeze("mug")
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]


async def test_a_batch_is_filled_sold_and_closed(merchant: Merchant) -> None:
    made = await merchant.define_batch("second", title="Second wave", units={"mug": 30}, key="fill")
    assert await merchant.define_batch("second", title="Second wave", units={"mug": 30}, key="fill") == made
    assert (made["state"], made["units"], made["taken"], made["next_opens_at_ms"]) == ("planned", {"mug": 30}, {}, None)
    filled = await merchant.change_batch("second", leftover="elastic", units={"mug": 5})
    assert (filled["title"], filled["units"]) == ("Second wave", {"mug": 35})
    opened = await merchant.open_batch("second", key="open")
    assert opened["undoable"]
    await merchant.close_batch("second", actor="li")
    batch = await merchant.batch("second")
    assert batch is not None
    assert (batch["state"], batch["leftover_to"]) == ("closed", "elastic")


async def test_more_is_put_on_sale_in_a_room(merchant: Merchant) -> None:
    await merchant.define_batch("lot", units={"mug": 60}, key="fill")
    await merchant.change_listing(ROOM, "mug", link=3)
    done = await merchant.release(ROOM, "mug", 10, key="more", reason="they ask for it")
    assert await merchant.release(ROOM, "mug", 10, key="more", reason="they ask for it") == done
    await merchant.release_link(ROOM, 3, 50)
    await has(merchant, pool=100, batch__lot=0)
    with pytest.raises(ServerRefused, match="already on sale") as refused:
        await merchant.release(ROOM, "mug", 1)
    assert (refused.value.code, refused.value.field) == ("BAD_MESSAGE", "sku")


async def test_what_is_frozen_and_thawed_by_its_scope(merchant: Merchant) -> None:
    live: Scope = {"channel": "live"}
    reach = await merchant.freeze_reach(live)
    assert (reach["rooms"], reach["skus"], reach["changed"], reach["dry_run"]) == ([ROOM], 1, True, True)
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]
    done = await merchant.freeze_scope(live, reason="wrong price", key="stop")
    assert (done["id"], done["changed"], done["undoable"], done["rooms"]) == ("stop", True, True, [ROOM])
    assert await merchant.freeze_scope(live, key="stop") == done
    assert (await merchant.listed(ROOM))["mug"]["frozen"]
    await merchant.freeze_scope({"pool": True})
    assert (await merchant.thaw_scope(live))["changed"]
    assert (await merchant.listed(ROOM))["mug"]["frozen"], "the pool has a flag of its own"
    await merchant.thaw_scope({"pool": True}, actor="li")
    assert not (await merchant.listed(ROOM))["mug"]["frozen"]
    both: Scope = {"sku": "mug", "room": ROOM}
    wrong: list[Any] = [both, {}, "mug"]
    for scope in wrong:
        for call in (merchant.freeze_scope, merchant.thaw_scope, merchant.freeze_reach):
            with pytest.raises(UsageError, match="one of sku, channel, room and pool"):
                await call(scope)


async def test_a_move_that_cannot_be_says_why(merchant: Merchant) -> None:
    with pytest.raises(ServerRefused) as refused:
        await merchant.write_off("mug", 101)
    error = refused.value
    assert (error.status, error.code, error.retry) == (409, "INSUFFICIENT", "changed")
    with pytest.raises(ServerRefused) as refused:
        await merchant.write_off("mug", 0)
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "BAD_MESSAGE", "qty")
    assert "at least 1" in str(refused.value)
    await has(merchant, pool=100)


@pytest.mark.parametrize("key", ["delivery-7", "送货单 7 / mug", "x" * 200])
async def test_a_write_with_the_same_id_moves_once(merchant: Merchant, key: str) -> None:
    first = await merchant.receive("mug", 5, key=key, reference="paper 7")
    assert await merchant.receive("mug", 5, key=key, reference="paper 7") == first
    with pytest.raises(ServerRefused) as refused:
        await merchant.receive("mug", 6, key=key, reference="paper 7")
    assert (refused.value.status, refused.value.code, refused.value.field) == (409, "ID_CONFLICT", "qty")
    await has(merchant, pool=105)
    await merchant.receive("mug", 5)
    await merchant.receive("mug", 5)
    await has(merchant, pool=115)


async def test_an_elastic_reserve_has_a_rule_and_is_released(merchant: Merchant) -> None:
    await merchant.carve("mug", 20, source="pool", target="elastic")
    stated = await merchant.define_elastic("mug", at_units=12, step_units=5)
    assert (stated["mode"], stated["at_units"], stated["step_units"], stated["units"]) == ("ask", 12, 5, 20)
    assert await merchant.elastic("mug") == stated
    done = await merchant.release_reserve("mug", key="k1")
    assert (done["data"], done["undoable"]) == ({"units": 5, "release": 1}, True)
    assert await merchant.release_reserve("mug", key="k1") == done
    await merchant.release_reserve("mug", 8, target="channel:live", reason="they ask for it")
    await has(merchant, elastic=7, channel__live=8)
    with pytest.raises(ServerRefused) as refused:
        await merchant.define_elastic("mug", "auto")
    assert (refused.value.status, refused.value.field) == (422, "mode")
    with pytest.raises(ServerRefused) as stale:
        await merchant.drop_elastic("mug", if_match=stated["revision"] - 1)
    assert stale.value.code == "STALE"
    assert (await merchant.drop_elastic("mug"))["mode"] == "off"
    assert await merchant.elastic("none") is None


async def test_a_status_says_first_what_it_reaches(merchant: Merchant) -> None:
    assert await merchant.emergencies() == []
    tried = await merchant.status_reach(ROOM, "paused")
    assert (tried["before"], tried["changed"], tried["dry_run"], tried["skus"]) == ("live", True, True, 1)
    done = await merchant.set_status(ROOM, "paused", key="p1")
    assert await merchant.set_status(ROOM, "paused", key="p1") == done
    assert (done["id"], done["undoable"], done["skus"]) == ("p1", True, 1)
    assert [(each["kind"], each["name"]) for each in await merchant.emergencies()] == [("paused", ROOM)]
    await merchant.set_status(ROOM, "ended")
    went_on = await merchant.set_status(ROOM, "live", continue_show=True)
    assert went_on["show"] == done["show"]
    with pytest.raises(ServerRefused) as refused:
        await merchant.status_reach(ROOM, "scheduled")
    assert (refused.value.status, refused.value.field) == (409, "status")
