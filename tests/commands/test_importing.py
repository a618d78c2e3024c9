"""`shelfcast import` against a running server."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from importlib.resources import files
from pathlib import Path

import pytest
from heavy_work import heavy_work
from shelfcast import cli
from shelfcast.commands import importing
from shelfcast.errors import InvalidInput
from shelfcast_client.merchant import Merchant
from workbooks import article, table, write

SAMPLE = Path(str(files("shelfcast") / "sample" / "catalogue.csv"))
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[")


async def imported(server, file, *, room="evening", channel=None, skip_bad=False, pool="shop"):
    """The command's exit code; it has a loop of its own, as on the command line."""
    token = server.token("operator")
    return await asyncio.to_thread(
        importing.run, server.url, token, pool, file, room=room, channel=channel, skip_bad=skip_bad
    )


async def on_hand(server, pool="shop"):
    async with Merchant(server.url, server.token("operator"), pool) as merchant:
        return {sku: buckets.get("pool", 0) for sku, buckets in (await merchant.buckets()).items()}


async def test_the_sample_catalogue_fills_a_shelf(server, capsys):
    assert await imported(server, SAMPLE) == 0
    units = await on_hand(server)
    assert len(units) == 40
    assert units["TEA-001"] == 45, "a tenth of 49, rounded down, is the safety buffer"
    said = capsys.readouterr().out
    assert "Imported 40 SKUs into pool shop, listed in room evening" in said
    pool = await server.pools.of_room("evening")
    listings = await pool.book.listings("evening")
    assert listings["SNK-105"].limit_per_order == 24
    assert listings["TEA-001"].position == 1


async def test_importing_twice_receives_the_opening_stock_once(server, capsys):
    await imported(server, SAMPLE)
    before = await on_hand(server)
    capsys.readouterr()
    assert await imported(server, SAMPLE) == 0
    assert await on_hand(server) == before
    assert "of opening stock were not received: the pool has held units of these SKUs" in capsys.readouterr().out


async def test_nothing_of_a_bad_file_is_applied(server, tmp_path, capsys):
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,price,opening\nA,1.50,3\nB,cheap,2\nC,2,-1\n")
    assert await imported(server, file) == 1
    assert await server.pools.get("shop") is None
    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith("catalogue.csv: line 3, column price: expected an amount such as 12.90, not 'cheap'")
    assert said[1].endswith("catalogue.csv: line 4, column opening: expected 0 to 1,000,000, not -1")
    assert said[2].startswith("Nothing was imported: 2 rows cannot be used.")


async def test_skip_bad_applies_the_rest(server, tmp_path):
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,price,opening\nA,1.50,3\nB,cheap,2\n")
    assert await imported(server, file, room=None, skip_bad=True) == 0
    assert await on_hand(server) == {"A": 3}


async def test_an_empty_cell_leaves_what_is_there(server, tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("sku,title,price,opening\nA,Lantern,2.55,3\n")
    second.write_text("sku,title,price,opening\nA,,3.10,\n")
    await imported(server, first)
    await imported(server, second)
    pool = await server.pools.get("shop")
    config, buckets = await pool.book.sku("A")
    assert (config.title, config.price_minor, buckets["pool"]) == ("Lantern", 310, 3)


async def told(*arguments: str) -> int:
    """The exit code of the command line as a person types it."""
    return await asyncio.to_thread(cli.run, ["import", *arguments])


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"--token": "not-a-token"}, 1, "FORBIDDEN"),
        ({"--token": None}, 2, "a token is needed: --token or SHELFCAST_TOKEN"),
        ({"--url": "127.0.0.1:8000"}, 2, "--url: expected a server's address such as http://127.0.0.1:8000"),
        ({"--url": "http://127.0.0.1:1"}, 1, "no server answers at http://127.0.0.1:1"),
        ({"--pool": "My Shop"}, 1, "lower-case letters"),
        ({"file": "nowhere.csv"}, 2, "'nowhere.csv' does not exist"),
        ({"--channel": "Own Rooms"}, 1, "lower-case letters"),
    ],
)
async def test_a_wrong_call_is_answered_in_one_line(server, capsys, monkeypatch, change, code, said):
    monkeypatch.delenv("SHELFCAST_TOKEN", raising=False)
    call = {
        "file": str(SAMPLE),
        "--url": server.url,
        "--token": server.token("operator"),
        "--pool": "shop",
        "--room": "evening",
        **change,
    }
    options = [word for name, value in call.items() if name != "file" and value for word in (name, value)]
    assert await told(call["file"], *options) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("shelfcast: ")
    assert error.count("\n") == 1


async def test_a_viewer_may_not_import(server, capsys):
    options = ["--url", server.url, "--token", server.token("viewer"), "--pool", "shop"]
    assert await told(str(SAMPLE), *options) == 1
    assert capsys.readouterr().err.startswith("shelfcast: FORBIDDEN: ")
    assert await server.pools.get("shop") is None


async def test_more_skus_than_a_room_may_list_are_said_before_anything_is_applied(start_server, tmp_path, capsys):
    server = await start_server(skus_a_room_max=3)
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,opening\n" + "".join(f"A-{number},5\n" for number in range(4)))
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
    async with heavy_work(server.app.engine, server.settings):
        assert await told(str(file), *options, "--room", "evening") == 1
        said = capsys.readouterr().err
        assert said == (
            "shelfcast: room evening may list 3 SKUs (the server's skus_a_room_max) and would list 4; nothing was "
            "changed\n"
        )
        assert await server.pools.get("shop") is None
        assert await told(str(file), *options) == 0, "a pool has room for them"


async def test_what_a_room_lists_already_counts_once(start_server, tmp_path, capsys):
    server = await start_server(skus_a_room_max=3)
    file = tmp_path / "catalogue.csv"
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop", "--room", "evening"]
    file.write_text("sku\nA-0\nA-1\nA-2\n")
    async with heavy_work(server.app.engine, server.settings):
        assert await told(str(file), *options) == 0
        assert await told(str(file), *options) == 0
        file.write_text("sku\nA-2\nA-3\n")
        assert await told(str(file), *options) == 1
        assert "would list 4, 3 of them already" in capsys.readouterr().err
        assert set(await on_hand(server)) == {"A-0", "A-1", "A-2"}


async def test_a_guess_is_said_and_can_be_overruled(server, tmp_path, capsys):
    file = tmp_path / "catalogue.csv"
    file.write_bytes("sku,title,opening\nA-1,茶,3\n".encode("gb18030"))
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
    assert await told(str(file), *options) == 0
    assert capsys.readouterr().err == (
        f"{file}: not UTF-8; read as GB18030, which makes it 茶 …; --encoding says otherwise\n"
    )
    assert await told(str(file), *options, "--encoding", "GBK") == 0
    assert capsys.readouterr().err == ""
    assert await told(str(file), *options, "--encoding", "klingon") == 2
    assert "'klingon' is none of utf-8, utf-16" in capsys.readouterr().err
    config, _ = await (await server.pools.get("shop")).book.sku("A-1")
    assert config.title == "茶"


async def test_a_stock_column_is_asked_for_and_the_answer_is_taken(server, tmp_path, capsys):
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,stock\nA-1,3\n")
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
    assert await told(str(file), *options) == 1
    assert capsys.readouterr().err.startswith(f"shelfcast: {file}: line 1: is column stock the opening stock?")
    assert await server.pools.get("shop") is None
    assert await told(str(file), *options, "--opening", "stock") == 0
    assert await on_hand(server) == {"A-1": 3}


async def test_a_broken_workbook_is_one_line(server, tmp_path, capsys):
    file = write(
        tmp_path / "catalogue.xlsx", table(article()), parts={"xl/worksheets/sheet1.xml": "<worksheet><sheetDa"}
    )
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
    assert await told(str(file), *options) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"shelfcast: {file}: not an XLSX workbook that can be read: ")
    assert said.count("\n") == 1


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of the command, without those that the server in this process logs meanwhile."""
    return [line for line in capsys.readouterr().out.splitlines() if LOGGED.match(line) is None]


async def previewed(server, file, *, room="evening", **options):
    token = server.token("operator")
    return await asyncio.to_thread(
        importing.run, server.url, token, "shop", file, room=room, channel=None,
        skip_bad=False, preview_only=True, **options
    )  # fmt: skip


async def test_a_preview_says_what_each_row_would_change_and_changes_nothing(server, tmp_path, capsys):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("sku,title,price,opening\nA,Lantern,2.55,3\nB,Fan,1,0\nC,Cup,4,5\n", encoding="utf-8")
    second.write_text("sku,title,price,opening\nA,,3.10,7\nB,Fan,1,6\nC,Cup,4,\nD,茶,9,2\n", encoding="utf-8")
    assert await previewed(server, first) == 0
    assert await server.pools.get("shop") is None
    assert printed(capsys) == [
        "line 2, A: new: receives 3",
        "line 3, B: new",
        "line 4, C: new: receives 5",
        "3 new, 0 changed, 0 the same; 8 units of opening stock. Nothing was changed.",
    ]
    await imported(server, first)
    units = await on_hand(server)
    capsys.readouterr()
    assert await previewed(server, second) == 0
    assert printed(capsys) == [
        "line 2, A: changed: price 2.55 CNY → 3.10 CNY, opening 7 not received again",
        "line 3, B: changed: receives 6",
        "line 5, D: new: receives 2",
        "1 new, 2 changed (price 1), 1 the same; 8 units of opening stock. Nothing was changed.",
    ]
    assert await on_hand(server) == units
    await imported(server, second)
    capsys.readouterr()
    assert await previewed(server, second) == 0
    said = printed(capsys)
    assert said == ["0 new, 0 changed, 4 the same; 0 units of opening stock. Nothing was changed."]


async def test_a_preview_tells_the_terms_of_the_room_and_its_order(server, tmp_path, capsys):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("sku,limit_per_order\nA,2\nB,\n")
    second.write_text("sku,limit_per_order\nB,\nA,3\nC,1\n")
    await imported(server, first)
    capsys.readouterr()
    assert await previewed(server, second) == 0
    assert printed(capsys) == [
        "line 2, B: changed: position 2 → 1",
        "line 3, A: changed: limit_per_order 2 → 3, position 1 → 2",
        "line 4, C: new",
        "1 new, 2 changed (position 2, limit_per_order 1), 0 the same; 0 units of opening stock. Nothing was changed.",
    ]
    assert await previewed(server, first, room="morning") == 0
    assert printed(capsys)[0] == "line 2, A: changed: position none → 1"


async def test_a_preview_of_a_bad_file_says_its_faults_and_what_the_good_rows_would_do(server, tmp_path, capsys):
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,price,opening\nA,1.50,3\nB,cheap,2\n")
    assert await previewed(server, file) == 1
    told = capsys.readouterr()
    assert told.out.splitlines()[-1].startswith("1 new, 0 changed, 0 the same, 1 with faults; 3 units")
    assert "line 3, column price: expected an amount" in told.err
    assert await server.pools.get("shop") is None


async def test_a_preview_knows_the_digits_of_a_currency(server, tmp_path, capsys):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("sku,price,currency\nA,1200,JPY\nB,1.234,KWD\n")
    second.write_text("sku,price,currency\nA,1300,JPY\nB,5,EUR\n")
    await imported(server, first)
    capsys.readouterr()
    await previewed(server, second)
    assert printed(capsys)[:2] == [
        "line 2, A: changed: price 1,200 JPY → 1,300 JPY",
        "line 3, B: changed: price 1.234 KWD → 5.00 EUR, currency 'KWD' → 'EUR'",
    ]


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "1290", 1290), ("KWD", "1.290", 1290), ("EUR", "12.90", 1290)]
)
async def test_prices_that_name_no_currency_are_in_the_pools(server, tmp_path, capsys, currency, price, minor):
    file = tmp_path / "catalogue.csv"
    file.write_text(f"sku,price,currency\nA,{price},\nB,7.50,USD\n")
    options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        await merchant.define_pool(currency=currency)
        assert await told(str(file), *options) == 0, capsys.readouterr()
        found = {sku: (row["price_minor"], row["currency"]) for sku, row in (await merchant.skus()).items()}
        assert found == {"A": (minor, currency), "B": (750, "USD")}


async def test_a_price_that_the_pools_currency_cannot_have_is_a_fault(server, tmp_path, capsys):
    file = tmp_path / "catalogue.csv"
    file.write_text("sku,price\nA,12.90\n")
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        await merchant.define_pool(currency="JPY")
        options = ["--url", server.url, "--token", server.token("operator"), "--pool", "shop"]
        assert await told(str(file), *options) == 1
        assert "JPY has 0 digits after the point" in capsys.readouterr().err
        assert await merchant.skus() == {}


async def test_what_is_set_aside_of_the_opening_stock(server, tmp_path, capsys):
    file = tmp_path / "stock.csv"
    file.write_text(
        "sku,opening,safety_units,elastic_release_at\nA,100,,\nB,50,3,\nC,9,0,\nD,40,,5\n", encoding="utf-8"
    )
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        await merchant.define_pool()
        await merchant.define_strategy("influencer", elastic_percent=20)
        assert await previewed(server, file, room=None) == 0
        said = printed(capsys)
        assert said[0] == (
            "line 2, A: new: receives 100, 10 of them into the safety buffer, 20 of them into the elastic reserve"
        )
        aside = "199 units of opening stock, 17 of them into the safety buffer, 39 of them into the elastic reserve"
        assert said[-1] == f"4 new, 0 changed, 0 the same; {aside}. Nothing was changed."
        for _ in range(2):  # once, however often it is imported
            await imported(server, file, room=None)
            buckets = await merchant.buckets()
            assert {sku: (b.get("pool"), b.get("safety", 0), b.get("elastic", 0)) for sku, b in buckets.items()} == {
                "A": (70, 10, 20),
                "B": (37, 3, 10),
                "C": (8, 0, 1),
                "D": (28, 4, 8),
            }
        assert aside in capsys.readouterr().out
        skus = await merchant.skus()
        first, last = skus["A"]["elastic"], skus["D"]["elastic"]
        assert first
        assert last
        assert (first["mode"], first["at_share_percent"], last["at_units"]) == ("ask", 20, 5)
        assert skus["B"]["safety_units"] == 3


async def of_kind(server, file, kind, **more):
    token = server.token("operator")
    return await asyncio.to_thread(
        importing.run,
        server.url,
        token,
        "shop",
        file,
        room=None,
        skip_bad=False,
        kind=kind,
        **{"channel": None, **more},
    )


async def test_orders_of_another_platform_are_booked_once(server, tmp_path, capsys):
    await imported(server, SAMPLE)
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        await merchant.define_channel("douyin", kind="dedicated")
    file = tmp_path / "orders.csv"
    day = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}"
    file.write_text(f"订单号,商品编码,数量,付款时间\nT1,TEA-001,2,{day}\nT2,TEA-001,1,{day}\nT3,TEA-001,1,\n")
    capsys.readouterr()
    assert await of_kind(server, file, "orders", channel="douyin", preview_only=True) == 0
    said = capsys.readouterr().out
    assert "line 2, order T1, TEA-001: new: books 2" in said
    assert (
        "2 new, 0 cancelled since, 0 the same, 1 not paid and left aside; 3 units of 2 orders, 3 of them more" in said
    )
    for expected in ("Booked 2 rows on channel douyin of pool shop: 2 new", "Booked 0 rows on channel douyin"):
        assert await of_kind(server, file, "orders", channel="douyin") == 0
        assert expected in capsys.readouterr().out
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        assert (await merchant.buckets())["TEA-001"]["external_oversold:douyin"] == 3


async def test_counts_are_entered_on_a_sheet(server, tmp_path, capsys):
    await imported(server, SAMPLE)
    file = tmp_path / "counts.csv"
    file.write_text("货号,良品,次品\nTEA-001,48,1\n")
    capsys.readouterr()
    assert await of_kind(server, file, "counts", preview_only=True) == 0
    assert "line 2, TEA-001: new: 48 good, 1 bad" in capsys.readouterr().out
    assert await of_kind(server, file, "counts") == 0
    said = capsys.readouterr().out
    assert "Entered 1 line on count" in said
    async with Merchant(server.url, server.token("operator"), "shop") as merchant:
        [count] = await merchant.counts()
        assert (count["lines"], count["count"] in said) == (1, True)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("orders", {}, "expected --channel"),
        ("orders", {"channel": "douyin", "opening": "qty"}, "of a catalogue alone"),
        ("counts", {"channel": "douyin"}, "--channel is of orders"),
        ("catalogue", {"count": "c1"}, "--count is of counts alone"),
    ],
)
async def test_what_a_kind_cannot_be_told_is_said_before_anything_is_sent(server, tmp_path, kind, more, said):
    file = tmp_path / "file.csv"
    file.write_text("sku\nA\n")
    with pytest.raises(InvalidInput, match=said):
        await of_kind(server, file, kind, **more)
