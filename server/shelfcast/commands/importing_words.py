"""What `shelfcast import` says of counts and of orders."""

from __future__ import annotations

import click
from shelfcast_client.records import CountsPreview, Import, OrderEffect, OrdersPreview


def show(read: Import) -> None:
    """What each row would do; nothing was changed."""
    counts, orders = read["counts"], read["orders"]
    if counts is not None:
        for row in counts["changes"]:
            was = row["good_before"], row["bad_before"]
            before = f" (before: {was[0]:,} and {was[1]:,})" if row["verdict"] == "changed" else ""
            place = f" in {row['zone']}" if row["zone"] else ""
            found = f"{row['good']:,} good, {row['bad']:,} bad{place}{before}"
            click.echo(f"line {row['line']}, {row['sku']}: {row['verdict']}: {found}")
        click.echo(f"{_counted(counts)}. Nothing was changed.")
    if orders is not None:
        for change in orders["changes"]:
            does = f"books {change['units']:,}" if change["units"] else f"cancels {change['cancels']:,}"
            click.echo(f"line {change['line']}, order {change['order']}, {change['sku']}: {change['verdict']}: {does}")
        click.echo(f"{_booked(orders)}; {_effect(orders['effect'])}. Nothing was changed.")


def report(it: Import, pool: str) -> None:
    """What was written."""
    counts, orders = it["counts"], it["orders"]
    done = it["of"] - it["refused_count"]
    if counts is not None:
        where = f" on count {it['count']}" if it["count"] else ""
        click.echo(f"Entered {_number(done, 'line')}{where} of pool {pool}: {_counted(counts)}.")
    if orders is not None:
        effect = orders["effect"]
        click.echo(
            f"Booked {_number(done, 'row')} on channel {effect['channel']} of pool {pool}: {_booked(orders)}; "
            f"{_effect(effect)}."
        )


def _counted(preview: CountsPreview) -> str:
    left = f", {preview['uncounted']:,} without a figure" if preview["uncounted"] else ""
    return f"{preview['summary']}{left}{_bad(preview['bad'])}"


def _booked(preview: OrdersPreview) -> str:
    left = f", {preview['unpaid']:,} not paid and left aside" if preview["unpaid"] else ""
    return f"{preview['summary']}{left}{_bad(preview['bad'])}"


def _effect(effect: OrderEffect) -> str:
    over = f", {effect['oversold']:,} of them more than there are" if effect["oversold"] else ""
    back = f", {_number(effect['cancelled'], 'unit')} back" if effect["cancelled"] else ""
    return f"{_number(effect['units'], 'unit')} of {_number(effect['orders'], 'order')}{over}{back}"


def _bad(count: int) -> str:
    return f", {count:,} with faults" if count else ""


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
