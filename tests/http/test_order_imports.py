"""Orders of another platform in a file: looked at, booked once, and cancelled where the file says so later."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from file_imports import IMPORTS, applied, read, sent, until
from shelfcast.merchant.order_imports import KEPT_MS, order_id
from shelfcast.stock.operations import Retire

ORDERS = "?kind=orders&channel=douyin"
DAY_MS = 86_400_000


@pytest.fixture
async def shop(api: Any) -> Any:
    """A pool with 100 mugs, ten of which are another platform's, and cups without stock."""
    await api.shop()
    await api.ok("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated"})
    await api.ok("PUT", "/v1/pools/main/skus/cup", {"title": "Cup", "barcode": "6901234567892"})
    move = {"id": "ten", "kind": "allocate", "sku": "mug", "qty": 10, "source": "pool", "target": "channel:douyin"}
    await api.ok("POST", "/v1/pools/main/moves", move)
    return api


def today(hour: int = 9) -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d} {hour:02}:00"


def export(*rows: str, header: str = "订单号,商品编码,数量,付款时间,实付金额,订单状态") -> bytes:
    return "\n".join([header, *rows]).encode("gb18030")


async def test_orders_are_seen_booked_and_booked_once(shop: Any) -> None:
    file = export(
        f"A-1,mug,2,{today()},19.80,已付款",
        f"A-2,mug,9,{today()},89.10,已发货",
        f"A-3,cup,1,{today()},5.00,待发货",
        "A-4,mug,1,,,待付款",
        f"A-5,mug,4,{today()},39.60,已取消",
        f"A-6,pot,1,{today()},1.00,已付款",
    )
    found = await read(shop, file, ORDERS + "&name=单.csv")
    assert (found["state"], found["kind"], found["channel"], found["of"]) == ("ready", "orders", "douyin", 3)
    assert (found["preview"], found["counts"]) == (None, None)
    seen = found["orders"]
    assert (seen["rows"], seen["new"], seen["same"], seen["bad"], seen["unpaid"]) == (5, 3, 1, 1, 1)
    assert seen["encoding"] == "gb18030"
    assert [(row["line"], row["order"], row["units"], row["paid_minor"]) for row in seen["changes"]] == [
        (2, "A-1", 2, 1_980), (3, "A-2", 9, 8_910), (4, "A-3", 1, 500),
    ]  # fmt: skip
    assert [(fault["line"], fault["column"]) for fault in seen["faults"]] == [(7, "商品编码")]
    assert "no SKU 'pot'" in seen["faults"][0]["message"]
    effect = seen["effect"]
    assert (effect["channel"], effect["orders"], effect["units"], effect["from_stock"]) == ("douyin", 3, 12, 10)
    assert (effect["oversold"], effect["short_count"]) == (2, 2)
    assert effect["short"] == [
        {"sku": "cup", "title": "Cup", "asked": 1, "there": 0},
        {"sku": "mug", "title": "Mug", "asked": 11, "there": 10},
    ]
    assert await shop.units() == {"pool": 90, "channel:douyin": 10, "supplier": -100}
    found = await applied(shop, found["import"])
    assert (found["state"], found["done"], found["of"], found["refused"]) == ("applied", 3, 3, [])
    assert found["action"] is None
    units = await shop.units()
    assert (units["sold:douyin"], units["external_oversold:douyin"], units["pool"]) == (10, 1, 90)
    again = await read(shop, file, ORDERS)
    assert (again["of"], again["orders"]["same"], again["orders"]["new"]) == (0, 4, 0)
    assert (await applied(shop, again["import"]))["state"] == "applied"
    reservation = await shop.ok("GET", f"/v1/pools/main/reservations/{order_id('douyin', 'A-1', 'mug')}")
    assert (reservation["reference"], reservation["paid_minor"], reservation["qty"]) == ("A-1", 1_980, 2)


async def test_the_same_file_twice_at_once_books_nothing_twice(shop: Any) -> None:
    file = export(*[f"B-{n},mug,1,{today()},9.90," for n in range(9)])
    first, second = [await read(shop, file, ORDERS) for _ in range(2)]
    assert (first["of"], second["of"]) == (9, 9)
    for one in (first, second):
        await shop.ok("POST", f"{IMPORTS}/{one['import']}/apply")
    for one in (first, second):
        assert (await until(shop, one["import"], "applied", "stopped"))["refused"] == []
    assert (await shop.units())["sold:douyin"] == 9


async def test_an_order_that_is_over_is_known_still(shop: Any) -> None:
    file = export(f"C-1,mug,2,{today()},19.80,已付款")
    seen_before = await read(shop, file, ORDERS)
    await applied(shop, (await read(shop, file, ORDERS))["import"])
    name = order_id("douyin", "C-1", "mug")
    await shop.ok("POST", f"/v1/pools/main/reservations/{name}/ship", {}, headers={"Idempotency-Key": "s"})
    book = (await shop.services.pools.get("main")).book
    now_ms = await book.now_ms()
    await book._engine.command(
        "HSET", f"{book.base}:meta", "rehearsal_clock_ms", now_ms + 3 * DAY_MS, key=f"{book.base}:meta"
    )
    assert (await book.apply(Retire(100))).code == "OK"
    assert await book.reservations([name]) == []
    again = await read(shop, file, ORDERS)
    assert (again["orders"]["same"], again["of"]) == (1, 0)
    before = await shop.units()
    late = await applied(shop, seen_before["import"])
    assert (late["done"], late["refused"]) == (1, [])
    assert await shop.units() == before
    assert await book.kept_orders([name], now_ms + KEPT_MS + DAY_MS) == set()


async def test_an_order_is_cancelled_where_the_file_says_so_later(shop: Any) -> None:
    await applied(shop, (await read(shop, export(f"D-1,mug,3,{today()},29.70,已付款"), ORDERS))["import"])
    assert (await shop.units())["sold:douyin"] == 3
    later = export(f"D-1,mug,2,{today()},19.80,已付款", f"D-1,mug,1,{today()},9.90,退款成功")
    found = await read(shop, later, ORDERS)
    [change] = found["orders"]["changes"]
    assert (change["verdict"], change["cancels"], change["units"]) == ("changed", 1, 0)
    assert found["orders"]["effect"]["cancelled"] == 1
    await applied(shop, found["import"])
    units = await shop.units()
    assert (units["sold:douyin"], units["channel:douyin"]) == (2, 8)
    again = await read(shop, later, ORDERS)
    assert (again["of"], again["orders"]["same"]) == (0, 1)
    whole = await read(shop, export(f"D-1,mug,3,{today()},29.70,交易关闭"), ORDERS)
    assert whole["orders"]["changes"][0]["cancels"] == 2
    await applied(shop, whole["import"])
    assert "sold:douyin" not in await shop.units()


async def test_a_quantity_that_differs_is_a_fault_that_says_so(shop: Any) -> None:
    await applied(shop, (await read(shop, export(f"E-1,mug,3,{today()},29.70,已付款"), ORDERS))["import"])
    found = await read(shop, export(f"E-1,mug,5,{today()},49.50,已付款"), ORDERS)
    [fault] = found["orders"]["faults"]
    assert (fault["column"], fault["message"]) == ("数量", "it is booked with 3 units; the file has 5")
    assert found["of"] == 0


async def test_a_barcode_names_a_sku_and_lines_of_one_order_are_one(shop: Any) -> None:
    header = "订单号,商品编码,条码,数量,付款时间"
    file = export(
        f"F-1,mug,,2,{today()}",
        f"F-1,mug,,1,{today(10)}",
        f"F-1,,6901234567892,1,{today()}",
        f"F-2,,0000000000000,1,{today()}",
        header=header,
    )
    found = await read(shop, file, ORDERS)
    assert [(row["sku"], row["units"], row["paid_minor"]) for row in found["orders"]["changes"]] == [
        ("mug", 3, None), ("cup", 1, None),
    ]  # fmt: skip
    assert "no SKU of the pool has '0000000000000'" in found["orders"]["faults"][0]["message"]


async def test_an_order_with_a_line_that_cannot_be_read_is_left_out_whole(shop: Any) -> None:
    file = export(f"J-1,mug,2,{today()},19.80,", f"J-1,mug,many,{today()},9.90,", f"J-2,mug,1,{today()},9.90,")
    found = await read(shop, file, ORDERS)
    assert [row["order"] for row in found["orders"]["changes"]] == ["J-2"]
    said = {fault["line"]: fault["message"] for fault in found["orders"]["faults"]}
    assert said[2] == "another line of its order has a fault"
    assert "expected a whole number" in said[3]
    assert (found["orders"]["bad"], found["orders"]["rows"]) == (2, 3)


async def test_long_numbers_of_orders_are_whole_unless_a_spreadsheet_has_rounded_them(shop: Any) -> None:
    numbers = ("6912345678901234560", "\t6912345678901234567", "'6912345678901234568", "6912345678901230000", "17")
    file = export(*[f"{number},mug,1,{today()},9.90," for number in numbers])
    found = await read(shop, file, ORDERS)
    assert [row["order"] for row in found["orders"]["changes"]] == [
        "6912345678901234560", "6912345678901234567", "6912345678901234568", "17",
    ]  # fmt: skip
    [fault] = found["orders"]["faults"]
    assert (fault["line"], fault["column"]) == (5, "订单号")
    assert "whose last digits the spreadsheet lost" in fault["message"]


async def test_old_orders_and_states_that_nobody_knows_are_faults(shop: Any) -> None:
    file = export(
        "G-1,mug,1,2020-01-01 09:00,9.90,已付款", f"G-2,mug,1,{today()},9.90,在路上", "G-3,mug,1,,9.90,已付款"
    )
    found = await read(shop, file, ORDERS)
    said = {fault["line"]: fault["message"] for fault in found["orders"]["faults"]}
    assert "more than 30 days ago" in said[2]
    assert "expected a state such as 已付款" in said[3]
    assert said[4] == "is empty"


async def test_orders_are_of_a_channel_that_is_there(shop: Any) -> None:
    answer = await sent(shop, b"order,sku,qty,paid_at\n", path=IMPORTS + "?kind=orders")
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")
    answer = await sent(shop, b"sku\n", path=IMPORTS + "?channel=douyin")
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")
    answer = await sent(shop, b"sku\n", path=IMPORTS + ORDERS + "&room=evening")
    assert (answer.status_code, answer.json()["field"]) == (422, "room")
    found = await read(shop, export(f"H-1,mug,1,{today()},9.90,"), "?kind=orders&channel=kuaishou")
    assert (found["state"], found["reason"]) == ("failed", "the pool has no channel 'kuaishou': make it first")
    assert found["orders"]["columns"][0] == "订单号"
    await shop.ok("PATCH", f"{IMPORTS}/{found['import']}", {"channel": "douyin"})
    found = await until(shop, found["import"], "ready", "failed")
    assert (found["state"], found["of"]) == ("ready", 1)
    problem = await shop.problem("PATCH", f"{IMPORTS}/{found['import']}", {"channel": None})
    assert problem["field"] == "channel"


async def test_one_that_was_stopped_goes_on_and_books_nothing_twice(shop: Any) -> None:
    file = export(*[f"I-{n},mug,1,{today()},9.90," for n in range(250)])
    found = await read(shop, file, ORDERS)
    await shop.ok("POST", f"{IMPORTS}/{found['import']}/apply")
    jobs = (await shop.services.pools.get("main")).jobs
    async with asyncio.timeout(60):
        while not (job := next(job for job in await jobs.all() if job.kind == "import")).has_ended:
            await jobs.cancel(job.id)
    stopped = await until(shop, found["import"], "stopped", "applied")
    assert stopped["done"] <= 250
    done = await applied(shop, found["import"])
    assert (done["state"], done["done"], done["of"], done["refused_count"]) == ("applied", 250, 250, 0)
    units = await shop.units()
    assert units["sold:douyin"] + units["external_oversold:douyin"] == 250
