"""Definitions by the merchant's side of the SDK against the real server: pool, catalogue, channels, rooms, shelves."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from mugs import has
from shelfcast_client import ServerRefused, Stale, UsageError
from shelfcast_client.merchant import Merchant


async def test_a_catalogue_is_kept(merchant: Merchant) -> None:
    made = await merchant.define_sku("cup", title="Cup", price_minor=500, category="kitchen")
    assert (made["title"], made["category"], made["buckets"]) == ("Cup", "kitchen", {})
    changed = await merchant.change_sku("cup", price_minor=450, category=None)
    assert (changed["title"], changed["price_minor"], changed["category"]) == ("Cup", 450, "")
    assert await merchant.sku("cup") == changed
    assert (await merchant.define_sku("cup"))["title"] == ""
    assert await merchant.sku("bowl") is None
    for name, fields in (("price_minor", {"price_minor": -1}), ("colour", {"colour": "red"})):
        with pytest.raises(ServerRefused) as refused:
            await merchant.change_sku("cup", **fields)
        assert (refused.value.status, refused.value.code, refused.value.field) == (422, "BAD_MESSAGE", name)
    with pytest.raises(ServerRefused, match="UNKNOWN_SKU"):
        await merchant.change_sku("bowl", title="Bowl")


async def test_many_skus_are_received_once_a_key(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.definitions.BULK_ROWS", 2)
    rows: list[dict[str, Any]] = [{"sku": f"s{number}", "opening": number} for number in range(5)]
    for _ in range(2):
        await merchant.catalogue(rows, key="delivery 7")
    assert {sku: units.get("pool", 0) for sku, units in (await merchant.buckets()).items()} == {
        "mug": 100, "s0": 0, "s1": 1, "s2": 2, "s3": 3, "s4": 4,
    }  # fmt: skip
    with pytest.raises(ServerRefused) as refused:
        await merchant.catalogue([*rows[:3], {"sku": "s3", "opening": 9}], key="delivery 7")
    assert (refused.value.code, refused.value.field) == ("ID_CONFLICT", "skus[3].opening")
    assert str(refused.value).endswith("(field skus[3].opening)")
    with pytest.raises(UsageError, match="id: expected"):
        await merchant.catalogue(rows, key="")


@pytest.mark.parametrize("sku", ["杯子 大号", "a/b", "50%", "a?b#c", ".", ".."])
async def test_skus_are_named_as_shops_name_them(merchant: Merchant, sku: str) -> None:
    await merchant.define_sku(sku, title="Odd")
    await merchant.receive(sku, 3)
    found = await merchant.sku(sku)
    assert found is not None
    assert (found["sku"], found["title"], found["buckets"]["pool"]) == (sku, "Odd", 3)


async def test_what_cannot_be_sent_is_refused_here(merchant: Merchant) -> None:
    for call in (
        merchant.sku(""),
        merchant.sku("\ud800"),
        merchant.change_sku("mug", title="\ud800"),
        merchant.change_sku("mug", price_minor=float("nan")),
        merchant.change_sku("mug", title=object()),
        merchant.receive("mug", 1, key=""),
        merchant.order("", channel="live", sku="mug", qty=1),
    ):
        with pytest.raises(UsageError, match="expected"):
            await call
    await has(merchant, pool=100)


async def test_channels_batches_and_customers_are_defined(merchant: Merchant) -> None:
    assert await merchant.define_channel("douyin", kind="dedicated") == {
        "channel": "douyin", "kind": "dedicated", "title": "", "low_mark_units": None, "low_mark": "fixed",
        "frozen": False, "weight": 1, "weights": {}, "floor_units": None, "cap_units": None, "revision": 1,
    }  # fmt: skip
    assert [row["channel"] for row in await merchant.channels()] == ["douyin", "live"]
    assert await merchant.channel("kuaishou") is None
    assert (await merchant.define_batch("second", title="Second wave"))["opened_at_ms"] == 0
    assert [row["batch"] for row in await merchant.batches()] == ["second"]
    assert await merchant.batch("third") is None
    assert (await merchant.user("li"))["standing"] == "ok"
    await merchant.define_user("li", standing="blocked", reason="resells")
    assert await merchant.user("li") == {"user": "li", "standing": "blocked", "reason": "resells", "revision": 1}
    with pytest.raises(ServerRefused) as refused:
        await merchant.define_user("li", standing="angry")
    assert refused.value.field == "standing"


async def test_a_pool_has_settings(merchant: Merchant) -> None:
    assert (await merchant.define_pool())["revision"] == 0
    stated = await merchant.define_pool(title="Main", time_zone="Asia/Shanghai", day_starts="05:00")
    assert await merchant.pool_definition() == stated
    assert (await merchant.change_pool(currency="EUR", if_match=1))["time_zone"] == "Asia/Shanghai"
    assert (await merchant.define_sku("cup"))["currency"] == "EUR"
    with pytest.raises(Stale):
        await merchant.change_pool(currency="USD", if_match=1)
    with pytest.raises(ServerRefused, match="ledger"):
        await merchant.change_pool(rehearsal=True)  # the mugs were received


async def test_a_pool_has_a_strategy(merchant: Merchant) -> None:
    begun = await merchant.define_strategy("influencer", elastic_percent=20)
    assert (begun["elastic_percent"], begun["elastic_mode"], begun["changed"]) == (20, "ask", ["elastic_percent"])
    changed = await merchant.change_strategy(split="propose", if_match=begun["revision"])
    assert await merchant.strategy() == changed
    with pytest.raises(Stale):
        await merchant.change_strategy(split="off", if_match=begun["revision"])
    with pytest.raises(ServerRefused) as refused:
        await merchant.change_strategy(elastic_percent=95)
    assert refused.value.field == "elastic_percent"
    assert (await merchant.define_channel("douyin", kind="dedicated", weights={"shoes": 2}, cap_units=9))["weight"] == 1


async def test_who_changes_what_somebody_else_has_changed_is_told_so(merchant: Merchant) -> None:
    read = await merchant.change_sku("mug", title="Cup")
    await merchant.change_sku("mug", title="Bowl")
    for write in (merchant.change_sku, merchant.define_sku):
        with pytest.raises(Stale) as stale:
            await write("mug", title="Plate", if_match=read["revision"])
        assert (stale.value.expected, stale.value.revision) == (read["revision"], read["revision"] + 1)
        assert (stale.value.status, stale.value.code, stale.value.retry) == (412, "STALE", "changed")
        assert stale.value.current == await merchant.sku("mug")
    assert (await merchant.change_sku("mug", title="Plate", if_match=read["revision"] + 1))["title"] == "Plate"
    listing = await merchant.listing(ROOM, "mug")
    assert listing is not None
    for call in (
        merchant.define_channel("live", title="x", if_match=7),
        merchant.define_batch("second", title="x", if_match=7),
        merchant.define_user("li", standing="review", if_match=7),
        merchant.define_room(ROOM, channel="live", title="x", if_match=7),
        merchant.change_room(ROOM, title="x", if_match=7),
        merchant.define_listing(ROOM, "mug", last_n=3, if_match=7),
        merchant.change_listing(ROOM, "mug", last_n=3, if_match=7),
        merchant.unlist(ROOM, "mug", if_match=7),
    ):
        with pytest.raises(Stale):
            await call
    assert await merchant.listing(ROOM, "mug") == listing
    with pytest.raises(UsageError, match="if_match: expected a revision"):
        await merchant.change_sku("mug", title="x", if_match=-1)


async def test_a_room_and_its_shelf_are_defined(merchant: Merchant) -> None:
    await merchant.define_room("night", channel="live", title="Night", hold_ms=60_000)
    assert (await merchant.change_room("night", status="live"))["hold_ms"] == 60_000
    assert {row["room"] for row in (await merchant.rooms())["rooms"]} == {ROOM, "night"}
    await merchant.list_in_room("night", [{"sku": "mug", "position": 3}])
    assert (await merchant.change_listing("night", "mug", limit_per_user=2))["position"] == 3
    assert (await merchant.define_listing("night", "mug", price_minor=5))["limit_per_user"] is None
    assert [(sku, row["available"]) for sku, row in (await merchant.listed("night")).items()] == [("mug", 100)]
    for _ in range(2):
        await merchant.unlist("night", "mug")
    assert await merchant.listed("night") == {}
    assert await merchant.room("morning") is None
    assert await merchant.listed("morning") == {}
    with pytest.raises(ServerRefused) as refused:
        await merchant.list_in_room("night", [{"sku": "bowl"}])
    assert (refused.value.status, refused.value.field) == (404, "skus[0].sku")


async def test_a_pool_that_is_not_there_is_no_missing_sku(shop: RunningServer) -> None:
    async with Merchant(shop.url, shop.token("operator"), "other") as merchant:
        assert await merchant.skus() == {}
        for call in (merchant.sku("mug"), merchant.channel("live"), merchant.reservation("r1")):
            with pytest.raises(ServerRefused) as refused:
                await call
            assert (refused.value.status, refused.value.field) == (404, "pool")
        await merchant.define_pool()
        assert await merchant.pools() == [POOL, "other"]
        assert await merchant.sku("mug") is None
