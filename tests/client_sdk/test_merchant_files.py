"""Files that the Python SDK saves: a ledger, a count, the catalogue, a report."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fixtures_server import ROOM, RunningServer
from msgspec.structs import replace
from reports import a_report
from shelfcast.archive.store import ArchiveStore
from shelfcast.merchant import report_archive
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import put
from shelfcast.stock.reports import ReportState
from shelfcast_client import ServerRefused
from shelfcast_client.merchant import Merchant


def files_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing in it: the server has its data beside it."""
    made = tmp_path / "saved"
    made.mkdir()
    return made


def rows(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".xlsx":
        header, *found = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(map(str, header), row, strict=True)) for row in found]
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(("name", "units"), [("ledger.csv", "qty"), ("ledger.xlsx", "units")])
async def test_a_ledger_is_saved(merchant: Merchant, folder: Path, name: str, units: str) -> None:
    await merchant.receive("mug", 7, key="delivery")
    file = folder / name
    await merchant.ledger_file(file)
    last = rows(file)[-1]
    assert (last["kind"], int(last[units])) == ("receive", 7)
    assert files_in(folder) == [file.name], "and nothing besides"
    before = file.read_bytes()
    with pytest.raises(ServerRefused) as refused:
        await merchant.ledger_file(file, from_ms=2, to_ms=1)
    assert refused.value.field == "to_ms"
    assert file.read_bytes() == before, "what was there stays until another is whole"


@pytest.mark.parametrize("name", ["all.csv", "all.xlsx"])
async def test_the_catalogue_and_what_was_counted_are_saved(merchant: Merchant, folder: Path, name: str) -> None:
    await merchant.catalogue_file(folder / name)
    assert "mug" in [row["sku"] for row in rows(folder / name)]
    count = (await merchant.open_count("spot", skus=["mug"]))["count"]["count"]
    await merchant.counted_file(count, folder / name, lang="zh")
    assert [row["货号"] for row in rows(folder / name)] == ["mug"]


async def test_a_report_is_saved_in_each_form(merchant: Merchant, shop: RunningServer, folder: Path) -> None:
    with pytest.raises(ServerRefused) as refused:
        await merchant.report_file(f"{ROOM}.1", "csv", folder / "none.csv")
    assert refused.value.field == "state"
    await shop.apply(put(What.ROOM, ROOM, {"status": "ended"}))
    report = replace(a_report(3), show=f"{ROOM}.1", state=ReportState.PROVISIONAL, checksum="")
    kept = await report_archive.keep(await shop.book(), ArchiveStore(shop.settings), report_archive.sealed(report), [])
    assert kept.code == "OK"
    await merchant.report_file(f"{ROOM}.1", "csv", folder / "pool.csv", part="pool")
    assert [row["opening"] for row in rows(folder / "pool.csv")] == ["50"] * 3
    await merchant.report_file(f"{ROOM}.1", "xlsx", folder / "all.xlsx", lang="zh")
    assert rows(folder / "all.xlsx")[0] == {"项目": "场次", "数值": f"{ROOM}.1", "预售": None}
    await merchant.report_file(f"{ROOM}.1", "html", folder / "page.html", lang="zh", state="provisional")
    assert "场次报告" in (folder / "page.html").read_text()
    assert files_in(folder) == ["all.xlsx", "page.html", "pool.csv"]
