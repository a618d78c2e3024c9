"""`shelfcast demo` as somebody runs it: one command, no settings, Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Collection
from functools import partial

import httpx
import pytest
from shelfcast.commands.demo_counts import LEFT_TO_COUNT
from shelfcast.commands.demo_counts import LOT_SKU as LOT_SKU_THAT_EXPIRES
from shelfcast.commands.demo_rules import LOT_SKU
from shelfcast_client import Holding, Offer, Room, Waiting, connect
from shelfcast_client.merchant import Merchant
from shelfcast_client.pool import Pool, connect_pool

NO_SETTINGS = {name: value for name, value in os.environ.items() if not name.startswith("SHELFCAST_")}


FAST, SWIFT, BRISK, USUAL = "2000", "600", "300", "60"
"""An evening takes a few seconds, a quarter of a minute, half a minute, or two and a half."""


@pytest.fixture
def demo(request, tmp_path):
    """The demo, played fast (or at the speed of the parameter); its temporary files are in `tmp_path`."""
    speed = getattr(request, "param", FAST)
    command = [sys.executable, "-m", "shelfcast", "demo", "--port", "0", "--speed", speed, "--viewers", "30"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env={**NO_SETTINGS, "TMPDIR": "/tmp", "PYTHONUNBUFFERED": "1"},
    ) as process:
        yield process
        process.kill()


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        found = re.search(pattern, line)
        if found:
            return found
    raise AssertionError(f"{pattern!r} was never said: {''.join(said)}")


@pytest.mark.long
async def test_a_newcomer_watches_it_sell_and_stops_it(demo, tmp_path):
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    async with connect(url, "demo") as room:
        assert len(room.stock) == 40
        before = {sku: state.available for sku, state in room.stock.items()}
        await room.until(
            lambda room: any(state.available < before[sku] for sku, state in room.stock.items()), timeout_s=30
        )
    asked, sold, refused = (
        int(number.replace(",", ""))
        for number in read_until(
            demo, r"Evening 1: ([\d,]+) units asked for, ([\d,]+) sold, ([\d,]+) refused \("
        ).groups()
    )
    assert 0 < sold < asked
    assert refused > 0
    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=200)
    assert demo.returncode == 0, rest
    assert "Traceback" not in rest
    assert not os.listdir(tmp_path), "it keeps nothing where it is started"  # noqa: PTH208 - nothing awaits here


async def turn_of(room: Room, wait: str) -> Holding | None:
    """What is held when the wait is over."""
    await room.until(lambda room: wait not in room.waiting)
    return room.reservations.get(wait)


@pytest.mark.long
@pytest.mark.parametrize("demo", [BRISK], indirect=True)
async def test_a_visitor_who_is_too_late_gets_a_turn(demo):
    """The first time, or the next: an evening may end before."""
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    async with httpx.AsyncClient(base_url=url, timeout=100) as http:
        guest = (await http.post("/v1/rooms/demo/guests")).raise_for_status().json()
    async with connect(url, "demo", token=guest["token"]) as room, asyncio.timeout(200):
        assert room.waitlist
        held = None
        while held is None:
            await room.until(
                lambda room: any(each.available == 0 for sku, each in room.stock.items() if sku != LOT_SKU)
            )
            # Who waits for the lot on call waits for an operator.
            gone = next((sku for sku, each in room.stock.items() if each.available == 0 and sku != LOT_SKU), None)
            place = None if gone is None else await room.wait(gone)
            if isinstance(place, Waiting | Offer):
                held = await turn_of(room, place.id)
        assert (held.qty, held.state) == (1, "active")
        left_ms = held.expires_at_ms - (room.server_now_ms() or 0)
        assert left_ms < 31_000, "half a minute, so that turns pass on while one looks"
    read_until(demo, r"Evening \d+: .* refused \(.*\), [1-9][\d,]* went to people who waited")


def lots_offered(pool: Pool, but: Collection[str] = ()) -> list[str]:
    """The lots but these that alerts offer to open, where others offer to release a reserve."""
    offered = [each.id for alert in pool.alerts.values() for each in alert.actions]
    lots = [each.removeprefix("open_batch:") for each in offered if each.startswith("open_batch:lot-")]
    releases = any(each.startswith("release_elastic:") for each in offered)
    return [lot for lot in lots if lot not in but] if releases else []


def thawed(pool: Pool) -> bool:
    """Whether something is sold again."""
    return any(event.type == "unfrozen" for event in pool.actions.values())


@pytest.mark.long
@pytest.mark.parametrize("demo", [SWIFT], indirect=True)
async def test_an_operator_finds_something_to_do_in_every_evening(demo):
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    console = read_until(demo, r"console\s+(http://\S+)/console ")[1]
    token = read_until(demo, r"SHELFCAST_TOKEN=(\S+)")[1]
    async with httpx.AsyncClient(base_url=console, timeout=100) as http:
        login = await http.post("/v1/session", json={"demo": True}, headers={"Origin": console})
        assert (login.status_code, login.json()["role"], login.json()["pools"]) == (201, "operator", ["demo"])
    async with (
        Merchant(url, token, "demo", proxy=False) as merchant,
        connect_pool(url, "demo", token=token, proxy=False) as pool,
        asyncio.timeout(200),
    ):
        opened: list[str] = []
        while len(opened) < 2:
            # Whichever evening it is: one may be over before anybody looks, or frozen from beginning to end.
            await pool.until(partial(lots_offered, but=opened))
            lot = lots_offered(pool, but=opened)[-1]
            await pool.until(lambda pool: pool.units[LOT_SKU].waiting)
            state = {batch["batch"]: batch["state"] for batch in await merchant.batches()}
            assert state[lot] == "planned"
            assert lot.replace("lot", "wave") in state
            room = await merchant.room("demo")
            assert room is not None
            assert room["run_order"][0] == {
                "sku": "TEA-001", "minutes": 3, "expected_units": 40, "note": "The second wave opens on the way",
            }  # fmt: skip
            definition = await merchant.pool_definition()
            assert definition is not None
            assert definition["handover"].startswith("Kitchen scissors")
            buckets = await merchant.buckets()
            assert sum(units["safety"] for units in buckets.values() if "safety" in units) > 40
            assert buckets["CLO-603"]["channel:douyin"] == 20
            assert buckets["CLO-603"]["elastic"] == 13
            opened.append(lot)
            if len(opened) == 2:
                break
            # What somebody leaves behind is no trouble to the next evening.
            await merchant.open_batch(lot)
            await merchant.release_reserve("CLO-603")
            await merchant.freeze_scope({"pool": True})
            await pool.until(thawed)
        report = await merchant.audit()
        assert report["ok"], report


async def test_an_operator_finds_something_to_do_before_a_show(demo):
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    counter = read_until(demo, r"not counted yet\. .*/console#token=(\S+)")[1]
    token = read_until(demo, r"SHELFCAST_TOKEN=(\S+)")[1]
    operator = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=url, headers=operator, timeout=100) as http,
        Merchant(url, token, "demo", proxy=False) as merchant,
        Merchant(url, counter, "demo", proxy=False) as phone,
    ):
        found = (await http.get("/v1/rooms/demo/checklist", params={"level": "fail"})).raise_for_status().json()
        assert found["gate"] == "warn"
        assert {item["sku"] for item in found["items"] if item["check"] == "counted"} == set(LEFT_TO_COUNT)
        assert LOT_SKU_THAT_EXPIRES in {item["sku"] for item in found["items"] if item["check"] == "unsellable"}
        assert [lot["sku"] for lot in (await merchant.expiring_lots())["lots"]] == [LOT_SKU_THAT_EXPIRES]
        assert {receipt["state"] for receipt in await merchant.receipts()} == {"open", "received"}
        assert [request["units"] async for request in merchant.refund_requests()] == [1]
        (count,) = [each for each in await phone.counts() if each["state"] == "counting"]
        assert count["blind"]
        for sku in LEFT_TO_COUNT:
            saved = await phone.save_line(count["count"], sku, 10)
            assert saved["row"]["on_hand"] is None
        # Whoever makes the gate stricter does not end the evenings.
        await merchant.change_room("demo", gate="refuse")
        evening = read_until(demo, r"Evening (\d+): ")[1]
        assert read_until(demo, r"Evening (\d+): ")[1] == str(int(evening) + 1)
        assert (await merchant.audit())["ok"]


@pytest.mark.parametrize(("demo", "shows"), [(USUAL, 1), (FAST, 2)], indirect=["demo"])
async def test_a_visitor_finds_reports_of_shows_that_are_over(demo, shows):
    """Also while the first evening is on, if that takes long."""
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    token = read_until(demo, r"SHELFCAST_TOKEN=(\S+)")[1]
    async with Merchant(url, token, "demo", proxy=False) as merchant, asyncio.timeout(200):
        for number in range(1, shows + 1):
            line = r"A first show .* sold ([\d,]+) units" if shows == 1 else rf"Evening {number}: .* ([\d,]+) sold"
            sold = int((await asyncio.to_thread(read_until, demo, line))[1].replace(",", ""))
            while (report := await merchant.report(f"demo.{number}")) is None:  # noqa: ASYNC110 - asked as a visitor does
                await asyncio.sleep(0.1)
            units = report["totals"]["stock"]
            assert units["sold"] + units["cancelled"] >= sold > 0
            assert report["totals"]["lost"]["units"] > 0


def test_an_empty_shelf_does_not_end_it(demo):
    url = read_until(demo, r"page\s+(http://\S+)/")[1]
    token = read_until(demo, r"SHELFCAST_TOKEN=(\S+)")[1]
    operator = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{url}/v1/rooms/demo/", headers=operator, timeout=100) as room:
        for row in room.get("skus").raise_for_status().json()["skus"]:
            room.delete(f"skus/{row['sku']}", headers={"Idempotency-Key": row["sku"]}).raise_for_status()
    read_until(demo, r"Evening \d+: [\d,]+ units asked for, 0 sold, [\d,]+ refused \(UNKNOWN_SKU [\d,]+\)")


def test_a_port_in_use_is_said_in_one_line(demo, tmp_path):
    port = read_until(demo, r"page\s+http://127\.0\.0\.1:(\d+)/")[1]
    second = subprocess.run(
        [sys.executable, "-m", "shelfcast", "demo", "--port", port],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=NO_SETTINGS,
        timeout=100,
    )
    assert second.returncode == 2
    assert second.stderr.startswith(f"shelfcast: cannot listen on 127.0.0.1 port {port}: Address already in use")
    assert second.stderr.count("\n") == 1
