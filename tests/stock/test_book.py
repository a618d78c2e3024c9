"""The batched book: one call for many, faults that stay alone, bounds, epochs, kills."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import msgspec
import pytest
from engine_process import EngineProcess
from shelfcast.engine import Engine
from shelfcast.metrics import BARRIER_FAULTS, BOOK_CALLS
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings
from shelfcast.stock.audit import audit
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import Cancel, Confirm, Expire, Move, MoveKind, Op, Reserve, Retire, put
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.records import Stream
from shop import Shop

pytestmark = pytest.mark.each_engine


def calls(book: StockBook) -> float:
    return float(BOOK_CALLS.labels(book.pool)._value.get())


async def test_what_arrives_together_goes_out_together(shop: Shop) -> None:
    await shop.receive(1_000)
    before = calls(shop.book)
    outcomes = await asyncio.gather(
        *(shop.book.apply(Reserve(f"r{n}", "evening", "mug", 1, "ann")) for n in range(600))
    )
    assert {outcome.code for outcome in outcomes} == {Code.OK}
    assert [outcome.seq for outcome in outcomes] == list(range(2, 602))
    assert calls(shop.book) - before == 3  # 600 in calls of at most 256
    assert len(await shop.book.ledger(Stream.STOCK)) == 601


async def test_a_faulty_operation_harms_only_itself(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    await shop.receive(5)

    class Nonsense(Op, frozen=True, tag="nonsense"):
        id: object

    good = [Reserve(f"r{n}", "evening", "mug", 1, "ann") for n in range(4)]
    unknown, unsendable = Nonsense("x"), Nonsense(2**70)
    wishes = (good[0], unknown, good[1], good[2], unsendable, good[3])
    outcomes = await asyncio.gather(*(shop.book.apply(op) for op in wishes))
    ok, away = Code.OK, Code.UNAVAILABLE
    assert [outcome.code for outcome in outcomes] == [ok, away, ok, ok, away, ok]
    assert "book.fault" in capfd.readouterr().out


async def test_a_full_queue_is_told_and_what_was_taken_is_answered(engine: Engine, settings: Settings) -> None:
    book = StockBook(engine, "p", msgspec.structs.replace(settings, book_queue_max=3))
    outcomes = await asyncio.gather(*(book.apply(Confirm(f"r{n}")) for n in range(5)))
    assert [outcome.code for outcome in outcomes] == [Code.NOT_FOUND] * 3 + [Code.OVERLOADED] * 2
    await book.close()
    assert (await book.apply(Confirm("r"))).code == Code.UNAVAILABLE


async def test_an_asker_that_fails_does_not_take_others_along(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(outcome: Outcome) -> None:
        raise ZeroDivisionError

    shop.book.submit(Confirm("r1"), broken)
    assert (await shop.book.apply(Confirm("r2"))).code == Code.NOT_FOUND
    assert "book.asker_failed" in capfd.readouterr().out


async def test_an_engine_out_of_reach_is_unavailable_and_the_same_id_works_later(
    own_engine: EngineProcess, settings: Settings
) -> None:
    quick = msgspec.structs.replace(settings, engine_call_timeout_ms=1_000)
    engine = await Engine.connect(own_engine.url, settings=quick, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", quick), engine)
    await shop.set_up()
    await shop.receive(1)
    own_engine.stop()
    wish = Reserve("r1", "evening", "mug", 1, "ann")
    assert (await shop.book.apply(wish)).code == Code.UNAVAILABLE
    own_engine.start()
    assert (await shop.book.apply(wish)).code == Code.OK
    await shop.book.close()
    await engine.close()


async def test_a_start_of_the_engine_begins_an_epoch(own_engine: EngineProcess, settings: Settings) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.set_up()
    await shop.receive(1)
    epoch, seq, _ = await shop.book.clock()
    assert (await shop.book.clock())[:2] == (epoch, seq)
    own_engine.stop()
    own_engine.start()
    again, same_seq, _ = await shop.book.clock()
    assert again > epoch
    assert same_seq == seq
    assert not shop.book.lost_data
    await shop.book.close()
    await engine.close()


async def test_a_book_that_lost_what_was_answered_says_so(
    own_engine: EngineProcess, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.set_up()
    await shop.receive(1)
    own_engine.client.flushall()
    assert (await shop.book.apply(Confirm("r1"))).code == Code.NOT_FOUND
    assert shop.book.lost_data
    assert "book.lost_data" in capfd.readouterr().out
    await shop.book.close()
    await engine.close()


async def test_a_loss_shows_although_the_ledger_has_grown_again(own_engine: EngineProcess, settings: Settings) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.set_up()
    await shop.receive(1)
    own_engine.client.flushall()
    other = Shop(StockBook(engine, "p", settings), engine)
    await other.set_up()
    for _ in range(3):
        await other.receive(1)
    assert not other.book.lost_data, "it never knew of more"
    assert (await shop.book.clock())[1] == 3
    assert (shop.book.lost_data, shop.book.seq) == (True, 3)
    for book in (shop.book, other.book):
        await book.close()
    await engine.close()


async def test_an_epoch_that_begins_where_the_last_one_ended_is_no_loss(
    own_engine: EngineProcess, settings: Settings
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.set_up()
    for n in range(3):
        own_engine.client.function_flush()
        await shop.receive(1)
        assert (shop.book.lost_data, shop.book.seq) == (False, n + 1)
    assert [seq for _, seq in await shop.book.epochs()] == [0, 0, 1, 2]
    await shop.book.close()
    await engine.close()


async def test_no_acknowledged_reservation_is_lost_when_the_engine_is_killed(
    own_engine: EngineProcess, settings: Settings
) -> None:
    engine = await Engine.connect(own_engine.url, settings=settings, library=LIBRARY)
    shop = Shop(StockBook(engine, "p", settings), engine)
    await shop.set_up()
    await shop.receive(100_000)
    answered: dict[str, Outcome] = {}
    halfway = asyncio.Event()

    async def customer(number: int) -> None:
        for n in range(200):
            name = f"c{number}-{n}"
            outcome = await shop.book.apply(Reserve(name, "evening", "mug", 1, f"user{number}-{n}"))
            while outcome.code == Code.UNAVAILABLE:
                outcome = await shop.book.apply(Reserve(name, "evening", "mug", 1, f"user{number}-{n}"))
            answered[name] = outcome
            if len(answered) == 2_000:
                halfway.set()

    async def murder() -> None:
        await halfway.wait()
        await asyncio.to_thread(own_engine.stop, signal.SIGKILL)
        await asyncio.to_thread(own_engine.start)

    await asyncio.gather(murder(), *(customer(number) for number in range(40)))
    assert len(answered) == 8_000
    assert {outcome.code for outcome in answered.values()} == {Code.OK}
    # Every answer is in the book, once, and a retry of any id gets its first answer.
    assert (await shop.units())["held:live"] == 8_000
    for name in list(answered)[::800]:
        user = name.replace("c", "user")
        again = await shop.book.apply(Reserve(name, "evening", "mug", 1, user))
        assert (again.code, again.expires_at_ms) == (Code.OK, answered[name].expires_at_ms)
    assert not shop.book.lost_data
    report = await audit(shop.book)
    assert report.ok, report.violations
    await shop.book.close()
    await engine.close()


async def test_a_client_that_dies_between_call_and_answer_gets_the_first_answer_later(shop: Shop) -> None:
    await shop.receive(1)
    wish = Reserve("r1", "evening", "mug", 1, "ann")
    asking = asyncio.ensure_future(shop.book.apply(wish))
    await asyncio.sleep(0)  # the call is on its way
    asking.cancel()
    another = StockBook(shop.engine, "p", shop.book._settings)
    answer = await another.apply(wish)
    assert (answer.code, answer.qty) == (Code.OK, 1)
    assert (await shop.units())["held:live"] == 1
    await another.close()


async def test_finished_ids_are_forgotten_a_day_after_the_show(shop: Shop) -> None:
    day_ms = 86_400_000
    await shop.receive(3)
    for name in ("given", "paid", "held"):
        await shop.ok(Reserve(name, "evening", "mug", 1, "ann"))
    await shop.ok(Cancel("given", "ann"))
    await shop.ok(Confirm("paid"))
    # While the show goes on nothing is forgotten but the ids of moves.
    await shop.advance(2 * day_ms)
    assert (await shop.ok(Retire(100))).data == 1
    assert (await shop.ok(Expire(10))).data == 1
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    assert (await shop.ok(Retire(100))).data == 0
    await shop.final_report("evening.1")
    await shop.advance(day_ms + 2 * 3_600_000)
    forgotten = 0
    while step := (await shop.ok(Retire(100))).data:
        forgotten += step
    assert forgotten == 2
    assert await shop.book.reservation("given") is None
    assert await shop.book.reservation("held") is None
    paid = await shop.book.reservation("paid")
    assert paid, "an order that is not shipped yet is no finished id"
    assert (await shop.ok(Move("move-1", MoveKind.RECEIVE, "mug", 1, "supplier", "pool"))).seq > 0


async def forgotten_of(shop: Shop, *names: str) -> list[str]:
    """Which of these reservations are, once all is forgotten that may be by now."""
    while (await shop.ok(Retire(100))).data:
        pass
    kept = {one.id for one in await shop.book.reservations(list(names))}
    return [name for name in names if name not in kept]


async def test_ids_are_not_forgotten_before_the_final_report_of_their_show(shop: Shop) -> None:
    hour_ms, names = 3_600_000, ("one", "two")
    await shop.receive(3)
    for name in names:
        await shop.ok(Reserve(name, "evening", "mug", 1, "ann"))
        await shop.ok(Cancel(name, "ann"))
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.advance(30 * hour_ms)
    assert await forgotten_of(shop, *names) == []
    await shop.advance(2 * hour_ms)
    assert await forgotten_of(shop, *names) == []
    await shop.final_report("evening.1")
    await shop.advance(2 * hour_ms)
    assert await forgotten_of(shop, *names) == ["one", "two"]


async def test_a_report_that_does_not_come_is_not_waited_for_for_ever(shop: Shop) -> None:
    day_ms = 86_400_000
    await shop.receive(3)
    await shop.ok(Reserve("one", "evening", "mug", 1, "ann"))
    await shop.ok(Cancel("one", "ann"))
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    late = shop.book._settings.report_final_after_ms + day_ms
    await shop.advance(late - 3_600_000)
    assert await forgotten_of(shop, "one") == []
    await shop.advance(3 * 3_600_000)
    assert await forgotten_of(shop, "one") == ["one"]


async def test_a_customer_is_blocked_for_what_comes_in_the_same_call(shop: Shop) -> None:
    await shop.receive(2)
    block = put(What.USER, "ann", {"standing": "blocked"})
    blocked, refused, other = await asyncio.gather(
        shop.book.apply(block),
        shop.book.apply(Reserve("r1", "evening", "mug", 1, "ann")),
        shop.book.apply(Reserve("r2", "evening", "mug", 1, "ben")),
    )
    assert (blocked.code, refused.code, other.code) == (Code.OK, Code.BLOCKED, Code.OK)


@pytest.mark.parametrize("paid_first", [True, False])
async def test_an_id_that_is_paid_late_as_it_is_forgotten_stays_whole(shop: Shop, paid_first: bool) -> None:
    """Both in one call: either the payment revives the order, or there is none any more."""
    day_ms = 86_400_000
    await shop.receive(1)
    await shop.ok(Reserve("r1", "evening", "mug", 1, "ann"))
    await shop.advance(3_600_000)
    assert (await shop.ok(Expire(10))).data == 1
    await shop.ok(put(What.ROOM, "evening", {"status": "ended"}))
    await shop.final_report("evening.1")
    await shop.advance(day_ms + 2 * 3_600_000)
    ops = [Confirm("r1"), Retire(100)] if paid_first else [Retire(100), Confirm("r1")]
    outcomes = dict(zip(map(type, ops), await asyncio.gather(*map(shop.book.apply, ops)), strict=True))
    assert outcomes[Confirm].code == (Code.OK if paid_first else Code.NOT_FOUND)
    assert (await shop.units()).get("sold:live", 0) == int(paid_first)
    await shop.assert_sound()


async def outcomes_of(book: StockBook, count: int) -> list[Code]:
    outcomes = await asyncio.gather(*(book.apply(Reserve(f"r{n}", "evening", "mug", 1, "ann")) for n in range(count)))
    return [outcome.code for outcome in outcomes]


async def test_a_defect_in_a_call_leaves_nobody_without_an_outcome(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = BARRIER_FAULTS.labels("book.call")._value.get()
    await shop.receive(1_000)
    call, calls_made = shop.book._engine.call, 0

    async def fails_first(*args: Any) -> bytes:
        nonlocal calls_made
        calls_made += 1
        if calls_made == 1:
            raise RuntimeError("unable to perform operation on <UnixTransport closed=True>; the handler is closed")
        return await call(*args)

    monkeypatch.setattr(shop.book._engine, "call", fails_first)
    assert await outcomes_of(shop.book, 600) == [Code.UNAVAILABLE] * 256 + [Code.OK] * 344
    assert BARRIER_FAULTS.labels("book.call")._value.get() == before + 1
    assert set(await outcomes_of(shop.book, 600)) == {Code.OK}, "the same ids, sent again"


async def test_an_answer_of_another_length_is_a_fault_with_an_outcome_for_each(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.receive(10)
    call = shop.book._engine.call
    for reply in (msgspec.msgpack.encode([1, 2, 3, 4, [["OK"]]]), b"\xc0", None):

        async def answers(*args: Any, reply: Any = reply) -> Any:
            return reply

        monkeypatch.setattr(shop.book._engine, "call", answers)
        assert await outcomes_of(shop.book, 3) == [Code.UNAVAILABLE] * 3
    monkeypatch.setattr(shop.book._engine, "call", call)
    assert await outcomes_of(shop.book, 3) == [Code.OK] * 3


async def test_a_caller_that_is_cancelled_answers_all_that_waited(shop: Shop) -> None:
    answers = asyncio.gather(*(shop.book.apply(Confirm(f"r{n}")) for n in range(600)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for caller in list(shop.book._callers):
        caller.cancel()
    assert {outcome.code for outcome in await answers} == {Code.UNAVAILABLE}
    assert (await shop.book.apply(Confirm("r"))).code == Code.NOT_FOUND


async def test_pages_of_the_catalogue_are_in_the_order_of_names_also_in_a_book_of_before(shop: Shop) -> None:
    names = sorted({"mug", *(f"{letter}{number}" for letter in "aÄ茶" for number in range(12))}, key=str.encode)
    await asyncio.gather(*[shop.book.apply(put(What.SKU, name, {"title": name})) for name in names if name != "mug"])

    async def read(limit: int) -> list[str]:
        found: list[str] = []
        while page := await shop.book.skus(found[-1] if found else "", limit):
            assert len(page) <= limit
            found += [name for name, _, _ in page]
        return found

    assert await read(5) == await read(500) == names
    # A server of before knows nothing of the index, and may have added SKUs beside it.
    index = f"{shop.book.base}:sku_names"
    await shop.engine.command("DEL", index, key=index)
    assert await read(7) == names
    await shop.engine.command("ZREM", index, "mug", key=index)
    assert await read(7) == names
    assert [name for name, _, _ in await shop.book.skus("茶", 2)] == names[-12:-10]
    assert await shop.book.skus(names[-1], 5) == []
