"""The waitlist by the client against the real server: turns, offers, ends, lost answers, coming back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from fixtures_server import ROOM, RunningServer, StartServer
from shelfcast_client import (
    Cancelled,
    Confirmed,
    Expired,
    Offer,
    Refused,
    Reserved,
    Room,
    RoomStatus,
    Waiting,
    WaitOver,
    connect,
)
from shelfcast_client.merchant import Merchant

BOTH = pytest.mark.parametrize("encoding", ["msgpack", "json"])
SOON_S = 30


@pytest.fixture
async def shop(server: RunningServer) -> RunningServer:
    """A room with a waitlist and two mugs."""
    await server.open_shop(waitlist=True)
    await server.sell("mug", 2)
    return server


@pytest.fixture
async def merchant(shop: RunningServer) -> AsyncIterator[Merchant]:
    async with Merchant(shop.url, shop.token("operator", user="erp"), "main") as merchant:
        yield merchant


def enter(server: RunningServer, user: str, role: str = "viewer", **options: Any) -> Room:
    return connect(server.url, ROOM, token=server.token(role, user=user), **options)


async def take_all(room: Room, qty: int = 2) -> str:
    """Hold all that there is; the reservation's id."""
    held = await room.reserve("mug", qty)
    assert isinstance(held, Reserved)
    return held.id


async def take_a_place(room: Room, qty: int = 1) -> str:
    """Wait; the id."""
    place = await room.wait("mug", qty)
    assert isinstance(place, Waiting)
    assert (place.first, place.last, place.stopped) == (1, 10, None)
    assert room.waiting[place.id].qty == qty
    return place.id


async def gets(room: Room, name: str, qty: int) -> None:
    """Wait until the waitlist has given this."""
    await room.until(lambda room: name in room.reservations, timeout_s=SOON_S)
    held = room.reservations[name]
    assert (held.qty, held.offered, dict(room.waiting)) == (qty, True, {})


@BOTH
async def test_what_comes_free_goes_to_who_waits_one_after_the_other(shop: RunningServer, encoding: str) -> None:
    async with (
        enter(shop, "wang", encoding=encoding) as wang,
        enter(shop, "li", encoding=encoding) as li,
        enter(shop, "zhao", encoding=encoding) as zhao,
    ):
        assert wang.waitlist
        held = await take_all(wang)
        first, second = await take_a_place(li, 2), await take_a_place(zhao)
        await wang.until(lambda room: room.stock["mug"].waiting == 2, timeout_s=SOON_S)
        told = li.events()
        assert isinstance(await wang.cancel(held), Cancelled)
        offer = await anext(event async for event in told if isinstance(event, Offer))
        assert (offer.id, offer.qty, offer.asked, offer.expires_at_ms > offer.at_ms) == (first, 2, 2, True)
        await gets(li, first, 2)
        assert isinstance(await li.decline(first), Cancelled)
        await gets(zhao, second, 1)
        await wang.until(lambda room: room.stock["mug"].available == 1, timeout_s=SOON_S)
        await wang.until(lambda room: room.stock["mug"].waiting == 0, timeout_s=SOON_S)
        at_once = await li.wait("mug")
        assert isinstance(at_once, Offer), "there is one that nobody waits for"


async def test_an_offer_that_runs_out_is_the_next_ones(start_server: StartServer) -> None:
    shop = await start_server(offer_ms=200)
    await shop.open_shop(waitlist=True)
    await shop.sell("mug", 2)
    async with enter(shop, "wang") as wang, enter(shop, "li") as li, enter(shop, "zhao") as zhao:
        held = await take_all(wang)
        first, second = await take_a_place(li, 2), await take_a_place(zhao, 2)
        events, more = li.events(), zhao.events()
        await wang.cancel(held)
        expired = await anext(event async for event in events if isinstance(event, Expired))
        offer = await anext(event async for event in more if isinstance(event, Offer))
        assert (expired.id, offer.id) == (first, second)
        await li.until(lambda room: not room.reservations, timeout_s=SOON_S)


async def test_an_offer_is_paid_as_any_reservation(shop: RunningServer, merchant: Merchant) -> None:
    async with enter(shop, "wang") as wang, enter(shop, "li") as li:
        held = await take_all(wang)
        name = await take_a_place(li)
        await wang.cancel(held)
        await gets(li, name, 1)
        await merchant.confirm(name)
        await li.until(lambda room: not room.reservations, timeout_s=SOON_S)
        assert isinstance(await li.wait("mug", wait_id=name), Confirmed)
        declined = await li.decline(name)
        assert isinstance(declined, Refused)
        assert declined.code == "ALREADY_CONFIRMED"


async def test_who_goes_leaves_the_place(shop: RunningServer) -> None:
    async with enter(shop, "wang") as wang, enter(shop, "li") as li, enter(shop, "li") as tablet:
        await take_all(wang)
        name = await take_a_place(li)
        await tablet.until(lambda room: name in room.waiting, timeout_s=SOON_S)
        over = await tablet.decline(name)
        assert isinstance(over, WaitOver)
        assert (over.ok, dict(tablet.waiting)) == (True, {})
        await li.until(lambda room: not room.waiting, timeout_s=SOON_S)
        again = await li.wait("mug", wait_id=name)
        assert isinstance(again, Refused)
        assert again.code == "ALREADY_CANCELLED"


async def test_refusals_are_values_that_say_why(shop: RunningServer) -> None:
    await shop.open_shop("bare")
    await shop.sell("mug", 0, room="bare")
    async with (
        enter(shop, "wang") as wang,
        enter(shop, "li") as li,
        connect(shop.url, ROOM) as passer_by,
        connect(shop.url, "bare", token=shop.token("viewer", user="li")) as bare,
    ):
        assert not bare.waitlist
        await take_all(wang)
        name = await take_a_place(li)
        for answer, code, field in (
            (await li.wait("mug"), "LIMIT_PER_USER", "waiting"),
            (await li.wait("mug", 2, wait_id=name), "ID_CONFLICT", "qty"),
            (await li.reserve("mug", reservation_id=name), "ID_CONFLICT", "kind"),
            (await bare.wait("mug"), "FORBIDDEN", "waitlist"),
            (await passer_by.wait("mug"), "FORBIDDEN", None),
            (await li.wait("plate"), "UNKNOWN_SKU", "sku"),
            (await li.decline("nobody-made-this"), "NOT_FOUND", None),
            (await wang.decline(name), "NOT_FOUND", None),
        ):
            assert isinstance(answer, Refused)
            assert (answer.code, answer.field) == (code, field)


async def test_a_stop_is_told_and_the_end_says_why(shop: RunningServer, merchant: Merchant) -> None:
    async with enter(shop, "wang") as wang, enter(shop, "li") as li:
        await take_all(wang)
        name = await take_a_place(li)
        await merchant.freeze("mug")
        await li.until(lambda room: room.waiting[name].stopped == "FROZEN", timeout_s=SOON_S)
        await merchant.unfreeze("mug")
        await li.until(lambda room: room.waiting[name].stopped is None, timeout_s=SOON_S)
        events = li.events()
        await merchant.change_room(ROOM, status=RoomStatus.ENDED.value)
        over = await anext(event async for event in events if isinstance(event, WaitOver))
        assert (over.id, over.code, over.ok, dict(li.waiting)) == (name, "SALE_ENDED", False, {})


@BOTH
async def test_a_wait_whose_answer_was_lost_is_one_place(shop: RunningServer, encoding: str) -> None:
    async with (
        enter(shop, "wang", encoding=encoding) as wang,
        enter(shop, "li", encoding=encoding) as li,
    ):
        held = await take_all(wang)
        asking = asyncio.create_task(li.wait("mug"))
        # The connection breaks while the wait is on its way.
        await li.until(lambda room: bool(room._waiting), timeout_s=SOON_S)
        li._socket.transport.abort()  # type: ignore[union-attr]
        place = await asking
        assert isinstance(place, Waiting)
        assert list(li.waiting) == [place.id]
        await wang.cancel(held)
        await gets(li, place.id, 1)
        await wang.until(lambda room: room.stock["mug"].available == 1, timeout_s=SOON_S)


async def test_the_example_of_the_readme_runs(shop: RunningServer, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "client_sdk" / "python" / "README.md").read_text(encoding="utf-8")
    program = page.partition("## Waiting\n")[2].partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(program, "README.md", "exec"), names)
    async with enter(shop, "wang") as wang, enter(shop, "li") as li:
        held = await take_all(wang)
        running = asyncio.create_task(names["next_in_line"](li, "mug"))
        await li.until(lambda room: room.waiting, timeout_s=SOON_S)
        await wang.cancel(held)
        await running
        await wang.until(lambda room: room.stock["mug"].available == 2, timeout_s=SOON_S)
    said = capsys.readouterr().out
    assert "among the 1 to 10 who wait\n2 are yours until" in said


async def test_places_and_offers_are_there_again_after_coming_back(shop: RunningServer) -> None:
    async with AsyncExitStack() as left, enter(shop, "wang") as wang:
        held = await take_all(wang)
        li, zhao = [await left.enter_async_context(enter(shop, user)) for user in ("li", "zhao")]
        first, second = await take_a_place(li, 2), await take_a_place(zhao)
        await left.aclose()
        async with enter(shop, "li") as li:
            await li.until(lambda room: list(room.waiting) == [first], timeout_s=SOON_S)
        await wang.cancel(held)
        async with enter(shop, "li") as li, enter(shop, "zhao") as zhao:
            await gets(li, first, 2)
            await zhao.until(lambda room: list(room.waiting) == [second], timeout_s=SOON_S)
