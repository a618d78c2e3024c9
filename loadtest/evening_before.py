"""Before the show: the catalogue comes in as a file, the strategy and the channels are set, the shelf is counted, and
the gate, which was shut, lets the room go on air."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

from evening_checks import Checks
from evening_goods import CHANNELS, LIVE, WAVE_UNITS, Goods, on_shelf, text_code
from evening_shop import ROOM, Shop
from shelfcast.protocol.codes import Code
from shelfcast_client import ServerRefused

ELASTIC_PERCENT = 15
SIGN_OVER_UNITS = 3
SLOTS = 12
WAVE = "second-wave"
WAVE_LASTS_MS = 3_600_000
MORE_THAN_NUMBERS = "more goods than link numbers"


async def prepare(shop: Shop, goods: Goods, folder: Path, checks: Checks, *, wave_in_s: float) -> None:
    """All of it. The second wave opens by itself, `wave_in_s` after the room went on air."""
    checks.part("Before the show")
    await shop.ann.define_pool(title="An evening", time_zone="Europe/London", currency="GBP")
    await shop.ann.define_strategy("influencer", elastic_percent=ELASTIC_PERCENT, split="propose")
    await shop.ann.change_pool(sign_over_units=SIGN_OVER_UNITS)
    await shop.ann.define_channel(LIVE, title="Live room")
    for channel, title in CHANNELS.items():
        await shop.ann.define_channel(channel, kind="dedicated", title=title, weight=0.2)
    await shop.ann.define_room(ROOM, channel=LIVE, title="The evening · 今晚", gate="refuse", waitlist=True)
    await _import(shop, goods, folder, checks)
    await _is_shut(shop, checks)
    await _fill_channels(shop, goods, checks)
    await shop.ann.change_room(ROOM, run_order=goods.run_order(SLOTS))
    await _plan_wave(shop, goods, wave_in_s)
    await _count(shop, goods, checks)


async def go_live(shop: Shop, checks: Checks) -> str:
    """Through the gate. Returns the show's id."""
    failing = (await shop.ann.checklist(ROOM, level="fail"))["items"]
    without_link = [item for item in failing if item["check"] == "link"]
    others = [f"{item['sku'] or ROOM} {item['check']}" for item in failing if item not in without_link]
    checks.that("the checklist has nothing else that fails", not others, "; ".join(others[:5]))
    # A room has 999 numbers: where a day has more goods, a person says why it goes on air all the same.
    await shop.ann.set_status(ROOM, "live", override=MORE_THAN_NUMBERS if without_link else "")
    show = await anext(shop.ann.shows(ROOM))
    checks.that("the room is on air", show["ended_at_ms"] is None, show["show"])
    return show["show"]


async def _import(shop: Shop, goods: Goods, folder: Path, checks: Checks) -> None:
    file = folder / "catalogue.csv"
    goods.write(file)
    made = await shop.ann.send_import(file, room=ROOM)
    read = await shop.ann.awaited_import(made["import"])
    preview = read["preview"]
    assert preview is not None
    checks.same("the preview says that all rows are new", (preview["new"], preview["bad"]), (len(goods.opening), 0))
    checks.same("and how many units come in", preview["receives"], sum(goods.opening.values()))
    checks.that("nothing is written before it is applied", not await shop.ann.buckets())
    await shop.ann.apply_import(made["import"], reading=read["reading"])
    applied = await shop.ann.awaited_import(made["import"])
    checks.same("it is applied", (applied["state"], applied["refused_count"]), ("applied", 0))
    on_hand = {sku: on_shelf(buckets) for sku, buckets in (await shop.ann.buckets()).items()}
    checks.same_of_each("every unit of it is in the book", on_hand, goods.opening)


async def _is_shut(shop: Shop, checks: Checks) -> None:
    try:
        await shop.ann.set_status(ROOM, "live")
    except ServerRefused as refused:
        checks.same("the gate is shut while nobody has counted", refused.code, Code.GATE)
    else:
        checks.that("the gate is shut while nobody has counted", False)


async def _fill_channels(shop: Shop, goods: Goods, checks: Checks) -> None:
    for channel, quota in goods.quotas.items():
        for sku, units in quota.items():
            await shop.erp.allocate(sku, units, source="pool", target=f"channel:{channel}")
    given = await shop.erp.buckets()
    for channel, quota in goods.quotas.items():
        own = {sku: units.get(f"channel:{channel}", 0) for sku, units in given.items()}
        checks.same_of_each(f"{CHANNELS[channel]} has its quota", own, quota)


async def _plan_wave(shop: Shop, goods: Goods, wave_in_s: float) -> None:
    now_ms = time.time_ns() // 1_000_000
    opens_ms = now_ms + int(wave_in_s * 1000)
    await shop.ann.define_batch(
        WAVE, title="Second wave", opens_at_ms=opens_ms, closes_at_ms=opens_ms + WAVE_LASTS_MS, leftover="pool"
    )
    await shop.erp.receive(goods.wave, WAVE_UNITS, target=f"batch:{WAVE}", reason="second wave")


async def _count(shop: Shop, goods: Goods, checks: Checks) -> None:
    """Everything is counted by file, and nothing differs."""
    made = await shop.ann.open_count("before", room=ROOM)
    sheet = made["count"]["count"]
    buckets = await shop.ann.buckets()
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["sku", "good", "bad"])
    rows.writerows([text_code(sku), on_shelf(buckets[sku]), 0] for sku in sorted(goods.day.goods))
    read = await shop.ann.send_count_file(sheet, text.getvalue().encode("utf-8-sig"))
    checks.same("a count of the whole shelf is read from a file", read["saved"], len(goods.day.goods))
    closed = await shop.ann.close_count(sheet)
    done = await shop.ann.apply_count(sheet, closed["revision"])
    checks.same("it found what the book has", (done["state"], done["differing"]), ("applied", 0))
