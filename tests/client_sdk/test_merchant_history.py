"""What happened, by the merchant's side of the SDK against the real server: ledger, events, actions, undoing."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures_server import POOL, ROOM, RunningServer
from mugs import has
from shelfcast_client import Archived, ServerRefused, ServerUnreachable, places
from shelfcast_client.merchant import Merchant
from trimming import final_report, note, note_days, place_at, trim


async def test_the_ledger_is_read_in_pages_from_where_one_was(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 3)
    for number in range(6):
        await merchant.receive("mug", number + 1, reference=f"paper {number}")
    entries = [entry async for entry in merchant.ledger()]
    assert [entry["seq"] for entry in entries] == list(range(1, 8))
    assert (entries[-1]["qty"], entries[-1]["reference"], entries[-1]["actor"]) == (6, "paper 5", "erp")
    assert [entry["seq"] async for entry in merchant.ledger(after=5)] == [6, 7]
    assert [entry async for entry in merchant.ledger(after=7)] == []
    with pytest.raises(ServerRefused) as refused:
        await anext(merchant.ledger(after=-1))
    assert refused.value.field == "after"


async def test_a_whole_ledger_is_streamed(merchant: Merchant) -> None:
    for number in range(4):
        await merchant.receive("mug", 1, key=f"m{number}")
    assert [entry async for entry in merchant.ledger_entries()] == [entry async for entry in merchant.ledger()]
    assert [entry["seq"] async for entry in merchant.ledger_entries(after=3)] == [4, 5]
    assert [entry async for entry in merchant.ledger_entries(presale=True)] == []
    with pytest.raises(ServerRefused) as refused:
        await anext(merchant.ledger_entries(after=-1))
    assert refused.value.field == "after"


async def test_a_stream_that_is_cut_goes_on_where_it_was(merchant: Merchant) -> None:
    for number in range(4):
        await merchant.receive("mug", 1, key=f"m{number}")
    asked: list[int] = []
    streamed = merchant._calls.streamed

    async def cut(kind: Any, path: str, *, query: Any) -> Any:
        asked.append(query["after"])
        async for value in streamed(kind, path, query=query):
            yield value
            if len(asked) < 3:
                raise ServerUnreachable("cut")

    merchant._calls.streamed = cut  # type: ignore[method-assign, assignment]
    assert [entry["seq"] async for entry in merchant.ledger_entries()] == [1, 2, 3, 4, 5]
    assert asked == [0, 1, 2]


async def test_what_happened_is_read_from_where_one_was(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 2)
    before = [event["n"] async for event in merchant.events()]
    await merchant.freeze("mug", key="label")
    await merchant.change_room(ROOM, status="paused")
    await merchant.unfreeze("mug")
    everything = [event async for event in merchant.events(after=before[-1])]
    found = [event for event in everything if event["type"] != "action"]
    assert [(event["type"], event["subject"]) for event in found] == [
        ("frozen", "mug"), ("status", ROOM), ("unfrozen", "mug"),
    ]  # fmt: skip
    assert (found[0]["actor"], found[0]["action"]) == ("erp", "label")
    assert [event async for event in merchant.events(after=everything[-1]["n"])] == []


async def test_what_was_done_is_listed_and_undone(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.history.BULK_ROWS", 2)
    done = await merchant.allocate("mug", 40, source="pool", target=places.of_channel("live"), key="a1", reason="show")
    assert (done["id"], done["undoable"]) == ("a1", True)
    await merchant.change_room(ROOM, status="paused")
    last = [action async for action in merchant.actions()]
    assert [action["kind"] for action in last][:2] == ["status", "allocate"]
    assert [action["n"] for action in last] == sorted((action["n"] for action in last), reverse=True)
    in_room = [action async for action in merchant.actions(room=ROOM)]
    assert {action["room"] for action in in_room} == {ROOM}
    allocated = await merchant.action("a1")
    assert allocated is not None
    assert (allocated["actor"], allocated["text"], allocated["undoable"]) == ("erp", "show", True)
    assert allocated["effect"] == [{"sku": "mug", "qty": 40, "source": "pool", "target": "channel:live"}]

    undone = await merchant.undo("a1")
    assert undone == await merchant.undo("a1")
    await has(merchant, pool=100)
    allocated = await merchant.action("a1")
    assert allocated is not None
    assert (allocated["undoable"], allocated["why_not"], allocated["undone_by"]) == (False, "undone", undone["id"])
    await merchant.undo(undone["id"])
    await has(merchant, pool=60, channel__live=40)
    await merchant.allocate("mug", 1, source=places.of_channel("live"), target="pool")
    with pytest.raises(ServerRefused) as refused:
        await merchant.undo("undo:undo:a1")
    assert (refused.value.status, refused.value.code, refused.value.field, refused.value.available) == (
        409, "INSUFFICIENT", "channel:live", 39,
    )  # fmt: skip
    for key in ("送货单 7", "x" * 100):
        await merchant.receive("mug", 1, key=key)
        undone = await merchant.undo(key)
        assert (await merchant.undo("undo:" + key))["undoable"]
        assert undone["id"].startswith("undo:")
    assert await merchant.action("nobody's") is None
    with pytest.raises(ServerRefused) as refused:
        await merchant.undo("nobodys")
    assert (refused.value.status, refused.value.field) == (404, "action")


async def test_what_happened_is_searched_and_told(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.merchant.ledger.BULK_ROWS", 2)
    await merchant.order("JD/88", channel="live", sku="mug", qty=3, reference="jd 88")
    for number in range(3):
        await merchant.receive("mug", 1, key=f"m{number}")
    await merchant.ship("JD/88", 1, key="parcel 1")
    found = [entry["pool_seq"] async for entry in merchant.search_ledger(sku="mug")]
    assert found == sorted(found, reverse=True)
    assert len(found) == 6
    by_order = [entry async for entry in merchant.search_ledger(order="jd 88")]
    assert [entry["kind"] for entry in by_order] == ["external"]
    assert len([entry async for entry in merchant.search_ledger(reservation="JD/88", kind="ship")]) == 1
    story = await merchant.story("JD/88")
    assert [step["kind"] for step in story["steps"]] == ["external", "ship"]
    assert story["complete"]
    assert await merchant.story("JD/88", near=by_order[0]["pool_seq"]) == story
    with pytest.raises(ServerRefused) as refused:
        await merchant.story("nobodys")
    assert (refused.value.status, refused.value.field) == (404, "id")


async def test_a_ledger_that_begins_later_says_where_its_beginning_is(merchant: Merchant, shop: RunningServer) -> None:
    for number in range(4):
        await merchant.receive("mug", 1, key=f"m{number}")
    await merchant.set_status(ROOM, "ended")
    book = await shop.book()
    await note_days(book)
    await final_report(book, f"{ROOM}.1")
    await note(book, await place_at(book, 3))
    await trim(book, 3)
    for entries in (merchant.ledger(after=2), merchant.ledger_entries()):
        with pytest.raises(Archived, match="up to sequence 3 ") as gone:
            await anext(entries)
        assert (gone.value.status, gone.value.archive, gone.value.begin_after) == (410, f"{POOL}/ledger/ledger/", 3)
    assert [entry["seq"] async for entry in merchant.ledger(after=3)] == [4, 5]
    assert [entry["seq"] async for entry in merchant.search_ledger(sku="mug")] == [5, 4]
    with pytest.raises(Archived):
        await merchant.story("nobodys")
