"""An import is applied by a process that is killed in the middle of it."""

from __future__ import annotations

import os
import signal
from typing import Any

import httpx
from engine_process import wait_until
from workers.conftest import Serve
from workers.serving import POOL, ROOM, WAIT_S, Serving

ROWS, OPENING, BUFFER = 1_500, 20, 2
IMPORTS = f"/v1/pools/{POOL}/imports"


def ask(server: Serving, method: str, path: str, content: bytes | None = None) -> Any:
    headers = {"Authorization": f"Bearer {server.token('operator', 'zhang')}"}
    if content is not None:
        headers["Content-Type"] = "text/csv"
    response = httpx.request(method, server.url + path, headers=headers, content=content, timeout=WAIT_S)
    assert response.is_success, response.text
    return response.json()


def test_it_is_gone_on_with_and_nothing_is_received_twice(serve: Serve) -> None:
    server = serve(job_claim_ms=1_000, job_report_ms=50, skus_a_room_max=ROWS + 1).ready().open_shop(1)
    file = "sku,opening,link\n" + "".join(f"S-{n:05},{OPENING},\n" for n in range(ROWS))
    first = server.heavy()
    name = ask(server, "POST", f"{IMPORTS}?room={ROOM}", file.encode())["import"]

    def found() -> Any:
        return ask(server, "GET", f"{IMPORTS}/{name}?preview=false")

    wait_until(lambda: found()["state"] == "ready")
    ask(server, "POST", f"{IMPORTS}/{name}/apply")
    wait_until(lambda: found()["done"] > 0)
    os.kill(first, signal.SIGKILL)
    server.logged("heavy.died", pid=first)
    half = found()
    assert (half["state"], half["of"]) == ("applying", ROWS)
    assert 0 < half["done"] < ROWS
    wait_until(lambda: found()["state"] != "applying")
    assert (found()["state"], found()["done"], found()["refused"]) == ("applied", ROWS, [])
    assert server.logged("job.ended", kind="import")["outcome"] == "done"
    pages = [
        ask(server, "GET", f"/v1/pools/{POOL}/skus?limit=1000{after}") for after in ("", f"&after=S-{ROWS // 2:05}")
    ]
    rows = {row["sku"]: row["buckets"] for page in pages for row in page["skus"] if row["sku"].startswith("S-")}
    assert len(rows) == ROWS
    units = {tuple(row.get(place) for place in ("pool", "safety", "supplier")) for row in rows.values()}
    assert units == {(OPENING - BUFFER, BUFFER, -OPENING)}
    [action] = [one for one in ask(server, "GET", f"/v1/pools/{POOL}/actions")["actions"] if one["id"] == name]
    assert action["kind"] == "catalogue"
    assert len(ask(server, "GET", f"/v1/rooms/{ROOM}/skus")["skus"]) == ROWS + 1
    assert ask(server, "GET", f"/v1/pools/{POOL}/audit")["ok"]
