"""Orders of another platform in a file, held against a pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shelfcast.errors import InvalidInput
from shelfcast.heavy.barcodes import skus_of
from shelfcast.heavy.count_saving import named_as_the_pool_does
from shelfcast.heavy.file_shown import Read, Unread, file_shown, of_the_query, seen_sheet, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.merchant.order_imports import (
    AGE_MAX_MS,
    DAY_MS,
    OrderEffect,
    OrderRow,
    OrderVerdict,
    against,
    effect_of,
    known_orders,
    order_id,
)
from shelfcast.sheets.goods_columns import SKU, barcodes_asked
from shelfcast.sheets.platform_orders import (
    PAID_AT,
    Meaning,
    OrderFile,
    date_choices,
    named_columns,
    platform_orders,
)
from shelfcast.sheets.table import Fault, quoted
from shelfcast.sheets.times import DateOrder, shown_moment
from shelfcast.stock.configuration import ChannelConfig, SkuConfig
from shelfcast.stock.imports import Import
from shelfcast.stock.places import Buckets

SKUS_A_PAGE = 500
SHORT_MAX = 1_000
"""SKUs that would be oversold and are listed; all are counted."""


class _Judged(NamedTuple):
    """What an order is to the book, and what is to be done."""

    verdict: OrderVerdict
    row: OrderRow


async def read_orders_file(work: Work, content: bytes, found: Import) -> Read:
    """Read the file and hold it against the pool; progress counts SKUs. Nothing is changed. Raises Unread."""
    seen: dict[str, Any] = {}
    dates = DateOrder(found.dates) if found.dates else None
    try:
        sheet = await to_the_end(lambda: seen_sheet(content, found.name, found.encoding or None, seen, date_choices))
        pool, channels = await work.book.pool_config(), await work.book.channels()
        _check_channel(found.channel, channels)
        named = named_columns(sheet)
        barcodes = await skus_of(work.book, barcodes_asked(sheet, named))
        meaning = Meaning(pool.currency, pool.time_zone, dates)
        file = await to_the_end(lambda: platform_orders(sheet, found.name, meaning, barcodes))
    except InvalidInput as why:
        said = InvalidInput(of_the_query(str(why)), field=why.field)
        raise Unread(said, _shown(seen, OrderFile(), found.channel, (), OrderEffect(), {})) from None
    file.orders[:] = await named_as_the_pool_does(work.book, file.orders)
    now_ms = await work.book.now_ms()
    ids = [order_id(found.channel, order.order, order.sku) for order in file.orders]
    records, over = await known_orders(work.book, ids, now_ms)
    asked, units = {order.sku for order in file.orders}, dict[str, Buckets]()
    configs: dict[str, SkuConfig] = {}
    done = 0
    async for page in work.book.catalogue(SKUS_A_PAGE):
        for sku, config, buckets in page:
            if sku in asked:
                configs[sku], units[sku] = config, buckets
        work.progress.say(done := done + len(page), 0)

    def held_against() -> Read:
        judged = []
        for order, name in zip(file.orders, ids, strict=True):
            column, why = named.get(SKU, named["order"]), ""
            if order.sku not in configs:
                why = f"the pool has no SKU {quoted(order.sku)}"
            elif name not in records and name not in over and order.paid_at_ms < now_ms - AGE_MAX_MS:
                paid, column = shown_moment(order.paid_at_ms, pool.time_zone), named[PAID_AT]
                why = (
                    f"was paid on {paid}, more than {AGE_MAX_MS // DAY_MS} days ago: whether it is booked is not known"
                )
            else:
                judgement = against(order, name, records.get(name), is_over=name in over)
                if not isinstance(judgement, str):
                    judged.append(_Judged(*judgement))
                    continue
                column, why = named["qty"], judgement
            file.faults.append(Fault(order.line, column, why))
            file.bad_lines += 1
        file.faults.sort(key=lambda fault: fault.line)
        rows = [each.row for each in judged if each.verdict is not OrderVerdict.SAME]
        effect = effect_of(rows, found.channel, channels[found.channel], units)
        return Read(rows, _shown(seen, file, found.channel, judged, effect, configs))

    return await to_the_end(held_against)


def _check_channel(channel: str, channels: Mapping[str, ChannelConfig]) -> None:
    if channel not in channels:
        raise InvalidInput(f"the pool has no channel {quoted(channel)}: make it first", field="channel")


def _shown(
    seen: Mapping[str, Any],
    file: OrderFile,
    channel: str,
    judged: Sequence[_Judged],
    effect: OrderEffect,
    configs: Mapping[str, SkuConfig],
) -> dict[str, Any]:
    """What is shown: see `http.routes.previews.OrdersPreview`."""
    verdicts = Counter(each.verdict for each in judged)
    said = f"{verdicts[OrderVerdict.NEW]:,} new, {verdicts[OrderVerdict.CHANGED]:,} cancelled since"
    return {
        "summary": f"{said}, {verdicts[OrderVerdict.SAME]:,} the same",
        "rows": len(judged) + file.bad_lines,
        **{str(verdict): verdicts[verdict] for verdict in OrderVerdict},
        "bad": file.bad_lines,
        "unpaid": file.unpaid,
        "effect": {
            "channel": channel,
            "orders": effect.orders,
            "units": effect.units,
            "from_stock": effect.units - effect.oversold,
            "oversold": effect.oversold,
            "cancelled": effect.cancelled,
            "short_count": len(effect.short),
            "short": [
                {"sku": sku, "title": configs[sku].title, "asked": wanted, "there": there}
                for sku, (wanted, there) in sorted(
                    effect.short.items(), key=lambda item: (item[1][1] - item[1][0], item[0])
                )[:SHORT_MAX]
            ],
        },
        **file_shown(seen, file.faults, file.ignored_columns),
        "changes": [
            {
                "line": each.row.line,
                "order": each.row.order,
                "sku": each.row.sku,
                "title": configs[each.row.sku].title,
                "verdict": str(each.verdict),
                "units": each.row.book,
                "cancels": each.row.cancel,
                "paid_minor": each.row.paid_minor,
                "currency": each.row.currency if each.row.paid_minor is not None else "",
            }
            for each in judged
            if each.verdict is not OrderVerdict.SAME
        ],
    }
