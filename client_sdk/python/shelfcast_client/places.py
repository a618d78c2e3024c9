"""Where units can be, and the kinds of moves between these places: the words of `POST /v1/pools/{pool}/moves`.

The server's own words are `shelfcast.stock.places` and `shelfcast.http.routes.moves`; tests hold the two together.
"""

from __future__ import annotations

from enum import StrEnum

POOL = "pool"
"""Free units, which every shared channel sells."""
SAFETY = "safety"
ELASTIC = "elastic"
UNSELLABLE = "unsellable"

SUPPLIER = "supplier"
"""An account outside, as the next three; it runs negative by what was received."""
SHIPPED = "shipped"
RETURNED = "returned"
WRITTEN_OFF = "written_off"

Buckets = dict[str, int]
"""Place → units of one SKU; places without units are left out. Besides those that a move can name there are
`held:CHANNEL`, `sold:CHANNEL`, the accounts of counts, and those of presale quotas."""


class MoveKind(StrEnum):
    """The kinds of moves."""

    RECEIVE = "receive"
    CARVE = "carve"
    ALLOCATE = "allocate"
    RELEASE_ELASTIC = "release_elastic"
    RETURN = "return"
    QUARANTINE = "quarantine"
    WRITE_OFF = "write_off"
    COUNT = "count"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    OPEN_BATCH = "open_batch"
    QUOTA = "quota"
    SETTLE = "settle"


def of_channel(channel: str) -> str:
    """The place of a channel's own units."""
    return f"channel:{channel}"


def of_batch(batch: str) -> str:
    """The place of a batch's units."""
    return f"batch:{batch}"
