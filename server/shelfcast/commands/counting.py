"""`shelfcast count`: counting the stock of a pool on a running server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.counts import Reason
from shelfcast_client.records import Count, CountRow

from shelfcast.commands.pool_server import PoolServer, moment, some, table
from shelfcast.errors import ShelfcastError

FAULTS_SHOWN = 20
DUE_SHOWN = 50
WORKBOOK_NAMES = (".xlsx", ".xlsm")


def open_count(
    server: PoolServer,
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
    click.echo(f"Count {count['count']} is open: {some(count['rows'], 'SKU')}.")
    _say_elsewhere([f"{each['sku']} ({each['count']})" for each in made["elsewhere"]])
    return 0


def show_all(server: PoolServer) -> int:
    """List the counts that are kept."""
    counts = server.do(lambda merchant: merchant.counts())
    rows = [
        [
            each["count"],
            each["kind"],
            each["state"],
            some(each["rows"], "SKU"),
            f"{each['counted_rows']:,} counted",
            moment(each["made_at_ms"]),
            each["made_by"],
        ]
        for each in counts
    ]
    table(rows)
    return 0


def show(server: PoolServer, count: str, *, status: str | None) -> int:
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
        table([["SKU", "title", "status", "round", "found", "book", "difference", "reason"], *map(_row, rows)])
    for row in rows:
        _say_questions(count, row)
    return 0


def write_sheet(server: PoolServer, count: str, file: Path, language: Literal["en", "zh"]) -> int:
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
    server: PoolServer,
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
    server: PoolServer, count: str, file: Path, *, encoding: str | None, dates: Literal["mdy", "dmy"] | None
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
        f"{some(read['saved'], 'line')} saved, {some(read['added'], 'SKU')} put on the count, "
        f"{some(read['uncounted'], 'row')} without figures, {some(read['fault_count'], 'fault')}."
    )
    return 1 if read["fault_count"] else 0


def answer(server: PoolServer, count: str, sku: str, seq: int, included: int) -> int:
    """Answer a question."""
    server.do(lambda merchant: merchant.answer_count(count, sku, seq, included))
    click.echo(f"{included:,} of them are in what was found of {sku}.")
    return 0


def recount(server: PoolServer, count: str, skus: Sequence[str]) -> int:
    """Have SKUs counted again."""
    server.do(lambda merchant: merchant.ask_recount(count, skus))
    click.echo(f"{some(len(skus), 'SKU')} to be counted again, by somebody else.")
    return 0


def reason(server: PoolServer, count: str, sku: str, why: str, note: str) -> int:
    """Say why a SKU differs."""
    row: Reason = {"sku": sku, "reason": why, "note": note}
    _say_state(server.do(lambda merchant: merchant.give_reasons(count, [row])))
    return 0


def close(server: PoolServer, count: str, *, anyway: bool) -> int:
    """End the counting."""
    _say_state(server.do(lambda merchant: merchant.close_count(count, anyway=anyway)))
    return 0


def reopen(server: PoolServer, count: str) -> int:
    """Go on with the counting."""
    _say_state(server.do(lambda merchant: merchant.reopen_count(count)))
    return 0


def sign(server: PoolServer, count: str, revision: int) -> int:
    """Sign a count."""
    _say_state(server.do(lambda merchant: merchant.sign_count(count, revision)))
    return 0


def apply(server: PoolServer, count: str, revision: int) -> int:
    """Move the differences."""
    _say_state(server.do(lambda merchant: merchant.apply_count(count, revision)))
    return 0


def cancel(server: PoolServer, count: str) -> int:
    """Have nothing come of a count."""
    _say_state(server.do(lambda merchant: merchant.cancel_count(count)))
    return 0


def plan(server: PoolServer) -> int:
    """Print what is due for a cycle count."""
    found = server.do(lambda merchant: merchant.count_plan())
    rows = [
        [
            due["sku"],
            due["title"],
            due["grade"].upper(),
            {"never": "never counted", "shortage": "was short", "due": "due"}[due["why"]],
            "" if due["counted_at_ms"] is None else f"counted {moment(due['counted_at_ms'])}",
        ]
        for due in found["due"][:DUE_SHOWN]
    ]
    table(rows)
    if found["due_count"] > DUE_SHOWN:
        click.echo(f"… and {found['due_count'] - DUE_SHOWN:,} more")
    click.echo(
        f"{some(found['due_count'], 'SKU')} due, {found['counting']:,} being counted, {found['later']:,} later; "
        f"graded by what was sold in {found['days']} days."
    )
    return 0


# --- words ----------------------------------------------------------------------------------------------------


def _lines_of(record: Count) -> list[str]:
    """A count in a few lines; what its reader is not told is left out."""
    of = [part for part in (record["room"], record["zone"], record["category"]) if part]
    what = f" of {', '.join(of)}" if of else ""
    blind = ", blind" if record["blind"] else ""
    made = f"made by {record['made_by']} {moment(record['made_at_ms'])}"
    rows, lines_ = some(record["rows"], "SKU"), some(record["lines"], "line")
    questions = f"{some(record['asking'], 'question')} open"
    lines = [
        f"Count {record['count']} ({record['kind']}{what}{blind}) is {record['state']}; {made}.",
        f"{record['counted_rows']:,} of {rows} counted, {record['open_rows']:,} being counted, {lines_}, {questions}.",
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
            f"Applied by {record['applied_by']} {moment(record['applied_at_ms'])}: {record['gained']:,} gained, "
            f"{record['lost']:,} lost, {record['shortage']:,} short."
        )
        if record["unmoved_bad"]:
            lines.append(f"{record['unmoved_bad']:,} bad units are held or sold, and stay so.")
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
        click.echo(f"{some(len(named), 'SKU')} left out, for other counts have them: {shown}")
