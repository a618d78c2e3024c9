"""`shelfcast archive POOL`: where a pool's older entries are, and writing them now, on a running server."""

from __future__ import annotations

import click
from shelfcast_client.records import Archive, ArchiveCheckpoint, ArchiveRun, WaitingShow

from shelfcast.commands.pool_server import PoolServer, moment, some, table

DAY_MS = 86_400_000
CHECKPOINTS_SHOWN = 10
WAITING_SHOWN = 20


def run(url: str, token: str, pool: str, *, now: bool, keep_days: int | None, anew: bool) -> int:
    """Print what the archive has; first write it where that is wanted. Returns 1 where the archive cannot be asked.
    Raises ShelfcastError."""
    server = PoolServer(url, token, pool)
    if now:
        kept_ms = None if keep_days is None else keep_days * DAY_MS
        _print_run(server.do(lambda merchant: merchant.write_archive(kept_ms=kept_ms, anew=anew)))
    found = server.do(lambda merchant: merchant.archive())
    _print_state(pool, found)
    return 1 if found["complaint"] else 0


def _print_run(done: ArchiveRun) -> None:
    wrote = f"{some_entries(done['entries'])} in {some(done['parts'], 'object')} of {size(done['bytes'])}"
    click.echo(f"Written: {wrote if done['entries'] else 'nothing, it has everything'}.")
    click.echo(f"Taken out of the engine: {some_entries(done['trimmed'])}.")
    if done["held_back"]:
        why = "their day has no totals yet" if done["held_back"] == "days" else f"show {done['held_back']}"
        click.echo(f"More is old enough, and stays: {why}.")
    if done["violations"]:
        click.echo(f"What was written breaks {some(done['violations'], 'invariant')}: `shelfcast audit` says which.")


def _print_state(pool: str, found: Archive) -> None:
    click.echo(f"Archive of {pool}: {found['place']}")
    if found["complaint"]:
        click.echo(f"It cannot be used: {found['complaint']}")
    elif found["objects"]:
        click.echo(f"{some(found['objects'], 'object')}, {size(found['bytes'] or 0)}")
    kept, memory = sum(found["entries"].values()), sum(found["memory_bytes"].values())
    click.echo(f"In the engine: {some_entries(kept)} of {found['seq']:,}, {size(memory)} of its memory")
    checkpoints = found["checkpoints"][-CHECKPOINTS_SHOWN:]
    click.echo("Checkpoints:" if checkpoints else "No checkpoint yet.")
    table([_row(one, found["cut"]["seq"]) for one in checkpoints])
    if found["waiting"]:
        click.echo("Waiting for the final report of:")
        table([_waiting(show) for show in found["waiting"][:WAITING_SHOWN]])
    if len(found["waiting"]) > WAITING_SHOWN:
        click.echo(f"… and {len(found['waiting']) - WAITING_SHOWN:,} more")


def _row(one: ArchiveCheckpoint, cut: int) -> list[str]:
    added = "" if one["objects"] is None else f"{some(one['objects'], 'object')}, {size(one['bytes'] or 0)}"
    return [
        f"  up to {one['seq']:,}",
        moment(one["at_ms"]),
        added,
        one["hash"][:12],
        "in the archive alone" if one["seq"] <= cut else "in the engine, too",
    ]


def _waiting(show: WaitingShow) -> list[str]:
    ended = show["ended_at_ms"]
    pending = f"{some(show['pending'], 'order')} pending" if show["pending"] else ""
    return [f"  {show['show']}", "is on" if ended is None else f"ended {moment(ended)}", pending]


def some_entries(number: int) -> str:
    """A number of entries, in words."""
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def size(number: int) -> str:
    """A number of bytes, as people say it."""
    value, units = float(number), ["bytes", "KB", "MB", "GB", "TB"]
    while value >= 1_000 and len(units) > 1:
        value, units = value / 1_000, units[1:]
    return f"{value:,.0f} {units[0]}" if units[0] == "bytes" else f"{value:,.1f} {units[0]}"
