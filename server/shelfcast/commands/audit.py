"""`shelfcast audit POOL`: hold a pool's book against its ledger."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click
import msgspec
from msgspec.structs import asdict
from rich.table import Table
from rich.text import Text

from shelfcast.archive.store import ArchiveStore
from shelfcast.commands import terminal
from shelfcast.commands.quiet import quiet_log
from shelfcast.engine import open_engine
from shelfcast.errors import ConfigError
from shelfcast.merchant.archive_audit import archive_audit
from shelfcast.settings import Settings
from shelfcast.stock.audit import INVARIANTS, AuditReport
from shelfcast.stock.book import StockBook
from shelfcast.stock.directory import Directory
from shelfcast.stock.library import LIBRARY

EXIT_VIOLATED = 1
SHOWN_MAX = 50
"""Violations listed under the table; --json lists them all."""


def run(settings: Settings, pool: str, *, as_json: bool, whole: bool) -> int:
    """Audit the pool and print what was found; 1 when an invariant does not hold. With `whole` also what has left the
    engine is folded, from the archive. Raises ConfigError, EngineError, ArchiveError."""
    if not settings.engine and not Path(settings.data_dir).is_dir():
        raise ConfigError(f"there is no data folder {settings.data_dir!r}: give --data-dir or --engine")
    with quiet_log():
        report = asyncio.run(_audit(settings, pool, whole=whole))
    if as_json:
        # In ASCII alone: a terminal's own way to spell a letter out would be no JSON.
        click.echo(json.dumps(msgspec.to_builtins({"ok": report.ok, **asdict(report)})))
    else:
        show(report)
    return 0 if report.ok else EXIT_VIOLATED


async def _audit(settings: Settings, pool: str, *, whole: bool) -> AuditReport:
    async with open_engine(settings, LIBRARY, join=True) as engine:
        if not await Directory(engine, settings).has_pool(pool):
            raise ConfigError(f"there is no pool {pool!r} under the key prefix {settings.key_prefix!r}")
        book = StockBook(engine, pool, settings)
        try:
            return await archive_audit(book, ArchiveStore(settings), whole=whole)
        finally:
            await book.close()


def show(report: AuditReport) -> None:
    """Print the report: a table of the invariants, then the violations."""
    console = terminal.console()
    console.print(
        f"Pool {report.pool}: {report.entries:,} ledger entries, {report.skus:,} SKUs, "
        f"{report.reservations:,} reservations, {report.users:,} user limits, {report.waiting:,} who wait, "
        f"{report.units_on_hand:,} units on hand",
        markup=False,
        soft_wrap=True,
    )
    if report.units_oversold:
        console.print(f"{report.units_oversold:,} units are owed to orders of external platforms.", markup=False)
    table = Table("", "Invariant", "Verdict")
    for number, text in INVARIANTS.items():
        found = report.count_of(number)
        verdict = Text(f"{found:,} violated", style="bold red") if found else Text("holds", style="green")
        table.add_row(str(number), text, verdict)
    console.print(table)
    for violation in report.violations[:SHOWN_MAX]:
        console.print(f"{violation.invariant}  {violation.subject}: {violation.detail}", markup=False, soft_wrap=True)
    if report.violation_count > SHOWN_MAX:
        console.print(
            f"… and {report.violation_count - SHOWN_MAX:,} more; --json lists up to {len(report.violations):,}."
        )
