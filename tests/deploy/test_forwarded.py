"""What a client says of its own address: the balancer replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from deploy.conftest import NODES, Stack, skip_without_haproxy
from deploy.shop import Shop

ALLOWED = 2


@pytest.fixture
def frugal(tmp_path: Path) -> Iterator[Stack]:
    """The services, with nodes that give one address few passes."""
    skip_without_haproxy()
    with ExitStack() as running:
        stack = Stack(tmp_path)
        limits = {"SHELFCAST_WORKERS": "1", "SHELFCAST_GUEST_PASSES_AN_ADDRESS_A_MINUTE_MAX": str(ALLOWED)}
        for node in NODES:
            stack.services[node].environment |= limits
        stack.start(running)
        yield stack


def test_made_up_addresses_give_no_more_passes(frugal: Stack) -> None:
    with Shop(frugal, "guests") as shop:
        show = {"pool": shop.pool, "channel": "live", "status": "live", "open_reservations": True}
        shop.call("PUT", f"/v1/rooms/{shop.room}", show)
        statuses = []
        for number in range(20):
            made_up = [("X-Forwarded-For", f"198.51.100.{number}"), ("X-Forwarded-For", f"203.0.113.{number}")]
            path = f"{frugal.url}/v1/rooms/{shop.room}/guests"
            statuses.append(httpx.post(path, json={}, headers=made_up, timeout=30).status_code)
    # Each node counts for itself; a minute may end in between.
    assert statuses.count(429) >= 20 - 2 * ALLOWED * len(NODES)
    assert set(statuses) <= {201, 429}
