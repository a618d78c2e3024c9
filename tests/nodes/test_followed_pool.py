"""A pool that is followed at two servers, one of which loses its feed."""

from __future__ import annotations

from pool_follower import PoolFollower
from server_node import StartNode
from tcp_proxy import Line, TcpProxy


async def test_a_feed_that_is_lost_is_mended_with_what_was_missed(start_node: StartNode, valkey_url: str) -> None:
    async with TcpProxy(valkey_url) as proxy:
        near, far = await start_node(valkey_url), await start_node(proxy.url)
        await near.open_room("evening", "main", 10)
        here, there = [await PoolFollower.join(node.port, node.token("operator")) for node in (near, far)]
        for follower in (here, there):
            await follower.until_current()
        assert there.units == here.units
        proxy.become(Line.DEAF)
        await near.receive_at("main", 5)
        await here.shows("mug", 15)
        await there.until(lambda: not there.current)
        proxy.become(Line.OPEN)
        await there.until(lambda: there.current and there.units["mug"].pool == 15)
        await far.receive_at("main", 1)
        for follower in (here, there):
            await follower.shows("mug", 16)
        assert there.snapshots == 1, "the epoch is the same: what was missed is enough"
        assert list(there.people.values()) == list(here.people.values())
        await far.app.stop()
