"""A pool of a running server as commands drive it, and how people read what it says."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import click
from rich.cells import cell_len
from shelfcast_client import ClientError, ServerRefused
from shelfcast_client.codes import Code
from shelfcast_client.merchant import Merchant

from shelfcast.commands.faults import fault_of
from shelfcast.errors import ShelfcastError

_T = TypeVar("_T")


class PoolServer:
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


def some(number: int, noun: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(at_ms: int) -> str:
    """A moment by the clock of this machine."""
    return f"{dt.datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M}"


def table(rows: Sequence[Sequence[str]]) -> None:
    """Columns one below another; wide characters count as two."""
    if not rows:
        return
    widths = [max(cell_len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
