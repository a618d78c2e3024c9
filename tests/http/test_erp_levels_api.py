"""What an ERP says is on hand, over HTTP: as JSON, and in a file that the process for heavy work reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from openapi_conformance import assert_documented
from workbooks import Page, number, row, text, write

LEVELS = "/v1/pools/main/erp-levels"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def shop(api: Any) -> Any:
    await api.shop()
    rows = [{"sku": "cup", "title": "Cup", "opening": 20}]
    await api.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "cups"})
    return api


async def send(shop: Any, content: bytes, kind: str = "text/csv", query: str = "") -> httpx.Response:
    headers = {**shop.as_("service", "erp"), "Content-Type": kind}
    response: httpx.Response = await shop.http.post(f"{LEVELS}{query}", content=content, headers=headers)
    assert_documented(response)
    return response


async def level(shop: Any, sku: str) -> Any:
    found = (await shop.ok("GET", LEVELS, params={"sku": sku}))["levels"]
    return found[0] if found else None


async def test_figures_are_noted_and_nothing_moves(shop: Any) -> None:
    assert await level(shop, "mug") is None
    body = {"levels": [{"sku": "mug", "units": 97}, {"sku": "cup", "units": 20}, {"sku": "plate", "units": 4}]}
    noted = await shop.ok("POST", LEVELS, body, as_=shop.as_("service", "erp"))
    assert noted == {
        "noted": 2, "differing": 1, "unknown": ["plate"], "unknown_count": 1, "faults": [], "fault_count": 0
    }  # fmt: skip
    assert await shop.units() == {"supplier": -100, "pool": 100}
    await shop.ok(
        "POST", "/v1/pools/main/moves", {"id": "w", "kind": "write_off", "sku": "mug", "qty": 9, "source": "pool"}
    )
    found = await level(shop, "mug")
    assert (found["title"], found["units"], found["on_hand"], found["difference"]) == ("Mug", 97, 100, -3)
    assert found["age_ms"] >= 0


@pytest.mark.parametrize(
    "header", ["sku,units", "SKU,On_Hand", "货号,库存数量", "商品编码,现存量", "编码,数量", "sku,name,库存"]
)
async def test_a_csv_file_is_read_by_its_header(shop: Any, header: str) -> None:
    cells = {"sku,name,库存": "mug,Mug,97\ncup,Cup,20\n"}.get(header, "mug,97\ncup,20\n")
    response = await send(shop, f"{header}\n{cells}".encode())
    assert (response.status_code, response.json()["noted"], response.json()["differing"]) == (200, 2, 1)
    assert (await level(shop, "mug"))["difference"] == -3


async def test_a_workbook_with_chinese_columns(shop: Any, tmp_path: Path) -> None:
    rows = [row(text("货号"), text("名称"), text("库存")), row(text("mug"), text("杯"), number("97"))]
    file = write(tmp_path / "erp.xlsx", Page("".join(rows)))
    found = (await send(shop, file.read_bytes(), XLSX)).json()
    assert (found["noted"], found["differing"], found["fault_count"]) == (1, 1, 0)


async def test_what_a_row_cannot_be_is_named_and_the_others_are_noted(shop: Any) -> None:
    content = b"sku,units\nmug,97\ncup,many\nmug,5\n,3\nplate,1\ncup,-1\n"
    found = (await send(shop, content)).json()
    assert (found["noted"], found["unknown"], found["fault_count"]) == (1, ["plate"], 4)
    assert [(fault["line"], fault["column"]) for fault in found["faults"]] == [
        (3, "units"), (4, "sku"), (5, "sku"), (7, "units")
    ]  # fmt: skip
    assert "stands on line 2 already" in found["faults"][1]["message"]


async def test_columns_can_be_said_and_are_not_guessed(shop: Any) -> None:
    for content, words in (
        (b"sku,there\nmug,97\n", "no column with units"),
        (b"name,units\nmug,97\n", "no column with SKUs"),
        (b"sku,stock,qty\nmug,97,98\n", "could both be the units"),
        (b"", "the file is empty"),
    ):
        response = await send(shop, content)
        assert (response.status_code, response.json()["code"]) == (422, "BAD_MESSAGE")
        assert words in response.json()["detail"]
    assert await level(shop, "mug") is None
    assert (await send(shop, b"sku,there\nmug,97\n", query="?units=there")).json()["noted"] == 1
    assert (await send(shop, "货号,库存\nmug,97\n".encode("gb18030"), query="?encoding=gbk")).json()["noted"] == 1
    assert (await send(shop, b"sku,units\nmug,1\n", query="?units=other")).status_code == 422
    assert (await send(shop, b"sku,units\nmug,1\n", query="?encoding=klingon")).json()["field"] == "encoding"


async def test_a_file_of_many_rows_goes_in_steps(shop: Any) -> None:
    rows = [{"sku": f"sku-{n}", "title": "x"} for n in range(700)]
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows})
    content = "sku,units\n" + "".join(f"sku-{n},{n % 2}\n" for n in range(1_300))
    response = await send(shop, content.encode())
    found = response.json() if response.status_code == 200 else None
    assert found is not None, response.text
    assert (found["noted"], found["differing"], found["unknown_count"]) == (700, 350, 600)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "levels"),
        ({"levels": []}, "levels"),
        ({"levels": [{"sku": "mug"}]}, "levels[0].units"),
        ({"levels": [{"sku": "mug", "units": -1}]}, "levels[0].units"),
        ({"levels": [{"sku": " mug", "units": 1}]}, "levels[0].sku"),
        (
            {"levels": [{"sku": "cup", "units": 1}, {"sku": "mug", "units": 1}, {"sku": "cup", "units": 2}]},
            "levels[2].sku",
        ),
        ({"levels": [{"sku": "mug", "units": 1}] * 1_001}, "levels"),
    ],
)
async def test_what_figures_cannot_be(shop: Any, body: Any, field: str) -> None:
    problem = await shop.problem("POST", LEVELS, body)
    assert (problem["status"], problem["field"]) == (422, field)
    assert await level(shop, "cup") is None


async def test_a_type_that_is_not_read_is_told_which_are(shop: Any) -> None:
    response = await send(shop, b"{}", "text/plain")
    assert response.status_code == 415
    assert all(kind in response.json()["detail"] for kind in ("application/json", "text/csv", XLSX))


async def test_a_sku_that_the_catalogue_has_not(shop: Any) -> None:
    assert (await shop.problem("GET", f"{LEVELS}?sku=plate"))["field"] == "sku"
    assert (await shop.problem("GET", LEVELS))["field"] == "sku"


async def test_a_file_too_large_is_refused(shop: Any) -> None:
    most = shop.services.settings.upload_max_bytes
    assert msgspec.structs.asdict(shop.services.settings)["upload_max_bytes"] == most
    response = await shop.http.post(
        LEVELS,
        content=b"x",
        headers={**shop.as_("service"), "Content-Type": "text/csv", "Content-Length": str(most + 1)},
    )
    assert response.status_code == 413
