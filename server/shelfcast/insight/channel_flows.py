"""What channels and batches of a pool got, sold and gave while a show was on. No I/O.

Formulas: docs/rules.md#report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from shelfcast.insight.pool_flows import PAID, Flow, is_unsold, oversold_units
from shelfcast.stock.places import BATCH, CHANNEL, HELD, SOLD

CLOSE_BATCH = "close_batch"


@dataclass
class ChannelFlows:
    """A channel between the show's beginning and end, in units."""

    paid: int = 0
    cancelled: int = 0
    presale_sold: int = 0
    shipped: int = 0
    oversold: int = 0
    moved_in: int = 0
    moved_out: int = 0

    @property
    def sold(self) -> int:
        """Net."""
        return self.paid - self.cancelled


def channel_flows(during: Mapping[Flow, int]) -> dict[str, ChannelFlows]:
    """Of every channel with entries."""
    found: defaultdict[str, ChannelFlows] = defaultdict(ChannelFlows)
    for flow, units in during.items():
        if flow.channel:
            _of_channel(found[flow.channel], flow, units)
        if is_unsold(flow.source) and is_unsold(flow.target):
            if flow.target.startswith(CHANNEL):
                found[flow.target.removeprefix(CHANNEL)].moved_in += units
            if flow.source.startswith(CHANNEL):
                found[flow.source.removeprefix(CHANNEL)].moved_out += units
    return dict(found)


def _of_channel(channel: ChannelFlows, flow: Flow, units: int) -> None:
    if flow.is_presale:
        if flow.kind in PAID:
            channel.presale_sold += units
        elif flow.kind == "cancel_paid":
            channel.presale_sold -= units
        return
    if flow.kind in PAID:
        channel.paid += units
    elif flow.kind == "cancel_paid":
        channel.cancelled += units
    elif flow.kind == "ship":
        channel.shipped += units
    channel.oversold += oversold_units(flow, units)


@dataclass
class BatchFlows:
    """A batch between the show's beginning and end, in units of all SKUs together: what holds and orders took from it
    net, what was left when it closed, and by how much people filled it (below 0: emptied)."""

    sold: int = 0
    leftover: int = 0
    filled: int = 0


def batch_flows(during: Mapping[Flow, int]) -> dict[str, BatchFlows]:
    """Of every batch with entries."""
    found: defaultdict[str, BatchFlows] = defaultdict(BatchFlows)
    for flow, units in during.items():
        for place, sign in ((flow.source, -1), (flow.target, 1)):
            if not place.startswith(BATCH):
                continue
            batch = found[place.removeprefix(BATCH)]
            if flow.kind == CLOSE_BATCH and sign < 0:
                batch.leftover += units
            elif flow.source.startswith((HELD, SOLD)) or flow.target.startswith((HELD, SOLD)):
                batch.sold -= sign * units
            else:
                batch.filled += sign * units
    return dict(found)


def batches_drawn(during: Mapping[Flow, int]) -> set[tuple[str, str]]:
    """SKUs with the places of the batches that holds and orders drew some of them from."""
    return {
        (flow.sku, flow.source)
        for flow in during
        if flow.source.startswith(BATCH) and flow.target.startswith((HELD, SOLD))
    }
