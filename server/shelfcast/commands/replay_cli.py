"""What `shelfcast replay` and `replay-show` take; `commands.replay` and `commands.replay_show` do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shelfcast.commands.options import (
    GroupedCommand,
    encoding_option,
    server_options,
    setting_options,
    settings_from,
)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=GroupedCommand, short_help="Play a day of orders against a running server.")
@click.argument("day", type=_FILE)
@server_options
@click.option("--room", help="Room to sell in; made where it is not there.  [default: replay-DAY]")
@click.option("--pool", help="Pool to sell from; made where it is not there.  [default: the room's name]")
@click.option("--channel", default="live", show_default=True, help="Channel the room sells through.")
@click.option("--currency", default="GBP", show_default=True, help="Currency of the day's prices.")
@click.option(
    "--opening",
    default="80%",
    show_default=True,
    metavar="RULE",
    help="Stock every SKU opens with: a share of what the day asks for, such as 80%, or units, such as 500.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.1, max=1_000_000),
    default=600.0,
    show_default=True,
    help="How many times faster than the day itself; 600 plays ten hours in a minute.",
)
@click.option(
    "--abandon-percent",
    type=click.FloatRange(0, 100),
    default=0.0,
    show_default=True,
    help="Share of what is held that customers give back rather than pay.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, 5_000),
    default=64,
    show_default=True,
    help="Customers connected at once; others wait for their turn.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of what the day's file does not say.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reconciliation of every SKU here (CSV).",
)
@encoding_option
@click.option(
    "--dates",
    type=click.Choice(["mdy", "dmy"]),
    help="What 12/1/2010 is: month first (mdy) or day first (dmy).  [default: what all dates of DAY allow]",
)
@setting_options(only=("token_secret",))
def replay(url: str, token: str | None, day: Path, token_secret: str | None, dates: str | None, **choices: Any) -> int:
    """Play the orders of DAY (CSV, may be gzipped, or XLSX) against a running server, over real sockets.

    Customers reserve and pay, cancellations give back what they can, adjustments are written off. At the end: what
    was asked, sold and refused, a reconciliation per SKU, and the audit's verdict; exits 1 if either finds something.
    With the server's secret every customer gets a token of its own, and --token is not needed.
    """
    settings = settings_from({"token_secret": token_secret})
    from shelfcast.commands import replay as command
    from shelfcast.sheets.times import DateOrder

    return command.run(settings, url, token, day, dates=DateOrder(dates) if dates else None, **choices)


@click.command("replay-show", cls=GroupedCommand, short_help="Play a finished show again, in a rehearsal room.")
@click.argument("show")
@server_options
@click.option("--room", required=True, help="Room to play it in; made where it is not there.")
@click.option("--pool", help="Rehearsal pool; made where it is not there.  [default: the room's, or of its name]")
@click.option(
    "--speed",
    type=click.FloatRange(min=1, max=1_000_000),
    default=60.0,
    show_default=True,
    help="How many times faster than the show itself; 60 plays two hours in two minutes.",
)
@click.option(
    "--connections",
    type=click.IntRange(1, 5_000),
    default=256,
    show_default=True,
    help="Customers connected at once; others wait for their turn.",
)
@setting_options(only=("token_secret",))
def replay_show(url: str, token: str | None, show: str, token_secret: str | None, **choices: Any) -> int:
    """Play SHOW, such as evening.3, again in a room of a rehearsal pool, over real sockets.

    The room gets the show's shelf with its links and what there was to sell; then its customers reserve, pay, give back
    and cancel as they did, and the room pauses and shows as it did. At the end stands what the show sold beside what
    the replay sold; exits 1 if they differ without a reason. With the server's secret every customer gets a token of
    its own, and --token is not needed.
    """
    settings = settings_from({"token_secret": token_secret})
    from shelfcast.commands import replay_show as command

    return command.run(settings, url, token, show, **choices)
