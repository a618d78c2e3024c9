"""Revisions of definitions: who changes what somebody else has changed meanwhile is told so, and nobody else is."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import ANY_REVISION, MUST_BE_THERE, What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Drop, OpenBatch, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.show import NEXT_STATUSES
from shop import Shop

pytestmark = pytest.mark.each_engine

KINDS = [
    (What.POOL, "", ""),
    (What.SKU, "", "mug"),
    (What.CHANNEL, "", "live"),
    (What.BATCH, "", "second"),
    (What.ROOM, "", "evening"),
    (What.LISTING, "evening", "mug"),
    (What.USER, "", "li"),
]


async def stored(shop: Shop, what: What, parent: str, key: str) -> dict[str, Any]:
    plain = {What.POOL: ":pool", What.BATCH: ":batches", What.LISTING: f":listing:{parent}"}
    suffix = plain.get(what, f":{what}s")
    blob = await shop.engine.command("HGET", shop.book.base + suffix, key, key=shop.book.base)
    return dict(msgspec.msgpack.decode(blob)) if blob else {}


@pytest.mark.parametrize(("what", "parent", "key"), KINDS)
async def test_a_change_raises_the_revision_and_a_stale_one_is_refused(
    shop: Shop, what: What, parent: str, key: str
) -> None:
    text = {What.USER: "reason"}.get(what, "title")

    async def write(value: str, expected: int) -> Outcome:
        return await shop.book.apply(put(what, key, {text: value}, parent=parent, expected=expected))

    first = (await stored(shop, what, parent, key)).get("revision", 0)
    assert (await write("a", ANY_REVISION)).data[0] == first + 1
    assert (await write("b", first + 1)).data[0] == first + 2
    refused = await write("c", first + 1)
    assert (refused.code, refused.data) == (Code.STALE, [first + 1, first + 2])
    assert (await stored(shop, what, parent, key))[text] == "b"
    assert (await write("b", first)).code is Code.OK, "it is as it shall be"
    assert (await write("c", MUST_BE_THERE)).data[0] == first + 3


async def test_what_is_not_there_has_no_revision(shop: Shop) -> None:
    for expected in (0, 1, MUST_BE_THERE):
        outcome = await shop.book.apply(put(What.SKU, "bowl", {"title": "Bowl"}, expected=expected))
        assert (outcome.code, outcome.data) == (Code.STALE, [expected, -1])
    assert await shop.book.sku("bowl") is None
    made = await shop.ok(put(What.SKU, "bowl", {}))
    assert made.data == [1, 0]
    assert (await shop.ok(put(What.USER, "eve", {"standing": "review"}, expected=0))).data == [1, 0]


async def test_a_write_that_changes_nothing_is_told_to_nobody(shop: Shop) -> None:
    await shop.ok(put(What.ROOM, "evening", {"run_order": ["mug"], "title": "Evening"}))
    async with shop.engine.subscribe(f"{shop.book.base}:feed") as feed:
        for same in ({"run_order": ["mug"]}, {"title": "Evening"}, {"anonymous": True}, {"hold_ms": None}, {}):
            assert (await shop.ok(put(What.ROOM, "evening", same, expected=77))).code is Code.OK
        await shop.ok(put(What.ROOM, "evening", {"run_order": []}))
        message = msgspec.msgpack.decode(await anext(aiter(feed)), type=FeedMessage)
    assert [event.values is not None and event.values.get("run_order") for event in message.config] == [None]


async def test_the_show_of_a_room_makes_nobodys_edit_stale(shop: Shop) -> None:
    before = await shop.book.room_config("evening")
    assert before is not None
    await shop.ok(put(What.ROOM, "evening", {"spotlight": "mug"}))
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    room = await shop.book.room_config("evening")
    assert room is not None
    assert (room.revision, room.state_revision) == (before.revision, before.state_revision + 2)
    await shop.ok(put(What.ROOM, "evening", {"title": "Late", "status": "live"}, expected=before.revision))
    await shop.ok(Drop("evening", "mug"))  # which takes it out of the spotlight
    room = await shop.book.room_config("evening")
    assert room is not None
    assert (room.revision, room.state_revision, room.spotlight) == (
        before.revision + 1,
        before.state_revision + 4,
        None,
    )


async def test_what_is_listed_anew_goes_on_from_the_revision_it_had(shop: Shop) -> None:
    await shop.terms(limit_per_user=3)
    listing = await shop.book.listing("evening", "mug")
    assert listing is not None
    stale = await shop.book.apply(Drop("evening", "mug", expected=listing.revision - 1))
    assert (stale.code, stale.data) == (Code.STALE, [listing.revision - 1, listing.revision])
    await shop.ok(Drop("evening", "mug", expected=listing.revision))
    await shop.terms(limit_per_user=3)
    anew = await shop.book.listing("evening", "mug")
    assert anew is not None
    assert anew.revision > listing.revision


async def test_a_batch_that_opens_is_another_revision(shop: Shop) -> None:
    planned = await shop.ok(put(What.BATCH, "second", {"title": "Second"}))
    await shop.ok(OpenBatch("open", "second"))
    stale = await shop.book.apply(put(What.BATCH, "second", {"title": "2nd"}, expected=planned.data[0]))
    assert (stale.code, stale.data) == (Code.STALE, [1, 2])


async def test_a_book_of_before_begins_at_0_and_servers_of_before_write_beside_new_ones(shop: Shop) -> None:
    key = f"{shop.book.base}:skus"
    blob = msgspec.msgpack.encode({"title": "Cup", "changed_at_ms": 1})
    await shop.engine.command("HSET", key, "cup", blob, key=key)
    assert (await shop.ok(put(What.SKU, "cup", {"title": "Cup"}, expected=9))).data == [0, 0]
    assert (await shop.ok(put(What.SKU, "cup", {"price_minor": 5}, expected=0))).data == [1, 0]
    of_before = [["put", "sku", "", "cup", {"title": "Big cup"}, ["category"]], ["drop", "evening", "mug"]]
    raw = await shop.engine.call(library.APPLY, shop.book.base, msgspec.msgpack.encode(of_before), b"\x80")
    assert [outcome[0] for outcome in msgspec.msgpack.decode(raw)[4]] == ["OK", "OK"]
    found = await shop.book.sku("cup")
    assert found is not None
    assert (found[0].revision, found[0].title, found[0].price_minor) == (2, "Big cup", 5)


async def test_of_many_writers_with_one_revision_one_wins(shop: Shop, engine: Engine, settings: Settings) -> None:
    other = StockBook(engine, "p", settings)
    for round_ in range(5):
        found = await shop.book.sku("mug")
        assert found is not None
        writes = [
            put(What.SKU, "mug", {"title": f"{round_}.{number}"}, expected=found[0].revision) for number in range(20)
        ]
        books = (shop.book, other)
        outcomes = await asyncio.gather(*[books[n % 2].apply(write) for n, write in enumerate(writes)])
        assert sorted(outcome.code for outcome in outcomes) == [Code.OK, *[Code.STALE] * 19]
        winner = next(number for number, outcome in enumerate(outcomes) if outcome.code is Code.OK)
        found = await shop.book.sku("mug")
        assert found is not None
        assert found[0].title == f"{round_}.{winner}"
    await other.close()


FIELDS = {
    "title": st.sampled_from(["", "a", "b"]),
    "hold_ms": st.sampled_from([None, 0, 60_000]),
    "run_order": st.sampled_from([[], ["mug"], ["mug", "cup"], ["cup", "mug"]]),
    "status": st.sampled_from(["scheduled", "live", "paused", "ended", None]),
    "spotlight": st.sampled_from(["mug", "cup", None]),
}
STATE = ("status", "spotlight")
DEFAULTS: dict[str, Any] = {"title": "", "hold_ms": 0, "run_order": [], "status": "scheduled", "spotlight": None}


class RoomMachine(RuleBasedStateMachine):
    """Any writes of a room, with any expectation: the revisions count what was seen to change, and nothing else."""

    engine_url: str
    base_settings: Settings

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.runner.run(self.open())
        self.room = DEFAULTS | {"status": "live", "title": "evening"}
        self.revision = self.state_revision = 1

    async def open(self) -> None:
        own = Settings(key_prefix=f"m{secrets.token_hex(6)}", data_dir=self.base_settings.data_dir)
        self.engine = await Engine.connect(self.engine_url, settings=own, library=LIBRARY)
        self.shop = Shop(StockBook(self.engine, "p", own), self.engine)
        await self.shop.set_up()
        await self.shop.sell("cup")

    def teardown(self) -> None:
        self.runner.run(self.shop.book.close())
        self.runner.run(self.engine.close())
        self.runner.close()

    @rule(fields=st.fixed_dictionaries({}, optional=FIELDS), behind=st.sampled_from([None, 0, 1, 2]))
    def write(self, fields: dict[str, Any], behind: int | None) -> None:
        expected = ANY_REVISION if behind is None else max(0, self.revision - behind)
        said = {name: DEFAULTS[name] if value is None else value for name, value in fields.items()}
        changed = {name for name, value in said.items() if self.room[name] != value}
        before, after = self.room["status"], said.get("status", self.room["status"])
        outcome = self.runner.run(self.shop.book.apply(put(What.ROOM, "evening", fields, expected=expected)))
        if before != after and after not in NEXT_STATUSES[RoomStatus(before)]:
            assert (outcome.code, outcome.field) == (Code.BAD_MESSAGE, "status")
        elif changed and expected not in (ANY_REVISION, self.revision):
            assert (outcome.code, outcome.data) == (Code.STALE, [expected, self.revision])
        else:
            self.room |= said
            self.revision += any(name not in STATE for name in changed)
            self.state_revision += any(name in STATE for name in changed)
            assert (outcome.code, outcome.data) == (Code.OK, [self.revision, self.state_revision])
        found = self.runner.run(self.shop.book.room_config("evening"))
        assert found is not None
        assert {name: getattr(found, name) for name in DEFAULTS} == self.room
        assert (found.revision, found.state_revision) == (self.revision, self.state_revision)


def test_any_writes_raise_the_revisions_they_change(engine_url: str, settings: Settings) -> None:
    RoomMachine.engine_url, RoomMachine.base_settings = engine_url, settings
    run_state_machine_as_test(
        RoomMachine,
        settings=hypothesis_settings(
            max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
