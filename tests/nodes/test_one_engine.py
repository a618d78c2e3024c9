"""Two servers on one engine: a room is the same room on both."""

from __future__ import annotations

import asyncio

from server_node import StartNode
from shelfcast.protocol.from_server import Expired, Reserved


async def test_viewers_on_both_see_the_same_counts_and_the_reply_has_their_seq(
    start_node: StartNode, valkey_url: str
) -> None:
    one, two = [await start_node(valkey_url) for _ in range(2)]
    await one.open_room("evening", "main", 10)
    viewers = [await node.viewer("evening", user) for node, user in ((one, "wang"), (one, "li"), (two, "wei"))]
    wang, _, wei = viewers
    for n, (buyer, left) in enumerate(((wang, 9), (wei, 8), (wang, 7))):
        buyer.reserve(f"r{n}", "mug")
        reply = await buyer.answer(f"r{n}")
        assert isinstance(reply, Reserved)
        for viewer in viewers:
            await viewer.shows("mug", left, 10 - left)
            assert viewer.seq == reply.seq
    assert {(viewer.epoch, viewer.snapshots) for viewer in viewers} == {(wang.epoch, 1)}
    for viewer in viewers:
        await viewer.leave()


async def test_hundred_buyers_on_two_servers_end_with_one_truth(start_node: StartNode, valkey_url: str) -> None:
    nodes = [await start_node(valkey_url) for _ in range(2)]
    await nodes[0].open_room("evening", "main", 30)
    viewers = [await nodes[n % 2].viewer("evening", f"user{n}") for n in range(100)]
    for n, viewer in enumerate(viewers):
        viewer.reserve(f"r{n}", "mug")
    replies = await asyncio.gather(*(viewer.answer(f"r{n}") for n, viewer in enumerate(viewers)))
    sold = [reply for reply in replies if isinstance(reply, Reserved)]
    assert len(sold) == 30
    assert len({reply.seq for reply in sold}) == 30
    for viewer in viewers:
        await viewer.shows("mug", 0, 30)
        assert viewer.seq == max(reply.seq for reply in sold)
    for viewer in viewers:
        await viewer.leave()


async def test_when_the_server_with_the_duties_leaves_another_takes_them(
    start_node: StartNode, valkey_url: str
) -> None:
    """Holds end on time, and the buyer hears of it, whichever server is asked and whichever is left."""
    one, two = [await start_node(valkey_url, duty_interval_ms=50, expiry_sweep_ms=50) for _ in range(2)]
    await one.open_room("evening", "main", 1, hold_ms=250)
    viewer = await two.viewer("evening")
    for request_id in ("first", "second"):
        viewer.reserve(request_id, "mug")
        assert isinstance(await viewer.answer(request_id), Reserved)
        await viewer.until(lambda request_id=request_id: isinstance(viewer.answers[request_id], Expired))
        await viewer.shows("mug", 1)
        await one.app.stop()
    await viewer.leave()
