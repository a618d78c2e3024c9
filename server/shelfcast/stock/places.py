"""Where units are: the names of buckets and accounts in a SKU's entry of the stock book."""

from __future__ import annotations

POOL = "pool"
SAFETY = "safety"
ELASTIC = "elastic"
UNSELLABLE = "unsellable"
BATCH = "batch:"
CHANNEL = "channel:"
HELD = "held:"
SOLD = "sold:"

SUPPLIER = "supplier"
SHIPPED = "shipped"
RETURNED = "returned"
WRITTEN_OFF = "written_off"
COUNT_GAIN = "count_gain"
COUNT_LOSS = "count_loss"
EXTERNAL_OVERSOLD = "external_oversold:"
OUTSIDE = "outside"

PRESALE = "presale"
PRESALE_HELD = "presale_held:"
PRESALE_SOLD = "presale_sold:"
FULFILLED = "fulfilled"

TAKEN = "taken:"
HOLDING = "holding:"
COUNTERS = (TAKEN, HOLDING)
"""What these begin are no places: they count what was taken from one (stock/library/counters.lua)."""
WAITING = "waiting"
OWED = "owed"
NO_UNITS = (*COUNTERS, WAITING, OWED, "frozen")
"""What stands beside a SKU's units and is none: counters, how many people wait (stock/library/waiting.lua), how many
orders units are owed to (settling.lua), and the SKU's own flag."""

Buckets = dict[str, int]
"""Bucket or account name → units, as the engine keeps it for one SKU. `supplier` and `count_gain` run negative:
every entry takes from one name and gives to another, so their sum over all names is zero."""


def unsold(buckets: Buckets) -> int:
    """Units that nobody has, wherever they are set aside. The book takes what is missing, or is pulled, from these
    places (`unsold_places` in stock/library/count_apply.lua)."""
    return sum(
        units
        for place, units in buckets.items()
        if units > 0 and (place in (POOL, SAFETY, ELASTIC) or place.startswith((BATCH, CHANNEL)))
    )
