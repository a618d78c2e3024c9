"""What the clients' READMEs and the example page tell to do works in the demonstration's room."""

from __future__ import annotations

import asyncio
import csv
import re
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import RunningServer

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "client_sdk"
PAGES = [
    CLIENTS / "python" / "README.md",
    CLIENTS / "typescript" / "README.md",
    *(CLIENTS / "typescript").glob("examples/*"),
]
SOON_S = 20


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
