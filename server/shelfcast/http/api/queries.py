"""The query parameters of the HTTP API, one struct a route; unknown ones are refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from shelfcast.protocol.messages import Sku, User
from shelfcast.stock.records import Stream

PageLimit = Annotated[int, Meta(ge=1, description="items at most; not above the server's page_max")]


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class AnyQuery(Query, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Whatever a page's own program makes of them; the server reads none."""


class SkuQuery(Query, frozen=True, kw_only=True):
    """A page of SKUs: those whose names come after `after`."""

    after: Sku | None = None
    limit: PageLimit = 100


class LedgerQuery(Query, frozen=True, kw_only=True):
    """A page of a ledger: the entries after sequence `after`."""

    after: Annotated[int, Meta(ge=0, description="the sequence of the last entry already read")] = 0
    limit: PageLimit = 1000
    stream: Annotated[Stream, Meta(description="ledger: units of stock; presale: presale quotas")] = Stream.STOCK


class ListedState(StrEnum):
    """The states whose reservations can be listed."""

    PAID_NO_STOCK = "paid_no_stock"


class ReservationQuery(Query, frozen=True, kw_only=True):
    """Either `state`, or `user`: that user's live reservations."""

    state: ListedState | None = None
    user: User | None = None
    limit: PageLimit = 100
