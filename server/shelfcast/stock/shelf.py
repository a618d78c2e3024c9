"""How a room's numbers follow from a SKU's stock: the one place that says what is available.

Rules: docs/rules.md#selling, docs/rules.md#indicators.
"""

from __future__ import annotations

from typing import NamedTuple

from shelfcast.stock.changes import SkuStock
from shelfcast.stock.configuration import ChannelKind
from shelfcast.stock.show import BaseRow


class ShelfRow(NamedTuple):
    """One SKU on one room's shelf, in units.

    `held` and `sold` are the room's own channel's, `sold` what is paid and not shipped. `locked` waits in batches that
    this room may draw from once they open. The others look at the places the room sells from, whoever sells from them:
    `offered` is what there was to sell since the show began (0: nothing, or no show yet), `holding` is in live holds,
    `taken` is what holds and sales ever took. `sold_in_show` are the net units paid in this show.
    """

    available: int
    held: int
    sold: int
    frozen: bool
    locked: int
    offered: int = 0
    holding: int = 0
    sold_in_show: int = 0
    taken: int = 0


def shelf_row(
    stock: SkuStock,
    channel: str,
    kind: ChannelKind,
    *,
    presale: bool,
    base: BaseRow | None = None,
    sold_in_show: int = 0,
    stopped: bool = False,
) -> ShelfRow:
    """What a room on `channel` can sell of a SKU.

    A dedicated channel sells its own units alone, a shared one the pool's as well; a presale listing sells
    the presale quota and nothing that is on hand. `base` is the SKU's in the room's show, None without one. What the
    room, its channel or the pool has `stopped` is frozen as what is so itself.
    """
    own, shared = stock.in_channel(channel), kind is ChannelKind.SHARED
    if presale:
        available, locked = stock.presale, 0
        held, sold = own.presale_held, own.presale_sold
        taken, holding = stock.presale_taken, stock.presale_holding
        taken_before = base.presale if base else 0
    else:
        available, locked = own.allocated, own.locked
        held, sold = own.held, own.sold
        taken, holding = own.taken, own.holding
        taken_before = base.own if base else 0
        if shared:
            available, locked = available + stock.pool, locked + stock.pool_locked
            taken, holding = taken + stock.pool_taken, holding + stock.pool_holding
            taken_before += base.pool if base else 0
    return ShelfRow(
        available=available,
        held=held,
        sold=sold,
        frozen=stock.frozen or stopped,
        locked=locked,
        offered=available + taken - taken_before if base else 0,
        # Holds of before the counters are in none of them: of those the channel's own are seen.
        holding=max(holding, held),
        sold_in_show=sold_in_show,
        taken=taken,
    )


def taken_at_base(base: BaseRow, kind: ChannelKind, *, presale: bool) -> int:
    """What `ShelfRow.taken` was when the base row was made."""
    if presale:
        return base.presale + base.presale_held
    own = base.own + base.own_held
    return own + base.pool + base.pool_held if kind is ChannelKind.SHARED else own
