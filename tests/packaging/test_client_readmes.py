"""What the clients' READMEs and the example page tell to do works in the demonstration's room."""

from __future__ import annotations

import asyncio
import csv
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import RunningServer
from shelfcast_client.merchant import Merchant

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "client_sdk"
PAGES = [
    CLIENTS / "python" / "README.md",
    CLIENTS / "typescript" / "README.md",
    *(CLIENTS / "typescript").glob("examples/*"),
]
SOON_S = 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CLIENTS)))
def test_what_they_reserve_is_sold_in_the_demonstration(page: Path) -> None:
    with (ROOT / "server" / "shelfcast" / "sample" / "catalogue.csv").open(encoding="utf-8") as file:
        sold = {row["sku"] for row in csv.DictReader(file)}
    named = set(re.findall(r'"([A-Z]{3}-\d+)"', page.read_text(encoding="utf-8")))
    assert named
    assert named <= sold


async def test_the_python_program_says_that_a_sku_is_not_sold(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (CLIENTS / "python" / "README.md").read_text(encoding="utf-8")
    program = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(program, "README.md", "exec"), names)
    await server.open_shop("demo")
    await server.sell("mug", 5, room="demo")
    async with asyncio.timeout(SOON_S):
        await names["main"](server.url, server.token(), "bowl")
    assert "bowl is not sold here" in capsys.readouterr().out


async def test_the_guides_program_for_an_erp_reads_the_ledger_on_from_where_it_was(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8")
    program = guide.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(program, "http-api.md", "exec"), names)
    await server.open_shop()
    async with asyncio.timeout(SOON_S):
        read = await names["main"](server.url, server.token("service"), 0)
        said = capsys.readouterr().out
        assert "409 INSUFFICIENT retry: changed\n100 mug supplier -> pool\n" in said
        assert "3 mug pool -> sold:live" in said
        assert await names["main"](server.url, server.token("service"), read) == read
    assert capsys.readouterr().out == "409 INSUFFICIENT retry: changed\n"


def test_the_readme_names_every_method_of_a_merchant_and_no_other() -> None:
    page = (CLIENTS / "python" / "README.md").read_text(encoding="utf-8").partition("## The merchant's side")[2]
    rows = [row.split(" | ")[0] for row in re.findall(r"^\| (`.+) \|$", page, re.MULTILINE)]
    named = {name for row in rows for name in re.findall(r"`(\w+)[(`]", row)} - {"return"} | {"move"}
    there = {name for name, _ in inspect.getmembers(Merchant, inspect.isfunction) if not name.startswith("_")}
    assert named == there
