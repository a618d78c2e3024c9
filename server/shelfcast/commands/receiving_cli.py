"""What `shelfcast receipt` takes; `commands.receiving` does it."""

from __future__ import annotations

from typing import Any

import click

from shelfcast.commands.options import pool_options, pool_server


@click.group(short_help="Take goods in.")
def receipt() -> None:
    """Take goods in that arrive at a pool of a running server.

    Takes a token of role counter, service or operator. Where the pool's receipts are entered by two people, neither
    sees what the other has found.
    """


def _announced(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, int]]:
    """SKU=UNITS, as they are written."""
    found = []
    for value in values:
        sku, is_said, units = value.rpartition("=")
        if not (is_said and sku and units.isascii() and units.isdigit()):
            raise click.BadParameter(f"{value!r} is not SKU=UNITS, such as mug=40", context, option)
        found.append((sku, int(units)))
    return found


@receipt.command("open", short_help="Make a receipt.")
@pool_options
@click.option("--supplier", default="", help="Who it comes from.")
@click.option("--reference", default="", help="The number of the delivery note.")
@click.option("--note", default="", help="A line about it.")
@click.option(
    "--expect", "expected", multiple=True, callback=_announced, metavar="SKU=UNITS", help="What is announced."
)
def open_(url: str, token: str | None, pool: str, **said: Any) -> int:
    """Make a receipt for a delivery."""
    from shelfcast.commands import receiving as command

    return command.open_receipt(pool_server(url, token, pool), **said)


@receipt.command(short_help="Enter what has arrived.")
@click.argument("receipt")
@click.argument("sku")
@click.argument("good", type=click.IntRange(min=0))
@pool_options
@click.option("--bad", type=click.IntRange(min=0), default=0, show_default=True, help="Units that cannot be sold.")
@click.option("--lot", default="", help="Their lot number.")
@click.option("--expires-on", metavar="DATE", help="When they expire, such as 2027-12-31.")
@click.option("--note", default="", help="A line about them.")
@click.option("--done", is_flag=True, help="This is all that has arrived.")
def enter(
    receipt: str,
    sku: str,
    good: int,
    url: str,
    token: str | None,
    pool: str,
    bad: int,
    lot: str,
    expires_on: str | None,
    note: str,
    done: bool,
) -> int:
    """Enter that GOOD units of SKU have arrived with RECEIPT, in place of what you have entered of the same lot."""
    from shelfcast.commands import receiving as command

    line: Any = {"sku": sku, "good": good, "bad": bad, "lot": lot, "expires_on": expires_on, "note": note}
    return command.enter(pool_server(url, token, pool), receipt, line, done=done)


@receipt.command(short_help="Say that all of it is entered.")
@click.argument("receipt")
@pool_options
def done(receipt: str, url: str, token: str | None, pool: str) -> int:
    """Say that what you have entered of RECEIPT is all that has arrived."""
    from shelfcast.commands import receiving as command

    return command.enter(pool_server(url, token, pool), receipt, None, done=True)


@receipt.command(short_help="Show a receipt, or all.")
@click.argument("receipt", required=False)
@pool_options
def show(receipt: str | None, url: str, token: str | None, pool: str) -> int:
    """Show RECEIPT, or all that are kept."""
    from shelfcast.commands import receiving as command

    return command.show(pool_server(url, token, pool), receipt)
