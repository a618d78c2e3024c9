"""Customers who come into a room of a running server, one connection each, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from shelfcast_client import ClientError, Room, ServerRefused, ServerUnreachable, UsageError, connect
from shelfcast_client.calls import RETRY_FOR_S

from shelfcast.commands.faults import fault_of
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings

TOKEN_TTL_S = 24 * 3600
SERVICE_USER = "replay"


def tokens_of(
    settings: Settings, token: str | None, command: str, role: Role = Role.SERVICE
) -> tuple[Tokens | None, str]:
    """What makes the customers' tokens, None without the server's secret; and the shop's token, made where none is
    given. Raises ConfigError where there can be none."""
    tokens = Tokens(settings) if settings.token_secret else None
    if token is not None:
        return tokens, token
    if tokens is None:
        raise ConfigError(
            f"{command} needs the server's secret (SHELFCAST_TOKEN_SECRET or --token-secret) to give its customers "
            "tokens, or at least a token of role service or operator (--token or SHELFCAST_TOKEN)"
        )
    return tokens, tokens.mint(role=Role.SERVICE, user=SERVICE_USER, ttl_s=TOKEN_TTL_S)


class Visits:
    """The way into one room. At most `connections` visits take place at once; one that is due meanwhile waits."""

    def __init__(self, url: str, room: str, tokens: Tokens | None, connections: int) -> None:
        self._url = url
        self._room = room
        self._tokens = tokens
        self._places = asyncio.Semaphore(connections)

    @asynccontextmanager
    async def of(self, customer: str) -> AsyncIterator[Room]:
        """A visit of a customer, with a token of its own where there is what makes it. Raises ClientError."""
        tokens = self._tokens
        token = None
        if tokens is not None:
            token = tokens.mint(role=Role.VIEWER, user=customer, room=self._room, ttl_s=TOKEN_TTL_S)
        async with self._places, connect(self._url, self._room, token=token, enter_timeout_s=RETRY_FOR_S) as room:
            yield room


def fault_of_day(error: BaseException, of_a_customer: str) -> BaseException:
    """What ended the play, said of whom it concerned: the shop's own requests say it themselves."""
    if isinstance(error, UsageError | ServerRefused | ServerUnreachable) or not isinstance(error, ClientError):
        return fault_of(error)
    return ShelfcastError(f"{of_a_customer}: {error}")


def progress_of_lines(console: Console) -> Progress:
    """How many order lines are done with, on a terminal; nothing where it is piped. Tasks have `units`."""
    return Progress(
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("order lines, {task.fields[units]:,} units sold"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
