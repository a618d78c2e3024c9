"""`shelfcast checklist ROOM`: what stands for and against a room's going on air, from a running server."""

from __future__ import annotations

import click
from shelfcast_client.records import Checklist, ChecklistItem

from shelfcast.commands.pool_server import PoolServer, moment, some, table

NO_POOL = "any"
"""A room says itself which pool it sells from."""


def run(url: str, token: str, room: str, *, level: str, sku: str) -> int:
    """Print it, the gravest first. Returns 1 where something fails."""
    found = PoolServer(url, token, NO_POOL).do(lambda merchant: merchant.checklist(room, level=level, sku=sku))
    click.echo(_summary(found))
    table([_row(item) for item in found["items"]])
    if found["left_out"]:
        click.echo(f"… and {found['left_out']:,} more")
    return 1 if found["fails"] else 0


def _summary(found: Checklist) -> str:
    planned = found["planned_start_ms"]
    start = "" if planned is None else f", planned for {moment(planned)}"
    fails, warns = some(found["fails"], "failure"), some(found["warns"], "warning")
    may = "may go on air" if found["may_go_live"] else "may not go on air without an override"
    return f"Room {found['room']}{start}: {fails}, {warns}, {found['passes']:,} in order; it {may}."


def _row(item: ChecklistItem) -> list[str]:
    cures = ", ".join(cure["kind"] for cure in item["cures"])
    return [item["level"], item["sku"] or "", item["detail"], f"cure: {cures}" if cures else ""]
