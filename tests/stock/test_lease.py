"""The lease: one holder at a time, and a fence that grows with each change of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from shelfcast.engine import Engine
from shelfcast.errors import EngineUnavailable
from shelfcast.settings import Settings
from shelfcast.stock.lease import Lease
from shelfcast.stock.library import LIBRARY

pytestmark = pytest.mark.each_engine

LONG_MS, SHORT_MS = 60_000, 50
DAY_MS = 86_400_000
Make = Callable[..., Lease]


@pytest.fixture
def lease(engine: Engine, settings: Settings) -> Make:
    """`lease(name="duty", lasts_ms=…)`: what one process has of it."""

    def make(name: str = "duty", lasts_ms: int = LONG_MS) -> Lease:
        return Lease(engine, name, msgspec.structs.replace(settings, duty_lease_ms=lasts_ms))

    return make


async def runs_out(engine: Engine, settings: Settings, name: str = "duty") -> None:
    """Have the engine forget the lease, as it does when its time is over."""
    key = f"{settings.key_prefix}:lease:{name}"
    assert await engine.command("DEL", key, key=key) == 1


async def test_one_holds_it_and_the_others_wait(lease: Make) -> None:
    one, other = lease(), lease()
    fence = await one.hold()
    assert fence
    assert one.fence == fence
    assert await other.hold() is None
    assert other.fence is None
    assert LONG_MS / 1000 - 30 < other.left_s <= LONG_MS / 1000
    assert await one.hold() == fence, "renewed, not taken anew"


async def test_of_many_who_ask_at_once_one_gets_it(lease: Make) -> None:
    fences = await asyncio.gather(*(lease().hold() for _ in range(30)))
    assert sum(fence is not None for fence in fences) == 1


async def test_a_stranger_releases_nothing(lease: Make) -> None:
    one, other = lease(), lease()
    fence = await one.hold()
    await other.release()
    assert await other.hold() is None
    assert await one.hold() == fence


async def test_what_is_released_is_free_at_once_and_the_next_fence_is_higher(lease: Make) -> None:
    one, other = lease(), lease()
    first = await one.hold()
    await one.release()
    assert one.fence is None
    second = await other.hold()
    assert first
    assert second
    assert second > first
    assert await one.hold() is None
    await one.release()
    assert await other.hold() == second


async def test_the_fence_outlives_the_lease(lease: Make, engine: Engine, settings: Settings) -> None:
    one = lease()
    first = await one.hold()
    await runs_out(engine, settings)
    second = await one.hold()
    assert first
    assert second
    assert second > first, "somebody else may have held it in between"


async def test_it_runs_out_by_itself_and_its_holder_knows(lease: Make) -> None:
    one, other = lease(lasts_ms=SHORT_MS), lease()
    first = await one.hold()
    assert first
    while (second := await other.hold()) is None:  # noqa: ASYNC110 - the engine's clock sends no event
        await asyncio.sleep(other.left_s)
    assert second > first
    assert one.fence is None
    assert await one.hold() is None


async def test_leases_of_other_names_are_others(lease: Make) -> None:
    assert await lease("duty").hold()
    assert await lease("other").hold()


async def test_fences_go_on_where_the_engine_lost_the_last_ones(
    lease: Make, engine: Engine, settings: Settings
) -> None:
    """A restored backup, or a replica that had not heard of them: they begin no lower all the same."""
    first = await lease().hold()
    await runs_out(engine, settings)
    key = f"{{{settings.key_prefix}:lease:duty}}:fence"
    await engine.command("DEL", key, key=key)
    await asyncio.sleep(0.002)  # Fences are given by the millisecond where nothing is remembered.
    second = await lease().hold()
    assert first
    assert second
    assert second > first


async def test_nobody_waits_for_a_clock_that_was_set_back(lease: Make, engine: Engine, settings: Settings) -> None:
    """The dead holder's lease would run out a day late."""
    one, other = lease(), lease()
    first = await one.hold()
    key = f"{settings.key_prefix}:lease:duty"
    await engine.command("PEXPIRE", key, DAY_MS, key=key)
    second = await other.hold()
    assert first
    assert second
    assert second > first


async def test_servers_of_the_release_before_keep_it_from_us_and_we_from_them(
    lease: Make, engine: Engine, settings: Settings
) -> None:
    """They take the same key by SET NX, with their name alone in it."""
    key, one = f"{settings.key_prefix}:lease:duty", lease()

    async def old_takes() -> bool:
        return bool(await engine.command("SET", key, "an-old-server", "NX", "PX", LONG_MS, key=key))

    first = await one.hold()
    assert first
    assert not await old_takes()
    assert await engine.command("GET", key, key=key) != b"an-old-server"
    await one.release()
    assert await old_takes()
    assert await one.hold() is None
    await runs_out(engine, settings)
    second = await one.hold()
    assert second
    assert second > first


async def test_while_nobody_can_say_it_goes_by_the_last_answer(settings: Settings, engine: Engine) -> None:
    closed = await Engine.connect(engine.url, settings=settings, library=LIBRARY)
    one = Lease(closed, "duty", msgspec.structs.replace(settings, duty_lease_ms=LONG_MS))
    fence = await one.hold()
    await closed.close()
    with pytest.raises(EngineUnavailable):
        await one.hold()
    assert one.fence == fence


class LeaseMachine(RuleBasedStateMachine):
    """Three processes ask, give up and die in any order; `holder` is the one that must have it."""

    engine_url: str
    base_settings: Settings
    processes = st.integers(0, 2)

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        own = msgspec.structs.replace(self.base_settings, key_prefix=f"m{secrets.token_hex(6)}", duty_lease_ms=LONG_MS)
        self.key = f"{own.key_prefix}:lease:duty"
        self.engine: Engine = self.runner.run(Engine.connect(self.engine_url, settings=own, library=LIBRARY))
        self.leases = [Lease(self.engine, "duty", own) for _ in range(3)]
        self.holder: int | None = None
        self.highest = 0

    def teardown(self) -> None:
        self.runner.run(self.engine.close())
        self.runner.close()

    @rule(process=processes)
    def asks(self, process: int) -> None:
        fence = self.runner.run(self.leases[process].hold())
        if self.holder is None:
            assert fence is not None
            assert fence > self.highest
            self.holder, self.highest = process, fence
        elif process == self.holder:
            assert fence == self.highest
        else:
            assert fence is None

    @rule(process=processes)
    def gives_up(self, process: int) -> None:
        self.runner.run(self.leases[process].release())
        if process == self.holder:
            self.holder = None

    @rule()
    def runs_out(self) -> None:
        self.runner.run(self.engine.command("DEL", self.key, key=self.key))
        self.holder = None

    @invariant()
    def the_highest_fence_is_one_process_s(self) -> None:
        """Who has not noticed yet that its time is over has a lower one."""
        assert [lease.fence for lease in self.leases].count(self.highest or None) <= (1 if self.highest else 3)


def test_in_any_order_there_is_one_holder_and_its_fence_is_the_highest(engine_url: str, settings: Settings) -> None:
    machine = type("Machine", (LeaseMachine,), {"engine_url": engine_url, "base_settings": settings})
    run_state_machine_as_test(machine, settings=EXAMPLES)


EXAMPLES = examples(
    max_examples=30, stateful_step_count=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
