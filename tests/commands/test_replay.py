"""`shelfcast replay` against a running server, over real sockets."""

from __future__ import annotations

import asyncio
import csv
from importlib.resources import files
from pathlib import Path

import pytest
from shelfcast import cli
from shelfcast.commands import replay
from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.settings import Settings
from shelfcast_client.merchant import Merchant

SAMPLE = Path(str(files("shelfcast") / "sample" / "orders.csv"))
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
AS_FAST_AS_IT_GOES = 1_000_000.0


async def played(server, day, *, secret=True, token=None, **choices):
    """The command's exit code; it has a loop of its own, as on the command line."""
    settings = Settings(token_secret=server.settings.token_secret if secret else "")
    options = {
        "room": None,
        "pool": None,
        "channel": "live",
        "currency": "CNY",
        "opening": "80%",
        "speed": AS_FAST_AS_IT_GOES,
        "abandon_percent": 0.0,
        "connections": 16,
        "seed": 1,
        "report": None,
        **choices,
    }
    return await asyncio.to_thread(replay.run, settings, server.url, token, day, **options)


async def buckets(server, pool):
    async with Merchant(server.url, server.token("operator"), pool) as merchant:
        return await merchant.buckets()


def a_day(folder, rows):
    file = folder / "day.csv"
    file.write_text(HEADER + rows)
    return file


async def test_the_sample_evening_balances_to_the_unit(server, tmp_path, capsys):
    report = tmp_path / "out" / "report.csv"
    assert await played(server, SAMPLE, abandon_percent=10.0, report=report) == 0
    said = capsys.readouterr().out
    assert "every SKU agrees with the book (42)" in said
    assert "every invariant holds" in said
    for line in csv.DictReader(report.read_text(encoding="utf-8").splitlines()):
        opening, came_in, sold, out, closing = (int(line[name]) for name in ("opening", "in", "sold", "out", "closing"))
        assert opening + came_in - sold - out == closing
    left = await buckets(server, "replay-orders")
    assert sum(units.get("sold:live", 0) for units in left.values()) > 0
    assert any(units.get("pool", 0) == 0 for units in left.values()), "with 80 % of the demand something sells out"


async def test_a_cancellation_gives_back_what_was_sold_and_no_more(server, tmp_path, capsys):
    day = a_day(
        tmp_path,
        "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n"
        "C2,A,Lantern,-4,2010-12-01 08:01:00,2.55,1\n"
        "C3,A,Lantern,-4,2010-12-01 08:02:00,2.55,1\n"
        "C4,A,Lantern,-1,2010-12-01 08:03:00,2.55,2\n",
    )
    assert await played(server, day, opening="100%") == 0
    left = await buckets(server, "replay-day")
    assert (left["A"].get("sold:live", 0), left["A"]["pool"]) == (0, 6)
    said = " ".join(capsys.readouterr().out.split())
    assert "cancelled and given back │ 2 │ 6" in said
    assert "cancelled, but not sold here │ 2 │ 3" in said


async def test_losses_are_written_off_as_far_as_there_is_stock(server, tmp_path):
    day = a_day(
        tmp_path,
        "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n"
        "2,A,broken,-2,2010-12-01 08:01:00,0,\n"
        "3,A,lost,-9,2010-12-01 08:02:00,0,\n"
        "4,B,found,5,2010-12-01 08:03:00,0,\n",
    )
    assert await played(server, day, opening="10") == 0
    left = await buckets(server, "replay-day")
    assert left["A"].get("written_off", 0) + left["A"].get("sold:live", 0) + left["A"].get("pool", 0) == 10
    assert left["B"]["pool"] == 15


async def test_losses_are_written_off_wherever_there_is_stock(server, tmp_path):
    day = a_day(tmp_path, "2,A,broken,-7,2010-12-01 08:01:00,0,\n")
    async with Merchant(server.url, server.token("operator"), "replay-day") as merchant:
        await merchant.define_pool()
        await merchant.define_channel("live")
        await merchant.catalogue([{"sku": "A", "title": "Lantern", "opening": 10}], key="opening")
        await merchant.allocate("A", 4, source="pool", target="channel:live")
        await merchant.carve("A", 3, source="pool", target="elastic")
    assert await played(server, day, opening="0") == 0
    left = (await buckets(server, "replay-day"))["A"]
    assert (left.get("pool", 0), left.get("channel:live", 0), left["elastic"], left["written_off"]) == (0, 0, 3, 7)


async def test_what_is_short_is_refused_by_code(server, tmp_path, capsys):
    day = a_day(
        tmp_path,
        "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n2,A,Lantern,6,2010-12-01 09:00:00,2.55,2\n",
    )
    assert await played(server, day, opening="10") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "sold │ 1 │ 6" in said
    assert "refused: INSUFFICIENT │ 1 │ 6" in said


async def test_a_second_replay_fills_the_shelf_again(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    for _ in range(2):
        assert await played(server, day, opening="8") == 0
    left = await buckets(server, "replay-day")
    assert (left["A"]["sold:live"], left["A"]["pool"]) == (12, 2)


async def test_a_pool_that_it_makes_is_a_rehearsal_and_one_that_is_there_stays(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    async with Merchant(server.url, server.token("operator"), "shop") as shop:
        await shop.define_pool(title="Shop")
        assert await played(server, day, pool="shop") == 0
        assert await played(server, day, pool="made", room="made") == 0
        defined = await shop.pool_definition()
        assert defined is not None
        assert defined["rehearsal"] is False
    async with Merchant(server.url, server.token("operator"), "made") as made:
        defined = await made.pool_definition()
        assert defined is not None
        assert defined["rehearsal"] is True


async def test_without_the_secret_a_room_of_its_own_takes_anybody(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    assert await played(server, day, secret=False, token=server.token("service"), opening="100%") == 0
    assert (await buckets(server, "replay-day"))["A"]["sold:live"] == 6


async def test_without_the_secret_a_closed_room_is_refused(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    assert await played(server, day) == 0
    with pytest.raises(ConfigError, match="customers of room replay-day need tokens"):
        await played(server, day, secret=False, token=server.token("service"))


async def test_without_secret_and_token_it_says_what_it_needs(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    with pytest.raises(ConfigError, match="replay needs the server's secret"):
        await played(server, day, secret=False)


async def test_a_room_of_another_pool_is_not_taken_over(server, tmp_path):
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n")
    await played(server, day)
    with pytest.raises(ConfigError, match="room replay-day sells from pool replay-day through channel live"):
        await played(server, day, room="replay-day", pool="elsewhere")


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_real_day_balances_to_the_unit(server):
    day = Path(__file__).parents[3] / "shared" / "data" / "online-retail" / "2010-12-01.csv.gz"
    if not day.exists():
        pytest.skip("the real order streams are not part of the project; the sample covers the same code")
    assert await played(server, day, currency="GBP") == 0


async def test_dates_that_may_be_two_are_asked_for(server, tmp_path, capsys):
    day = a_day(tmp_path, "1,A,Lantern,6,12/1/2010 8:26,2.55,1\n")
    secret = ["--token-secret", server.settings.token_secret, "--url", server.url]
    assert await asyncio.to_thread(cli.run, ["replay", str(day), *secret]) == 1
    assert "may be 2010-12-01 or 2010-01-12" in capsys.readouterr().err
    assert await asyncio.to_thread(cli.run, ["replay", str(day), *secret, "--dates", "mdy"]) == 0


async def test_more_skus_than_a_room_may_list_are_said_before_anything_is_made(start_server, tmp_path):
    server = await start_server(skus_a_room_max=1)
    day = a_day(tmp_path, "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n1,B,Heart,6,2010-12-01 08:00:00,2.55,1\n")
    with pytest.raises(InvalidInput, match=r"room replay-day may list 1 SKUs .* and would list 2; nothing was changed"):
        await played(server, day)
    assert await server.pools.get("replay-day") is None
