"""One connection to an engine process, when it is lost."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from shelfcast.engine.address import read_address
from shelfcast.engine.link import Link


async def test_nothing_is_written_to_a_transport_that_was_lost_a_moment_ago(engine_url: str) -> None:
    """Python 3.12 and 3.13 would watch the number of its closed socket, which the next one has."""
    address = read_address(engine_url)
    link = await Link.open(address, address.nodes[0], 5_000)
    try:
        assert await link.ask("PING") == b"PONG"
        writer = link._connection._writer  # Nothing else loses it so suddenly.
        assert writer is not None
        descriptor = writer.get_extra_info("socket").fileno()
        writer.transport.abort()
        assert not link.usable, "before the reader has heard of it"
        with pytest.raises(RedisConnectionError, match="lost"):
            await link.ask("PING")
        await asyncio.sleep(0)
        remove = getattr(asyncio.get_running_loop(), "_remove_writer", None)
        assert remove is None or not remove(descriptor), "and nobody waits to write there"
    finally:
        await link.close()
