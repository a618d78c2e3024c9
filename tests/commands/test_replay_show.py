"""`shelfcast replay-show`: a finished show played again in a rehearsal room of a real server."""

from __future__ import annotations

import asyncio
import signal
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import RunningServer
from shelfcast.commands import replay, replay_show
from shelfcast.commands.show_player import InTurn, ShowPlayer
from shelfcast.errors import ConfigError, ShelfcastError
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.merchant.upkeep import release_expired
from shelfcast.settings import Settings
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, Op, Reserve, put
from shelfcast_client import connect
from shelfcast_client.merchant import Merchant
from terminal_window import hear_interrupts

AS_FAST_AS_IT_GOES = 1_000_000.0


async def replayed(server: RunningServer, show: str = "evening.1", **choices: Any) -> int:
    """The command's exit code; it has a loop of its own, as on the command line."""
    settings = Settings(token_secret=server.settings.token_secret)
    options = {"room": "again", "pool": None, "speed": AS_FAST_AS_IT_GOES, "connections": 16, **choices}
    return await asyncio.to_thread(replay_show.run, settings, server.url, None, show, **options)


class Evening:
    """A show with a clock of its own, which sells out to the last unit and sells what came back again."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.at_ms = 0

    async def open(self) -> None:
        server = self._server
        await server.open_shop()
        await server.sell("mug", 10, link=7)
        await server.sell("tea", 5)
        book = await server.book()
        self.at_ms = (await book.now_ms() // MINUTE_MS + 1) * MINUTE_MS + 1_000
        await self._say_time()
        await self.status("ended", "live")

    async def _say_time(self) -> None:
        book = await self._server.book()
        key = f"{book.base}:meta"
        await self._server.app.engine.command("HSET", key, "rehearsal_clock_ms", self.at_ms, key=key)

    async def pass_ms(self, ms: int) -> None:
        self.at_ms += ms
        await self._say_time()

    async def end_minute(self) -> None:
        """Until the server that watches has kept it."""
        book = await self._server.book()
        minute = self.at_ms // MINUTE_MS
        await self.pass_ms(MINUTE_MS)
        async with asyncio.timeout(60):
            while True:
                if ((await book.series_kept("evening.2")).through or 0) >= minute:
                    return
                await asyncio.sleep(0.05)

    async def status(self, *statuses: str) -> None:
        for status in statuses:
            by = By(f"{status} {self.at_ms}", "wang")
            await self._server.apply(put(What.ROOM, "evening", {"status": status}, by=by))

    async def does(self, *ops: Op) -> None:
        for op in ops:
            await self.pass_ms(10)
            await self._server.apply(op)

    async def buys(self, name: str, qty: int, sku: str = "mug") -> None:
        await self.does(Reserve(name, "evening", sku, qty, f"user-{name}"), Confirm(name))


@pytest.fixture
async def evening(server: RunningServer) -> Evening:
    made = Evening(server)
    await made.open()
    return made


async def an_evening(evening: Evening, server: RunningServer) -> None:
    await evening.does(Reserve("c1", "evening", "mug", 6, "li"))
    await evening.buys("b1", 4)
    await server.apply(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await evening.end_minute()
    await evening.does(Cancel("c1"))  # all are held by then: the next one gets what comes back
    await evening.buys("b2", 6)
    await evening.does(CancelPaid("back", "b1", 3))
    await evening.buys("b3", 2)
    await evening.status("paused")
    await evening.end_minute()
    await evening.status("live")
    await server.receive("tea", 7)
    await evening.buys("t1", 12, "tea")
    await evening.end_minute()
    await evening.status("ended")
    await evening.does(CancelPaid("late", "t1", 2))
    await evening.end_minute()


async def test_a_replay_sells_what_the_show_sold(
    evening: Evening, server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await an_evening(evening, server)
    assert await replayed(server, "evening.2") == 0
    said = capsys.readouterr().out
    assert "every SKU sold what it sold in the show (2)" in said
    assert "evening.2: 2 SKUs, 5 orders, 19 units sold" in said
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        left = await merchant.buckets()
        assert (left["mug"].get("sold:live"), left["tea"].get("sold:live")) == (9, 10)
        definition, room = await merchant.pool_definition(), await merchant.room("again")
        assert definition
        assert room
        assert (definition["rehearsal"], room["status"], room["show"]) == (True, "ended", 1)
        shelf = await merchant.listed("again")
        assert [(sku, row["link"]) for sku, row in shelf.items()] == [("mug", 7), ("tea", 1)]
        assert [row["title"] for row in (await merchant.skus()).values()] == ["Mug", "Tea"]
        show = await merchant.show("again.1")
        assert show
        assert [row["status"] for row in show["history"]] == ["live", "paused", "live", "ended"]
        assert [lit["sku"] for lit in show["spotlight"]] == ["mug"]
        assert (await merchant.audit())["ok"]


async def test_what_was_paid_late_and_what_ran_out_is_played_too(
    evening: Evening, server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await evening.does(Reserve("late", "evening", "mug", 4, "li"), Reserve("gone", "evening", "mug", 3, "zhao"))
    await evening.does(Reserve("open", "evening", "mug", 2, "wu"))
    await evening.end_minute()
    await evening.pass_ms(server.settings.hold_ms)
    book = await server.book()
    await release_expired(book, 100)
    await evening.does(Confirm("late"))
    await evening.buys("b1", 6)
    await evening.status("ended")
    assert await replayed(server, "evening.2") == 0
    assert "every SKU sold what it sold in the show (1)" in capsys.readouterr().out
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        assert (await merchant.buckets())["mug"].get("sold:live") == 10


async def test_a_presale_sells_from_its_quota_again(evening: Evening, server: RunningServer) -> None:
    async with Merchant(server.url, server.token("operator"), "main") as shop:
        await shop.change_listing("evening", "mug", presale=True)
        await shop.quota("mug", 8)
    await evening.buys("b1", 5)
    await evening.buys("b2", 3)
    await evening.does(CancelPaid("back", "b1", 2))
    await evening.status("ended")
    assert await replayed(server, "evening.2") == 0
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        left = (await merchant.buckets())["mug"]
        assert (left.get("presale_sold:live"), left.get("presale"), left.get("pool", 0)) == (6, 2, 0)


async def test_a_second_replay_in_the_same_room_sells_the_same(evening: Evening, server: RunningServer) -> None:
    await an_evening(evening, server)
    for number in (1, 2):
        assert await replayed(server, "evening.2", speed=5_000.0) == 0
        async with Merchant(server.url, server.token("operator"), "again") as merchant:
            assert (await merchant.buckets())["mug"].get("sold:live") == 9 * number


async def test_what_the_replay_cannot_sell_is_said_with_its_reason(
    evening: Evening, server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    await an_evening(evening, server)
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        await merchant.define_pool(rehearsal=True)
        await merchant.catalogue([{"sku": "mug"}, {"sku": "tea"}], key="k")
        await merchant.freeze("mug")
    assert await replayed(server, "evening.2") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "mug │ Mug │ 9 │ 0 │ 9 refused: FROZEN" in said
    assert "1 of 2 SKUs differ, each with its reason" in said


async def test_a_difference_without_a_reason_fails(
    evening: Evening, server: RunningServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await an_evening(evening, server)

    async def somebody_else_buys(self: ShowPlayer) -> None:
        await play(self)
        async with Merchant(server.url, server.token("operator"), "again") as merchant:
            await merchant.receive("mug", 1)
        async with connect(server.url, "again", token=server.token("viewer", user="li", room="again")) as room:
            held = await room.reserve("mug", 1)
        async with Merchant(server.url, server.token("operator"), "again") as merchant:
            await merchant.confirm(held.id, reference="another")

    play = ShowPlayer.play
    monkeypatch.setattr(ShowPlayer, "play", somebody_else_buys)
    assert await replayed(server, "evening.2") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "-1 without a reason" in said


async def test_where_it_may_not_be_played_is_said_before_anything(evening: Evening, server: RunningServer) -> None:
    with pytest.raises(ShelfcastError, match=r"no show 'evening\.9' is known"):
        await replayed(server, "evening.9")
    with pytest.raises(ShelfcastError, match=r"show evening\.2 is on"):
        await replayed(server, "evening.2")
    await evening.status("ended")
    with pytest.raises(ConfigError, match="pool main is not for rehearsals"):
        await replayed(server, "evening.2", pool="main")
    with pytest.raises(ConfigError, match="another room than evening"):
        await replayed(server, "evening.2", room="evening")
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        await merchant.define_pool(rehearsal=True)
        await merchant.define_channel("live")
        await merchant.define_room("again", channel="live", status="live")
    with pytest.raises(ConfigError, match="room again is live: end its show first"):
        await replayed(server, "evening.2")
    with pytest.raises(ConfigError, match="room again sells from pool again"):
        await replayed(server, "evening.2", pool="elsewhere")


async def test_stopped_by_hand_it_leaves_nobody_on_the_air(evening: Evening, server: RunningServer) -> None:
    await evening.buys("b1", 1)
    await evening.end_minute()
    await evening.buys("b2", 1)
    await evening.status("ended")
    command = [sys.executable, "-m", "shelfcast", "replay-show", "evening.2", "--room", "again", "--speed", "1"]
    playing = await asyncio.create_subprocess_exec(
        *command,
        "--url",
        server.url,
        "--token-secret",
        server.settings.token_secret,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=hear_interrupts,
    )
    assert playing.stdout
    async with asyncio.timeout(60), Merchant(server.url, server.token("operator"), "again") as merchant:
        while b"Watch it" not in await playing.stdout.readline():
            pass
        playing.send_signal(signal.SIGINT)
        assert await playing.wait() == 130
        room = await merchant.room("again")
        assert room
        assert room["status"] == "ended"


async def test_in_turn_waits_for_all_below() -> None:
    turns, passed = InTurn(), list[int]()

    async def wait(number: int) -> None:
        await turns.all_below(number)
        passed.append(number)

    waiting = [asyncio.create_task(wait(number)) for number in (3, 1, 0)]
    await asyncio.sleep(0)
    assert passed == [0]
    turns.done(2)
    turns.done(0)
    await asyncio.sleep(0)
    assert passed == [0, 1]
    turns.done(1)
    await asyncio.gather(*waiting)
    assert passed == [0, 1, 3]


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_crowded_evening_that_sold_out_sells_the_same(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(token_secret=server.settings.token_secret)
    day: dict[str, Any] = {"room": None, "pool": None, "channel": "live", "currency": "CNY", "report": None, "seed": 3}
    sample = Path(str(files("shelfcast") / "sample" / "orders.csv"))
    day |= {"opening": "60%", "speed": AS_FAST_AS_IT_GOES, "abandon_percent": 20.0, "connections": 16}
    assert await asyncio.to_thread(replay.run, settings, server.url, None, sample, **day) == 0
    async with Merchant(server.url, server.token("operator"), "replay-orders") as merchant:
        await merchant.change_room("replay-orders", status="ended")
        sold = {sku: units.get("sold:live", 0) for sku, units in (await merchant.buckets()).items()}
    assert await replayed(server, "replay-orders.1", connections=64) == 0
    async with Merchant(server.url, server.token("operator"), "again") as merchant:
        again = {sku: units.get("sold:live", 0) for sku, units in (await merchant.buckets()).items()}
        assert again == {sku: units for sku, units in sold.items() if sku in again}
        assert sum(again.values()) == sum(sold.values()) > 0
        assert (await merchant.audit())["ok"]
    assert "every SKU sold what it sold in the show" in capsys.readouterr().out
