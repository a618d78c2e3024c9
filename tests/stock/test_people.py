"""Who is who: what stays names nobody from format 5 on, and people read users all the same."""

from __future__ import annotations

import pytest
from old_node import OldNode, make_old
from people_data import raw
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.operations import Cancel, CancelPaid, Confirm, External, Move, MoveKind, Reserve, Ship, put
from shelfcast.stock.people_operations import NamePeople
from shelfcast.stock.reading.search import Wanted
from shelfcast.stock.records import LedgerEntry, Stream
from shop import Shop

QUIET_MS = Settings().format_quiet_ms
ANN, BEN = "ann@example.com", "微信用户-ben"
LOOK_MAX = 1_000


async def buy(shop: Shop, id_: str, user: str, sku: str = "mug") -> None:
    await shop.ok(Reserve(id_, "evening", sku, 1, user))
    await shop.ok(Confirm(id_, f"order-{id_}", "shop"))


async def entries(shop: Shop) -> list[LedgerEntry]:
    return [entry for stream in Stream for entry in await shop.book.ledger(stream)]


async def pseudonym_of(shop: Shop, user: str) -> str:
    return (await shop.book.pseudonyms([user]))[user]


@pytest.fixture
async def sold(shop: Shop) -> Shop:
    """ann bought, gave back by herself and by somebody on her behalf, and sent a parcel back; ben bought elsewhere."""
    await shop.sell("bowl", presale=True)
    await shop.receive(100)
    await buy(shop, "a", ANN)
    await shop.ok(Reserve("b", "evening", "mug", 1, ANN))
    await shop.ok(Cancel("b", ANN, ANN))
    await shop.ok(Reserve("c", "evening", "mug", 1, ANN))
    await shop.ok(Cancel("c", "", f"{ANN} (by erp)", "changed her mind"))
    await shop.ok(Ship("parcel", "a", 0, "shop", "DHL 1"))
    await shop.ok(Move("back", MoveKind.RETURN, "mug", 1, "shipped", "returned", "ops", "broken", "a"))
    await shop.ok(External("e", "douyin", "mug", 1, BEN, "D-1", "erp"))
    return shop


async def test_the_ledgers_name_nobody(sold: Shop) -> None:
    for key in ("ledger", "presale", "events"):
        stored = await raw(sold.engine, f"{sold.book.base}:{key}")
        assert ANN.encode() not in stored
        assert repr(BEN.encode())[2:-1].encode() not in stored
    ann, ben = await pseudonym_of(sold, ANN), await pseudonym_of(sold, BEN)
    assert ann != ben
    told = {(entry.kind, entry.id): (entry.user, entry.actor) for entry in await entries(sold)}
    assert told["reserve", "a"] == told["cancel", "b"] == (ann, ann)
    assert told["cancel", "c"] == (ann, f"{ann} (by erp)")
    assert told["ship", "a"] == (ann, "shop")
    assert told["return", "back"] == (ann, "ops")
    assert told["external_oversold", "e"] == (ben, "erp")
    assert told["receive", "move-1"] == ("", "")


async def test_people_read_users(sold: Shop) -> None:
    named = {(entry.kind, entry.id): entry for entry in await sold.book.named(await entries(sold))}
    assert {named[key].user for key in (("reserve", "a"), ("cancel", "c"), ("return", "back"))} == {ANN}
    assert (named["cancel", "c"].actor, named["cancel", "b"].actor) == (f"{ANN} (by erp)", ANN)
    found = await sold.book.search_ledger(Wanted(user=ANN), limit=100, look_max=LOOK_MAX)
    assert len(found.entries) == 8
    assert {entry.user for entry in found.entries} == {ANN}
    by_actor = await sold.book.search_ledger(Wanted(actor=ANN), limit=100, look_max=LOOK_MAX)
    assert {entry.kind for entry in by_actor.entries} == {"reserve", "cancel"}
    assert (await sold.book.search_ledger(Wanted(user="an"), limit=100, look_max=LOOK_MAX)).entries == []
    story = await sold.book.story("c", await sold.book.reservation("c"), holds_ms=[300_000], look_max=LOOK_MAX)
    assert [(step.kind, step.user) for step in story.steps] == [("reserve", ANN), ("cancel", ANN)]


async def test_what_was_decided_about_a_person_is_an_event_of_a_pseudonym(shop: Shop) -> None:
    await shop.ok(put(What.USER, ANN, {"standing": "blocked", "reason": "resells"}))
    stored = await raw(shop.engine, f"{shop.book.base}:events")
    assert ANN.encode() not in stored
    assert b"resells" not in stored
    (event,) = [event for event in await shop.book.last_events(5) if event.data.get("what") == "user"]
    assert (event.type, event.subject, event.data["key"]) == ("definition", ANN, ANN)


async def test_a_pseudonym_has_nothing_of_the_user(shop: Shop) -> None:
    users = [*"0123456789abcdef", "ff", "ada", "e1", *(f"user-{n}" for n in range(400))]
    names = (await shop.ok(NamePeople(users))).data
    assert len(set(names)) == len(users)
    assert not [user for user, name in zip(users, names, strict=True) if user in name]
    assert {len(name) for name in names} == {16}
    assert (await shop.ok(NamePeople(users))).data == names


async def test_two_pools_know_somebody_under_two_pseudonyms(shop: Shop, settings: Settings) -> None:
    other = Shop(StockBook(shop.engine, "other", settings), shop.engine)
    await other.set_up()
    names = [(await each.ok(NamePeople([ANN]))).data[0] for each in (shop, other)]
    assert names[0] != names[1]
    await other.book.close()


async def test_a_second_process_finds_the_pseudonym_of_the_first(shop: Shop, settings: Settings) -> None:
    await shop.receive(2)
    await buy(shop, "a", ANN)
    second = StockBook(shop.engine, "p", settings)
    assert (await second.apply(Reserve("b", "evening", "mug", 1, ANN))).code is Code.OK
    assert len({entry.user for entry in await second.ledger(Stream.STOCK) if entry.kind == "reserve"}) == 1
    await second.close()


async def test_many_new_people_of_one_call_get_one_each(shop: Shop) -> None:
    await shop.receive(300)
    await shop.together(*[Reserve(f"r{n}", "evening", "mug", 1, f"u{n % 150}") for n in range(300)])
    users = {entry.user for entry in await shop.book.ledger(Stream.STOCK) if entry.kind == "reserve"}
    assert len(users) == 150
    assert sorted((await shop.book.users_of(users)).values()) == sorted({f"u{n}" for n in range(150)})


async def test_a_server_of_before_writes_pseudonyms_too_once_the_format_is_raised(shop: Shop) -> None:
    await shop.receive(2)
    assert await OldNode(shop, 4).apply(Reserve("r", "evening", "mug", 1, ANN)) is Code.OK
    (*_, entry) = await shop.book.ledger(Stream.STOCK)
    assert entry.user == await pseudonym_of(shop, ANN)


async def test_nobody_is_named_while_a_server_of_before_calls(shop: Shop) -> None:
    old = OldNode(shop, 4)
    await make_old(shop, old, 4)
    await buy(shop, "before", ANN)
    assert (await shop.refused(NamePeople([ANN])))[0] is Code.UNAVAILABLE
    assert [entry.user for entry in (await entries(shop))[-2:]] == [ANN, ANN]
    assert await shop.book.pseudonyms([ANN]) == {}


async def test_older_entries_are_read_under_the_pseudonym_of_now(shop: Shop) -> None:
    old = OldNode(shop, 4)
    await make_old(shop, old, 4)
    await buy(shop, "before", ANN)
    await buy(shop, "other", BEN)
    await shop.ok(Cancel((await reserved(shop, "given-up", ANN)), ANN, ANN))
    await shop.advance(QUIET_MS)
    await buy(shop, "after", ANN)
    ann = await pseudonym_of(shop, ANN)
    told = {(entry.kind, entry.id): (entry.user, entry.actor) for entry in await entries(shop)}
    assert told["reserve", "before"] == told["reserve", "after"] == told["cancel", "given-up"] == (ann, ann)
    assert told["reserve", "other"] == (BEN, BEN), "nobody has said a pseudonym of ben's"
    found = await shop.book.search_ledger(Wanted(user=ANN), limit=100, look_max=LOOK_MAX)
    assert {entry.id for entry in found.entries} == {"before", "given-up", "after"}
    assert {entry.user for entry in found.entries} == {ANN}
    await shop.assert_sound()
    await shop.ok(NamePeople([BEN]))
    assert BEN not in {entry.user for entry in await entries(shop)}


async def reserved(shop: Shop, id_: str, user: str) -> str:
    await shop.ok(Reserve(id_, "evening", "mug", 1, user))
    return id_


async def test_a_limit_counts_what_was_bought_before_and_since(shop: Shop) -> None:
    await shop.terms(limit_per_user=2, limit_window="ever")
    old = OldNode(shop, 4)
    await make_old(shop, old, 4)
    await buy(shop, "before", ANN)
    await shop.advance(QUIET_MS)
    await buy(shop, "after", ANN)
    assert (await shop.refused(Reserve("more", "evening", "mug", 1, ANN)))[0] is Code.LIMIT_PER_USER
    await shop.ok(CancelPaid("back", "before", 1, "shop"))
    await shop.assert_sound()
