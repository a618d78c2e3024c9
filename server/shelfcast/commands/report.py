"""`shelfcast report SHOW`: what a show came to, from a running server, or as files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import click
from shelfcast_client.merchant import Merchant
from shelfcast_client.records import MoneyTotal, Report, ReportedSku, Suggestion

from shelfcast.commands.pool_server import PoolServer, moment, some, table
from shelfcast.errors import ShelfcastError
from shelfcast.sheets.values import price_text

Form = Literal["json", "csv", "xlsx", "html"]
FORMS: tuple[Form, ...] = ("json", "csv", "xlsx", "html")
NO_POOL = "any"
"""A show says itself which pool it sold from."""
_HEADINGS = ["LINK", "SKU", "SOLD", "LEFT", "RATE", "PLAN", "REFUSED", "SOLD OUT", "NEXT"]


def show(url: str, token: str, name: str) -> int:
    """Print it for people. Returns 1 where its sums do not add up."""
    report = PoolServer(url, token, NO_POOL).do(lambda merchant: merchant.report(name))
    if report is None:
        raise ShelfcastError(f"the report of {name} is not written yet; it comes when the show has ended")
    for line in _summary(report):
        click.echo(line)
    table([_HEADINGS, *(_row(sku) for sku in report["skus"])])
    for sku in report["skus"]:
        for suggestion in sku["suggestions"]:
            if suggestion["kind"] != "keep":
                click.echo(f"{sku['sku']}: {_said(suggestion)}")
    return 1 if report["pool_totals"]["difference"] else 0


def save(url: str, token: str, name: str, files: dict[Form, Path]) -> int:
    """Write it to files, by their forms."""
    server = PoolServer(url, token, NO_POOL)
    for form, path in files.items():
        try:
            server.do(partial(Merchant.report_file, show=name, form=form, to=path))
            size = path.stat().st_size
        except OSError as error:
            raise ShelfcastError(f"{path}: {error.strerror or error}") from None
        click.echo(f"{path}: {some(size, 'byte')}")
    return 0


def _summary(report: Report) -> list[str]:
    totals, pool = report["totals"], report["pool_totals"]
    until = f"{moment(report['started_at_ms'])} to {moment(report['ended_at_ms'])}"
    stock, presale = totals["stock"], totals["presale"]
    sold = f"{some(stock['sold'], 'unit')} sold, {stock['cancelled']:,} given back, {stock['shipped']:,} shipped"
    if presale is not None:
        sold += f"; ahead {some(presale['sold'], 'unit')}"
    lost = totals["lost"]
    came = f"{pool['received']:,} received + {pool['returned']:,} returned + {pool['gained']:,} gained"
    went = f"{pool['shipped']:,} shipped - {pool['written_off']:,} written off - {pool['lost']:,} lost"
    holds = "adds up" if not pool["difference"] else f"lacks {pool['difference']:,}: audit the pool"
    return [
        f"Show {report['show']} of pool {report['pool']}, {until}, {report['live_minutes']:g} minutes live",
        f"Report: {report['state']}, as of sequence {report['seq']:,}, {some(totals['pending'], 'unit')} pending",
        f"{some(totals['orders'], 'order')}: {sold}",
        f"Paid: {'; '.join(map(_money, totals['money'])) or 'nothing'}",
        f"Refused for lack of stock: at least {lost['people']:,} people, {some(lost['units'], 'unit')}",
        f"Pool: {pool['opening']:,} + {came} - {went} = {pool['closing']:,} ({holds})",
    ]


def _money(money: MoneyTotal) -> str:
    paid = money["paid_minor"] + money["by_price_minor"]
    return f"{price_text(paid, money['currency'])}, {price_text(money['refunded_minor'], money['currency'])} went back"


def _row(sku: ReportedSku) -> list[str]:
    rate, planned, sold_out = sku["sell_through"], sku["expected"], sku["sold_out_at_ms"]
    sold = sku["stock"]["sold"] + (sku["presale"]["sold"] if sku["presale"] else 0)
    return [
        "" if sku["link"] is None else str(sku["link"]),
        sku["sku"],
        f"{sold:,}",
        f"{sku['left_to_sell']:,}",
        "" if rate is None else f"{rate:.0%}",
        "" if planned is None else f"{planned:,}",
        f"{sku['lost']['people']:,}" if sku["lost"]["people"] else "",
        "" if sold_out is None else moment(sold_out),
        ", ".join(suggestion["kind"] for suggestion in sku["suggestions"]),
    ]


def _said(suggestion: Suggestion) -> str:
    units = "" if suggestion["units"] is None else f" {suggestion['units']:,}"
    beside = f" with {suggestion['with_sku']}" if suggestion["with_sku"] else ""
    numbers = ", ".join(f"{name} {number:g}" for name, number in suggestion["numbers"].items())
    return f"{suggestion['kind']}{units}{beside} ({numbers})"
