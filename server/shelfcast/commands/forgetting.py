"""`shelfcast forget`: a person's data leaves a pool of a running server."""

from __future__ import annotations

import click
from shelfcast_client.records import Person

from shelfcast.commands.pool_server import PoolServer, moment, some, table
from shelfcast.errors import ShelfcastError

OPEN_SHOWN_MAX = 50
WHY = {
    "hold": "a live hold",
    "unshipped": "paid and not shipped",
    "paid_no_stock": "paid, and without stock",
    "refund_request": "a refund request",
}


def run(server: PoolServer, user: str, *, yes: bool) -> int:
    """Say what is kept, ask, and forget it. Raises ShelfcastError where something is open, or nobody says yes."""
    found = server.do(lambda merchant: merchant.person(user))
    _show(server.pool, found)
    if found["open"]:
        raise ShelfcastError(f"{user!r} can be forgotten once these have ended: ship, cancel, refund or decide them")
    if not yes:
        click.confirm("Forget all of it? Nothing brings it back", abort=True)
    done = server.do(lambda merchant: merchant.forget_person(user))
    click.echo(
        f"Forgotten: {some(done['records'], 'record')} changed, {some(done['archive_parts'], 'object')} of the archive "
        f"written anew. What was sold stays, as {done['pseudonym']}'s."
    )
    return 0


def _show(pool: str, found: Person) -> None:
    kept = [
        some(found["orders"], "order"),
        some(found["holds"], "live hold"),
        some(found["waits"], "wait"),
        some(found["refund_requests"], "refund request"),
        f"standing {found['standing']}",
        f"{found['entries']:,} entries of the ledgers",
    ]
    click.echo(f"Pool {pool} keeps of {found['user']}: {', '.join(kept)}.")
    if found["first_at_ms"] is not None:
        click.echo(f"Since {moment(found['first_at_ms'])}.")
    rows = [
        [one["reservation"], some(one["units"], "unit"), one["sku"], WHY.get(one["why"], one["why"])]
        for one in found["open"][:OPEN_SHOWN_MAX]
    ]
    table(rows)
    if len(found["open"]) > OPEN_SHOWN_MAX:
        click.echo(f"and {len(found['open']) - OPEN_SHOWN_MAX:,} more")
