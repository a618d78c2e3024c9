"""Files that are sent up: what they would change, or why they cannot be read; never more than their bounds."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fixtures_server import RunningServer
from heavy_work import heavy_work
from openapi_conformance import assert_documented
from shelfcast.http.application import create_app
from waiting import WAIT_S
from workbooks import article, number, table, text, write

PREVIEW = "/v1/pools/main/catalogue/preview"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = b"sku,title,price,opening\nmug,Beaker,9.90,5\ncup,Cup,3,7\n"
Start = Callable[..., Awaitable[RunningServer]]


async def send(shop: Any, content: Any, kind: str = CSV, path: str = PREVIEW, **headers: str) -> httpx.Response:
    headers = {**shop.as_("operator"), "Content-Type": kind, **headers}
    response: httpx.Response = await shop.http.post(path, content=content, headers=headers)
    assert_documented(response)
    return response


def of(shop: Any, **settings: Any) -> Any:
    """The shop behind a server with these settings."""
    services = shop.services
    changed = msgspec.structs.replace(services.settings, **settings)
    other = type(services)(
        settings=changed,
        pools=services.pools,
        hub=services.hub,
        tokens=services.tokens,
        entry=services.entry,
        pool_entry=services.pool_entry,
    )
    http = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(other)), base_url="http://shelf.test")
    return type(shop)(other, http)


async def uploads_kept(shop: Any) -> int:
    pool = await shop.services.pools.get("main")
    return len(await pool.book._engine.command("KEYS", f"{pool.book.base}:upload:*"))


async def test_a_csv_file_says_what_it_would_change(shop: Any) -> None:
    found = (await send(shop, FILE)).json()
    assert (found["rows"], found["new"], found["changed"], found["same"], found["bad"]) == (2, 1, 1, 0, 0)
    assert found["summary"] == "1 new, 1 changed (title 1), 0 the same"
    mug, cup = found["changes"]
    assert (mug["verdict"], mug["kept_back"], mug["receives"]) == ("changed", 5, 0)
    assert mug["changes"] == [{"column": "title", "before": "'Mug'", "after": "'Beaker'"}]
    assert (cup["line"], cup["sku"], cup["verdict"], cup["receives"]) == (3, "cup", "new", 7)
    assert [row["sku"] for row in (await shop.ok("GET", "/v1/pools/main/skus"))["skus"]] == ["mug"], "nothing changed"
    assert await uploads_kept(shop) == 0


async def test_a_workbook_and_a_room(shop: Any, tmp_path: Path) -> None:
    file = write(tmp_path / "c.xlsx", table(article(text("mug"), price=number("9.9"), opening=number("1"))))
    found = (await send(shop, file.read_bytes(), XLSX, f"{PREVIEW}?room=evening")).json()
    assert found["changes"][0]["changes"][-1] == {"column": "position", "before": "0", "after": "1"}


async def test_how_a_file_is_meant_can_be_said(shop: Any) -> None:
    content = "sku,title,stock\nmug,杯,5\n".encode("gb18030")
    asked = (await send(shop, content)).json()["detail"]
    assert "Say opening='stock' where it is, opening=none where it is left aside" in asked
    found = (await send(shop, content, path=f"{PREVIEW}?opening=stock&encoding=gbk")).json()
    assert found["changes"][0]["changes"][0]["after"] == "'杯'"
    assert found["changes"][0]["kept_back"] == 5
    refused = await send(shop, content, path=f"{PREVIEW}?encoding=klingon")
    assert (refused.status_code, refused.json()["field"]) == (422, "encoding")


def bomb() -> bytes:
    """A workbook that is 200 MB unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        for part in ("[Content_Types].xml", "xl/workbook.xml", "_rels/.rels"):
            parts.writestr(part, b" " * 70_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", CSV, "the file is empty"),
        (b"name\nmug\n", CSV, "no column sku"),
        (b"PK\x03\x04 cut", XLSX, "not an XLSX workbook"),
        (b"sku\nmug\n", XLSX, "not an XLSX workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", XLSX, "old .xls workbook"),
        (b"\x1f\x8bcut", CSV, "not a complete gzip file"),
        (b"sku\n" + b"a\n" * 30_000, CSV, "more than 20,000 rows"),
        (bomb, XLSX, "more than|larger|not an XLSX"),
    ],
)
async def test_what_cannot_be_read_says_why(shop: Any, content: Any, kind: str, reason: str) -> None:
    response = await send(shop, content() if callable(content) else content, kind)
    assert (response.status_code, response.json()["code"]) == (422, "BAD_MESSAGE")
    assert any(each in response.json()["detail"] for each in reason.split("|")), response.json()["detail"]
    assert await uploads_kept(shop) == 0


async def test_a_cut_workbook_is_none(shop: Any, tmp_path: Path) -> None:
    whole = write(tmp_path / "c.xlsx", table(article())).read_bytes()
    assert (await send(shop, whole[: len(whole) // 2], XLSX)).status_code == 422


@pytest.mark.parametrize("kind", ["application/json", "", "application/vnd.ms-excel", "text/csvx"])
async def test_another_type_is_refused_with_those_that_are_read(shop: Any, kind: str) -> None:
    response = await send(shop, FILE, kind)
    assert (response.status_code, response.json()["field"]) == (415, "Content-Type")
    assert response.json()["detail"] == f"expected Content-Type: {CSV} or {XLSX}"


async def test_an_encoded_file_is_refused(shop: Any) -> None:
    response = await send(shop, FILE, **{"Content-Encoding": "gzip"})
    assert (response.status_code, response.json()["field"]) == (415, "Content-Encoding")


@pytest.mark.parametrize("says_so", [True, False])
async def test_a_file_that_is_too_large_is_refused_whether_it_says_so_or_not(shop: Any, says_so: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"a" * 1_000

    response = await send(of(shop, upload_max_bytes=10_000), b"a" * 11_000 if says_so else pieces())
    assert (response.status_code, response.headers["connection"]) == (413, "close")
    assert await uploads_kept(shop) == 0


async def test_a_file_without_a_length_is_read(shop: Any) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(len(FILE)):
            yield FILE[at : at + 1]

    assert (await send(shop, pieces())).json()["new"] == 1


async def test_the_same_key_and_file_is_one_job_and_another_file_a_conflict(shop: Any) -> None:
    first = (await send(shop, FILE, **{"Idempotency-Key": "once"})).json()
    assert (await send(shop, FILE, **{"Idempotency-Key": "once"})).json() == first
    other = await send(shop, FILE + b"x,X,1,1\n", **{"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["code"]) == (409, "ID_CONFLICT")
    assert len((await shop.ok("GET", "/v1/pools/main/jobs"))["jobs"]) == 1
    assert await uploads_kept(shop) == 0


async def test_a_file_that_takes_long_is_a_job(shop: Any) -> None:
    response = await send(of(shop, job_wait_ms=1), FILE)
    assert response.status_code == 202
    path = response.headers["location"]
    while (job := await shop.ok("GET", path))["ended_at_ms"] is None:
        pass
    assert (job["kind"], job["result"]["new"]) == ("preview", 1)


async def test_no_file_is_taken_for_a_job_too_many(shop: Any) -> None:
    full = of(shop, jobs_open_a_pool_max=1)
    pool = await shop.services.pools.get("main")
    await pool.jobs.make("waits", "nobody does it", {}, asked_by="wang")
    response = await send(full, FILE)
    assert (response.status_code, response.json()["code"]) == (429, "RATE_LIMITED")


async def test_a_room_of_somebody_else_is_not_previewed(shop: Any) -> None:
    headers = {**shop.as_("operator", pool="other"), "Content-Type": CSV}
    assert (await shop.http.post(PREVIEW, content=FILE, headers=headers)).status_code == 403


# --- over sockets


def head_of(server: RunningServer, length: int) -> bytes:
    return (
        f"POST {PREVIEW} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token('operator')}\r\n"
        f"Content-Type: {CSV}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def test_a_slow_file_has_its_time_and_no_more(start_server: Start) -> None:
    """Longer than a request's head may take: who is known is given it."""
    server = await start_server(upload_timeout_ms=int(WAIT_S * 1_000), handshake_timeout_ms=500)
    await server.open_shop()
    async with heavy_work(server.app.engine, server.settings):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head_of(server, len(FILE)))
        begun_s = asyncio.get_running_loop().time()
        for at in range(10):
            writer.write(FILE[at : at + 1])
            await asyncio.sleep(0.1)  # the slow client itself
        writer.write(FILE[10:])
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        assert asyncio.get_running_loop().time() - begun_s > 0.9
        writer.close()
        hasty = await start_server(upload_timeout_ms=500, handshake_timeout_ms=500)
        reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
        writer.write(head_of(hasty, len(FILE)) + FILE[:10])
        answer = await asyncio.wait_for(reader.read(), 60)
        assert answer.startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_files_that_come_have_so_many_places_and_leave_them(start_server: Start) -> None:
    server = await start_server(uploads_at_once_max=1)
    await server.open_shop()
    headers = {"Authorization": f"Bearer {server.token('operator')}", "Content-Type": CSV}
    async with (
        heavy_work(server.app.engine, server.settings),
        httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as http,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head_of(server, len(FILE)) + FILE[:10])
        while (refused := await http.post(PREVIEW, content=FILE)).is_success:
            pass
        assert (refused.status_code, refused.json()["code"]) == (503, "OVERLOADED")
        writer.close()
        while not (answer := await http.post(PREVIEW, content=FILE)).is_success:
            assert answer.status_code == 503
        assert answer.json()["new"] == 2


async def test_a_picture_that_the_server_would_refuse_is_a_fault_before(shop: Any) -> None:
    file = "货号,图片,别名\nmug,https://elsewhere.example/mug.webp,蓝杯\ncup,/static/cup.svg,小杯\n".encode()
    found = (await send(shop, file)).json()
    assert (found["new"], found["bad"], found["fault_count"]) == (1, 1, 1)
    assert (found["faults"][0]["line"], found["faults"][0]["column"]) == (2, "图片")
    assert "image_origins" in found["faults"][0]["message"]
