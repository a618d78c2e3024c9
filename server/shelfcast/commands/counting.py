"""`shelfcast count`: counting the stock of a pool on a running server."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import click
from rich.cells import cell_len
from shelfcast_client import ClientError, ServerRefused
from shelfcast_client.codes import Code
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.counts import Reason
from shelfcast_client.records import Count, CountRow

from shelfcast.commands.faults import fault_of
from shelfcast.errors import ShelfcastError

FAULTS_SHOWN = 20
DUE_SHOWN = 50
WORKBOOK_NAMES = (".xlsx", ".xlsm")

_T = TypeVar("_T")


class Server:
    """A pool of a running server, and who asks."""

    def __init__(self, url: str, token: str, pool: str) -> None:
        self._url = url
        self._token = token
        self.pool = pool

    def do(self, work: Callable[[Merchant], Awaitable[_T]]) -> _T:
        """Have it done over the SDK. Raises ShelfcastError."""

        async def run() -> _T:
            async with Merchant(self._url, self._token, self.pool) as merchant:
                return await work(merchant)

        try:
            return asyncio.run(run())
        except ServerRefused as refused:
            if refused.code == Code.NEEDS_APPROVAL and refused.count:
                raise ShelfcastError(f"{refused}; see `shelfcast count show {refused.count}`") from None
            raise fault_of(refused) from None
        except ClientError as error:
            raise fault_of(error) from None


def open_count(
    server: Server,
    kind: str,
    *,
    room: str | None,
    zone: str,
    category: str,
    skus: Sequence[str],
    blind: bool,
    recount_over: int | None,
    sign_over: int | None,
    note: str,
) -> int:
    """Make a sheet, and say what is on it."""
    made = server.do(
        lambda merchant: merchant.open_count(
            kind,
            room=room,
            zone=zone,
            category=category,
            skus=skus or None,
            blind=blind,
            recount_over=recount_over,
            sign_over=sign_over,
            note=note,
        )
    )
    count = made["count"]
    click.echo(f"Count {count['count']} is open: {_some(count['rows'], 'SKU')}.")
    _say_elsewhere([f"{each['sku']} ({each['count']})" for each in made["elsewhere"]])
    return 0


def show_all(server: Server) -> int:
    """List the counts that are kept."""
    counts = server.do(lambda merchant: merchant.counts())
    rows = [
        [
            each["count"],
            each["kind"],
            each["state"],
            _some(each["rows"], "SKU"),
            f"{each['counted_rows']:,} counted",
            _moment(each["made_at_ms"]),
            each["made_by"],
        ]
        for each in counts
    ]
    _table(rows)
    return 0


def show(server: Server, count: str, *, status: str | None) -> int:
    """Print a count and its SKUs, those of one status alone where it is said."""

    async def read(merchant: Merchant) -> tuple[Count, list[CountRow]]:
        found = await merchant.counted(count)
        if found is None:
            raise ShelfcastError(f"pool {server.pool} has no count {count!r}")
        return found, [row async for row in merchant.count_rows(count, status=status)]

    record, rows = server.do(read)
    for line in _lines_of(record):
        click.echo(line)
    if rows:
        click.echo("")
        _table([["SKU", "title", "status", "round", "found", "book", "difference", "reason"], *map(_row, rows)])
    for row in rows:
        _say_questions(count, row)
    return 0


def write_sheet(server: Server, count: str, file: Path, language: Literal["en", "zh"]) -> int:
    """Write the sheet to fill in, a workbook where the file is called so, else CSV."""
    workbook = file.suffix.lower() in WORKBOOK_NAMES
    content = server.do(lambda merchant: merchant.count_sheet(count, workbook=workbook, language=language))
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ShelfcastError(f"{file}: {error.strerror or error}") from None
    click.echo(f"{file}: fill in what is found, then `shelfcast count file {count} {file}`.")
    return 0


def enter(
    server: Server,
    count: str,
    sku: str,
    good: int,
    *,
    bad: int,
    zone: str,
    lot: str,
    expires_on: str | None,
    note: str,
) -> int:
    """Save a line."""
    saved = server.do(
        lambda merchant: merchant.save_line(
            count, sku, good, bad=bad, zone=zone, lot=lot, expires_on=expires_on, note=note
        )
    )
    where = f" in {zone}" if zone else ""
    click.echo(f"Line {saved['line']}: {good:,} good and {bad:,} bad of {sku}{where}.")
    _say_questions(count, saved["row"])
    return 0


def send_file(
    server: Server, count: str, file: Path, *, encoding: str | None, dates: Literal["mdy", "dmy"] | None
) -> int:
    """Send a sheet that was filled in. Returns 1 where a row has a fault."""
    read = server.do(lambda merchant: merchant.send_count_file(count, file, encoding=encoding, dates=dates))
    for note in read["notes"]:
        click.echo(f"{file}: {note}", err=True)
    for fault in read["faults"][:FAULTS_SHOWN]:
        click.echo(f"line {fault['line']}, {fault['sku'] or 'no SKU'}: {fault['reason']}", err=True)
    if read["fault_count"] > FAULTS_SHOWN:
        click.echo(f"… and {read['fault_count'] - FAULTS_SHOWN:,} more", err=True)
    click.echo(
        f"{_some(read['saved'], 'line')} saved, {_some(read['added'], 'SKU')} put on the count, "
        f"{_some(read['uncounted'], 'row')} without figures, {_some(read['fault_count'], 'fault')}."
    )
    return 1 if read["fault_count"] else 0


def answer(server: Server, count: str, sku: str, seq: int, included: int) -> int:
    """Answer a question."""
    server.do(lambda merchant: merchant.answer_count(count, sku, seq, included))
    click.echo(f"{included:,} of them are in what was found of {sku}.")
    return 0


def recount(server: Server, count: str, skus: Sequence[str]) -> int:
    """Have SKUs counted again."""
    server.do(lambda merchant: merchant.ask_recount(count, skus))
    click.echo(f"{_some(len(skus), 'SKU')} to be counted again, by somebody else.")
    return 0


def reason(server: Server, count: str, sku: str, why: str, note: str) -> int:
    """Say why a SKU differs."""
    row: Reason = {"sku": sku, "reason": why, "note": note}
    _say_state(server.do(lambda merchant: merchant.give_reasons(count, [row])))
    return 0


def close(server: Server, count: str, *, again: bool) -> int:
    """End the counting, or go on with it."""
    _say_state(server.do(lambda merchant: merchant.reopen_count(count) if again else merchant.close_count(count)))
    return 0


def sign(server: Server, count: str, revision: int) -> int:
    """Sign a count."""
    _say_state(server.do(lambda merchant: merchant.sign_count(count, revision)))
    return 0


def apply(server: Server, count: str, revision: int) -> int:
    """Move the differences."""
    _say_state(server.do(lambda merchant: merchant.apply_count(count, revision)))
    return 0


def cancel(server: Server, count: str) -> int:
    """Have nothing come of a count."""
    _say_state(server.do(lambda merchant: merchant.cancel_count(count)))
    return 0


def plan(server: Server) -> int:
    """Print what is due for a cycle count."""
    found = server.do(lambda merchant: merchant.count_plan())
    rows = [
        [
            due["sku"],
            due["title"],
            due["grade"].upper(),
            {"never": "never counted", "shortage": "was short", "due": "due"}[due["why"]],
            "" if due["counted_at_ms"] is None else f"counted {_moment(due['counted_at_ms'])}",
        ]
        for due in found["due"][:DUE_SHOWN]
    ]
    _table(rows)
    if found["due_count"] > DUE_SHOWN:
        click.echo(f"… and {found['due_count'] - DUE_SHOWN:,} more")
    click.echo(
        f"{_some(found['due_count'], 'SKU')} due, {found['counting']:,} being counted, {found['later']:,} later; "
        f"graded by what was sold in {found['days']} days."
    )
    return 0


# --- words ----------------------------------------------------------------------------------------------------


def _lines_of(record: Count) -> list[str]:
    """A count in a few lines; what its reader is not told is left out."""
    of = [part for part in (record["room"], record["zone"], record["category"]) if part]
    what = f" of {', '.join(of)}" if of else ""
    blind = ", blind" if record["blind"] else ""
    made = f"made by {record['made_by']} {_moment(record['made_at_ms'])}"
    rows, lines_ = _some(record["rows"], "SKU"), _some(record["lines"], "line")
    lines = [
        f"Count {record['count']} ({record['kind']}{what}{blind}) is {record['state']}; {made}.",
        f"{record['counted_rows']:,} of {rows} counted, {lines_}, {_some(record['asking'], 'question')} open.",
    ]
    if record["differing"] is not None:
        signed = ", ".join(signature["by"] for signature in record["signatures"]) or "nobody"
        lines.append(
            f"{record['differing']:,} differ, {record['over']:,} by more than {record['sign_over']:,}; "
            f"{record['recounts']:,} to be counted again, {record['unreasoned']:,} without a reason."
        )
        lines.append(
            f"Revision {record['revision']}: signed by {signed}; it takes {record['signatures_needed']} to apply it."
        )
    if record["applied_at_ms"] is not None and record["gained"] is not None:
        lines.append(
            f"Applied by {record['applied_by']} {_moment(record['applied_at_ms'])}: {record['gained']:,} gained, "
            f"{record['lost']:,} lost, {record['shortage']:,} short."
        )
    return lines


def _row(row: CountRow) -> list[str]:
    found = row["counted"]
    if found is None and row["lines"]:
        found = sum(line["good"] + line["bad"] for line in row["lines"])
    figures = [row["on_hand"], row["difference"]] if row["counted"] is not None else [None, None]
    return [
        row["sku"],
        row["title"],
        row["status"],
        str(row["round"]),
        "" if found is None else f"{found:,}",
        "" if figures[0] is None else f"{figures[0]:,}",
        "" if figures[1] is None else f"{figures[1]:+,}",
        row["reason"] or "",
    ]


def _say_questions(count: str, row: CountRow) -> None:
    for asked in row["questions"]:
        if asked["included"] is not None:
            continue
        went = "left" if asked["units"] < 0 else "came"
        by = ", ".join(filter(None, (asked["kind"], asked["reference"])))
        click.echo(
            f"{row['sku']}: {abs(asked['units']):,} {went} meanwhile ({by}). How many of them are in what was found? "
            f"`shelfcast count answer {count} {row['sku']} {asked['seq']} NUMBER`"
        )


def _say_state(record: Count) -> None:
    for line in _lines_of(record):
        click.echo(line)


def _say_elsewhere(named: list[str]) -> None:
    if named:
        shown = ", ".join(named[:FAULTS_SHOWN]) + (", …" if len(named) > FAULTS_SHOWN else "")
        click.echo(f"{_some(len(named), 'SKU')} left out, for other counts have them: {shown}")


def _some(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _moment(at_ms: int) -> str:
    """A moment by the clock of this machine."""
    return f"{dt.datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M}"


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Columns one below another; wide characters count as two."""
    if not rows:
        return
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
