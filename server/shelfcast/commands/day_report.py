"""What a replayed day came to, as tables for a terminal and as a CSV file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from shelfcast_client.records import Audit

from shelfcast.commands.letters import fitting
from shelfcast.commands.selling import Notes
from shelfcast.insight.reconciliation import Account
from shelfcast.sheets.orders import Kind, OrderDay

FAULTS_SHOWN = 5
SKUS_SHOWN = 15
DIFFERENCES_SHOWN = 20
WIDTH_WITHOUT_TITLE = 63
"""Characters of the reconciliation's other columns, with lines between them."""
COLUMNS = ("opening", "in", "sold", "out", "closing")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was answered, what the book says of it, and what the server's audit says of the book."""

    notes: Notes
    accounts: list[Account]
    total: Account
    audit: Audit
    took_s: float

    @property
    def ok(self) -> bool:
        """Whether every line of the reconciliation balances and the audit found nothing."""
        return not self.total.differences and bool(self.audit["ok"])


def print_day(console: Console, day: OrderDay, file: Path) -> None:
    """What the file holds, and what is odd about it."""
    kinds = {kind: [event for event in day.events if event.kind is kind] for kind in Kind}
    console.print(
        f"{file.name}: {day.rows:,} rows, {len(day.goods):,} SKUs, {len(kinds[Kind.PURCHASE]):,} orders, "
        f"{len(kinds[Kind.CANCELLATION])} cancellations, "
        f"{len(kinds[Kind.LOSS]) + len(kinds[Kind.FIND])} adjustments, {day.length_s / 3600:.1f} hours",
        soft_wrap=True,
        markup=False,
    )
    for oddity, rows in sorted(day.oddities.items(), key=lambda item: -item[1]):
        console.print(f"  {rows:>6,} rows: {oddity}", markup=False)
    for fault in day.faults[:FAULTS_SHOWN]:
        console.print(f"  left out: {fault}", markup=False)
    if len(day.faults) > FAULTS_SHOWN:
        console.print(f"  left out: {len(day.faults) - FAULTS_SHOWN:,} more rows")


def print_result(console: Console, day: OrderDay, result: Result, *, report: Path | None) -> int:
    """All tables and the verdicts. Returns the command's exit code: 0 where everything balances, else 1."""
    console.print(_outcomes(result))
    console.print(_accounts(day, result, console))
    if report is not None:
        _write(report, day, result)
        console.print(f"Every SKU: {report}", markup=False, soft_wrap=True)
    for account in [line for line in result.accounts if line.differences][:DIFFERENCES_SHOWN]:
        console.print(f"[red]{escape(account.sku)}[/red]: {escape('; '.join(account.differences))}")
    wrong = sum(bool(line.differences) for line in result.accounts)
    if wrong:
        console.print(f"Reconciliation: [red]{wrong:,} of {len(result.accounts):,} SKUs differ from the book[/red]")
    else:
        console.print(f"Reconciliation: [green]every SKU agrees with the book[/green] ({len(result.accounts):,})")
    violations = result.audit["violations"]
    for violation in violations[:DIFFERENCES_SHOWN]:
        found = escape(f"{violation['subject']}: {violation['detail']}")
        console.print(f"[red]invariant {violation['invariant']}[/red], {found}")
    verdict = (
        "[green]every invariant holds[/green]" if result.audit["ok"] else f"[red]{len(violations)} violations[/red]"
    )
    console.print(f"Audit: {verdict}")
    return 0 if result.ok else 1


def _outcomes(result: Result) -> Table:
    table = Table(title=f"Answers, in {result.took_s:.1f} s")
    table.add_column("order lines that were")
    table.add_column("lines", justify="right")
    table.add_column("units", justify="right")
    tallies = result.notes.tallies.values()
    for name, outcome in sorted(result.notes.outcomes.items(), key=lambda item: -item[1].lines):
        shown = f"refused: {name}" if name.isupper() else name
        table.add_row(shown, f"{outcome.lines:,}", f"{outcome.units:,}")
    table.add_section()
    asked = sum(tally.asked for tally in tallies)
    table.add_row("units asked for in all", "", f"{asked:,}")
    return table


def _accounts(day: OrderDay, result: Result, console: Console) -> Table:
    """The SKUs that were asked for most, and the sum of all SKUs."""

    def text(words: str) -> Text:
        return Text(fitting(words, console.encoding))

    tallies = result.notes.tallies
    most = sorted(result.accounts, key=lambda line: (-tallies[line.sku].asked, line.sku))[:SKUS_SHOWN]
    table = Table(title=text("Reconciliation: opening + in − sold − out = closing"))
    table.add_column("SKU", no_wrap=True)
    title_width = max(8, console.width - WIDTH_WITHOUT_TITLE)
    table.add_column("title", overflow="ellipsis", no_wrap=True, max_width=title_width)
    for name in ("asked", *COLUMNS):
        table.add_column(name, justify="right", no_wrap=True)
    for line in most:
        title = day.goods[line.sku].title if line.sku in day.goods else ""
        style = "red" if line.differences else None
        table.add_row(text(line.sku), text(title), f"{tallies[line.sku].asked:,}", *_figures(line), style=style)
    table.add_section()
    asked = sum(tally.asked for tally in tallies.values())
    table.add_row("all", f"SKUs: {len(result.accounts):,}", f"{asked:,}", *_figures(result.total))
    return table


def _figures(line: Account) -> list[str]:
    return [f"{number:,}" for number in (line.opening, line.came_in, line.sold, line.went_out, line.closing)]


def _write(report: Path, day: OrderDay, result: Result) -> None:
    report.parent.mkdir(parents=True, exist_ok=True)
    with report.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("sku", "title", "asked", *COLUMNS, "differences"))
        for line in result.accounts:
            title = day.goods[line.sku].title if line.sku in day.goods else ""
            figures = (line.opening, line.came_in, line.sold, line.went_out, line.closing)
            rows.writerow(
                (line.sku, title, result.notes.tallies[line.sku].asked, *figures, "; ".join(line.differences))
            )
