"""One day played by every strategy, by the program itself, on a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from math import floor
from pathlib import Path
from typing import Any

import pytest
from loadtest.conftest import LOADTEST
from shelfcast.http.api.auth import Tokens
from shelfcast.settings import Settings
from shelfcast.sheets.orders import Event, Good, Kind, OrderDay, OrderLine

REPLAY = LOADTEST / "replay"
sys.path.append(str(REPLAY))
from house import Customers, House, Way, channel_of  # noqa: E402 - beside the program
from strategies import STRATEGIES, often_ordered  # noqa: E402

sys.path.remove(str(REPLAY))

LIMIT_S = 900
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
MINUTES = 48
"""So long that demand of half an hour is known, every window opens, and units move."""


def an_hour(folder: Path) -> Path:
    """Two customers a minute buy mugs, some buy teapots; one gives back, some mugs break."""
    rows = []
    for minute in range(MINUTES):
        at = f"2010-12-01 {8 + minute // 60:02}:{minute % 60:02}:00"
        rows += [f"{minute},MUG,Mug,2,{at},2.50,{minute}", f"t{minute},MUG,Mug,1,{at},2.50,{1000 + minute}"]
        if minute % 10 == 0:
            rows.append(f"p{minute},POT,Teapot,{1 + minute // 30},{at},19.00,{minute}")
    rows += ["C0,MUG,Mug,-1,2010-12-01 08:20:00,2.50,0", "x,MUG,broken,-3,2010-12-01 08:10:00,0,"]
    day = folder / "day.csv"
    day.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return day


def compared(day: Path, out: Path, *more: str) -> dict[str, Any]:
    """What the program found, by strategy; all must balance."""
    command = [sys.executable, str(REPLAY / "strategies.py"), str(day), "--out", str(out), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {played["strategy"]: played for played in json.loads(out.read_text(encoding="utf-8"))}


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_strategy_plays_the_same_day_and_balances(tmp_path: Path) -> None:
    played = compared(an_hour(tmp_path), tmp_path / "out.json")
    assert set(played) == set(STRATEGIES)
    mugs, pots = 3 * MINUTES, sum(1 + minute // 30 for minute in range(0, MINUTES, 10))
    asked, opening = mugs + pots, floor(mugs * 0.8 + 0.5) + floor(pots * 0.8 + 0.5)
    for name, one in played.items():
        assert one["asked"]["units"] == asked, name
        refused = sum(units["units"] for units in one["refused"].values())
        left = sum(units["units"] for units in one["left"].values())
        back = asked - refused - one["sold"]["units"]
        assert back in (0, 1), f"{name}: one mug came back, where it was sold before"
        assert one["sold"]["units"] + left + 3 == opening, f"{name}: three broke"
        assert one["refused"], f"{name}: there is less than was asked for"
    assert played["plain"]["moves"] == played["fixed"]["moves"] == 0
    assert played["fixed"]["sold"]["units"] < played["plain"]["sold"]["units"]
    brand, influencer, promotion = played["brand"], played["influencer"], played["promotion"]
    assert brand["did"]["proposals applied"] > 0
    assert brand["moved_units"] > 0
    assert played["fixed"]["sold"]["units"] < brand["sold"]["units"]
    assert influencer["did"]["alerts answered by a release"] == influencer["moves"] > 0
    assert "elastic" not in influencer["left"], "all of it was needed, and released"
    assert promotion["did"] == {"windows opened and closed": 4, "windows missed": 0}
    assert promotion["refused"]["BATCH_EXHAUSTED"]["units"] > 0
    assert promotion["moves"] > 0, "leftovers went to the next window"


@pytest.mark.load
@pytest.mark.timeout(1_000)
def test_a_real_day_balances_whatever_the_strategy(tmp_path: Path) -> None:
    day = Path(__file__).parents[3] / "shared" / "data" / "online-retail" / "2010-12-01.csv.gz"
    if not day.exists():
        pytest.skip("the real order streams are not part of the project; the day above covers the same code")
    compared(day, tmp_path / "out.json", "--orders-min", "10")


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        ("a,b\n1,2\n", [], "InvoiceNo"),
        (HEADER + "1,A,Mug,1,2010-12-01 08:00:00,2.50,1\n", ["--orders-min", "2"], "no SKU has 2 order lines"),
        (HEADER + "1,A,Mug,1,2010-12-01 08:00:00,2.50,1\n", ["--opening", "most"], "expected a share"),
    ],
)
def test_a_day_that_cannot_be_played_is_said(tmp_path: Path, rows: str, more: list[str], said: str) -> None:
    day = tmp_path / "day.csv"
    day.write_text(rows, encoding="utf-8")
    command = [sys.executable, str(REPLAY / "strategies.py"), str(day), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr


def test_a_customer_comes_one_way_and_the_shares_hold() -> None:
    ways = {name: Way(customers=share, settings={}) for name, share in {"live": 60, "shop": 25, "app": 15}.items()}
    came = [channel_of(f"customer-{n}", ways) for n in range(10_000)]
    assert came == [channel_of(f"customer-{n}", ways) for n in range(10_000)]
    assert all(abs(came.count(name) / 100 - way.customers) < 2 for name, way in ways.items())


def test_the_clock_stops_where_somebody_comes_and_every_five_minutes() -> None:
    day = OrderDay(events=[Event(at_s, Kind.LOSS, "1", "shop", (OrderLine("A", 1),)) for at_s in (0, 30, 430, 700)])
    nobody: Any = None
    house = House(merchant=nobody, clock=nobody, day=day, opening={}, currency="GBP")
    customers = Customers(house, {}, "", Tokens(Settings(token_secret="a" * 32)))
    assert customers.minutes() == [0, 5, 7, 10, 11]


def test_skus_of_few_orders_are_left_out() -> None:
    day = OrderDay(
        events=[
            Event(0, Kind.PURCHASE, "1", "ann", (OrderLine("A", 1), OrderLine("B", 1))),
            Event(60, Kind.PURCHASE, "2", "bob", (OrderLine("A", 1),)),
            Event(90, Kind.LOSS, "3", "shop", (OrderLine("B", 1),)),
        ],
        goods={"A": Good("A", 1), "B": Good("B", 1)},
    )
    short = often_ordered(day, 2)
    assert list(short.goods) == ["A"]
    assert [event.lines for event in short.events] == [(OrderLine("A", 1),), (OrderLine("A", 1),)]
