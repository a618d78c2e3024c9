"""Imports: a file is sent up, looked at, mended and written."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from openapi_conformance import assert_documented

IMPORTS = "/v1/pools/main/imports"
CSV = "text/csv"


async def sent(shop: Any, content: bytes, kind: str = CSV, path: str = IMPORTS, **headers: str) -> httpx.Response:
    headers = {**shop.as_("operator"), "Content-Type": kind, **headers}
    response: httpx.Response = await shop.http.post(path, content=content, headers=headers)
    assert_documented(response)
    return response


async def until(shop: Any, name: str, *states: str) -> Any:
    async with asyncio.timeout(60):
        while (found := await shop.ok("GET", f"{IMPORTS}/{name}"))["state"] not in states:
            pass
    return found


async def read(shop: Any, content: bytes, query: str = "", *states: str) -> Any:
    answer = await sent(shop, content, path=IMPORTS + query)
    assert answer.status_code == 201, answer.text
    return await until(shop, answer.json()["import"], *(states or ("ready", "failed")))


async def applied(shop: Any, name: str) -> Any:
    await shop.ok("POST", f"{IMPORTS}/{name}/apply")
    return await until(shop, name, "applied", "stopped")


async def test_a_file_of_excel_in_china_with_a_bad_row_is_read_and_its_good_rows_are_written(shop: Any) -> None:
    file = "商品编码,商品名称,价格,期初库存\nmug,杯子,12.90,\ncup,茶碗,便宜,3\nfan,扇子,9,50\n".encode("gb18030")
    found = await read(shop, file, "?room=evening&name=货.csv")
    preview = found["preview"]
    assert (found["state"], found["of"], found["room"], found["name"]) == ("ready", 2, "evening", "货.csv")
    assert (preview["encoding"], preview["columns"][0], preview["first_rows"][1]["cells"][:2]) == (
        "gb18030",
        "商品编码",
        ["cup", "茶碗"],
    )
    assert {"gb18030", "big5"} <= set(preview["encodings"])
    assert [(fault["line"], fault["column"]) for fault in preview["faults"]] == [(3, "价格")]
    mug, fan = preview["changes"]
    assert [change["column"] for change in mug["changes"]] == ["title", "price", "position"]
    assert (fan["receives"], fan["safety"]) == (50, 5)
    assert await shop.units() == {"pool": 100, "supplier": -100}
    found = await applied(shop, found["import"])
    assert (found["state"], found["done"], found["of"], found["refused"]) == ("applied", 2, 2, [])
    assert (await shop.units("fan"))["safety"] == 5
    assert (await shop.units("fan"))["pool"] == 45
    assert [row["title"] for row in (await shop.ok("GET", "/v1/pools/main/skus"))["skus"]] == ["扇子", "杯子"]
    shelf = (await shop.ok("GET", "/v1/rooms/evening/skus"))["skus"]
    assert [(row["sku"], row["position"]) for row in shelf] == [("mug", 1), ("fan", 2)]
    [action, *_] = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"]
    assert (action["kind"], action["id"], action["why_not"]) == ("catalogue", found["import"], "bulk")
