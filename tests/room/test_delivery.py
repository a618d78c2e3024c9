"""The pace that follows delivery: its rules with no clock but the test's, and then over real sockets."""

from __future__ import annotations

import asyncio
from random import Random

import msgspec
import pytest
import uvloop
from fixtures_server import RunningServer, StartServer
from hypothesis import given
from hypothesis import strategies as st
from raw_socket import PING, PONG, TEXT, RawSocket
from shelfcast.protocol.codec import Encoding, decode_server
from shelfcast.protocol.codes import Close
from shelfcast.protocol.frame import numbered_ping, pong_number
from shelfcast.protocol.from_server import Notice, Snapshot, Stock
from shelfcast.room.audience import Audience
from shelfcast.room.broadcast_schedule import BroadcastSchedule
from shelfcast.room.conflation import Airtime
from shelfcast.room.delivery import LATE_TIMES_MAX, PINGS_UNANSWERED_MAX, WIDENING_BY_FEW, Delivery
from shelfcast.room.state import RoomState
from shelfcast.settings import Settings
from waiting import until

TICK = 0.05
TARGET = 0.5
WAIT = 3.0
WAIT_MAX = 12.0
SETTINGS = Settings(tick_ms=50, delivery_target_ms=500, delivery_wait_ms=3_000, delivery_wait_max_ms=12_000)


class Viewer:
    """Stands in the audience; how it answers is the test's."""

    def __init__(self, address: str) -> None:
        self.address = address


def crowd(size: int) -> list[Viewer]:
    return [Viewer(f"10.0.{n // 250}.{n % 250}") for n in range(size)]


class Evening:
    """A room whose broadcasts go out as soon as they may, on a clock that the test moves."""

    def __init__(self, viewers: list[Viewer], settings: Settings = SETTINGS) -> None:
        self.delivery: Delivery[Viewer] = Delivery(settings, Random(1))
        self.viewers = viewers
        self.now = 100.0
        self.started = self.ended = 0.0
        self.pinged: list[Viewer] = []

    def broadcast(self) -> None:
        self.started = self.ended = self.now
        self.delivery.begin_round(self.now)
        self.delivery.draw(self.viewers)
        self.pinged = self.delivery.to_ping(self.viewers)
        for viewer in self.pinged:
            self.delivery.pinged(viewer, self.now)

    def answer(self, viewers: list[Viewer], after: float) -> None:
        self.now += after
        for viewer in viewers:
            self.delivery.answered(viewer, self.delivery.round, self.now)

    @property
    def free_after(self) -> float:
        """Seconds from the last broadcast's begin to the next one."""
        return self.delivery.free_at(self.now, self.started, self.ended, TICK) - self.started

    def warm_up(self) -> None:
        """Everybody in the sample has answered once."""
        self.broadcast()
        self.answer(self.pinged, 0.01)


# --- the sample ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("viewers", "sampled"), [(1, 1), (19, 19), (300, 20), (4_000, 20), (17_000, 85)])
def test_one_in_two_hundred_is_asked_and_at_least_twenty(viewers: int, sampled: int) -> None:
    evening = Evening(crowd(viewers))
    for _ in range(20):
        evening.broadcast()
        evening.answer(evening.pinged, 0.01)
    assert len(evening.delivery) == len(evening.pinged) == sampled


def test_an_address_with_most_of_the_connections_does_not_get_most_of_the_sample() -> None:
    viewers = [*crowd(2_000), *[Viewer("10.9.9.9") for _ in range(2_000)]]
    evening = Evening(viewers)
    evening.broadcast()
    assert sum(viewer.address == "10.9.9.9" for viewer in evening.pinged) <= 2


def test_who_leaves_makes_room_for_another() -> None:
    evening = Evening(crowd(100))
    evening.warm_up()
    gone = evening.pinged[:5]
    for viewer in gone:
        assert evening.delivery.leave(viewer)
        evening.viewers.remove(viewer)
    assert not evening.delivery.leave(gone[0])
    evening.broadcast()
    assert len(evening.pinged) == 20
    assert not set(gone) & set(evening.pinged)


def test_who_answers_nothing_is_not_pinged_without_end() -> None:
    evening = Evening(crowd(20), msgspec.structs.replace(SETTINGS, delivery_target_ms=10_000_000))
    for _ in range(PINGS_UNANSWERED_MAX):
        evening.broadcast()
        assert len(evening.pinged) == 20
    evening.broadcast()
    assert evening.pinged == []
    evening.answer(evening.viewers, 0.1)
    evening.broadcast()
    assert len(evening.pinged) == 20


# --- pace ---------------------------------------------------------------------------------------------------------


def test_a_crowd_that_answers_in_time_is_told_with_every_tick() -> None:
    evening = Evening(crowd(4_000))
    evening.warm_up()
    for _ in range(9):  # Nine broadcasts are on their way, none older than the target.
        evening.now = evening.started + TICK
        assert evening.free_after == pytest.approx(TICK)
        evening.broadcast()
    evening.answer(evening.pinged, 0.05)
    assert evening.free_after == pytest.approx(0.05)


def test_a_crowd_that_is_behind_is_told_more_when_it_has_caught_up() -> None:
    evening = Evening(crowd(4_000))
    evening.warm_up()
    evening.broadcast()
    sample = evening.pinged
    evening.now += TARGET + 0.1
    assert evening.free_after == pytest.approx(WAIT)
    evening.answer(sample[:14], 0.05)
    assert evening.free_after == pytest.approx(WAIT)
    evening.answer(sample[14:15], 0.05)
    assert evening.free_after == pytest.approx(max(TARGET + 0.2, WIDENING_BY_FEW * TICK)), "three in four are there"
    evening.answer(sample[15:18], 0.1)
    assert evening.free_after == pytest.approx(TARGET + 0.3), "nine in ten are there"


def test_a_broadcast_that_takes_long_is_waited_for_whole() -> None:
    evening = Evening(crowd(4_000))
    evening.warm_up()
    evening.broadcast()
    sample = evening.pinged
    evening.now = evening.ended = evening.started + TARGET
    assert evening.free_after == pytest.approx(WAIT), "nobody is late yet, and nobody has read it"
    evening.answer(sample[:14], 0.01)
    assert evening.free_after == pytest.approx(WAIT)
    evening.answer(sample[14:15], 0.01)
    assert evening.free_after == pytest.approx(TARGET + 0.02), "three in four have read it"


def test_a_pong_answers_all_pings_before_it() -> None:
    """A client may answer only the latest ping that it has (RFC 6455 §5.5.3)."""
    evening = Evening(crowd(40))
    evening.warm_up()
    for _ in range(4):
        evening.broadcast()
        evening.now += 0.1
    evening.broadcast()
    evening.now += TARGET + 0.1
    assert evening.free_after == pytest.approx(WAIT)
    evening.answer(evening.pinged, 0.0)
    assert evening.free_after == pytest.approx(TARGET + 0.1)


def test_pongs_that_answer_nothing_say_nothing() -> None:
    evening = Evening(crowd(40))
    evening.warm_up()
    evening.broadcast()
    member, stranger = evening.pinged[0], Viewer("10.1.1.1")
    evening.now += 1.0
    for number in (0, evening.delivery.round - 1, evening.delivery.round + 1, 2**32 - 1):
        assert evening.delivery.answered(member, number, evening.now) is None
    assert evening.delivery.answered(stranger, evening.delivery.round, evening.now) is None
    assert evening.delivery.answered(member, evening.delivery.round, evening.now) == pytest.approx(1.0)
    assert evening.delivery.answered(member, evening.delivery.round, evening.now) is None, "once"


def test_a_few_viewers_are_no_crowd_and_hold_nobody_back() -> None:
    evening = Evening(crowd(19))
    evening.warm_up()
    evening.broadcast()
    evening.now += 10.0
    assert evening.free_after == pytest.approx(10.0)


def test_a_wait_has_an_end_and_the_next_is_twice_as_long_until_it_arrives() -> None:
    evening = Evening(crowd(400))
    evening.warm_up()
    sample = evening.pinged
    for wait in (WAIT, 2 * WAIT, WAIT_MAX, WAIT_MAX):
        evening.broadcast()
        evening.now += TARGET + 0.1
        assert evening.free_after == pytest.approx(wait)
        evening.now = evening.started + wait
        assert evening.free_after == pytest.approx(wait)
    evening.answer(sample, 0.0)
    evening.broadcast()
    evening.now += TARGET + 0.1
    assert evening.free_after == pytest.approx(WAIT)


# --- no lever -----------------------------------------------------------------------------------------------------


def test_who_never_answered_counts_for_nothing_and_leaves() -> None:
    viewers = crowd(400)
    deaf = set(viewers[:60])
    evening = Evening(viewers)
    for _ in range(3 * LATE_TIMES_MAX):
        evening.broadcast()
        evening.answer([viewer for viewer in evening.pinged if viewer not in deaf], 0.01)
        assert evening.free_after == pytest.approx(0.01)
        evening.now += TARGET
    evening.broadcast()
    assert len(set(evening.pinged) & deaf) <= 3, "those who came into the sample last"


def test_who_answers_once_and_never_again_is_treated_as_slow() -> None:
    viewers = crowd(20)
    evening = Evening(viewers)
    evening.warm_up()
    deaf, others = set(viewers[:4]), viewers[4:]
    for _ in range(LATE_TIMES_MAX):
        evening.broadcast()
        evening.answer(others, 0.01)
        evening.now += TARGET
        assert evening.free_after <= max(WIDENING_BY_FEW * TICK, evening.now - evening.started)
    evening.broadcast()
    assert not deaf & set(evening.pinged)


def test_nobody_is_slow_while_the_whole_crowd_is_behind() -> None:
    evening = Evening(crowd(400))
    evening.warm_up()
    sample = evening.pinged
    for _ in range(5 * LATE_TIMES_MAX):
        evening.broadcast()
        evening.now += WAIT_MAX
    evening.answer(sample, 0.0)
    evening.broadcast()
    assert set(evening.pinged) == set(sample)


@given(
    seed=st.integers(0, 1 << 20),
    steps=st.lists(
        st.tuples(st.sampled_from(["broadcast", "answer", "leave", "ask"]), st.floats(0.0, 0.7)),
        min_size=5,
        max_size=40,
    ),
)
def test_what_is_known_of_the_late_is_what_a_look_at_all_of_them_finds(
    seed: int, steps: list[tuple[str, float]]
) -> None:
    """It is asked at every change of a room, and must not cost a look at the whole sample each time."""
    chance, viewers = Random(seed), crowd(60)
    evening = Evening(viewers)
    evening.warm_up()
    for step, seconds in steps:
        evening.now += seconds
        if step == "broadcast":
            evening.broadcast()
        elif step == "answer":
            evening.answer(chance.sample(evening.pinged, len(evening.pinged) // 3), 0.0)
        elif step == "leave":
            evening.delivery.leave(chance.choice(viewers))
        for target in (TARGET, TARGET, 0.0):
            known = evening.delivery._late_share(evening.now, target)
            assert known == evening.delivery._look(evening.now, target).share


async def test_a_wave_of_changes_looks_at_the_sample_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room with a timer set knows when it goes on: what is merely new adds nothing to that."""
    looks = 0

    def in_a_minute(*_: object) -> float:
        nonlocal looks
        looks += 1
        return asyncio.get_running_loop().time() + 60

    monkeypatch.setattr(Delivery, "free_at", in_a_minute)
    state = RoomState("evening", 30)
    schedule = BroadcastSchedule(state, Audience(500), SETTINGS, Airtime(0.5, 1.0), lambda: 0, Random(1))
    state.say(Notice(text="hello", at_ms=1))
    for _ in range(100):
        schedule.changed()
    assert looks == 1
    schedule.changed(("mug",))
    assert looks == 2, "what is urgent may go before"
    schedule.close()


@given(
    seed=st.integers(0, 2**32),
    share=st.floats(0.0, 0.15),
    moods=st.lists(st.sampled_from(["never", "late", "in time"]), min_size=5, max_size=20),
)
def test_fifteen_in_a_hundred_widen_a_tick_to_no_more_than_twice(seed: int, share: float, moods: list[str]) -> None:
    """However those few answer, the next broadcast may begin two ticks after the last one, the others being in time."""
    viewers = crowd(100)
    # In a small sample chance may make them many; here they have their share of the sample, too.
    settings = msgspec.structs.replace(SETTINGS, delivery_sample_min=100)
    evening = Evening(viewers, settings)
    evening.warm_up()
    few = set(Random(seed).sample(viewers, int(share * len(viewers))))
    others = [viewer for viewer in viewers if viewer not in few]
    late: list[tuple[int, Viewer]] = []
    for mood in moods:
        evening.broadcast()
        evening.answer(others, 0.02)
        if mood == "in time":
            evening.answer(list(few), 0.0)
        for number, viewer in late:
            evening.delivery.answered(viewer, number, evening.now)
        late = [(evening.delivery.round, viewer) for viewer in few] if mood == "late" else []
        for later in (0.0, TARGET, WAIT_MAX):
            now = evening.now + later
            free = evening.delivery.free_at(now, evening.started, evening.ended, TICK)
            assert free <= max(now, evening.started + WIDENING_BY_FEW * TICK)
        evening.now += TARGET + 0.1


# --- over sockets -------------------------------------------------------------------------------------------------

SAMPLE = 10


@pytest.fixture
async def shop(start_server: StartServer) -> RunningServer:
    """A broadcast waits as long as it must for ten viewers; nothing else is told meanwhile."""
    server = await start_server(
        tick_ms=1,
        delivery_target_ms=1,
        delivery_sample_min=SAMPLE,
        delivery_wait_ms=3_600_000,
        delivery_wait_max_ms=3_600_000,
        viewers_interval_ms=3_600_000,
    )
    await server.open_shop()
    await server.sell("mug", 100)
    return server


async def hear_ping(socket: RawSocket) -> tuple[list[object], bytes]:
    """All messages until a ping that has a number, and its payload; nothing is answered."""
    heard: list[object] = []
    while True:
        opcode, payload = await socket.read_frame()
        if opcode == TEXT:
            heard.append(decode_server(payload, Encoding.JSON))
        elif opcode == PING and payload:
            return heard, payload


async def test_a_broadcast_waits_until_the_one_before_has_arrived(shop: RunningServer) -> None:
    sockets = [await RawSocket.join(shop.port) for _ in range(SAMPLE)]
    room = shop.app.hub.rooms["evening"]
    await until(lambda: room.audience.viewers == SAMPLE)
    for socket in sockets:
        assert isinstance(await socket.hear(), Snapshot)

    async def change_and_hear() -> list[bytes]:
        await shop.receive("mug", 1)
        heard = [await hear_ping(socket) for socket in sockets]
        assert all(isinstance(messages[-1], Stock) for messages, _ in heard), "the ping comes behind the count"
        return [payload for _, payload in heard]

    for socket, payload in zip(sockets, await change_and_hear(), strict=True):
        socket.frame(PONG, payload)
    delivery = room._schedule._delivery
    await until(lambda: all(member.has_answered for member in delivery._members.values()))
    unanswered = await change_and_hear()
    await asyncio.sleep(0.01)  # The target is two ticks of a millisecond.
    for units in (1, 2, 3):
        await shop.receive("mug", units)
    await until(lambda: room._schedule._waits_for_delivery and room.state.shelves["mug"].row.available == 108)
    assert room._schedule._timer is not None
    for socket, payload in zip(sockets, unanswered, strict=True):
        socket.frame(PONG, payload)
    for socket in sockets:
        messages, _ = await hear_ping(socket)
        rows = [row for message in messages if isinstance(message, Stock) for row in message.rows]
        assert [row[1] for row in rows] == [108], "what changed meanwhile is one count, the last one"


async def test_a_room_that_nobody_holds_up_pings_only_behind_broadcasts(shop: RunningServer) -> None:
    socket = await RawSocket.join(shop.port)
    await socket.wait_for(Snapshot)
    await shop.receive("mug", 1)
    messages, payload = await hear_ping(socket)
    assert [type(message) for message in messages] == [Stock]
    socket.say(type="ask", id="a", sku="mug")
    assert int.from_bytes(payload) == 1
    opcode, _ = await socket.read_frame()
    assert opcode == TEXT


def test_a_numbered_ping_is_answered_by_its_payload() -> None:
    for number in (0, 1, 77, 2**32 - 1):
        ping = numbered_ping(number)
        assert ping[:2] == b"\x89\x04"
        mask = b"\x12\x34\x56\x78"
        pong = b"\x8a\x84" + mask + bytes(a ^ b for a, b in zip(ping[2:], mask, strict=True))
        assert pong_number(pong) == number
        assert pong_number(pong + b"\x8a") is None
        assert pong_number(b"\x81" + pong[1:]) is None
    assert pong_number(b"\x8a\x80\x00\x00\x00\x00") is None


# --- the loop's timers --------------------------------------------------------------------------------------------


def test_a_tick_that_is_over_at_once_is_no_fault_on_uvloop() -> None:
    """uvloop's handle of a call that is due within half a millisecond does not know when that is."""

    async def change_twice_shortly_before_the_tick_ends() -> None:
        loop = asyncio.get_running_loop()
        settings = Settings(tick_ms=1_000, tick_max_ms=1_000)
        state = RoomState("evening", 30)
        schedule = BroadcastSchedule(state, Audience(500), settings, Airtime(0.5, 1.0), lambda: 0, Random(1))
        schedule._conflation.flushed(loop.time() - 0.9980, loop.time(), 0.0)
        async with asyncio.timeout(30):
            while True:
                state.say(Notice(text="a", at_ms=1))
                schedule.changed()
                if not state.dirty:
                    break
                schedule.changed()
                await asyncio.sleep(0)
        schedule.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(change_twice_shortly_before_the_tick_ends())


async def test_pongs_of_numbered_pings_cost_no_allowance_and_made_up_ones_do(start_server: StartServer) -> None:
    """However quick the ticks are, who only answers is no flood; in one read with other frames or alone."""
    server = await start_server(tick_ms=1, messages_a_second=1, messages_burst=4)
    await server.open_shop()
    await server.sell("mug", 100)
    socket = await RawSocket.join(server.port)
    await socket.wait_for(Snapshot)
    for count in range(30):
        await server.receive("mug", 1)
        _, payload = await hear_ping(socket)
        if count == 20:
            socket.say(type="ask", id="a", sku="mug")
        socket.frame(PONG, payload)
    assert int.from_bytes(payload) == 30
    for _ in range(10):
        socket.frame(PONG, payload)
    assert (await socket.wait_closed()).code == Close.RATE_LIMITED
