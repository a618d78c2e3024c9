"""The SKUs of a show's report, each from what is known of them. Rules and formulas: docs/rules.md#report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from shelfcast.insight.indicators import sell_through
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.insight.pool_flows import SkuFlows
from shelfcast.insight.show_times import Stretch, common_ms
from shelfcast.merchant.after_show_items import CountFound, SoldUnits
from shelfcast.merchant.report_items import LostDemand, ReportedSku
from shelfcast.merchant.report_read import ShowRead, opening_of
from shelfcast.merchant.report_tables import closing_of
from shelfcast.merchant.show_sums import ByPlace
from shelfcast.stock.changes import ChannelUnits, OpenBatch, SkuStock
from shelfcast.stock.configuration import ChannelConfig, Listing, SkuConfig
from shelfcast.stock.places import BATCH, CHANNEL, POOL, PRESALE
from shelfcast.stock.refusals import RefusedSku
from shelfcast.stock.shelf import shelf_row
from shelfcast.stock.show import BaseRow


@dataclass(frozen=True, kw_only=True)
class KnownSkus:
    """What is known of the show's SKUs, by name."""

    read: ShowRead
    live: Sequence[Stretch]
    on_air: Mapping[str, int] | None
    bases: Mapping[str, BaseRow]
    catalogue: Mapping[str, SkuConfig]
    listings: Mapping[str, Listing]
    units: ByPlace
    pool: Mapping[str, SkuFlows]
    drawn: Set[tuple[str, str]]
    """SKUs with the batches that some of them was drawn from."""
    forecast: Mapping[str, int]
    refused: Mapping[str, RefusedSku]
    waited: Mapping[str, int]
    counts: Mapping[str, CountFound]


def reported_sku(known: KnownSkus, sku: str) -> ReportedSku:
    """A SKU of the show, without its money and what is suggested."""
    read, show = known.read, known.read.show
    listing = known.listings.get(sku)
    config, flows = known.catalogue.get(sku, SkuConfig()), known.pool[sku]
    stock, presale = known.units.get((sku, False)) or SoldUnits(), known.units.get((sku, True))
    is_presale = listing is not None and listing.presale
    sold = stock.sold + (presale.sold if presale else 0)
    left = _left_to_sell(known, sku, flows, is_presale=is_presale)
    runout = read.flows.runouts.get((sku, is_presale))
    opening = sum(units for place, units in flows.opening.items() if _is_source(read, place, is_presale=is_presale))
    sold_out_ms = runout.sold_out_ms(opening) if runout else None
    base = known.bases.get(sku)
    since_ms = max(show.started_at_ms, base.at_ms) if base else show.started_at_ms
    on_air = common_ms(known.live, since_ms, show.ended_at_ms) if known.on_air is None else known.on_air.get(sku, 0)
    best = read.times.best(sku)
    expected = known.forecast.get(sku)
    lack = known.refused[sku].lack_of_stock if sku in known.refused else None
    return ReportedSku(
        sku=sku,
        title=(listing.title if listing else "") or config.title,
        link=listing.link if listing else None,
        category=config.category,
        supplier=config.supplier,
        price_minor=_price(listing, config) if sku in known.catalogue else None,
        currency=(listing.currency if listing else "") or config.currency,
        stock=stock,
        presale=presale,
        orders=sum(tallies[sku].orders for tallies in (read.fold.stock, read.fold.presale) if sku in tallies),
        pending=sum(one.held + one.payment_pending + one.paid_no_stock for one in (stock, presale) if one),
        money=[],
        left_to_sell=left,
        sell_through=sell_through(left, sold) if left + sold > 0 else None,
        first_sale_ms=read.times.first_sale_ms.get(sku),
        sold_out_at_ms=sold_out_ms,
        minutes_to_sold_out=None if sold_out_ms is None else in_minutes(common_ms(known.live, since_ms, sold_out_ms)),
        on_air_minutes=in_minutes(on_air),
        best_pace=best.units if best else 0,
        best_pace_ms=best.at_ms if best else None,
        expected=expected,
        forecast_error=None if expected is None else sold - expected,
        lost=LostDemand(people=lack.people, units=lack.units, attempts=lack.count)
        if lack
        else LostDemand(people=0, units=0, attempts=0),
        waiting=known.waited.get(sku, 0),
        count=known.counts.get(sku),
        suggestions=[],
    )


def _is_source(read: ShowRead, place: str, *, is_presale: bool) -> bool:
    return read.flows.sells_from(place) and (place == PRESALE) is is_presale


def _price(listing: Listing | None, config: SkuConfig) -> int:
    return config.price_minor if listing is None or listing.price_minor < 0 else listing.price_minor


def in_minutes(ms: int) -> float:
    """Milliseconds as minutes."""
    return round(ms / MINUTE_MS, 2)


def _left_to_sell(known: KnownSkus, sku: str, flows: SkuFlows, *, is_presale: bool) -> int:
    """What the room could have sold on when its show ended."""
    read, drawn = known.read, known.drawn
    show, places = read.show, flows.closing
    channel = read.channels.get(show.channel, ChannelConfig())
    batches = [
        OpenBatch(
            name,
            batch.serves,
            places.get(BATCH + name, 0),
            taken=int((sku, BATCH + name) in drawn),
            holding=0,
            exclusive=batch.exclusive,
            closes_at_ms=batch.closes_at_ms or 0,
        )
        for name, batch in read.batches.items()
        if (BATCH + name in places or (sku, BATCH + name) in drawn)
        and 0 < opening_of(batch) <= show.ended_at_ms
        and not closing_of(batch, show.ended_at_ms)
    ]
    stock = SkuStock(
        sku,
        places.get(POOL, 0),
        frozen=False,
        locked=0,
        presale=places.get(PRESALE, 0),
        channels=[ChannelUnits(show.channel, places.get(CHANNEL + show.channel, 0))],
        batches=batches,
    )
    return shelf_row(stock, show.channel, channel.kind, presale=is_presale, settings=channel).available
