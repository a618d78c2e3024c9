"""`shelfcast forget` beside a running server: it says what is kept, asks, and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from click.testing import CliRunner
from fixtures_server import RunningServer
from shelfcast import cli
from shelfcast_client.merchant import Merchant

Forget = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def merchant(server: RunningServer) -> Merchant:
    """A pool in which ann has a paid order."""
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.define_pool()
        await merchant.define_channel("live", kind="shared")
        await merchant.define_channel("douyin", kind="dedicated")
        await merchant.define_sku("mug", title="Mug")
        await merchant.receive("mug", 10, key="opening")
        await merchant.order("o-1", channel="douyin", sku="mug", qty=1, user="ann@example.com")
    return merchant


@pytest.fixture
def forget(merchant: Merchant, server: RunningServer) -> Forget:
    """Runs the command, with what somebody types, and gives its exit code and what it printed."""

    async def run(*words: str, typed: str = "") -> tuple[int, str]:
        arguments = ["forget", "main", "ann@example.com", *words, "--url", server.url]
        environment = {"SHELFCAST_TOKEN": server.token("operator")}
        result = await asyncio.to_thread(
            CliRunner().invoke, cli.cli, arguments, input=typed, env=environment, standalone_mode=False
        )
        raised = f"{result.exception}" if result.exception else ""
        return (1 if result.exception else int(result.return_value or 0)), result.output + raised

    return run


async def test_what_is_open_is_listed_and_nothing_forgotten(forget: Forget) -> None:
    code, printed = await forget("--yes")
    assert code == 1
    assert "o-1  1 unit  mug  paid and not shipped" in printed
    assert "once these have ended" in printed


async def test_it_asks_first(forget: Forget, server: RunningServer) -> None:
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.cancel_paid("o-1", key="back")
    code, printed = await forget(typed="n\n")
    assert (code, "Forgotten" in printed) == (1, False)
    assert "1 order, 0 live holds" in printed
    code, printed = await forget(typed="y\n")
    assert (code, "Forgotten: " in printed) == (0, True)
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        found = await merchant.person("ann@example.com")
        assert (found["pseudonym"], found["orders"], found["entries"]) == (None, 0, 0)
        assert (await merchant.audit())["ok"]
