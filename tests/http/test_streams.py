"""Answers that are streamed: whole, in the type that is asked for, no longer than they are wanted, never cut unseen."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from engine_process import EngineProcess
from fixtures_server import RunningServer
from shelfcast.engine import Engine
from shelfcast.sheets.catalogue import catalogue_of
from shelfcast.sheets.preview import Verdict, preview
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Move, MoveKind

LEDGER = "/v1/pools/main/ledger"
SKUS = "/v1/pools/main/skus"
MANY = 12_000
CSV = {"Accept": "text/csv"}


async def moved(shop: Any, times: int) -> None:
    for number in range(times):
        body = {"kind": "receive", "sku": "mug", "qty": 1, "target": "pool", "reason": "=1+1", "id": f"m{number}"}
        await shop.ok("POST", "/v1/pools/main/moves", body)


async def test_the_whole_ledger_is_the_pages_of_it(shop: Any) -> None:
    await moved(shop, 5)
    whole = await shop.call("GET", f"{LEDGER}?limit=all")
    assert whole.headers["content-type"] == "application/x-ndjson"
    assert "content-length" not in whole.headers
    pages = [(await shop.call("GET", f"{LEDGER}?limit=2&after={after}")).text for after in (0, 2, 4)]
    assert whole.text == "".join(pages)
    assert [json.loads(line)["seq"] for line in whole.text.splitlines()] == [1, 2, 3, 4, 5, 6]
    behind = await shop.call("GET", f"{LEDGER}?limit=all&after=5")
    assert [json.loads(line)["seq"] for line in behind.text.splitlines()] == [6]
    assert (await shop.call("GET", f"{LEDGER}?limit=all&stream=presale")).text == ""
    assert (await shop.problem("GET", f"{LEDGER}?limit=everything"))["field"] == "limit"


async def test_the_ledger_as_a_spreadsheet(shop: Any) -> None:
    await moved(shop, 2)
    whole = await shop.call("GET", f"{LEDGER}?limit=all", headers=CSV)
    assert (whole.headers["content-type"], whole.headers["vary"]) == ("text/csv; charset=utf-8", "Accept")
    lines = whole.text.removeprefix("\ufeff").split("\r\n")
    assert lines[0].startswith("seq,pool_seq,at_ms,id,kind,sku,qty,source,target,")
    assert lines[2].endswith(",wang,'=1+1,,,,,,,,")
    page = await shop.call("GET", f"{LEDGER}?limit=3", headers=CSV)
    assert page.text == whole.text
    assert page.links["next"]["url"].endswith("limit=3&after=3")


async def test_head_of_a_stream_has_no_body(shop: Any) -> None:
    response = await shop.http.head(f"{LEDGER}?limit=all", headers=shop.as_("operator"))
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/x-ndjson"


async def test_what_nobody_takes_is_not_sent(shop: Any) -> None:
    for path, there_are in (
        (LEDGER, "application/x-ndjson, text/csv"),
        (SKUS, "application/json, text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        problem = await shop.problem("GET", path, headers={"Accept": "text/html"})
        assert (problem["status"], problem["field"]) == (406, "Accept")
        assert problem["detail"].endswith(there_are)


async def test_an_exported_catalogue_is_imported_as_the_same(shop: Any) -> None:
    rows = [
        {"sku": sku, "title": title, "price_minor": 1234, "barcode": barcode, "opening": 1}
        for sku, title, barcode in [
            ("=1+1", "@cmd", "1.2E+12"), ("-7", "-7", "-x"), ("'quoted", "+86", "6900000000000000"), ("杯", 'a"b', ""),
        ]
    ]  # fmt: skip
    await shop.ok("POST", "/v1/pools/main/catalogue", {"skus": rows}, headers={"Idempotency-Key": "rows"})
    await shop.ok("PUT", f"{SKUS}/yen", {"price_minor": 500, "currency": "JPY", "elastic_release_at": 0})
    exported = await shop.call("GET", SKUS, headers=CSV)
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    catalogue = catalogue_of(read_content(exported.content, "skus.csv", CATALOGUE_BOUNDS), "skus.csv")
    assert catalogue.faults == []
    assert catalogue.ignored_columns == []
    present = {row["sku"]: row for row in (await shop.ok("GET", f"{SKUS}?limit=1000"))["skus"]}
    assert {row.verdict for row in preview(catalogue, present)} == {Verdict.SAME}
    assert {article.sku for article in catalogue.articles} == present.keys()


@pytest.mark.parametrize("parameter", ["limit=1", "after=mug"])
async def test_a_catalogue_comes_whole_or_in_pages(shop: Any, parameter: str) -> None:
    problem = await shop.problem("GET", f"{SKUS}?{parameter}", headers=CSV)
    assert (problem["status"], problem["field"]) == (422, parameter.partition("=")[0])


# --- over sockets


async def full_server(start: Callable[..., Awaitable[RunningServer]], **settings: Any) -> RunningServer:
    """A server whose ledger is longer than what lies in buffers on its way."""
    server = await start(**settings)
    await server.open_shop()
    await server.sell("mug", 1)
    book = await server.book()
    for first in range(0, MANY, 1_000):
        moves = [Move(f"m{first + n}", MoveKind.RECEIVE, "mug", 1, "supplier", "pool") for n in range(1_000)]
        await asyncio.gather(*map(book.apply, moves))
    return server


def request_of(server: RunningServer) -> bytes:
    head = f"GET {LEDGER}?limit=all HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token('operator')}\r\n\r\n"
    return head.encode()


async def test_a_dead_engine_cuts_a_stream_so_that_everybody_sees_it(
    start_server: Callable[..., Awaitable[RunningServer]], own_engine: EngineProcess, settings: Any
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    server = await full_server(start_server, own_engine=engine, engine_call_timeout_ms=500)
    headers = {"Authorization": f"Bearer {server.token('operator')}"}
    try:
        async with (
            httpx.AsyncClient(base_url=server.url) as http,
            http.stream("GET", f"{LEDGER}?limit=all", headers=headers, timeout=60) as response,
        ):
            pieces = response.aiter_raw(1_000)
            await anext(pieces)
            own_engine.stop(signal.SIGKILL)
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                async for _ in pieces:
                    pass
            refused = await http.get(f"{LEDGER}?limit=all", headers=headers)
            assert refused.status_code == 503, "what is wrong from the start is a problem"
    finally:
        own_engine.start()
        await engine.close()


@pytest.mark.parametrize("leaves", [True, False])
async def test_who_leaves_or_stops_reading_gives_its_place_back(
    start_server: Callable[..., Awaitable[RunningServer]], leaves: bool
) -> None:
    server = await full_server(start_server, streams_at_once_max=1, response_stall_max_ms=500)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1_000)
    writer.write(request_of(server))
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    headers = {"Authorization": f"Bearer {server.token('operator')}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as http:
        busy = await http.get(f"{LEDGER}?limit=all")
        assert (busy.status_code, busy.json()["code"]) == (503, "OVERLOADED")
        assert (await http.get("/healthz")).is_success
        if leaves:
            writer.close()
        while (answer := await http.get(f"{LEDGER}?limit=all")).status_code == 503:
            pass
        assert len(answer.text.splitlines()) == MANY + 1
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_who_reads_slowly_gets_the_whole_answer(start_server: Callable[..., Awaitable[RunningServer]]) -> None:
    """What waits for it is as much at every look: the answer fills the place that it reads free."""
    stall_s = 0.5
    server = await full_server(start_server, response_stall_max_ms=int(stall_s * 1_000))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", server.port))
    with sock:
        await loop.sock_sendall(sock, request_of(server).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer, begun = bytearray(), loop.time()
        while piece := await loop.sock_recv(sock, 16_384):
            answer += piece
            # A piece now and then, so that the whole takes many times what an unread answer may take.
            await asyncio.sleep(stall_s / 25)
    assert loop.time() - begun > 2 * stall_s
    assert answer.endswith(b"0\r\n\r\n")
    assert answer.count(b'"receive"') == MANY + 1
