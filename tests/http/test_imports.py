"""Imports: a file is sent up, looked at, mended and written."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest
from file_imports import CSV, IMPORTS, XLSX, applied, read, sent, until
from workbooks import article, number, table, text, write


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
    assert (mug["title"], fan["title"], fan["receives"], fan["safety"]) == ("杯子", "扇子", 50, 5)
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
    assert found["action"] == found["import"]


async def patched(shop: Any, name: str, **meant: Any) -> Any:
    await shop.ok("PATCH", f"{IMPORTS}/{name}", meant)
    return await until(shop, name, "ready", "failed")


async def units_of(shop: Any) -> dict[str, int]:
    """What was received of each SKU."""
    return {
        row["sku"]: -row["buckets"].get("supplier", 0) for row in (await shop.ok("GET", "/v1/pools/main/skus"))["skus"]
    }


async def test_how_a_file_is_meant_is_changed_until_it_is_right(shop: Any) -> None:
    file = "sku,title,库存\ncup,茶碗,7\n".encode("gb18030")
    found = await read(shop, file, "?encoding=cp1252")
    assert (found["state"], found["encoding"], found["preview"]["encoding"]) == ("ready", "cp1252", "cp1252")
    assert found["preview"]["first_rows"][0]["cells"][1] == "²èÍë"
    found = await patched(shop, found["import"], encoding="utf-8")
    assert (found["state"], found["reason"]) == ("failed", "catalogue.csv: line 1 is not UTF-8")
    assert "gb18030" in found["preview"]["encodings"]
    assert "utf-8" not in found["preview"]["encodings"]
    found = await patched(shop, found["import"], encoding=None)
    assert found["preview"]["columns"] == ["sku", "title", "库存"]
    assert "is column 库存 the opening stock? There is no column opening. Say opening='库存'" in found["reason"]
    problem = await shop.problem("POST", f"{IMPORTS}/{found['import']}/apply")
    assert (problem["status"], problem["field"]) == (409, "state")
    found = await patched(shop, found["import"], opening="库存")
    [cup] = found["preview"]["changes"]
    assert (found["state"], found["encoding"], cup["receives"]) == ("ready", None, 7)
    assert [change["after"] for change in cup["changes"]] == []
    assert (await applied(shop, found["import"]))["state"] == "applied"
    assert (await units_of(shop))["cup"] == 7
    for method, path, body in (("PATCH", "", {"opening": None}), ("POST", "/apply", None)):
        answer = await shop.call(method, f"{IMPORTS}/{found['import']}{path}", body)
        assert answer.status_code == (409 if body else 202)
    assert (await units_of(shop))["cup"] == 7
    assert (await shop.problem("PATCH", f"{IMPORTS}/{found['import']}", {"encoding": "klingon"}))["field"] == "encoding"


async def test_what_day_it_is_is_asked_for_and_a_time_is_that_of_the_room(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/rooms/evening", {"time_zone": "Asia/Shanghai"})
    rows = ["商品编码,开售时间,停售时间", "mug,3/4/2026 20:00,3/4/2026 19:00", "cup,3/4/2026 20:00,2026-04-03T14:00Z"]
    file = "\n".join(rows).encode()
    found = await read(shop, file, "?room=evening")
    assert (found["state"], found["preview"]["dates"]) == ("failed", ["mdy", "dmy"])
    assert "may be 2026-03-04 or 2026-04-03, and no date of the file tells which; say dates=mdy" in found["reason"]
    found = await patched(shop, found["import"], dates="dmy")
    assert [(fault["line"], fault["column"]) for fault in found["preview"]["faults"]] == [(2, "停售时间")]
    assert [row["sku"] for row in found["preview"]["changes"]] == ["cup"]
    await applied(shop, found["import"])
    listing = await shop.ok("GET", "/v1/rooms/evening/skus/cup")
    assert (listing["opens_at_ms"], listing["closes_at_ms"]) == (1775217600000, 1775224800000)
    again = await read(shop, b"sku,opens_at\ncup,2026-04-03 21:30\n", "?room=evening")
    changes = again["preview"]["changes"][0]["changes"]
    assert changes[0] == {"column": "opens_at", "before": "2026-04-03 20:00", "after": "2026-04-03 21:30"}


async def test_what_somebody_changed_since_is_refused_and_the_rest_is_written(shop: Any) -> None:
    """An edit, a new SKU of the same name, units that came in, terms in the room, and a link number that is taken."""
    rows = [{"sku": name} for name in ("edited", "filled", "listed", "linked", "kept")]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows})
    names = ("edited", "made", "filled", "listed", "linked", "kept", "new")
    lines = [
        f"{name},T,{50 if name == 'filled' else 5},{number},{'new' if name == 'kept' else ''}"
        for number, name in enumerate(names, 2)
    ]
    file = "\n".join(["sku,title,opening,link,substitutes", *lines]).encode()
    found = await read(shop, file, "?room=evening")
    twin = await read(shop, file, "?room=evening")
    await shop.ok("PATCH", "/v1/pools/main/skus/edited", {"title": "Theirs"})
    await shop.ok("PUT", "/v1/pools/main/skus/made", {"title": "Theirs"})
    receipt = {"kind": "receive", "id": "m", "sku": "filled", "qty": 30, "source": "supplier", "target": "pool"}
    await shop.ok("POST", "/v1/pools/main/moves", receipt)
    await shop.ok("PUT", "/v1/rooms/evening/skus/listed", {"link": 70})
    await shop.ok("PATCH", "/v1/rooms/evening/skus/mug", {"link": 6})
    found = await applied(shop, found["import"])
    assert (found["state"], found["done"], found["of"], found["refused_count"]) == ("applied", 7, 7, 5)
    refused = {row["sku"]: (row["line"], row["code"], row["reason"]) for row in found["refused"]}
    since = "somebody has changed it since the preview"
    assert refused == {
        "edited": (2, "STALE", since),
        "made": (3, "STALE", since),
        "filled": (4, "STALE", "units of it came in since the preview; its opening stock was not received"),
        "listed": (5, "STALE", since),
        "linked": (6, "ID_CONFLICT", "the link number 6 is 'mug''s"),
    }
    skus = {row["sku"]: row for row in (await shop.ok("GET", "/v1/pools/main/skus"))["skus"]}
    assert (skus["edited"]["title"], skus["made"]["title"], skus["kept"]["substitutes"]) == (
        "Theirs",
        "Theirs",
        ["new"],
    )
    received = {"edited": 0, "filled": 30, "kept": 5, "linked": 5, "listed": 5, "made": 0, "mug": 100, "new": 5}
    assert await units_of(shop) == received
    # Of units that it did not receive none are set aside.
    assert await shop.units("filled") == {"pool": 30, "supplier": -30}
    # The same file once more, read before: it receives nothing a second time.
    twin = await applied(shop, twin["import"])
    assert {"kept", "new", "linked", "listed"} <= {row["sku"] for row in twin["refused"]}
    assert await units_of(shop) == received


async def test_more_than_may_be_kept_are_refused_before_they_are_sent(shop: Any) -> None:
    most = shop.services.settings.imports_open_a_pool_max
    names = [(await read(shop, b"sku\nmug\n"))["import"] for _ in range(most)]
    refused = await sent(shop, b"sku\nmug\n")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "SHELF_FULL", "imports")
    assert [it["import"] for it in (await shop.ok("GET", IMPORTS))["imports"]] == names
    await applied(shop, names[0])
    await shop.ok("DELETE", f"{IMPORTS}/{names[1]}")
    await shop.ok("DELETE", f"{IMPORTS}/{names[1]}")
    problem = await shop.problem("GET", f"{IMPORTS}/{names[1]}")
    assert (problem["status"], problem["field"]) == (404, "import")
    assert [(await sent(shop, b"sku\nmug\n")).status_code for _ in range(3)] == [201, 201, 409]


async def test_the_same_key_and_file_is_one_import_and_a_pool_or_room_that_is_not_there_is_not_made(shop: Any) -> None:
    first = (await sent(shop, b"sku\nmug\n", **{"Idempotency-Key": "once"})).json()
    assert (await sent(shop, b"sku\nmug\n", **{"Idempotency-Key": "once"})).json()["made_at_ms"] == first["made_at_ms"]
    other = await sent(shop, b"sku\ncup\n", **{"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["code"]) == (409, "ID_CONFLICT")
    found = await read(shop, b"sku\nmug\n", "?room=morning")
    assert found["preview"]["changes"][0]["changes"] == [{"column": "position", "before": "none", "after": "1"}]
    assert (await shop.problem("POST", f"{IMPORTS}/{found['import']}/apply"))["field"] == "room"
    made = (await sent(shop, b"sku\nmug\n", path="/v1/pools/nowhere/imports")).json()
    place = f"/v1/pools/nowhere/imports/{made['import']}"
    async with asyncio.timeout(60):
        while (await shop.ok("GET", place + "?preview=false"))["state"] == "reading":
            pass
    assert (await shop.ok("GET", place))["preview"]["new"] == 1
    assert (await shop.problem("POST", place + "/apply"))["field"] == "pool"
    assert [pool["pool"] for pool in (await shop.ok("GET", "/v1/pools"))["pools"]] == ["main"]


async def test_what_is_applied_is_the_reading_that_was_looked_at(shop: Any) -> None:
    """Of two people one looks at the preview while the other has the file read otherwise."""
    looked_at = await read(shop, "sku,库存\ncup,7\n".encode(), "?opening=none")
    other = await patched(shop, looked_at["import"], opening="库存")
    assert (looked_at["reading"], other["reading"]) == (1, 2)
    place = f"{IMPORTS}/{looked_at['import']}"
    problem = await shop.problem("POST", place + "/apply", {"reading": 1})
    assert (problem["status"], problem["code"], problem["field"]) == (412, "STALE", "reading")
    assert (problem["expected"], problem["revision"]) == (1, 2)
    assert (problem["current"]["opening"], problem["current"]["reading"]) == ("库存", 2)
    assert (await shop.ok("GET", place))["state"] == "ready"
    assert "cup" not in await units_of(shop)
    assert (await shop.problem("POST", place + "/apply", {"reading": 0}))["field"] == "reading"
    await shop.ok("POST", place + "/apply", {"reading": 2})
    assert (await until(shop, looked_at["import"], "applied"))["reading"] == 2
    assert (await units_of(shop))["cup"] == 7
    await shop.ok("POST", place + "/apply", {"reading": 2})
    assert (await shop.problem("POST", place + "/apply", {"reading": 1}))["code"] == "STALE"


async def test_an_import_under_the_id_of_another_action_is_one_action(shop: Any) -> None:
    await shop.ok("PATCH", "/v1/pools/main/skus/mug", {"title": "杯子"}, headers={"Idempotency-Key": "once"})
    rows = "".join(f"sku{number},1\n" for number in range(600))
    sent_as = (await sent(shop, f"sku,opening\n{rows}".encode(), **{"Idempotency-Key": "once"})).json()
    assert (await until(shop, sent_as["import"], "ready"))["action"] is None
    found = await applied(shop, sent_as["import"])
    assert (found["import"], found["refused_count"], found["done"]) == ("once", 0, 600)
    actions = (await shop.ok("GET", "/v1/pools/main/actions"))["actions"]
    assert [action["id"] for action in actions if action["kind"] == "catalogue"] == [found["action"], "opening"]
    assert not [action["id"] for action in actions if "~" in action["id"]]


async def test_goods_that_the_pool_would_refuse_are_faults_before(shop: Any) -> None:
    file = b"sku,substitutes,aliases\nmug,mug,\ncup,nobody,\nbowl,cup,\npot,mug | can,\ncan,pot,\n"
    found = await read(shop, file)
    faults = {(fault["line"], fault["column"]): fault["message"] for fault in found["preview"]["faults"]}
    assert list(faults) == [(2, "substitutes"), (3, "substitutes"), (4, "substitutes")]
    assert faults[3, "substitutes"] == "no SKU 'nobody' in the pool or the file's good rows"
    in_room = (await read(shop, "货号,链接号\ncup,1\nbowl,2\n".encode(), "?room=evening"))["preview"]
    assert in_room["faults"] == [{"line": 2, "column": "链接号", "message": "1 is mug's in the room"}]
    assert [row["sku"] for row in in_room["changes"]] == ["bowl"]
    assert (await applied(shop, found["import"]))["refused"] == []
    assert (await shop.ok("GET", "/v1/pools/main/skus/can"))["substitutes"] == ["pot"]
    assert (await shop.ok("GET", "/v1/pools/main/skus/pot"))["substitutes"] == ["mug", "can"]


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", CSV, "the file is empty"),
        (b"PK\x03\x04 cut", XLSX, "not an XLSX workbook"),
        (b"sku\nmug\n", XLSX, "not an XLSX workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", CSV, "old .xls workbook"),
        (b"\x1f\x8bcut", CSV, "not a complete gzip file"),
        (gzip.compress(b"a" * (101 << 20)), CSV, "unpacked larger than 100 MB"),
        (b"sku\n" + b"a\n" * 30_000, CSV, "more than 20,000 rows"),
        (b"sku," + b"," * 70 + b"x\na\n", CSV, "more than 60 columns"),
        (b"sku,title\nmug,\x80\x81 caf\xe9\n", CSV, "line 2 is not UTF-8, nor is the file Chinese"),
        (b'sku\nmug,"\n', CSV, "unexpected end of data"),
    ],
)
async def test_a_hostile_file_fails_and_says_why(shop: Any, content: bytes, kind: str, reason: str) -> None:
    answer = await sent(shop, content, kind)
    found = await until(shop, answer.json()["import"], "failed", "ready")
    assert (found["state"], found["of"]) == ("failed", 0)
    assert reason in found["reason"]
    assert found["preview"]["rows"] == 0
    assert (await shop.problem("POST", f"{IMPORTS}/{found['import']}/apply"))["status"] == 409


async def test_a_workbook_and_a_formula_in_text_that_is_shown(shop: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "c.xlsx", table(article(text("mug"), price=number("9.9"), opening=number("1"))))
    found = await until(shop, (await sent(shop, file.read_bytes(), XLSX)).json()["import"], "ready")
    assert (found["preview"]["encoding"], found["preview"]["encodings"], found["name"]) == ("", [], "catalogue.xlsx")
    long = "=HYPERLINK(" + "x" * 5_000
    preview = (await read(shop, f"sku,title,{long}\nmug,{long},1\n".encode()))["preview"]
    assert [len(cell) for cell in preview["first_rows"][0]["cells"]] == [3, 201, 1]
    assert [len(column) for column in preview["columns"] + preview["ignored_columns"]] == [3, 5, 201, 201]


async def test_an_imports_own_pool_is_asked_for(shop: Any) -> None:
    found = await read(shop, b"sku\nmug\n")
    await shop.ok("PUT", "/v1/pools/other")
    for path in ("", "/apply"):
        address = f"/v1/pools/other/imports/{found['import']}{path}"
        method = "POST" if path else "GET"
        assert (await shop.problem(method, address))["status"] == 404
        stranger = await shop.problem(
            method, f"{IMPORTS}/{found['import']}{path}", as_=shop.as_("operator", pool="other")
        )
        assert (stranger["status"], stranger["field"]) == (403, "pool")
