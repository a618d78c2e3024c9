"""An import is applied by a process that is killed in the middle of it."""

from __future__ import annotations

import os
import signal
from typing import Any

import httpx
from engine_process import wait_until
from workers.conftest import Serve
from workers.serving import POOL, ROOM, SKU, WAIT_S, Serving

ROWS, OPENING, BUFFER = 1_500, 20, 2
ATTEMPTS = 5
"""So often an import may be through before its process is killed."""
IMPORTS = f"/v1/pools/{POOL}/imports"


def ask(server: Serving, method: str, path: str, content: bytes | None = None) -> Any:
    headers = {"Authorization": f"Bearer {server.token('operator', 'zhang')}"}
    if content is not None:
        headers["Content-Type"] = "text/csv"
    response = httpx.request(method, server.url + path, headers=headers, content=content, timeout=WAIT_S)
    assert response.is_success, response.text
    return response.json()


def of(server: Serving, name: str) -> Any:
    return ask(server, "GET", f"{IMPORTS}/{name}?preview=false")


def killed_in_the_middle(server: Serving, attempt: int) -> str:
    """The import whose process was killed; empty where that came too late."""
    process = server.heavy(attempt + 1)
    file = "sku,opening\n" + "".join(f"S-{attempt}-{n:05},{OPENING}\n" for n in range(ROWS))
    name: str = ask(server, "POST", f"{IMPORTS}?room={ROOM}", file.encode())["import"]
    wait_until(lambda: of(server, name)["state"] == "ready")
    ask(server, "POST", f"{IMPORTS}/{name}/apply")
    while not of(server, name)["done"]:
        pass
    os.kill(process, signal.SIGKILL)
    server.logged("heavy.died", pid=process)
    half = of(server, name)
    assert half["of"] == ROWS
    return name if 0 < half["done"] < ROWS else ""


def test_it_is_gone_on_with_and_nothing_is_received_twice(serve: Serve) -> None:
    server = serve(job_claim_ms=1_000, skus_a_room_max=ATTEMPTS * ROWS + 1).ready().open_shop(1)
    attempts = (killed_in_the_middle(server, attempt) for attempt in range(ATTEMPTS))
    name = next(filter(None, attempts))
    wait_until(lambda: of(server, name)["state"] != "applying")
    after = of(server, name)
    assert (after["state"], after["done"], after["refused"]) == ("applied", ROWS, [])
    assert server.logged("job.begun", kind="import", fence=2)
    skus = {row["sku"] for row in ask(server, "GET", f"/v1/rooms/{ROOM}/skus")["skus"]} - {SKU}
    assert len(skus) % ROWS == 0
    seen: dict[str, Any] = {}
    begin = ""
    while begin is not None:
        page = ask(server, "GET", f"/v1/pools/{POOL}/skus?limit=1000" + (f"&after={begin}" if begin else ""))
        seen |= {row["sku"]: row["buckets"] for row in page["skus"]}
        begin = page["next"]
    assert seen.keys() - {SKU} == skus
    units = {tuple(seen[sku].get(place) for place in ("pool", "safety", "supplier")) for sku in skus}
    assert units == {(OPENING - BUFFER, BUFFER, -OPENING)}
    [action] = [one for one in ask(server, "GET", f"/v1/pools/{POOL}/actions")["actions"] if one["id"] == name]
    assert action["kind"] == "catalogue"
    assert ask(server, "GET", f"/v1/pools/{POOL}/audit")["ok"]
