"""What `shelfcast count` takes; `commands.counting` does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from shelfcast.commands.options import encoding_option, pool_options, pool_server

KINDS = ("before", "spot", "after", "cycle")
REASONS = (
    "mislogged_in", "mislogged_out", "damaged", "lost", "found", "swapped", "earlier_count", "system", "other",
)  # fmt: skip
STATUSES = ("uncounted", "counting", "counted", "asks", "recount", "reason", "ready", "applied")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_UNITS = click.IntRange(min=0)


@click.group(short_help="Count the stock.")
def count() -> None:
    """Count the stock of a pool on a running server: make a sheet, enter what is found, sign it, apply it.

    Entering takes a token of role counter or operator, all else an operator's. Nothing of the stock changes before a
    count is applied.
    """


@count.command("open", short_help="Make a sheet.")
@pool_options
@click.option("--kind", type=click.Choice(KINDS), default="spot", show_default=True, help="What it is for.")
@click.option("--room", help="Count what this room lists.")
@click.option("--zone", default="", help="Count what lies in this zone.")
@click.option("--category", default="", help="Count what is of this category.")
@click.option("--sku", "skus", multiple=True, help="Count this SKU; several may be given.")
@click.option("--blind/--not-blind", default=True, show_default=True, help="Whether nobody sees the book's figures.")
@click.option("--recount-over", type=_UNITS, help="Units of difference to count again.  [default: the pool's]")
@click.option("--sign-over", type=_UNITS, help="Units of difference for two signatures.  [default: the pool's]")
@click.option("--note", default="", help="A line for those who count.")
def open_(url: str, token: str | None, pool: str, kind: str, **choices: Any) -> int:
    """Make a count sheet: of what is named, or of the whole pool. SKUs that another open count has are left out."""
    from shelfcast.commands import counting as command

    return command.open_count(pool_server(url, token, pool), kind, **choices)


@count.command("list", short_help="List the counts.")
@pool_options
def list_(url: str, token: str | None, pool: str) -> int:
    """List the counts that are kept, those that are open first."""
    from shelfcast.commands import counting as command

    return command.show_all(pool_server(url, token, pool))


@count.command(short_help="Show a count.")
@click.argument("count")
@pool_options
@click.option("--status", type=click.Choice(STATUSES), help="Only SKUs of this status.")
def show(count: str, url: str, token: str | None, pool: str, status: str | None) -> int:
    """Show COUNT: how far it is, its SKUs, and what is asked about them."""
    from shelfcast.commands import counting as command

    return command.show(pool_server(url, token, pool), count, status=status)


@count.command(short_help="Write the sheet to fill in.")
@click.argument("count")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pool_options
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the columns.")
def sheet(count: str, file: Path, url: str, token: str | None, pool: str, language: Literal["en", "zh"]) -> int:
    """Write the sheet of COUNT to FILE: a workbook where it ends in .xlsx, else CSV."""
    from shelfcast.commands import counting as command

    return command.write_sheet(pool_server(url, token, pool), count, file, language)


@count.command(short_help="Enter what was found of a SKU.")
@click.argument("count")
@click.argument("sku")
@click.argument("good", type=_UNITS)
@pool_options
@click.option("--bad", type=_UNITS, default=0, show_default=True, help="Units that cannot be sold.")
@click.option("--zone", default="", help="Where they lie.")
@click.option("--lot", default="", help="Their lot number.")
@click.option("--expires-on", metavar="DATE", help="When they expire, such as 2027-12-31.")
@click.option("--note", default="", help="A line about them.")
def enter(count: str, sku: str, good: int, url: str, token: str | None, pool: str, **choices: Any) -> int:
    """Enter on COUNT that GOOD units of SKU were found. What is in several zones takes several lines."""
    from shelfcast.commands import counting as command

    return command.enter(pool_server(url, token, pool), count, sku, good, **choices)


@count.command("file", short_help="Send a sheet that was filled in.")
@click.argument("count")
@click.argument("file", type=_FILE)
@pool_options
@encoding_option
@click.option("--dates", type=click.Choice(["mdy", "dmy"]), help="What 12/1/2027 is.  [default: what all dates allow]")
def file_(
    count: str,
    file: Path,
    url: str,
    token: str | None,
    pool: str,
    encoding: str | None,
    dates: Literal["mdy", "dmy"] | None,
) -> int:
    """Enter what FILE (CSV or XLSX) says on COUNT. A row with a fault is reported, the others are saved."""
    from shelfcast.commands import counting as command

    return command.send_file(pool_server(url, token, pool), count, file, encoding=encoding, dates=dates)


@count.command(short_help="Say what of a movement was counted.")
@click.argument("count")
@click.argument("sku")
@click.argument("seq", type=click.IntRange(min=1))
@click.argument("included", type=_UNITS)
@pool_options
def answer(count: str, sku: str, seq: int, included: int, url: str, token: str | None, pool: str) -> int:
    """Say that INCLUDED of the units that moved by the entry SEQ are in what was found of SKU."""
    from shelfcast.commands import counting as command

    return command.answer(pool_server(url, token, pool), count, sku, seq, included)


@count.command(short_help="Have SKUs counted again.")
@click.argument("count")
@click.argument("skus", nargs=-1, required=True)
@pool_options
def recount(count: str, skus: tuple[str, ...], url: str, token: str | None, pool: str) -> int:
    """Have SKUS of COUNT counted again, by somebody who has not counted them."""
    from shelfcast.commands import counting as command

    return command.recount(pool_server(url, token, pool), count, skus)


@count.command(short_help="Say why a SKU differs.")
@click.argument("count")
@click.argument("sku")
@click.argument("why", type=click.Choice(REASONS), metavar="WHY")
@pool_options
@click.option("--note", default="", help="Which other reason it is, or more about it.")
def reason(count: str, sku: str, why: str, url: str, token: str | None, pool: str, note: str) -> int:
    """Say WHY the SKU differs on COUNT: nothing that differs is applied without a reason.

    WHY is mislogged_in, mislogged_out, damaged, lost, found, swapped, earlier_count, system, or other with a --note.
    """
    from shelfcast.commands import counting as command

    return command.reason(pool_server(url, token, pool), count, sku, why, note)


@count.command(short_help="End the counting.")
@click.argument("count")
@pool_options
@click.option("--again", is_flag=True, help="Go on with counting instead.")
@click.option("--anyway", is_flag=True, help="Even where somebody has a line open, which has no effect then.")
def close(count: str, url: str, token: str | None, pool: str, again: bool, anyway: bool) -> int:
    """End the counting of COUNT, so that what differs can be looked at."""
    from shelfcast.commands import counting as command

    server = pool_server(url, token, pool)
    return command.reopen(server, count) if again else command.close(server, count, anyway=anyway)


@count.command(short_help="Sign a count.")
@click.argument("count")
@click.argument("revision", type=_UNITS)
@pool_options
def sign(count: str, revision: int, url: str, token: str | None, pool: str) -> int:
    """Stand for what COUNT found at REVISION, which `show` says."""
    from shelfcast.commands import counting as command

    return command.sign(pool_server(url, token, pool), count, revision)


@count.command(short_help="Apply a count.")
@click.argument("count")
@click.argument("revision", type=_UNITS)
@pool_options
def apply(count: str, revision: int, url: str, token: str | None, pool: str) -> int:
    """Move what COUNT found to differ at REVISION, which `show` says. Nothing undoes it."""
    from shelfcast.commands import counting as command

    return command.apply(pool_server(url, token, pool), count, revision)


@count.command(short_help="Cancel a count.")
@click.argument("count")
@pool_options
def cancel(count: str, url: str, token: str | None, pool: str) -> int:
    """Have nothing come of COUNT."""
    from shelfcast.commands import counting as command

    return command.cancel(pool_server(url, token, pool), count)


@count.command(short_help="Say what is due for a count.")
@pool_options
def plan(url: str, token: str | None, pool: str) -> int:
    """Say which SKUs are due for a cycle count: what sells most weekly, the rest fortnightly or monthly."""
    from shelfcast.commands import counting as command

    return command.plan(pool_server(url, token, pool))
