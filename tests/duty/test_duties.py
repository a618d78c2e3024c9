"""What the keeper promises a duty: its turn, its fence, back-off, and that its not succeeding is told."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from itertools import pairwise

import httpx
import msgspec
import pytest
from duty.conftest import MakeProcess
from engine_process import EngineProcess
from fixtures_server import POOL, StartServer
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.backoff import Backoff
from shelfcast.duty.registry import Registry
from shelfcast.engine import Engine
from shelfcast.errors import EngineUnavailable
from shelfcast.metrics import DUTY_FAILURES, DUTY_LAST_SUCCESS
from shelfcast.settings import Settings
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.pools import Pool

PATIENCE_S = 30


class Probe:
    """A duty that notes each run; the first `faults` of them raise."""

    interval_ms = 20

    def __init__(self, name: str, *, may_run_twice: bool = False, faults: int = 0, fault: Exception | None = None):
        self.name = name
        self.may_run_twice = may_run_twice
        self.faults = faults
        self.fault = fault or EngineUnavailable("not now")
        self.runs: list[tuple[float, str, int | None]] = []
        """When, for which pool, under which fence."""
        self._news = asyncio.Condition()

    async def run(self, pool: Pool, fence: int | None) -> None:
        self.runs.append((asyncio.get_running_loop().time(), pool.book.pool, fence))
        async with self._news:
            self._news.notify_all()
        if len(self.runs) <= self.faults:
            raise self.fault

    async def has_run(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: len(self.runs) >= times)

    async def has_run_without_a_fence(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: [fence for *_, fence in self.runs].count(None) >= times)


class Hanging(Probe):
    """A duty whose run for one pool ends when it is given up, and no sooner."""

    def __init__(self, name: str, pool: str, *, may_run_twice: bool = False):
        super().__init__(name, may_run_twice=may_run_twice)
        self.pool = pool
        self.given_up = asyncio.Event()

    async def run(self, pool: Pool, fence: int | None) -> None:
        await super().run(pool, fence)
        if pool.book.pool == self.pool:
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()


@pytest.fixture
async def pools(make_process: MakeProcess) -> list[str]:
    names = ["p", "q"]
    for name in names:
        await make_process().pools.directory.create_pool(name)
    return names


@pytest.fixture
async def lease_engine(own_engine: EngineProcess, settings: Settings) -> AsyncIterator[Engine]:
    """An engine that has nothing but the lease, to freeze."""
    impatient = msgspec.structs.replace(settings, engine_call_timeout_ms=200)
    engine = await Engine.connect(own_engine.url, settings=impatient, library=LIBRARY)
    yield engine
    await engine.close()


def test_no_two_duties_have_the_same_name(settings: Settings) -> None:
    registry = Registry()
    registry.register(lambda _: Probe("one"))
    assert [duty.name for duty in registry.duties(settings)] == ["one"]
    registry.register(lambda _: Probe("one"))
    with pytest.raises(ValueError, match="the same name"):
        registry.duties(settings)


@pytest.mark.parametrize("fault", [EngineUnavailable("not now"), RuntimeError("a defect")], ids=["expected", "defect"])
@pytest.mark.usefixtures("pools")
async def test_what_fails_backs_off_and_keeps_no_other_from_its_turn(
    make_process: MakeProcess, fault: Exception
) -> None:
    process = make_process(more=[failing := Probe("failing", faults=8, fault=fault), other := Probe("other")])
    before = DUTY_FAILURES.labels("failing", "p")._value.get()
    process.keeper.start()
    await failing.has_run(12)
    await other.has_run(12)
    ran = [at for at, pool, _ in failing.runs[:8] if pool == "p"]
    pauses_ms = [1000 * (later - at) for at, later in pairwise(ran)]
    backoff = Backoff(failing.interval_ms, 200)
    assert [pause >= backoff.pause_ms(n + 1) for n, pause in enumerate(pauses_ms)] == [True] * len(pauses_ms), pauses_ms
    assert DUTY_FAILURES.labels("failing", "p")._value.get() - before == len(ran)


async def test_a_pool_that_hangs_keeps_no_other_pool_and_no_other_duty(
    make_process: MakeProcess, pools: list[str]
) -> None:
    process = make_process(more=[hanging := Hanging("hanging", pools[0]), other := Probe("other")])
    process.keeper.start()
    await hanging.has_run(5)
    await other.has_run(5)
    assert [pool for _, pool, _ in hanging.runs].count(pools[0]) == 1, "one run of a duty and pool at a time"
    assert {pool for _, pool, _ in other.runs} == set(pools)


@pytest.mark.usefixtures("pools")
async def test_what_must_not_run_twice_waits_while_the_lease_is_unknown(
    make_process: MakeProcess, own_engine: EngineProcess, lease_engine: Engine
) -> None:
    once, twice = Probe("once"), Probe("twice", may_run_twice=True)
    process = make_process(more=[once, twice], lease_engine=lease_engine, duty_lease_ms=1_000)
    process.keeper.start()
    await once.has_run(1)
    *_, first = once.runs[0]
    own_engine.send(signal.SIGSTOP)
    await twice.has_run_without_a_fence(1)
    assert process.lease.fence is None, "only now its own lease is over, too"
    ran = len(once.runs)
    await twice.has_run_without_a_fence(8)
    assert len(once.runs) == ran
    own_engine.send(signal.SIGCONT)
    await once.has_run(ran + 1)
    *_, last = once.runs[-1]
    assert first
    assert last
    assert last > first, "somebody else may have held it meanwhile"
    assert all(fence is not None for *_, fence in once.runs)


@pytest.mark.usefixtures("pools")
async def test_what_must_not_run_twice_is_given_up_when_its_lease_is_over(
    make_process: MakeProcess, own_engine: EngineProcess, lease_engine: Engine
) -> None:
    hanging, patient = Hanging("hanging", "p"), Hanging("patient", "p", may_run_twice=True)
    process = make_process(more=[hanging, patient], lease_engine=lease_engine, duty_lease_ms=1_000)
    process.keeper.start()
    await asyncio.gather(hanging.has_run(1), patient.has_run(1))
    own_engine.send(signal.SIGSTOP)
    async with asyncio.timeout(PATIENCE_S):
        await hanging.given_up.wait()
    assert not patient.given_up.is_set()
    own_engine.send(signal.SIGCONT)


@pytest.mark.usefixtures("pools")
async def test_a_process_that_takes_over_begins_at_once_under_a_higher_fence(make_process: MakeProcess) -> None:
    """However long the interval is."""

    class Rare(Probe):
        interval_ms = 3_600_000

    one, two = Rare("rare"), Rare("rare")
    first, second = make_process(more=[one]), make_process(more=[two])
    first.keeper.start()
    await one.has_run(2)
    second.keeper.start()
    await first.keeper.close()
    await two.has_run(2)
    assert {fence for *_, fence in one.runs} < {fence for *_, fence in one.runs + two.runs}
    assert max(fence or 0 for *_, fence in one.runs) < min(fence or 0 for *_, fence in two.runs)


@pytest.mark.usefixtures("pools")
async def test_who_does_not_hold_the_lease_runs_nothing_and_complains_of_nothing(make_process: MakeProcess) -> None:
    holder = make_process(more=[held := Probe("probe")])
    holder.keeper.start()
    await held.has_run(1)
    waiting = make_process(more=[other := Probe("probe", may_run_twice=True)], duty_late_ms=1)
    waiting.keeper.start()
    await held.has_run(40)
    assert other.runs == []
    assert waiting.keeper.late() == []


async def test_readyz_and_metrics_tell_of_a_duty_that_does_not_succeed(
    start_server: StartServer, engine: Engine
) -> None:
    """Of its pool alone; and it is ready all the same: another process would do no better."""
    server = await start_server(duty_interval_ms=50, duty_late_ms=500, public_reads_a_second_max=100)
    await server.open_shop()
    await server.pools.directory.create_pool("well")
    key = f"{(await server.book()).base}:finished"
    await engine.command("SET", key, "not what the book keeps there", key=key)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http, asyncio.timeout(PATIENCE_S):
        # Ready all the same, once the feeds of both pools have begun.
        while not ((said := (await http.get("/readyz")).json()).get("warnings") and said["ready"]):
            pass
        assert said["warnings"]["duties"].startswith(f"retire_ids of {POOL}: no success for ")
        assert ";" not in said["warnings"]["duties"]
        text = (await http.get("/metrics")).text
        samples = {
            (sample.name, sample.labels.get("duty"), sample.labels.get("pool")): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert samples["shelfcast_duty_failures_total", "retire_ids", POOL] > 0
        success = "shelfcast_duty_last_success_timestamp_seconds"
        assert samples[success, "expire_holds", POOL] > 0
        assert samples[success, "retire_ids", "well"] > 0
        await engine.command("DEL", key, key=key)
        while "warnings" in (await http.get("/readyz")).json():
            pass
    assert DUTY_LAST_SUCCESS.labels("retire_ids", POOL)._value.get() > samples[success, "expire_holds", POOL] - 60
