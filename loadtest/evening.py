"""A whole evening on a server of its own: `python loadtest/evening.py [DAY]`.

A catalogue comes in as a file, is looked at and applied; the shelf is counted and the gate opens; a room and two other
channels sell a day of orders, with a strategy, a second wave, alerts that somebody answers, and a count while it sells;
the show ends, is reconciled and reported, its ledger goes to the archive, its minutes are looked at again, and a
customer is forgotten. Each check is printed; the exit code is 1 where one fails. DAY is an order export as
`shelfcast replay` takes it; without one it is the sample.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from evening_after import finish
from evening_before import go_live, prepare
from evening_checks import Checks
from evening_goods import CURRENCY, goods_for
from evening_sale import sell
from evening_shop import open_shop
from rich.console import Console
from shelfcast.commands.selling import Temper
from shelfcast.sheets.orders import OrderDay, read_orders

LENGTH_S = 40.0
"""How long the sale takes, unless somebody says otherwise."""
WAVE_AT = 0.6
"""Of the sale, when the second wave opens."""
TEMPER = Temper(abandon_share=0.05)


async def play(
    day: OrderDay, folder: Path, console: Console, *, length_s: float, sells_out: bool = True
) -> tuple[Checks, dict[str, Any]]:
    """The evening of these orders: what was checked, and the show's final report. One SKU `sells_out`, and some leave
    their checkouts; without that everybody gets what it asks for. Everything is kept in the folder."""
    checks = Checks(console)
    goods = goods_for(day, sells_out=sells_out)
    async with open_shop(folder) as shop:
        await prepare(shop, goods, folder, checks, wave_in_s=length_s * WAVE_AT)
        show = await go_live(shop, checks)
        evening = await sell(
            shop, goods, show, checks, speed=max(day.length_s / length_s, 1.0), temper=TEMPER if sells_out else Temper()
        )
        report = await finish(shop, goods, evening, folder, checks)
    return checks, report


def main() -> int:
    """Play an evening; 0 where every check holds, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("day", nargs="?", type=Path, help="an order export: CSV, CSV.gz or XLSX (default: the sample)")
    parser.add_argument("--seconds", type=float, default=LENGTH_S, help=f"how long the sale takes ({LENGTH_S:g})")
    parser.add_argument("--keep", type=Path, help="a folder to keep the report, the archive and the log in")
    given = parser.parse_args()
    console = Console()
    begun = time.monotonic()
    with as_file(files("shelfcast") / "sample" / "orders.csv") as sample:
        day = read_orders(given.day or sample, currency=CURRENCY)
    console.print(
        f"{given.day or 'The sample'}: {day.rows:,} rows, {len(day.goods):,} SKUs, {len(day.events):,} orders"
    )
    folder = given.keep or Path(tempfile.mkdtemp(prefix="evening-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        checks, _ = asyncio.run(play(day, folder, console, length_s=given.seconds))
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    console.print(f"\n{checks.made} checks in {time.monotonic() - begun:.0f} s", end="; ")
    console.print("[green]all hold[/green]" if not checks.failed else f"[red]{len(checks.failed)} fail[/red]")
    if given.keep is not None:
        console.print(f"The report's files, the archive and the log are in {given.keep}", soft_wrap=True)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
