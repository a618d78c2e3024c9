"""Locust as its users start it, against a server that runs: `locust -f loadtest/locustfile.py --host ... -u 30`."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from engine_process import free_ports
from fixtures_server import POOL, ROOM, RunningServer, StartServer
from loadtest.conftest import LOADTEST
from permission import Refused, destination

WAIT_S = 90.0
USERS = 30
UNITS = 10_000
ASK_S = 0.05
NOT_OURS = {name: value for name, value in os.environ.items() if not name.startswith(("SHELFCAST_", "LOCUST_"))}


class Locust:
    """One Locust process. `stop` ends it, and returns its exit code."""

    def __init__(self, process: asyncio.subprocess.Process, figures: Path) -> None:
        self.process = process
        self._figures = figures

    @classmethod
    async def start(cls, folder: Path, *flags: str, **environment: str) -> Locust:
        """With `headless`, its figures are in `rows` when it has ended."""
        figures = folder / "figures"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "locust", "-f", str(LOADTEST / "locustfile.py")),
            *("--json-file", str(figures), "--only-summary", *flags),
            env={**NOT_OURS, **environment},
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process, figures)

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return (await self.ended())[0]

    async def ended(self) -> tuple[int, str]:
        """Exit code and everything it said."""
        async with asyncio.timeout(WAIT_S):
            said, _ = await self.process.communicate()
        code = self.process.returncode
        assert code is not None
        return code, said.decode()

    def rows(self) -> dict[str, dict[str, Any]]:
        rows = json.loads(self._figures.with_suffix(".json").read_text(encoding="utf-8"))
        return {row["name"]: row for row in rows}


StartLocust = Callable[..., Awaitable[Locust]]


def end(locust: Locust) -> None:
    if locust.process.returncode is None:
        locust.process.kill()


@pytest.fixture
async def start_locust(tmp_path: Path) -> AsyncIterator[StartLocust]:
    """Starts Locust; whatever runs at the end is killed."""
    numbers = itertools.count()
    async with AsyncExitStack() as started:

        async def start(*flags: str, **environment: str) -> Locust:
            folder = tmp_path / f"locust-{next(numbers)}"
            folder.mkdir()
            locust = await Locust.start(folder, *flags, **environment)
            started.callback(end, locust)
            return locust

        yield start


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    await server.open_shop()
    await server.sell("mug", UNITS)
    return server


@asynccontextmanager
async def speaking(url: str, headers: dict[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP with whoever is there, for as long as a test may wait."""
    async with (
        asyncio.timeout(WAIT_S),
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, verify=False) as http,
    ):
        yield http


async def counted(server: RunningServer, enough: Callable[[dict[str, int]], bool]) -> None:
    """Wait until the mug's buckets are as they should be."""
    asking = {"Authorization": f"Bearer {server.token('operator')}"}
    async with speaking(server.url, asking) as http:
        while not enough((await http.get(f"/v1/pools/{POOL}/skus/mug")).json()["buckets"]):  # noqa: ASYNC110
            await asyncio.sleep(ASK_S)


def has_sold(buckets: dict[str, int], least: int) -> bool:
    return sum(units for place, units in buckets.items() if place.startswith("sold")) >= least


def has_more_than_at_first(buckets: dict[str, int]) -> bool:
    """Goods have come in: all places of this side of the counter together have more than the shop began with."""
    return -buckets.get("supplier", 0) > UNITS or sum(buckets.values()) > UNITS


async def watching(server: RunningServer, viewers: int) -> None:
    """Wait until so many people are in the room."""
    async with speaking(server.url) as http:
        while (await http.get(f"/v1/rooms/{ROOM}/snapshot")).json()["viewers"] < viewers:  # noqa: ASYNC110
            await asyncio.sleep(ASK_S)


def flags(server: RunningServer, *more: str) -> list[str]:
    return ["--host", server.url, "--room", ROOM, "-u", str(USERS), "-r", str(USERS), *more]


def secret(server: RunningServer) -> dict[str, str]:
    return {"SHELFCAST_TOKEN_SECRET": server.settings.token_secret}


async def test_viewers_buyers_a_host_and_an_operator_come(shop: RunningServer, start_locust: StartLocust) -> None:
    locust = await start_locust(*flags(shop, "--headless", "--buyer-rate", "2", "--pay-rate", "10"), **secret(shop))
    await watching(shop, USERS - 2)
    await counted(shop, lambda buckets: has_sold(buckets, 3) and has_more_than_at_first(buckets))
    code = await locust.stop()
    rows = locust.rows()
    assert code == 0, rows
    # The host's and the operator's connections are counted as one: the host's is no part of the crowd.
    assert rows["connect"]["num_requests"] == USERS - 2
    assert rows["reserve: OK"]["num_requests"] >= 3
    assert rows["confirm"]["num_requests"] >= 3
    assert rows["receive"]["num_requests"] >= 1
    assert rows["stock change → viewer"]["num_requests"] >= USERS
    assert rows["stock change → viewer"]["total_response_time"] > 0
    assert not any(row["num_failures"] for row in rows.values())


async def test_over_tls_with_a_certificate_that_is_verified(
    start_server: StartServer, certificate: dict[str, str], start_locust: StartLocust
) -> None:
    server = await start_server(**certificate)
    await server.open_shop()
    await server.sell("mug", UNITS)
    trusting = {**secret(server), "SSL_CERT_FILE": certificate["tls_certificate_file"]}
    locust = await start_locust(*flags(server, "--headless", "--buyer-rate", "2", "--pay-rate", "10"), **trusting)
    await watching(server, USERS - 2)
    await counted(server, lambda buckets: has_sold(buckets, 1))
    assert await locust.stop() == 0, locust.rows()
    code, said = await (await start_locust(*flags(server, "--headless"), **secret(server))).ended()
    assert code == 2
    assert "CERTIFICATE_VERIFY_FAILED" in said


async def test_a_master_and_its_worker(shop: RunningServer, start_locust: StartLocust) -> None:
    (port,) = map(str, free_ports(1))
    own = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
    master = await start_locust(*flags(shop, "--headless", "--master", "--expect-workers", "1", *own), **secret(shop))
    # What to load, and with what, a worker is told by its master.
    worker = await start_locust("--worker", "--master-host", "127.0.0.1", "--master-port", port)
    await watching(shop, USERS - 2)
    assert await master.stop() == 0
    assert (await worker.ended())[0] == 0
    assert master.rows()["connect"]["num_requests"] == USERS - 2


async def test_locust_s_own_page(shop: RunningServer, start_locust: StartLocust) -> None:
    (port,) = free_ports(1)
    token = shop.token("viewer", room=ROOM)
    locust = await start_locust("--web-host", "127.0.0.1", "--web-port", str(port), SHELFCAST_TOKEN=token)
    async with speaking(f"http://127.0.0.1:{port}") as page:
        while not await answers(page):  # noqa: ASYNC110
            await asyncio.sleep(ASK_S)
        form = {"user_count": str(USERS), "spawn_rate": str(USERS), "host": shop.url, "room": ROOM}
        for wrong, expected in (
            ({"host": "http://192.0.2.1"}, "--i-may-load 192.0.2.1"),
            ({"host": "http://192.0.2.1", "i_may_load": "192.0.2.1"}, "command line alone"),
            ({"room": "nowhere"}, "404"),
        ):
            refused = (await page.post("/swarm", data=form | wrong)).json()
            assert not refused["success"]
            assert expected in refused["message"]
        assert (await page.post("/swarm", data=form)).json()["success"]
        await watching(shop, USERS)
        assert token not in (await page.get("/")).text
        assert (await page.post("/stop")).json()["success"]
        names = {row["name"] for row in (await page.get("/stats/requests")).json()["stats"]}
        # A viewer's token lets viewers and buyers in, and none that move stock.
        assert "connect" in names
        assert not names & {"receive", "confirm"}
    assert await locust.stop() == 0


async def answers(page: httpx.AsyncClient) -> bool:
    try:
        return (await page.get("/")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--host", "http://192.0.2.1"], "`--i-may-load 192.0.2.1`"),
        (["--room", "nowhere"], "404"),
        (["--room", ""], "--room"),
        (["--host", "http://127.0.0.1:9"], "does not answer"),
        (["--buyer-rate", "1000"], "--buyer-rate: expected 0 to 20"),
        (["--token", "nonsense"], "--token (or SHELFCAST_TOKEN): expected a JWT"),
        (["--secret", "another secret, of 32 bytes and more"], "401"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_what_cannot_be_is_refused_in_a_line(
    shop: RunningServer, start_locust: StartLocust, more: list[str], expected: str
) -> None:
    code, said = await (await start_locust(*flags(shop, "--headless", *more))).ended()
    assert code == 2
    assert expected in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8000", "https://127.8.9.1", "http://[::1]:8000/", "http://localhost"]
)
def test_this_machine_may_be_loaded(host: str) -> None:
    assert destination(host, []).url == host.rstrip("/")


def test_another_machine_may_be_loaded_by_whoever_names_it() -> None:
    for host in ("http://192.0.2.1", "https://[2001:db8::1]:8443"):
        for named in ([], ["192.0.2.2"], ["192.0.2"]):
            with pytest.raises(Refused, match="--i-may-load"):
                destination(host, named)
    found = destination("https://192.0.2.1", ["192.0.2.1"])
    assert (found.addresses, found.port, found.tls) == (["192.0.2.1"], 443, True)
    assert destination("https://[2001:DB8::1]:8443", ["[2001:db8::1]"]).port == 8443


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1:8000", "ws://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://127.0.0.1/shop",
             "http://user@127.0.0.1", "http://127.0.0.1?a=b", "http://[::1"],
)  # fmt: skip
def test_what_is_no_server_s_address_is_refused(host: str) -> None:
    with pytest.raises(Refused, match="--host: expected http://"):
        destination(host, ["127.0.0.1"])
