"""Entries leave the engine once the archive has them: the cut, checkpoints, and who reads what is behind."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from old_node import OldNode, make_old
from shelfcast.errors import EntriesArchived
from shelfcast.protocol.codes import Code
from shelfcast.stock.archive_operations import NoteCheckpoint, Trim
from shelfcast.stock.archived import Archived, LedgerPlace
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, Confirm, Quota, Reserve, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import Stream
from shop import Shop
from trimming import entries_of, folded, note, note_days, place_at

pytestmark = pytest.mark.each_engine


@pytest.fixture
async def sold(shop: Shop) -> Shop:
    """A shop whose ledgers have 45 entries, of both kinds, one behind the other; its shows are over and reported."""
    await note_days(shop.book)
    await shop.sell("bowl", presale=True)
    await shop.receive(100)
    await shop.ok(Quota("q", "bowl", 100))
    for n in range(20):
        await shop.ok(Reserve(f"r{n}", "evening", "mug", 1, f"u{n}"))
        await shop.ok(Reserve(f"p{n}", "evening", "bowl", 1, f"u{n}"))
    for name in ("r1", "p1"):
        await shop.ok(Confirm(name))
    for room in ("evening", "morning"):
        await shop.ok(put(What.ROOM, room, {"status": "ended"}))
        await shop.final_report(f"{room}.1")
    return shop


async def numbers(shop: Shop, stream: Stream) -> list[int]:
    """Of the entries that the engine has."""
    cut = await shop.book.cut()
    return [entry.seq for entry in await shop.book.ledger(stream, cut.of(stream))]


async def test_a_book_without_an_archive_says_so(shop: Shop) -> None:
    known = await shop.book.archived()
    assert known == Archived()
    assert known.through == LedgerPlace()


async def test_what_the_archive_has_is_taken_out_and_nothing_else(sold: Shop) -> None:
    last = (await sold.book.clock())[1]
    place = await place_at(sold.book, last - 3)
    all_of = {stream: await numbers(sold, stream) for stream in Stream}
    outcome = await note(sold.book, place)
    archived = msgspec.convert(outcome.data, Archived)
    assert archived == await sold.book.archived()
    assert (archived.through, archived.cut, archived.checkpoints[0].hash) == (place, LedgerPlace(), f"hash {place.seq}")
    await sold.trim(place.seq)
    assert (await sold.book.archived()).cut == place
    for stream in Stream:
        assert await numbers(sold, stream) == all_of[stream][place.of(stream) :]
        assert await numbers(sold, stream)


async def test_the_cut_is_a_place_of_both_ledgers_after_every_call(sold: Shop) -> None:
    place = await place_at(sold.book, 40)
    expected = [await place_at(sold.book, seq) for seq in range(0, 41, 7)] + [place]
    await note(sold.book, place)
    sold.begin = await folded(sold.book, None, (await entries_of(sold.book))[:40])
    cuts, left = [await sold.book.cut()], 40
    while left:
        left = (await sold.ok(Trim(place.seq, 7))).data
        cuts.append(await sold.book.cut())
        assert left == 40 - cuts[-1].seq
        for stream in Stream:
            assert (await numbers(sold, stream))[0] == cuts[-1].of(stream) + 1
    assert cuts == expected
    assert (await sold.ok(Trim(place.seq, 7))).data == 0


async def test_a_call_takes_out_no_more_than_its_limit_however_many_ask(sold: Shop) -> None:
    place = await place_at(sold.book, 40)
    await note(sold.book, place)
    sold.begin = await folded(sold.book, None, (await entries_of(sold.book))[:40])
    first, second = await asyncio.gather(*(sold.book.apply(Trim(place.seq, 7)) for _ in range(2)))
    assert (first.data, second.data) == (33, 33)
    assert (await sold.book.cut()).seq == 7


async def test_all_of_a_ledger_can_be_taken_out_and_it_goes_on(sold: Shop) -> None:
    last = (await sold.book.clock())[1]
    place = await place_at(sold.book, last)
    await note(sold.book, place)
    await sold.trim(place.seq)
    assert [await numbers(sold, stream) for stream in Stream] == [[], []]
    assert await sold.book.ledger_seq_at(Stream.STOCK, await sold.book.now_ms()) == place.ledger
    await sold.receive(1)
    assert await numbers(sold, Stream.STOCK) == [place.ledger + 1]
    assert (await sold.book.clock())[1] == last + 1


def refusal(outcome: Outcome) -> tuple[Code, str]:
    return outcome.code, outcome.field


async def test_a_checkpoint_is_where_the_ledgers_are(sold: Shop) -> None:
    place = await place_at(sold.book, 20)
    for wrong, field in (
        (LedgerPlace(seq=20, ledger=place.ledger + 1, presale=place.presale - 1), "ledger"),
        (LedgerPlace(seq=20, ledger=place.ledger - 1, presale=place.presale + 1), "ledger"),
        (LedgerPlace(seq=20, ledger=place.ledger, presale=place.presale + 1), "presale"),
    ):
        assert refusal(await note(sold.book, wrong)) == (Code.BAD_MESSAGE, field)
    beyond = LedgerPlace(seq=99, ledger=60, presale=39)
    assert refusal(await note(sold.book, beyond)) == (Code.NOT_FOUND, "seq")
    assert (await note(sold.book, place)).code is Code.OK
    assert (await note(sold.book, place)).code is Code.OK
    assert refusal(await note(sold.book, place, digest="another")) == (Code.ID_CONFLICT, "hash")
    assert refusal(await note(sold.book, await place_at(sold.book, 19))) == (Code.STALE, "seq")
    assert len((await sold.book.archived()).checkpoints) == 1


async def test_the_last_checkpoints_are_kept_and_the_one_behind_the_cut(sold: Shop) -> None:
    await sold.ok(NoteCheckpoint(1, 1, 0, "first", "first", 0))
    for seq in range(2, 10):
        await note(sold.book, await place_at(sold.book, seq))
    await sold.receive(100)
    for _ in range(60):
        await sold.receive(1)
        await note(sold.book, await place_at(sold.book, (await sold.book.clock())[1]))
    kept = [one.place.seq for one in (await sold.book.archived()).checkpoints]
    assert (len(kept), kept[0]) == (50, 1)
    assert kept[1:] == list(range(kept[-1] - 48, kept[-1] + 1))


async def test_nothing_goes_before_the_final_report(shop: Shop) -> None:
    await note_days(shop.book)
    await shop.receive(10)
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.ok(put(What.ROOM, "evening", {"status": "live"}))  # its second show begins behind entry 1
    await shop.receive(10)
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    for seq in (1, 2):
        await note(shop.book, await place_at(shop.book, seq))
    assert await shop.refused(Trim(1, 10)) == (Code.GATE, "evening.1")
    await shop.final_report("evening.1")
    assert await shop.refused(Trim(1, 10)) == (Code.GATE, "morning.1"), "it is on"
    await shop.ok(put(What.ROOM, "morning", {"status": "ended"}))
    assert await shop.refused(Trim(1, 10)) == (Code.GATE, "morning.1")
    await shop.final_report("morning.1")
    assert await shop.refused(Trim(2, 10)) == (Code.GATE, "evening.2")
    await shop.trim(1)
    await shop.final_report("evening.2")
    await shop.trim(2)


async def test_a_trim_goes_to_a_checkpoint_alone(sold: Shop) -> None:
    await note(sold.book, await place_at(sold.book, 20))
    assert await sold.refused(Trim(19, 10)) == (Code.NOT_FOUND, "seq")
    assert await sold.refused(Trim(20, 0)) == (Code.BAD_MESSAGE, "limit")


async def test_a_book_of_before_keeps_its_entries(shop: Shop) -> None:
    """They name people."""
    await shop.receive(1)
    await make_old(shop, OldNode(shop, 4), 4)
    await note(shop.book, await place_at(shop.book, 1))
    assert await shop.refused(Trim(1, 10)) == (Code.GATE, "format")


async def test_readers_say_what_is_in_the_archive_and_tell_the_rest(sold: Shop) -> None:
    book: StockBook = sold.book
    whole = {stream: await book.ledger(stream) for stream in Stream}
    times = {stream: [entry.at_ms for entry in whole[stream]] for stream in Stream}
    place = await place_at(book, 20)
    show = await book.show("evening.1")
    assert show
    await note(book, place)
    await sold.trim(place.seq)
    for stream in Stream:
        number = place.of(stream)
        assert await book.ledger(stream, number) == whole[stream][number:]
        assert [e async for page in book.ledger_to_now(stream, number, 5) for e in page] == whole[stream][number:]
        for after in (0, number - 1):
            with pytest.raises(EntriesArchived) as raised:
                await book.ledger(stream, after)
            assert (raised.value.stream, raised.value.through, raised.value.through_seq) == (stream, number, 20)
            with pytest.raises(EntriesArchived):
                await anext(book.ledger_to_now(stream, after, 5))
        assert await book.ledger_seq_at(stream, times[stream][-1]) == len(whole[stream])
        assert await book.ledger_seq_at(stream, 0) == number
    with pytest.raises(EntriesArchived):
        await anext(book.show_entries(show, 40))


async def test_an_entry_that_leaves_while_it_is_read_is_no_gap(sold: Shop) -> None:
    """Of a reader that is between two pages when the cut passes it."""
    pages = sold.book.ledger_to_now(Stream.STOCK, 0, 5)
    assert [entry.seq for entry in await anext(pages)] == [1, 2, 3, 4, 5]
    await note(sold.book, await place_at(sold.book, 20))
    await sold.trim(20)
    with pytest.raises(EntriesArchived):
        await anext(pages)


async def test_what_was_cancelled_is_not_made_again_by_a_cut(sold: Shop) -> None:
    """The book itself looks into no ledger."""
    before = await sold.units()
    place = await place_at(sold.book, 42)
    await note(sold.book, place)
    await sold.trim(place.seq)
    assert await sold.units() == before
    await sold.ok(Cancel("r5"))
    await sold.ok(put(What.ROOM, "evening", {"status": "live"}))
    await sold.ok(Reserve("new", "evening", "mug", 1, "u5"))
    assert (await sold.units())["held:live"] == before["held:live"]


async def test_shows_of_a_server_of_before_are_looked_at_a_few_a_call(sold: Shop) -> None:
    """Their records are long; what is not known of one yet holds back."""
    await note(sold.book, await place_at(sold.book, 5))
    key, blob = sold.book.base, await sold.engine.command("HGET", f"{sold.book.base}:shows", "evening.1", key="p")
    record = msgspec.msgpack.decode(blob)
    for n in range(50):
        record |= {"id": f"far.{n}", "room": "far", "n": n, "started_seq": 40}
        await sold.engine.command("HSET", f"{key}:shows", f"far.{n}", msgspec.msgpack.encode(record), key=key)
        await sold.engine.command("ZADD", f"{key}:shows_order", n, f"far.{n}", key=key)
    for first_unknown in (10, 20, 30, 40):
        assert await sold.refused(Trim(5, 10)) == (Code.GATE, f"far.{first_unknown}")
    await sold.trim(5)
    known = await sold.engine.command("HGETALL", f"{key}:shows_began", key=key)
    began = {name.decode(): int(seq) for name, seq in zip(known[::2], known[1::2], strict=True)}
    assert began == {f"far.{n}": 40 for n in range(50)} | {"evening.1": 0, "morning.1": 0}
