"""The operator's words in the book: kept, bounded, said once an id; no unit and no ledger is touched by them."""

from __future__ import annotations

import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.changes import FeedMessage
from shelfcast.stock.configuration import RoomConfig, What
from shelfcast.stock.notices_and_cues import CUES_MAX, KeptCue, KeptNotice, NoticesAndCues
from shelfcast.stock.operations import Acknowledge, Op, Reserve, SayCue, SayNotice, put
from shelfcast.stock.records import RoomView
from shop import Shop

ROOM = "evening"
NOTICE_IDS_MAX = 20
"""As stock/library/words.lua has it, and docs/protocol.md says."""


async def words(shop: Shop, room: str = ROOM) -> NoticesAndCues:
    view = await shop.book.room_view(room)
    assert view is not None
    return view.notices_and_cues


def notice(name: str, text: str) -> SayNotice:
    return SayNotice(name, ROOM, text)


def cue(name: str, text: str = "hold it up", sku: str = "") -> SayCue:
    return SayCue(name, ROOM, text, sku)


def acknowledge(cue_id: str, actor: str = "wang") -> Acknowledge:
    return Acknowledge(f"a-{cue_id}-{actor}", ROOM, cue_id, actor)


async def test_a_notice_stands_until_another_or_none_takes_its_place(shop: Shop) -> None:
    assert (await words(shop)).notice is None
    await shop.advance(0)
    now_ms = await shop.book.now_ms()
    await shop.ok(notice("n1", "Free shipping until nine"))
    kept = (await words(shop)).notice
    assert kept is not None
    assert (kept.id, kept.text, kept.at_ms) == ("n1", "Free shipping until nine", now_ms)
    await shop.ok(notice("n2", "下一波 20:30"))
    assert (await words(shop, ROOM)).notice != kept
    assert (await words(shop, "morning")).notice is None
    await shop.ok(notice("n3", ""))
    await shop.ok(notice("n4", ""))
    assert (await words(shop)).notice is None


async def test_the_same_id_is_one_notice(shop: Shop) -> None:
    await shop.advance(0)
    await shop.ok(notice("n1", "Tea first"))
    said = (await words(shop)).notice
    await shop.advance(5_000)
    await shop.ok(notice("n1", "Tea first"))
    assert (await words(shop)).notice == said
    assert await shop.refused(notice("n1", "Cups first")) == (Code.ID_CONFLICT, "text")
    await shop.ok(notice("n2", "Tea first"))
    again = (await words(shop)).notice
    assert again is not None
    assert said is not None
    assert again.at_ms == said.at_ms + 5_000, "the same text under another id is said again"


async def test_a_notice_sent_again_does_not_come_back_over_a_newer_one(shop: Shop) -> None:
    await shop.ok(notice("n1", "Tea first"))
    await shop.ok(notice("n2", "Cups first"))
    second = (await words(shop)).notice
    await shop.ok(notice("n1", "Tea first"))
    assert (await words(shop)).notice == second


async def test_taking_back_again_takes_nothing_newer(shop: Shop) -> None:
    # There may have been nothing to take back the first time.
    for name in ("n1", "n3"):
        await shop.ok(notice(name, ""))
        await shop.ok(notice(name + "-next", "Tea first"))
        standing = (await words(shop)).notice
        assert standing is not None
        await shop.ok(notice(name, ""))
        assert (await words(shop)).notice == standing
    await shop.ok(notice("n5", ""))
    await shop.ok(notice("n3-next", "Tea first"))
    assert (await words(shop)).notice is None


async def test_the_ids_of_notices_are_remembered_for_a_while(shop: Shop) -> None:
    names = [f"n{number}" for number in range(NOTICE_IDS_MAX)]
    for name in names:
        await shop.ok(notice(name, name))
    await shop.ok(notice("n0", "n0"))
    standing = (await words(shop)).notice
    assert standing is not None
    assert standing.id == names[-1]
    await shop.ok(notice("one more", "one more"))
    await shop.ok(notice("n0", "n0"))
    standing = (await words(shop)).notice
    assert standing is not None
    assert standing.id == "n0", "so long ago that it is a new one"


async def test_a_notice_that_the_library_of_the_release_before_wrote_is_remembered(shop: Shop, engine: Engine) -> None:
    key = shop.book.base + ":words"
    kept = {"notice": {"id": "n1", "text": "Tea first", "at_ms": 1}, "cues": [], "acknowledged": []}
    await engine.command("HSET", key, ROOM, msgspec.msgpack.encode(kept), key=key)
    assert (await words(shop)).notice == KeptNotice("n1", "Tea first", 1)
    await shop.ok(notice("n2", "Cups first"))
    await shop.ok(notice("n1", "Tea first"))
    standing = (await words(shop)).notice
    assert standing is not None
    assert standing.id == "n2"


async def test_cues_stand_oldest_first_until_they_are_acknowledged(shop: Shop) -> None:
    await shop.advance(0)
    now_ms = await shop.book.now_ms()
    await shop.ok(cue("c1", "the last thirty", "mug"))
    await shop.ok(cue("c2"))
    assert (await words(shop)).cues == [
        KeptCue("c1", "the last thirty", "mug", now_ms),
        KeptCue("c2", "hold it up", "", now_ms),
    ]
    await shop.advance(4_000)
    await shop.ok(acknowledge("c1"))
    kept = await words(shop)
    assert [standing.id for standing in kept.cues] == ["c2"]
    assert [(done.cue, done.by, done.at_ms) for done in kept.acknowledged] == [("c1", "wang", now_ms + 4_000)]


async def test_the_same_id_is_one_cue_acknowledged_or_not(shop: Shop) -> None:
    await shop.ok(cue("c1", "the last thirty", "mug"))
    await shop.ok(cue("c1", "the last thirty", "mug"))
    assert await shop.refused(cue("c1", "slow down", "mug")) == (Code.ID_CONFLICT, "text")
    assert await shop.refused(cue("c1", "the last thirty")) == (Code.ID_CONFLICT, "sku")
    assert len((await words(shop)).cues) == 1
    await shop.ok(acknowledge("c1", "wang"))
    await shop.ok(acknowledge("c1", "li"))
    await shop.ok(cue("c1", "the last thirty", "mug"))
    kept = await words(shop)
    assert (kept.cues, [done.by for done in kept.acknowledged]) == ([], ["wang"])


async def test_a_cue_nobody_knows_cannot_be_acknowledged(shop: Shop) -> None:
    assert await shop.refused(acknowledge("c1")) == (Code.NOT_FOUND, "cue")
    await shop.ok(SayCue("c1", "morning", "good morning"))
    assert await shop.refused(acknowledge("c1")) == (Code.NOT_FOUND, "cue")


@pytest.mark.parametrize(
    "op", [SayNotice("n", "night", "hm"), SayCue("c", "night", "hm"), Acknowledge("a", "night", "c", "w")]
)
async def test_where_there_is_no_room_nothing_is_said(shop: Shop, op: Op) -> None:
    assert await shop.refused(op) == (Code.NOT_FOUND, "room")


async def test_of_too_many_cues_the_oldest_is_dropped(shop: Shop) -> None:
    names = [f"c{number}" for number in range(CUES_MAX + 3)]
    for name in names:
        await shop.ok(cue(name))
    assert [standing.id for standing in (await words(shop)).cues] == names[3:]
    assert await shop.refused(acknowledge("c0")) == (Code.NOT_FOUND, "cue")
    for name in names[3:]:
        await shop.ok(acknowledge(name))
    for name in ("d1", "d2"):
        await shop.ok(cue(name))
        await shop.ok(acknowledge(name))
    kept = await words(shop)
    assert kept.cues == []
    assert [done.cue for done in kept.acknowledged] == [*names[5:], "d1", "d2"]


async def test_words_are_no_part_of_the_ledger_nor_of_the_configuration(shop: Shop) -> None:
    await shop.receive(5)
    _, seq, _ = await shop.book.clock()
    await shop.ok(notice("n1", "Tea first"))
    await shop.ok(cue("c1"))
    await shop.ok(acknowledge("c1"))
    assert (await shop.book.clock())[1] == seq
    await shop.ok(put(What.ROOM, ROOM, RoomConfig(channel="live", status=RoomStatus.LIVE, title="Another")))
    await shop.ok(Reserve("r1", ROOM, "mug", 1, "li"))
    kept = await words(shop)
    assert (kept.notice is not None, len(kept.acknowledged)) == (True, 1)


async def test_another_process_finds_what_was_said(shop: Shop, engine: Engine, settings: Settings) -> None:
    await shop.ok(notice("n1", "Tea first"))
    await shop.ok(cue("c1"))
    other = StockBook(engine, "p", settings)
    view = await other.room_view(ROOM)
    assert view is not None
    assert view.notices_and_cues == await words(shop)
    await other.close()


def test_what_the_library_of_the_release_before_says_is_read() -> None:
    """While servers are upgraded one after the other, its answers and feed know no words."""
    view = [1, 7, 1_000, {"channel": "live"}, {}, []]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(view), type=RoomView).notices_and_cues == NoticesAndCues()
    message = [1, 6, 7, 1_000, [], [], []]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=FeedMessage).notices_and_cues == []
