"""Who follows a pool: over all processes, each says its own."""

from __future__ import annotations

from fixtures_server import POOL, RunningServer, StartServer
from msgspec.structs import replace
from pool_follower import PoolFollower
from shelfcast.engine import Engine
from shelfcast.pool.crew import CrewHere
from shelfcast.pool.state import CREW_GONE_MAX, PoolState
from shelfcast.protocol.access import Principal, Role
from shelfcast.protocol.pool_messages import CrewRow, Topic
from shelfcast.stock.followers import Follower, Followers, merged

QUICK = {"tick_ms": 5, "viewers_interval_ms": 30}
OPERATOR, SERVICE = Role.OPERATOR, Role.SERVICE


def follower(user: str, connections: int = 1, since_ms: int = 1, role: Role = OPERATOR) -> Follower:
    return Follower(user, role, connections, since_ms)


# --- pure ------------------------------------------------------------------------------------------------------------


def test_a_user_is_here_from_the_first_connection_to_the_last() -> None:
    here, wang, zhang = CrewHere(), Principal(user="wang", role=OPERATOR), Principal(user="zhang", role=SERVICE)
    here.enter(wang, 5)
    here.enter(wang, 9)
    here.enter(zhang, 7)
    assert here.rows() == [follower("wang", 2, 5), follower("zhang", 1, 7, SERVICE)]
    here.leave(wang)
    here.leave(zhang)
    assert here.rows() == [follower("wang", 1, 5)]
    here.leave(wang)
    here.enter(wang, 20)
    assert here.rows() == [follower("wang", 1, 20)]


def test_what_the_processes_say_is_one_row_a_user_and_role() -> None:
    said = [
        [follower("wang", 2, 9), follower("li", 1, 4)],
        [follower("wang", 1, 3), follower("wang", 1, 6, SERVICE)],
    ]
    assert merged(said) == [follower("wang", 3, 3), follower("li", 1, 4), follower("wang", 1, 6, SERVICE)]


def told(state: PoolState, since: int = 0) -> tuple[list[object], int]:
    state.rows.publish()
    page = state.rows.page(since, {Topic.CREW}, 999)
    return [row for _, row in page.rows], page.told


def test_who_has_left_is_told_once_more_and_those_are_bounded() -> None:
    state = PoolState()
    state.wanted.add(Topic.CREW)
    state.begin(1, 10)
    wang = follower("wang", 2)
    state.read_crew([wang])
    assert Topic.CREW in state.complete
    rows, last = told(state)
    assert rows == [CrewRow("wang", OPERATOR, 2, 1)]
    state.read_crew([wang])
    assert told(state, last) == ([], last), "nothing has changed"
    state.read_crew([])
    rows, last = told(state, last)
    assert rows == [CrewRow("wang", OPERATOR, 0, 1)]
    for number in range(CREW_GONE_MAX + 5):
        state.read_crew([replace(wang, user=f"u{number}")])
    state.read_crew([wang])
    rows, _ = told(state)
    assert [row for row in rows if isinstance(row, CrewRow) and row.connections] == [CrewRow("wang", OPERATOR, 2, 1)]
    assert len(rows) == CREW_GONE_MAX + 1


# --- over processes --------------------------------------------------------------------------------------------------


def test_who_comes_and_goes_all_evening_is_gone_in_the_end() -> None:
    state = PoolState()
    state.wanted.add(Topic.CREW)
    state.begin(1, 1)
    wang = follower("wang")
    for _ in range(CREW_GONE_MAX + 1):
        state.read_crew([wang])
        state.read_crew([])
    assert told(state)[0] == [CrewRow("wang", OPERATOR, 0, 1)]


async def opened(start_server: StartServer) -> tuple[RunningServer, RunningServer]:
    servers = await start_server(**QUICK), await start_server(**QUICK)
    await servers[0].open_shop()
    return servers


async def follow(server: RunningServer, user: str, query: str = "?topics=crew", role: str = "operator") -> PoolFollower:
    return await PoolFollower.join(server.port, server.token(role, user=user, pool=POOL), query)


def here(mine: PoolFollower) -> dict[tuple[str, str], int]:
    return {(row.user, row.role): row.connections for row in mine.crew.values() if row.connections}


async def test_all_processes_tell_the_same_crew_whatever_they_follow(start_server: StartServer) -> None:
    first, second = await opened(start_server)
    wang = await follow(first, "wang")
    await wang.until_current()
    assert here(wang) == {("wang", "operator"): 1}
    erp = await follow(second, "erp", "?topics=units", "service")
    zhang = await follow(second, "zhang")
    again = await follow(second, "wang")
    everybody = {("wang", "operator"): 2, ("erp", "service"): 1, ("zhang", "operator"): 1}
    for mine in (wang, zhang, again):
        await mine.until(lambda mine=mine: here(mine) == everybody)  # type: ignore[misc]
    assert wang.crew["wang", "operator"].since_ms <= wang.crew["zhang", "operator"].since_ms
    for one in (erp, again):
        one.socket.close()
    left = {("wang", "operator"): 1, ("zhang", "operator"): 1}
    for mine in (wang, zhang):
        await mine.until(lambda mine=mine: here(mine) == left)  # type: ignore[misc]
        assert mine.crew["erp", "service"].connections == 0
    assert wang.units == {}


async def test_a_process_that_stops_takes_its_own_along_at_once(start_server: StartServer) -> None:
    first, second = await opened(start_server)
    wang, zhang = await follow(first, "wang"), await follow(second, "zhang")
    await wang.until(lambda: len(here(wang)) == 2)
    await second.app.stop()
    assert await first.pools.followers.share((await first.book()).base, []) == []
    await wang.until(lambda: ("zhang", "operator") not in here(wang))
    zhang.socket.close()


async def test_what_is_not_said_again_lapses_and_there_is_a_bound(start_server: StartServer, engine: Engine) -> None:
    server = await start_server(**QUICK, pool_sockets_a_pool_max=3)
    await server.open_shop()
    base = (await server.book()).base
    dead = Followers(engine, server.settings)
    wang = await follow(server, "wang")
    await wang.until_current()
    ghosts = [follower(f"ghost-{number}", since_ms=number) for number in range(5)]
    assert [row.user for row in await dead.share(base, ghosts)] == ["ghost-0", "ghost-1", "ghost-2"]
    await wang.until(lambda: ("ghost-0", "operator") in here(wang))
    assert len(here(wang)) == 3
    await wang.until(lambda: here(wang) == {("wang", "operator"): 1})
