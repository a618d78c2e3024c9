"""Files sent to an application to import, and waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from openapi_conformance import assert_documented

IMPORTS = "/v1/pools/main/imports"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
