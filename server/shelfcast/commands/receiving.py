"""`shelfcast receipt`: goods that arrive at a pool of a running server."""

from __future__ import annotations

from collections.abc import Sequence

import click
from shelfcast_client.merchant import Merchant
from shelfcast_client.merchant.receipts import FoundLine
from shelfcast_client.records import Receipt

from shelfcast.commands.pool_server import PoolServer, moment, some, table
from shelfcast.errors import ShelfcastError


def open_receipt(
    server: PoolServer, *, supplier: str, reference: str, note: str, expected: Sequence[tuple[str, int]]
) -> int:
    """Make a receipt, and say its id."""
    made = server.do(
        lambda merchant: merchant.make_receipt(
            supplier=supplier, reference=reference, note=note, expected=dict(expected) or None
        )
    )
    by = "two people, who do not see each other's figures" if made["by_two"] else "one person"
    click.echo(f"Receipt {made['receipt']} is open, to be entered by {by}.")
    return 0


def enter(server: PoolServer, receipt: str, line: FoundLine | None, *, done: bool) -> int:
    """Add a line to what the caller has entered, in place of one of the same SKU, lot and day; or say with `done` that
    this is all."""

    async def work(merchant: Merchant) -> Receipt:
        before = await _known(server, merchant, receipt)
        own: list[FoundLine] = [
            {key: entered[key] for key in ("sku", "good", "bad", "lot", "expires_on", "note")}  # type: ignore[misc]
            for entry in before["entries"]
            for entered in entry["lines"] or ()
        ]
        if line is not None:
            own = [one for one in own if _place(one) != _place(line)] + [line]
        return await merchant.enter_receipt(receipt, own, done=done)

    _say(server.do(work))
    return 0


def show(server: PoolServer, receipt: str | None) -> int:
    """Print a receipt, or all that are kept."""
    if receipt is None:
        found = server.do(lambda merchant: merchant.receipts())
        table(
            [
                [one["receipt"], one["state"], one["supplier"], one["reference"], moment(one["made_at_ms"])]
                for one in found
            ]
        )
    else:
        _say(server.do(lambda merchant: _known(server, merchant, receipt)))
    return 0


async def _known(server: PoolServer, merchant: Merchant, receipt: str) -> Receipt:
    found = await merchant.receipt(receipt)
    if found is None:
        raise ShelfcastError(f"pool {server.pool} has no receipt {receipt!r}")
    return found


def _place(line: FoundLine) -> tuple[str, str, str]:
    return line["sku"], line.get("lot", ""), line.get("expires_on") or ""


def _say(receipt: Receipt) -> None:
    from_ = f" from {receipt['supplier']}" if receipt["supplier"] else ""
    click.echo(f"Receipt {receipt['receipt']}{from_} is {receipt['state']}; made by {receipt['made_by']}.")
    for entry in receipt["entries"]:
        lines = entry["lines"]
        said = "not to be seen yet" if lines is None else some(len(lines), "line")
        click.echo(f"{entry['by']}: {said}, {'finished' if entry['done'] else 'goes on'}.")
        table(
            [
                [line["sku"], line["title"], f"{line['good']:,} good", f"{line['bad']:,} bad", line["lot"],
                 line["expires_on"] or ""]
                for line in lines or ()
            ]
        )  # fmt: skip
    if receipt["differing"]:
        click.echo(f"They do not agree about {', '.join(receipt['differing'])}: count these again.")
    if receipt["received_at_ms"] is not None:
        click.echo(f"{some(receipt['units'], 'unit')} came in, {receipt['bad']:,} of them unsellable.")
