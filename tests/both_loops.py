"""A hook for a folder's conftest: its tests run on both loops that a server may have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Writing to a descriptor beside a transport leans on how the loop closes and buffers: both loops are tried."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
