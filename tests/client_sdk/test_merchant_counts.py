"""Counting with the Python SDK, against a running server: the merchant's half and a counter's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fixtures_server import RunningServer
from shelfcast_client import ServerRefused, Stale
from shelfcast_client.merchant import Merchant


@pytest.fixture
async def counter(merchant: Merchant, server: RunningServer) -> AsyncIterator[Merchant]:
    """Somebody who counts in the same pool."""
    async with Merchant(server.url, server.token("counter", user="ann"), merchant.pool) as one:
        yield one


@pytest.fixture
async def second(merchant: Merchant, server: RunningServer) -> AsyncIterator[Merchant]:
    """Another operator."""
    async with Merchant(server.url, server.token("operator", user="zhou"), merchant.pool) as one:
        yield one


async def test_a_count_from_its_sheet_to_the_stock(merchant: Merchant, counter: Merchant, second: Merchant) -> None:
    await merchant.define_sku("pot", title="Pot")
    await merchant.receive("pot", 50, key="opening, pot")
    made = await merchant.open_count("spot", skus=["pot"], key="c1", recount_over=100)
    assert (made["count"]["count"], made["elsewhere"]) == ("c1", [])
    opened = await counter.open_line("c1", "pot", zone="A1")
    saved = await counter.change_line("c1", opened["line"], "pot", 30, bad=1)
    assert (saved["row"]["on_hand"], saved["row"]["lines"][0]["good"]) == (None, 30)
    dropped = await counter.save_line("c1", "pot", 7, zone="C9", lot="L1", expires_on="2027-02-28", key="twice")
    assert (await counter.save_line("c1", "pot", 7, zone="C9", lot="L1", expires_on="2027-02-28", key="twice"))[
        "line"
    ] == dropped["line"]
    await counter.drop_line("c1", dropped["line"], "pot")
    open_line = await counter.open_line("c1", "pot", zone="B1")
    with pytest.raises(ServerRefused) as still:
        await merchant.close_count("c1")
    assert (still.value.field, [each["open_rows"] for each in await merchant.counts()]) == ("open_lines", [1])
    await merchant.close_count("c1", anyway=True)
    await merchant.reopen_count("c1")
    await counter.drop_line("c1", open_line["line"], "pot")
    closed = await merchant.close_count("c1")
    assert (closed["state"], (await merchant.reopen_count("c1"))["state"]) == ("review", "counting")
    await merchant.close_count("c1")
    row = await merchant.count_row("c1", "pot")
    assert row is not None
    assert (row["difference"], row["status"]) == (-19, "reason")
    assert [each["sku"] async for each in merchant.count_rows("c1", status="reason")] == ["pot"]
    count = await merchant.give_reasons("c1", [{"sku": "pot", "reason": "lost"}])
    signed = await merchant.sign_count("c1", count["revision"])
    assert signed["signatures_needed"] == 2
    with pytest.raises(ServerRefused) as refused:
        await merchant.apply_count("c1", count["revision"])
    assert refused.value.code == "SAME_SIGNER"
    with pytest.raises(Stale) as stale:
        await second.apply_count("c1", count["revision"] - 1)
    assert (stale.value.expected, stale.value.revision) == (count["revision"] - 1, count["revision"])
    applied = await second.apply_count("c1", count["revision"])
    assert (applied["state"], applied["lost"]) == ("applied", 19)
    assert await merchant.counted("none") is None
    assert [each["count"] for each in await counter.counts()] == ["c1"]


async def test_a_sheet_goes_out_and_comes_back_as_a_file(merchant: Merchant, counter: Merchant, tmp_path: Path) -> None:
    for sku in ("pot", "pan"):
        await merchant.define_sku(sku, title=sku.title())
    await merchant.open_count("cycle", skus=["pot"], key="c2", blind=False)
    assert (await merchant.add_to_count("c2", ["pan"]))["count"]["rows"] == 2
    assert (await counter.count_sheet("c2", workbook=True, language="zh")).startswith(b"PK")
    text = (await counter.count_sheet("c2")).decode("utf-8-sig")
    file = tmp_path / "c2.csv"
    file.write_bytes(text.replace(",,,,,,\r\n", ",4,,,,,\r\n").encode())
    read = await merchant.send_count_file("c2", file)
    assert (read["saved"], read["faults"]) == (2, [])
    asked = await merchant.close_count("c2")
    assert asked["differing"] == 2
    assert (await merchant.ask_recount("c2", ["pot"]))["recounts"] == 1
    assert (await merchant.cancel_count("c2"))["state"] == "cancelled"
    plan = await merchant.count_plan()
    assert {"pot", "pan"} <= {due["sku"] for due in plan["due"]}


async def test_a_move_that_takes_two_names_the_count_where_it_waits(merchant: Merchant) -> None:
    await merchant.define_sku("pot", title="Pot")
    await merchant.receive("pot", 50, key="opening, pot")
    await merchant.change_pool(sign_over_units=10)
    with pytest.raises(ServerRefused) as refused:
        await merchant.count("pot", 20, key="m1")
    assert (refused.value.code, refused.value.count) == ("NEEDS_APPROVAL", "draft.m1")
    draft = await merchant.counted("draft.m1")
    assert draft is not None
    assert (draft["kind"], draft["over"]) == ("draft", 1)
