"""How often the pace of each SKU is told backstage: nothing changes while a pace falls."""

from __future__ import annotations

from shelfcast.protocol.messages import MetricRow
from shelfcast.room.backstage import PACE_AGAIN_MS, Backstage
from shelfcast.room.shelf import Shelf
from shelfcast.stock.configuration import Listing, SkuConfig
from shelfcast.stock.shelf import ShelfRow

START = 1_700_000_000_000
MINUTE_MS = 60_000


def shelf(sku: str, *, available: int, held: int) -> Shelf:
    row = ShelfRow(available=available, held=held, sold=0, frozen=False, locked=0, holding=held, taken=held)
    return Shelf(sku, Listing(), SkuConfig(), row, 5)


def told(backstage: Backstage, at_ms: int) -> dict[str, MetricRow]:
    metrics = backstage.metrics(7, at_ms)
    return {} if metrics is None else {row.sku: row for row in metrics.rows}


def selling() -> Backstage:
    """A mug of which 20 were taken in the first minute, and a cup that nobody wants; both are told."""
    backstage = Backstage()
    for sku in ("mug", "cup"):
        backstage.observe(shelf(sku, available=100, held=0), START)
    backstage.observe(shelf("mug", available=80, held=20), START + MINUTE_MS)
    assert told(backstage, START + MINUTE_MS)["mug"].units_a_minute == 20
    return backstage


def test_a_pace_that_falls_is_told_although_nothing_changes() -> None:
    backstage = selling()
    assert told(backstage, START + MINUTE_MS + PACE_AGAIN_MS - 1) == {}
    later = told(backstage, START + 2 * MINUTE_MS)
    assert list(later) == ["mug"]
    assert (later["mug"].units_a_minute, later["mug"].sold_out_in_minutes) == (10, 8)


def test_a_pace_of_none_is_told_once() -> None:
    backstage = selling()
    half_an_hour_later = START + 32 * MINUTE_MS
    assert told(backstage, half_an_hour_later)["mug"].sold_out_in_minutes is None
    assert told(backstage, half_an_hour_later + MINUTE_MS) == {}


def test_whoever_comes_in_takes_no_news_from_the_others() -> None:
    backstage = selling()
    at_ms = START + 2 * MINUTE_MS
    everything = backstage.metrics(7, at_ms, everything=True)
    assert everything is not None
    assert {row.sku for row in everything.rows} == {"mug", "cup"}
    assert list(told(backstage, at_ms)) == ["mug"]
