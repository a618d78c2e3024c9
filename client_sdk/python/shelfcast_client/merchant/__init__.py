"""The merchant's side of a server, for an ERP: catalogue, moves, orders, reservations, shows, ledger. Needs `httpx`.

    async with Merchant("https://shop.example", token, "main") as merchant:
        await merchant.receive("MUG-01", 100, reference="delivery 7", key="delivery 7, MUG-01")
        await merchant.confirm(reservation, reference="payment 8812")
        async for entry in merchant.ledger(after=read_so_far):
            print(entry["seq"], entry["kind"], entry["sku"], entry["qty"])

The routes, their fields and limits: docs/http-api.md.
"""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

from shelfcast_client.calls import RETRY_FOR_S, TIMEOUT_S, Calls, Token, below
from shelfcast_client.definitions import Definitions
from shelfcast_client.history import History
from shelfcast_client.merchant.accounts import Accounts
from shelfcast_client.merchant.allocation import Allocation
from shelfcast_client.merchant.archive import Archives
from shelfcast_client.merchant.checklist import Checklists
from shelfcast_client.merchant.counts import Counts
from shelfcast_client.merchant.days import Days
from shelfcast_client.merchant.elastic import Elastic
from shelfcast_client.merchant.emergencies import Emergencies
from shelfcast_client.merchant.files import Files
from shelfcast_client.merchant.imports import FileImports
from shelfcast_client.merchant.ledger import LedgerSearches
from shelfcast_client.merchant.moves import Moves
from shelfcast_client.merchant.people import People
from shelfcast_client.merchant.receipts import Receipts
from shelfcast_client.merchant.reports import Reports
from shelfcast_client.merchant.reservations import Reservations
from shelfcast_client.merchant.shows import Shows
from shelfcast_client.merchant.waitlist import Waitlists

CONNECTIONS_DEFAULT = 32


class Merchant(
    Definitions,
    Moves,
    Elastic,
    Emergencies,
    Reservations,
    Reports,
    Receipts,
    Shows,
    Checklists,
    Waitlists,
    Allocation,
    Counts,
    Days,
    Archives,
    FileImports,
    Files,
    History,
    LedgerSearches,
    People,
    Accounts,
):
    """One pool of a server, driven with a token of role operator or service; `freeze`, `freeze_scope`, `user`,
    `define_user`, `person`, `forget_person`, what decides about a proposal, counts and what is about accounts are an
    operator's alone, lines of counts a counter's, too.

    Quantities are whole units, money is in minor units, times (`..._at_ms`) are milliseconds since 1970 on the server's
    clock. Every write carries an id and is therefore safe to repeat: an answer that says "not executed", a lost
    connection and a timeout (`timeout_s`) are followed by the same request, with back-off, for `retry_for_s` seconds,
    unless the server never answered at all, which is a wrong address rather than a restart. Ids, also those of orders,
    may have any form: one that the server would not take is sent as its SHA-256, and found again by the same rule.

    Methods raise ServerRefused for any other answer than success (`code`, `field` and `retry` say why and what helps),
    ServerUnreachable where none came, UsageError for what cannot be sent.

    It takes the way that the SDK's sockets take (`shelfcast_client.proxies`): with `proxy` False straight to the
    server, with a URL through that one. `ssl` is for https where the system's authorities are not those to trust.
    `token` may be a function, which is asked at each request. Raises UsageError for an address, token or proxy that
    cannot be.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        pool: str,
        *,
        connections: int = CONNECTIONS_DEFAULT,
        proxy: bool | str = True,
        ssl: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        retry_for_s: float = RETRY_FOR_S,
    ) -> None:
        self.pool = pool
        self._path = below("/v1/pools", pool)
        self._calls = Calls(
            url, token, connections=connections, proxy=proxy, ssl=ssl, timeout_s=timeout_s, retry_for_s=retry_for_s
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.aclose()

    @property
    def shown_url(self) -> str:
        """The server's address without user and password."""
        return self._calls.shown_url
