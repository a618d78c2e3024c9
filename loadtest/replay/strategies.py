"""Play one real day several ways, and compare: python loadtest/replay/strategies.py DAY [--strategy NAME …].

Starts a server in a temporary folder and plays the orders of DAY (CSV, may be gzipped, or XLSX) once for each strategy:
the same customers, the same orders in the same order, the same stock in the morning. Each run ends with the
reconciliation of every SKU and the audit of the book. Prints what each sold, refused and left over, and writes the same
as JSON; exits with 1 where a reconciliation or an audit finds anything. README.md beside this file has figures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))  # the load test's scripts are beside this folder
from brand import Brand, FixedSplit
from comparison import markdown, table
from influencer import Influencer
from measured_server import MeasuredServer
from played import Played, play
from promotion import Promotion
from shelfcast.commands import terminal
from shelfcast.errors import ShelfcastError
from shelfcast.settings import Settings
from shelfcast.sheets.orders import Kind, OpeningRule, OrderDay, read_orders
from shelfcast.sheets.times import DateOrder
from strategy import Plain, Strategy

STRATEGIES: dict[str, Callable[[], Strategy]] = {
    Plain.name: Plain,
    FixedSplit.name: FixedSplit,
    Brand.name: Brand,
    Influencer.name: Influencer,
    Promotion.name: Promotion,
}
FLAGS = {
    "duty-interval-ms": 20,  # a minute of the day waits for two runs of each duty
    "public-reads-a-second-max": 1_000,  # their runs are read from the metrics
    "messages-a-second": 1_000_000,  # an order of 700 lines is one moment of the day
    "messages-burst": 1_000_000,
    "alerts-a-show-max": 20_000,  # of a day that sells most of 1,000 SKUs out
}


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("day", type=Path, metavar="DAY")
    parser.add_argument("--strategy", action="append", choices=list(STRATEGIES), help="one or several; default: all")
    parser.add_argument(
        "--opening", default="80%", help="stock of each SKU: a share of what the day asks for, or units"
    )
    parser.add_argument(
        "--orders-min", type=int, default=1, help="leave out SKUs with fewer order lines; a split of those says little"
    )
    parser.add_argument("--currency", default="GBP", help="currency of the day's prices")
    parser.add_argument(
        "--dates", choices=[order.value for order in DateOrder], help="what 12/1/2010 is, where unclear"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table as README.md has it")
    parser.add_argument("--out", type=Path, default=Path("out/replay-strategies.json"))
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 1 where anything does not balance, 2 where the day cannot be read."""
    args = arguments(words)
    console = terminal.console()
    currency = args.currency.upper()
    try:
        rule = OpeningRule.parse(args.opening)
        day = read_orders(args.day, currency=currency, dates=DateOrder(args.dates) if args.dates else None)
    except ShelfcastError as fault:
        print(fault, file=sys.stderr)
        return 2
    day = often_ordered(day, args.orders_min)
    if not day.events:
        print(f"{args.day}: no SKU has {args.orders_min} order lines", file=sys.stderr)
        return 2
    asked = day.asked()
    opening = {sku: rule.opening(asked[sku]) for sku in day.goods}
    played = play_each(args.strategy or list(STRATEGIES), day, opening, currency, console)
    if args.markdown:
        print(markdown(played, currency))
    else:
        console.print(table(played, currency))
    for one in played:
        for found in (*one.differences, *one.violations):
            console.print(f"{one.strategy}: {found}", markup=False)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(msgspec.json.format(msgspec.json.encode(played)) + b"\n")
    return 0 if all(one.ok for one in played) else 1


def play_each(
    names: Sequence[str], day: OrderDay, opening: Mapping[str, int], currency: str, console: Console
) -> list[Played]:
    """Each strategy by its name, on one server, one after another."""
    flags = [word for flag, value in FLAGS.items() for word in (f"--{flag}", str(value))]
    with TemporaryDirectory(prefix="shelfcast-replay-") as folder, contextlib.ExitStack() as stack:
        server = stack.enter_context(MeasuredServer(Path(folder), workers=1, flags=flags, niceness=0))
        settings = Settings(token_secret=server.secret)
        played = []
        for name in names:
            one = asyncio.run(
                play(
                    STRATEGIES[name](),
                    url=server.url,
                    data_dir=server.data_dir,
                    settings=settings,
                    day=day,
                    opening=opening,
                    currency=currency,
                )
            )
            verdict = "reconciliation and audit hold" if one.ok else "reconciliation or audit FAILED"
            console.print(f"{name}: {one.sold.units:,} of {one.asked.units:,} units, {one.took_s:.0f} s; {verdict}")
            played.append(one)
    return played


def often_ordered(day: OrderDay, lines_min: int) -> OrderDay:
    """The day with those SKUs alone that have so many order lines."""
    lines = Counter(line.sku for event in day.events if event.kind is Kind.PURCHASE for line in event.lines)
    kept = {sku for sku in day.goods if lines[sku] >= lines_min} if lines_min > 1 else set(day.goods)
    day.goods = {sku: good for sku, good in day.goods.items() if sku in kept}
    short = (replace(event, lines=tuple(line for line in event.lines if line.sku in kept)) for event in day.events)
    day.events = [event for event in short if event.lines]
    return day


if __name__ == "__main__":
    sys.exit(main())
