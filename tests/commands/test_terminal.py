"""Commands where the terminal, the pipe or the service manager knows ASCII alone, and goods have Chinese names."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from pathlib import Path

import pytest
from fixtures_server import ROOM, RunningServer
from rich.console import Console
from shelfcast.commands import day_report, doctor
from shelfcast.commands.letters import SPELL_OUT, fitting
from shelfcast.commands.room_board import Board
from shelfcast.commands.selling import Notes
from shelfcast.engine import Engine
from shelfcast.insight.reconciliation import reconcile, total
from shelfcast.sheets.orders import read_orders
from shelfcast_client import connect
from shelfcast_client.records import Audit
from terminal_window import drawn

SOON_S = 30
TEA, TITLE = "茶-1", "龙井茶 [/bold] :tea: é"
ASCII = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "gbk:strict"},
]
TERMINALS = pytest.mark.parametrize("terminal", ASCII, ids=["PYTHONIOENCODING", "LANG=C", "GBK"])


def variables(terminal: dict[str, str]) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}, **terminal}


def shown(text: str, terminal: dict[str, str]) -> str:
    """The text as this terminal shows it."""
    encoding = "gbk" if "gbk" in terminal.get("PYTHONIOENCODING", "") else "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


async def ended(*arguments: str, terminal: dict[str, str]) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", *arguments,
        env={**variables(terminal), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in err, err.decode()
    encoding = "gbk" if "gbk" in terminal.get("PYTHONIOENCODING", "") else "ascii"
    return process.returncode, out.decode(encoding), err.decode(encoding, "replace")


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    await server.open_shop()
    await server.sell(TEA, 40)
    return server


def test_what_a_terminal_has_is_shown_and_what_it_lacks_is_spelled_out() -> None:
    assert fitting("茶 é 🍵 \ud800", "ascii") == "\\u8336 \\xe9 \\U0001f375 \\ud800"
    assert fitting("茶 é", "gbk") == "茶 é"
    assert fitting("茶 🍵 é █ …", "utf-8") == "茶 🍵 é █ …"
    assert fitting("█ ● ▶ … −", "ascii") == "# * > . -"
    assert "é".encode("ascii", SPELL_OUT) == b"\\xe9"


@TERMINALS
async def test_watch_prints_lines_into_a_pipe(shop: RunningServer, terminal: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", "watch", ROOM, "--url", shop.url, "--seconds", "60",
        env=variables(terminal), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    encoding = "gbk" if "gbk" in terminal.get("PYTHONIOENCODING", "") else "ascii"
    async with asyncio.timeout(SOON_S):
        async for line in process.stdout:
            if f"{shown(TEA, terminal)}: 40 left" in line.decode(encoding):
                break
    process.terminate()
    _, err = await process.communicate()
    assert b"Traceback" not in err


@TERMINALS
async def test_watch_draws_its_table(shop: RunningServer, terminal: dict[str, str]) -> None:
    wanted = shown(TEA, terminal).encode("gbk")
    command = [sys.executable, "-m", "shelfcast", "watch", ROOM, "--url", shop.url, "--seconds", "60"]
    environment = {**variables(terminal), "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    seen = await drawn(command, environment, lambda seen: wanted in seen)
    assert b"Traceback" not in seen


async def test_a_table_stays_in_shape_where_titles_are_spelled_out(shop: RunningServer) -> None:
    async with connect(shop.url, ROOM) as room:
        file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=SPELL_OUT)
        console = Console(file=file, width=100, height=24, color_system=None, force_terminal=True)
        console.print(Board(encoding=console.encoding).render(room, 24))
        file.seek(0)
        lines = file.read().splitlines()
    table = [line for line in lines if line.startswith(("+", "|"))]
    assert len(table) > 4
    assert {len(line.rstrip()) for line in table} == {100}
    assert any("\\u8336-1" in line for line in table)


DAY = f"""InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID
1,{TEA},{TITLE},6,2010-12-01 08:00:00,2.55,1
2,[/x],[red]灯[/red],-2,2010-12-01 08:01:00,0,
3,B[/b],,nothing,2010-12-01 08:01:00,0,
"""


@TERMINALS
async def test_replay_prints_its_tables(server: RunningServer, tmp_path: Path, terminal: dict[str, str]) -> None:
    day = tmp_path / "一天[x].csv"
    day.write_text(DAY, encoding="utf-8")
    code, out, _ = await ended(
        "replay", str(day), "--url", server.url, "--token-secret", server.settings.token_secret, "--room", "day",
        "--speed", "1e6", "--report", str(tmp_path / "结果[y].csv"), terminal=terminal,
    )  # fmt: skip
    assert code == 0, out
    assert "[x].csv: 3 rows" in out
    assert shown(TEA, terminal) in out
    assert "[/bold] :tea:" in out.replace("\n", "")
    assert "every SKU agrees with the book" in " ".join(out.split())


def test_what_differs_is_shown_as_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    file.write_text(DAY, encoding="utf-8")
    day = read_orders(file, currency="GBP")
    notes = Notes()
    notes.tallies["[/x]"].paid = 5
    accounts = reconcile({"live": notes.tallies}, {}, {"[/x]": {"pool": 3}})
    audit: Audit = {
        "ok": False,
        "pool": "shop",
        "entries": 1,
        "skus": 1,
        "reservations": 0,
        "users": 0,
        "waiting": 0,
        "units_on_hand": 3,
        "units_oversold": 0,
        "violation_count": 1,
        "violations": [{"invariant": 1, "subject": "[/x]", "detail": "the book says [/y]"}],
    }
    result = day_report.Result(notes=notes, accounts=accounts, total=total(accounts), audit=audit, took_s=1)
    console = Console(file=io.StringIO(), width=120, emoji=False)
    assert day_report.print_result(console, day, result, report=None) == 1
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert "[/x]: " in said
    assert "invariant 1, [/x]: the book says [/y]" in said


@TERMINALS
async def test_import_says_what_is_wrong_with_a_row(
    server: RunningServer, tmp_path: Path, terminal: dict[str, str]
) -> None:
    file = tmp_path / "目录.csv"
    file.write_text(f"sku,title,price,备注\n{TEA},{TITLE},便宜,好\n", encoding="utf-8")
    arguments = ["import", str(file), "--pool", "shop", "--url", server.url, "--token", server.token("operator")]
    code, _, err = await ended(*arguments, terminal=terminal)
    assert code == 1
    assert "line 2, column price: expected an amount" in err


@TERMINALS
async def test_audit_names_the_sku(
    shop: RunningServer, engine: Engine, valkey_url: str, terminal: dict[str, str]
) -> None:
    key = f"{(await shop.book()).base}:sku:{TEA}"
    await engine.command("HSET", key, "pool", 41, key=key)
    arguments = ["audit", "main", "--engine", valkey_url, "--key-prefix", shop.settings.key_prefix]
    code, out, _ = await ended(*arguments, terminal=terminal)
    assert code == 1
    assert f"{shown(TEA, terminal)} pool: the book says 41, the ledger 40" in out
    code, out, _ = await ended(*arguments, "--json", terminal=terminal)
    assert code == 1
    assert json.loads(out)["violations"][0]["subject"] == f"{TEA} pool"


@TERMINALS
async def test_doctor_names_the_data_folder(tmp_path: Path, terminal: dict[str, str]) -> None:
    folder = tmp_path / "数据"
    code, out, err = await ended("doctor", "--data-dir", str(folder), terminal=terminal)
    assert (code in (0, 1), "data folder" in out) == (True, True), (out, err)


def test_the_doctors_table_stays_in_shape() -> None:
    checks = [doctor.Check("data folder", doctor.Verdict.WARNING, "/srv/数据/[/x]: 0.5 GiB free", "make room")]
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=SPELL_OUT)
    console = Console(file=file, width=100)
    console.print(doctor._table(checks, console.encoding))
    file.seek(0)
    lines = file.read().splitlines()
    assert len({len(line) for line in lines}) == 1
    assert any("/srv/\\u6570\\u636e/[/x]: 0.5 GiB free" in line for line in lines)


@TERMINALS
async def test_a_file_with_a_name_that_is_no_text_is_named(
    server: RunningServer, tmp_path: Path, terminal: dict[str, str]
) -> None:
    day = os.fsencode(tmp_path) + b"/day\xff.csv"
    with open(day, "w", encoding="utf-8") as file:  # noqa: PTH123, ASYNC230 - a name of bytes
        file.write(DAY)
    code, out, err = await ended(
        "replay", os.fsdecode(day), "--url", server.url, "--token-secret", server.settings.token_secret,
        "--speed", "1e6", "--room", "day", terminal=terminal,
    )  # fmt: skip
    assert code == 0, err
    assert "day\\udcff.csv: " in out
