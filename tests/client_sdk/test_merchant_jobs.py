"""Heavy work and files by the merchant's side of the SDK against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures_server import POOL, RunningServer
from shelfcast_client import JobFailed, ServerRefused, ServerUnreachable
from shelfcast_client.merchant import Merchant


async def test_the_book_is_audited(merchant: Merchant) -> None:
    await merchant.receive("mug", 1)
    report = await merchant.audit()
    assert (report["ok"], report["units_on_hand"], report["violations"]) == (True, 101, [])


async def test_an_audit_goes_on_by_itself(merchant: Merchant) -> None:
    job = await merchant.start_audit(key="tonight")
    assert (await merchant.start_audit(key="tonight"))["made_at_ms"] == job["made_at_ms"]
    assert await merchant._result_of(job, 30) == await merchant.audit()
    ended = await merchant.job("tonight")
    assert ended is not None
    assert (ended["state"], ended["result"]["ok"], ended["asked_by"]) == ("done", True, "erp")
    assert (await merchant.cancel_job("tonight"))["state"] == "done"
    assert [each["kind"] for each in await merchant.jobs()] == ["audit", "audit"]
    assert await merchant.job("none") is None


async def test_a_job_that_nobody_does_is_cancelled(shop: RunningServer) -> None:
    async with Merchant(shop.url, shop.token("service", user="erp"), POOL) as merchant:
        with pytest.raises(ServerUnreachable, match=r"has not ended within 0\.1 s"):
            await merchant.audit(wait_s=0.1)
        (job,) = await merchant.jobs()
        assert job["state"] == "cancelled"
        with pytest.raises(JobFailed, match="cancelled"):
            await merchant._result_of(job, 1)


async def test_the_catalogue_is_a_file(merchant: Merchant) -> None:
    await merchant.define_sku("cup", title="=Cup", price_minor=1250)
    lines = (await merchant.catalogue_csv()).decode("utf-8-sig").split("\r\n")
    columns = (
        "sku,title,price,currency,barcode,category,elastic_release_at,safety_units,substitutes,aliases,zone,supplier,"
        "image_url"
    )
    assert lines[:2] == [columns, "cup,'=Cup,12.50,CNY,,,,,,,,,"]


async def test_a_file_is_previewed(merchant: Merchant, tmp_path: Path) -> None:
    exported = await merchant.catalogue_csv()
    assert (await merchant.preview_catalogue(exported))["same"] == 1
    file = tmp_path / "new.csv"
    file.write_text("sku,title,opening,colour\nmug,Beaker,5,red\ncup,Cup,7,blue\nbad,Bad,many,\n", encoding="utf-8")
    found = await merchant.preview_catalogue(file)
    assert (found["rows"], found["new"], found["changed"], found["same"], found["bad"]) == (3, 1, 1, 0, 1)
    assert (found["receives"], found["ignored_columns"], found["faults"][0]["line"]) == (7, ["colour"], 4)
    assert found["changes"][0]["changes"] == [{"column": "title", "before": "'Mug'", "after": "'Beaker'"}]
    with pytest.raises(ServerRefused) as refused:
        await merchant.preview_catalogue(b"name\nmug\n")
    assert (refused.value.status, refused.value.code) == (422, "BAD_MESSAGE")
    assert "no column sku" in str(refused.value)
