"""The command line. Each command says here what it takes, a group of them in `commands/…_cli.py`, and does its work
in `commands`.

Exit codes: 0 done; 1 the work failed, or `audit` and `doctor` found something; 2 wrong use or a wrong setting.
Errors are one line on stderr.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any, Literal

import click

from shelfcast.commands.counting_cli import count
from shelfcast.commands.options import (
    ENGINE_SETTINGS,
    GroupedCommand,
    encoding_option,
    needed_token,
    pool_server,
    server_options,
    setting_options,
    settings_from,
)
from shelfcast.commands.receiving_cli import receipt
from shelfcast.commands.replay_cli import replay, replay_show
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.protocol.access import Role

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
EXIT_FAILED = 1
EXIT_WRONG_USE = 2


_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _duration(context: click.Context, option: click.Parameter, value: str) -> int:
    """Seconds of a time such as 90, 90s, 15m, 8h or 30d."""
    number, unit = (value[:-1], value[-1]) if value[-1:] in _SECONDS else (value, "s")
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise click.BadParameter(f"{value!r} is not a time such as 90s, 15m, 8h or 30d", context, option)
    return int(number) * _SECONDS[unit]


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="shelfcast", prog_name="shelfcast", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """Realtime stock server for live-shopping rooms: true counts for every viewer, reservations that never oversell.

    Start with `shelfcast demo`, then open the address it prints.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        return EXIT_WRONG_USE
    return 0


@cli.command(cls=GroupedCommand, short_help="Run the server.")
@setting_options()
def serve(**flags: Any) -> int:
    """Run the server until it is told to stop (SIGINT or SIGTERM).

    Without --engine it starts its own Valkey, with its data in --data-dir. It needs a key to check tokens with:
    set SHELFCAST_TOKEN_SECRET, or --token-public-key-file. Every option is also an environment variable, SHELFCAST_
    and its name in capitals (SHELFCAST_TICK_MS=40); an option wins over it.
    """
    settings = settings_from(flags)
    from shelfcast.commands import serve as command

    return command.run(settings)


@cli.command(cls=GroupedCommand, short_help="Run a server with a room that sells, to look at.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.1, max=10_000),
    default=60.0,
    show_default=True,
    help="How many times faster than the real evening.",
)
@click.option(
    "--viewers",
    type=click.IntRange(1, 5_000),
    default=40,
    show_default=True,
    help="Simulated viewers that watch and buy.",
)
@setting_options(only=("host", "port", "log_level", "log_format", *ENGINE_SETTINGS))
def demo(speed: float, viewers: int, **flags: Any) -> int:
    """Run a server with a live room that sells, to look at. No token is needed to watch or to buy.

    Goes on until stopped with Ctrl-C. Its stock is kept in a temporary folder, unless --data-dir or --engine names
    another place. Not for production: anybody may reserve.
    """
    settings = settings_from(flags)
    from shelfcast.commands import demo as command

    return command.run(settings, speed=speed, viewers=viewers)


@cli.command(short_help="Show a live room in the terminal.")
@click.argument("room")
@server_options
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after this time.")
def watch(room: str, url: str, token: str | None, seconds: float | None) -> int:
    """Show ROOM in the terminal: every SKU with its units and level, and the banners as they come.

    A public room needs no token.
    """
    from shelfcast.commands import watch as command

    return command.run(url, room, token, seconds=seconds)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class ImportCommand(click.Command):
    """`import`, whose help ends with the columns a catalogue may have."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The columns, from where they are read."""
        from shelfcast.sheets.catalogue import COLUMNS

        with formatter.section("Columns of a catalogue, named in its first line"):
            formatter.write_dl([(column.name, column.meaning) for column in COLUMNS])


@cli.command("import", cls=ImportCommand, short_help="Import a catalogue, counts or orders (CSV, XLSX).")
@click.argument("file", type=_FILE)
@server_options
@click.option("--pool", required=True, help="Pool to import into; made where it does not exist.")
@click.option("--room", help="Also list the SKUs in this room; made where it does not exist.")
@click.option(
    "--kind",
    type=click.Choice(["catalogue", "counts", "orders"]),
    default="catalogue",
    show_default=True,
    help="What FILE is about.",
)
@click.option("--channel", help="Channel the room sells through, or whose orders these are.  [default: the room's own]")
@click.option("--count", "count_id", metavar="ID", help="Count sheet that counts go on.  [default: a new one]")
@click.option("--skip-bad", is_flag=True, help="Import the good rows even if others are bad.")
@click.option("--preview", is_flag=True, help="Say what each row would change, and change nothing.")
@encoding_option
@click.option(
    "--opening",
    metavar="COLUMN",
    help="Column with the opening stock, where it has another name; none where there is none.",
)
@click.option(
    "--dates",
    type=click.Choice(["mdy", "dmy"]),
    help="What 12/1/2026 is: month first (mdy) or day first (dmy).  [default: what all dates of FILE allow]",
)
def import_(
    file: Path,
    *,
    url: str,
    token: str | None,
    pool: str,
    room: str | None,
    kind: Literal["catalogue", "counts", "orders"],
    channel: str | None,
    count_id: str | None,
    skip_bad: bool,
    preview: bool,
    encoding: str | None,
    opening: str | None,
    dates: Literal["mdy", "dmy"] | None,
) -> int:
    """Import a catalogue with opening stock from FILE (CSV or XLSX) into a running server; with --kind counts what was
    counted, which goes on a count sheet; with --kind orders the orders that another platform has taken on --channel.

    A row that is wrong is reported with its line and column, and then nothing of the file is imported unless
    --skip-bad is given. Importing the same file twice receives its opening stock once, and books no order twice.
    """
    from shelfcast.commands import importing as command

    return command.run(
        url,
        needed_token(token),
        pool,
        file,
        room=room,
        kind=kind,
        channel=channel,
        count=count_id,
        skip_bad=skip_bad,
        encoding=encoding,
        opening=opening,
        dates=dates,
        preview_only=preview,
    )


@cli.command(cls=GroupedCommand, short_help="Print a token.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="viewer: reserve and see one's own. host: the host lane. counter: count the stock, blind. "
    "service: stock and payments from other systems. operator: run rooms and stock. docs/access.md has it all.",
)
@click.option("--user", required=True, help="Who it is for (the token's `sub`).")
@click.option("--room", help="Narrow it to one room.")
@click.option("--pool", help="Narrow it to one pool.")
@click.option(
    "--ttl",
    callback=_duration,
    default="12h",
    metavar="TIME",
    show_default=True,
    help="Valid for: 90s, 15m, 8h, 30d.",
)
@setting_options(only=("token_secret",))
def token(role: str, user: str, room: str | None, pool: str | None, ttl: int, **flags: Any) -> int:
    """Print a token signed with the server's secret (SHELFCAST_TOKEN_SECRET)."""
    settings = settings_from(flags)
    from shelfcast.commands import token as command

    return command.run(settings, role=role, user=user, room=room, pool=pool, ttl_s=ttl)


@cli.group(short_help="Manage who signs in by name and password.")
def user() -> None:
    """Manage who signs in to the console by name and password, on a running server.

    Takes a token of role operator without pool and room. Passwords are asked for, or read from a line of stdin.
    """


@user.command("add", short_help="Make an account.")
@click.argument("name")
@server_options
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OPERATOR.value,
    show_default=True,
    help="What the account may do; docs/access.md has it all.",
)
@click.option("--pool", "pools", multiple=True, help="Narrow it to this pool; several may be given.")
@click.option("--room", "rooms", multiple=True, help="Narrow it to this room; several may be given.")
def user_add(name: str, url: str, token: str | None, role: str, pools: tuple[str, ...], rooms: tuple[str, ...]) -> int:
    """Make the account NAME. Its password (10 characters or more) is asked for, or read from a line of stdin."""
    from shelfcast.commands import user as command

    return command.add(url, needed_token(token), name, role=role, pools=pools, rooms=rooms)


@user.command("list", short_help="List the accounts.")
@server_options
def user_list(url: str, token: str | None) -> int:
    """List the accounts: name, role, and the pools and rooms that each reaches."""
    from shelfcast.commands import user as command

    return command.show(url, needed_token(token))


@user.command("password", short_help="Change a password.")
@click.argument("name")
@server_options
def user_password(name: str, url: str, token: str | None) -> int:
    """Give the account NAME another password, and sign it out everywhere."""
    from shelfcast.commands import user as command

    return command.change_password(url, needed_token(token), name)


@user.command("remove", short_help="Remove an account.")
@click.argument("name")
@server_options
def user_remove(name: str, url: str, token: str | None) -> int:
    """Remove the account NAME, and sign it out everywhere."""
    from shelfcast.commands import user as command

    return command.remove(url, needed_token(token), name)


for command in (count, receipt, replay, replay_show):
    cli.add_command(command)


@cli.command(short_help="Say what stands against a room's going on air.")
@click.argument("room")
@server_options
@click.option("--level", type=click.Choice(["pass", "warn", "fail"]), help="Only what stands like this.")
@click.option("--sku", default="", help="Only what is about this SKU.")
def checklist(room: str, url: str, token: str | None, level: str | None, sku: str) -> int:
    """Print the checklist of ROOM before a show: what fails, what warns, and what mends it. Exits 1 if any fails."""
    from shelfcast.commands import checklist as command

    return command.run(url, needed_token(token), room, level=level or "", sku=sku)


_REPORT_FILE = click.Path(dir_okay=False, path_type=Path)


@cli.command(short_help="Print what a show came to.")
@click.argument("show")
@server_options
@click.option("--json", type=_REPORT_FILE, metavar="FILE", help="Write it as it was written.")
@click.option("--csv", type=_REPORT_FILE, metavar="FILE", help="Write its SKUs as CSV.")
@click.option("--xlsx", type=_REPORT_FILE, metavar="FILE", help="Write it as a workbook.")
@click.option("--html", type=_REPORT_FILE, metavar="FILE", help="Write it as a page to print.")
def report(show: str, url: str, token: str | None, **files: Path | None) -> int:
    """Print the report of SHOW, such as evening.3, or write it to files."""
    from shelfcast.commands import report as command

    wanted = {form: path for form in command.FORMS if (path := files[form]) is not None}
    if wanted:
        return command.save(url, needed_token(token), show, wanted)
    return command.show(url, needed_token(token), show)


@cli.command(short_help="Say what of a pool is in the archive, or write it now.")
@click.argument("pool")
@server_options
@click.option("--now", is_flag=True, help="Write what it has not yet, and take old entries out of the engine.")
@click.option("--keep-days", type=click.IntRange(min=0), help="Entries stay so long in the engine.  [ledger_kept_ms]")
@click.option("--anew", is_flag=True, help="Write whatever the engine has once more: the archive has lost some of it.")
def archive(pool: str, url: str, token: str | None, now: bool, keep_days: int | None, anew: bool) -> int:
    """Print where the archive of POOL is, its checkpoints, what is still in the engine and what that waits for."""
    if (keep_days is not None or anew) and not now:
        raise click.UsageError("--keep-days and --anew are said with --now")
    from shelfcast.commands import archive as command

    return command.run(url, needed_token(token), pool, now=now, keep_days=keep_days, anew=anew)


@cli.command(cls=GroupedCommand, short_help="Check a pool's book against its ledger.")
@click.argument("pool")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--archive", "whole", is_flag=True, help="From the first entry on, out of the archive.")
@setting_options(only=(*ENGINE_SETTINGS, "archive_url"))
def audit(pool: str, as_json: bool, whole: bool, **flags: Any) -> int:
    """Replay the ledger of POOL and check every invariant of its book. Exits 1 if one does not hold.

    Where entries have left the engine it begins at the archive's checkpoint there.

    Reads the engine directly: --engine, or the data folder of a server on this machine, running or stopped.
    """
    settings = settings_from(flags)
    from shelfcast.commands import audit as command

    return command.run(settings, pool, as_json=as_json, whole=whole)


@cli.command(short_help="Forget a person: what a pool keeps by that name.")
@click.argument("pool")
@click.argument("user")
@server_options
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(pool: str, user: str, url: str, token: str | None, yes: bool) -> int:
    """Take what POOL keeps of USER out of a running server and its archive. Takes a token of role operator.

    What was sold stays, under a pseudonym that says nothing. Refused while a hold is live, units are paid and not
    shipped, a payment has no stock or a refund request is open. What exactly goes: docs/operations.md.
    """
    from shelfcast.commands import forgetting as command

    return command.run(pool_server(url, token, pool), user, yes=yes)


@cli.command(cls=GroupedCommand, short_help="Check what a server needs on this machine.")
@setting_options(only=(*ENGINE_SETTINGS, "archive_url", "connections_max", "token_secret", "token_public_key_file"))
def doctor(**flags: Any) -> int:
    """Check what a server needs here: file limits, engine, durability, clock, secret. Says what to mend."""
    settings = settings_from(flags)
    from shelfcast.commands import doctor as command

    return command.run(settings)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; every expected failure becomes one line on stderr."""
    try:
        return int(cli.main(arguments, prog_name="shelfcast", standalone_mode=False) or 0)
    except click.ClickException as error:
        return _fail(_usage(error), error.exit_code)
    except ConfigError as error:
        return _fail(str(error), EXIT_WRONG_USE)
    except ShelfcastError as error:
        return _fail(str(error), EXIT_FAILED)
    except (KeyboardInterrupt, click.Abort):
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader of our output has left. What is still buffered must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


def _usage(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())
    # An address in a wrong place, perhaps the engine's, with its password: click repeats what it was given.
    text = re.sub(r"(\w[\w+.-]*://).*@\S*", r"\1***", text)
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text} (see `{context.command_path} --help`)" if context is not None else text


def _fail(line: str, code: int) -> int:
    click.echo("shelfcast: " + " ".join(line.split()), err=True)
    return code
