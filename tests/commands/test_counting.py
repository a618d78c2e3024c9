"""`shelfcast count` beside a running server: a sheet is made, filled in, signed by two and applied."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fixtures_server import RunningServer
from shelfcast import cli
from shelfcast_client.merchant import Merchant


@pytest.fixture
async def shop(server: RunningServer) -> Merchant:
    """A pool with 100 mugs and 40 cups."""
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.define_pool()
        await merchant.define_channel("live", kind="shared")
        for sku, units in (("mug", 100), ("cup", 40)):
            await merchant.define_sku(sku, title={"mug": "杯子", "cup": "Cup"}[sku], zone="A1")
            await merchant.receive(sku, units, key=f"opening {sku}")
    return merchant


@pytest.fixture
def count(
    shop: Merchant, server: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs the command as somebody, and gives its exit code and what it printed."""

    async def run(who: str, *words: str) -> tuple[int, str]:
        role = "counter" if who == "ann" else "operator"
        monkeypatch.setenv("SHELFCAST_TOKEN", server.token(role, user=who))
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, ["count", *words, "--url", server.url, "--pool", "main"])
        printed = capsys.readouterr()
        # The server writes its log to the same stdout here.
        return code, "".join(line for line in printed.out.splitlines(True) if "[info" not in line) + printed.err

    return run


def id_of(printed: str) -> str:
    [line] = [line for line in printed.splitlines() if line.startswith("Count ")]
    return line.split()[1]


async def test_a_count_from_its_sheet_to_the_stock(count: Any, server: RunningServer, tmp_path: Path) -> None:
    code, printed = await count("wang", "open", "--zone", "A1", "--recount-over", "50", "--note", "before the show")
    assert code == 0
    assert "2 SKUs" in printed
    name = id_of(printed)
    code, printed = await count("ann", "enter", name, "cup", "40", "--zone", "A1")
    assert (code, "40 good and 0 bad of cup in A1" in printed) == (0, True)
    sheet = tmp_path / "sheet.xlsx"
    assert (await count("ann", "sheet", name, str(sheet), "--language", "zh"))[0] == 0
    book = openpyxl.load_workbook(sheet)
    rows = {row[0].value: row for row in book.worksheets[0].iter_rows(min_row=2)}
    rows["mug"][4].value, rows["mug"][5].value = 80, 5
    book.save(sheet)
    code, printed = await count("wang", "file", name, str(sheet))
    assert (code, "1 line saved, 0 SKUs put on the count, 1 row without figures, 0 faults." in printed) == (0, True)
    code, printed = await count("ann", "show", name)
    assert code == 0
    assert "difference" in printed, "the column"
    assert "-15" not in printed.split(), "which a day of the month would have within"
    code, printed = await count("wang", "close", name)
    assert "1 differ, 1 by more than 10" in printed
    code, printed = await count("wang", "show", name, "--status", "reason")
    assert [word in printed.split() for word in ("杯子", "-15", "100", "85", "cup")] == [True, True, True, True, False]
    code, printed = await count("wang", "reason", name, "mug", "lost")
    revision = printed.split("Revision ")[1].split(":")[0]
    assert (await count("wang", "sign", name, revision))[0] == 0
    code, printed = await count("wang", "apply", name, revision)
    assert (code, "somebody else" in printed) == (1, True)
    code, printed = await count("zhou", "apply", name, revision)
    assert (code, "15 lost" in printed) == (0, True)
    code, printed = await count("wang", "list")
    assert (code, "applied" in printed) == (0, True)
    code, printed = await count("wang", "plan")
    assert (code, "0 SKUs due, 0 being counted, 2 later" in printed) == (0, True)


async def test_what_left_meanwhile_is_asked_and_answered(count: Any, server: RunningServer) -> None:
    code, printed = await count("wang", "open", "--sku", "mug")
    name = id_of(printed)
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.order("o1", channel="live", sku="mug", qty=2)
        await merchant.ship("o1", 2, key="parcel 1")
    code, printed = await count("ann", "enter", name, "mug", "98")
    assert "2 left meanwhile (ship, " in printed
    command = printed.split("`")[1].split()
    assert command[:5] == ["shelfcast", "count", "answer", name, "mug"]
    code, printed = await count("ann", "answer", name, "mug", command[5], "0")
    assert (code, printed.startswith("0 of them")) == (0, True)
    async with Merchant(server.url, server.token("counter", user="ben"), "main") as ben:
        await ben.open_line(name, "mug", zone="B1")
    code, printed = await count("wang", "close", name)
    assert (code, "a line of 1 SKU open still" in printed) == (1, True)
    code, printed = await count("wang", "close", name, "--anyway")
    assert "0 differ" in printed
    assert "2 SKUs" not in printed
    code, printed = await count("wang", "recount", name, "mug")
    assert (code, "by somebody else" in printed) == (0, True)
    code, printed = await count("wang", "close", name, "--again")
    assert "is counting" in printed
    code, printed = await count("wang", "cancel", name)
    assert "is cancelled" in printed


async def test_faults_of_a_file_are_said_by_line_and_end_with_1(count: Any, tmp_path: Path) -> None:
    _, printed = await count("wang", "open", "--sku", "mug")
    name = id_of(printed)
    file = tmp_path / "sheet.csv"
    file.write_text("sku,good\nmug,90\nnone,1\ncup,x\n", encoding="utf-8")
    code, printed = await count("wang", "file", name, str(file))
    assert code == 1
    assert "line 3, none: the pool has no such SKU" in printed
    assert "line 4, cup: good:" in printed
    assert "1 line saved" in printed


@pytest.mark.parametrize(
    ("who", "words", "code", "said"),
    [
        ("wang", ("show", "none"), 1, "has no count 'none'"),
        ("ann", ("open",), 1, "role"),
        ("wang", ("open", "--kind", "weekly"), 2, "--kind"),
        ("wang", ("enter", "none", "mug", "many"), 2, "GOOD"),
        ("wang", ("apply", "none", "1"), 1, "no such count"),
        ("wang", ("reason", "none", "mug", "bored"), 2, "WHY"),
        ("wang", ("sheet", "none", "/no/such/folder/a.csv"), 1, "no count"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(
    count: Any, who: str, words: tuple[str, ...], code: int, said: str
) -> None:
    found, printed = await count(who, *words)
    assert found == code
    assert said in printed
    assert printed.startswith("shelfcast: ")
