"""`shelfcast receipt` beside a running server: goods that two people take in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fixtures_server import RunningServer
from shelfcast import cli
from shelfcast_client.merchant import Merchant


@pytest.fixture
async def shop(server: RunningServer) -> None:
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        await merchant.define_pool(receipts_by_two=True)
        await merchant.define_sku("mug", title="杯子")
        await merchant.define_sku("cup", title="Cup")


@pytest.fixture
def receipt(
    shop: None, server: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs the command as somebody, and gives its exit code and what it printed."""

    async def run(who: str, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("SHELFCAST_TOKEN", server.token("counter", user=who))
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, ["receipt", *words, "--url", server.url, "--pool", "main"])
        printed = capsys.readouterr()
        # The server writes its log to the same stdout here.
        return code, "".join(line for line in printed.out.splitlines(True) if "[info" not in line) + printed.err

    return run


async def test_two_people_take_goods_in_without_seeing_each_other(receipt: Any, server: RunningServer) -> None:
    code, printed = await receipt("ann", "open", "--supplier", "Kiln", "--expect", "mug=40", "--expect", "cup=5")
    assert (code, "by two people" in printed) == (0, True)
    name = printed.split()[1]
    assert (await receipt("ann", "enter", name, "mug", "30", "--lot", "L1", "--expires-on", "2027-02-28"))[0] == 0
    code, printed = await receipt(
        "ann", "enter", name, "mug", "38", "--bad", "2", "--lot", "L1", "--expires-on", "2027-02-28"
    )
    assert (code, "ann: 1 line, goes on." in printed) == (0, True), "in place of what was said of the lot"
    assert "38 good" in printed, "what is not to be seen by others"
    code, printed = await receipt("ann", "done", name)
    assert "ann: 1 line, finished." in printed
    code, printed = await receipt("ben", "show", name)
    assert (code, "ann: not to be seen yet, finished." in printed, "38 good" in printed) == (0, True, False)
    code, printed = await receipt(
        "ben", "enter", name, "mug", "37", "--lot", "L1", "--expires-on", "2027-02-28", "--done"
    )
    assert "do not agree about mug" in printed
    code, printed = await receipt(
        "ben", "enter", name, "mug", "38", "--bad", "2", "--lot", "L1", "--expires-on", "2027-02-28", "--done"
    )
    assert (code, "40 units came in, 2 of them unsellable." in printed) == (0, True)
    code, printed = await receipt("ben", "show")
    assert (code, "received" in printed, "Kiln" in printed) == (0, True, True)
    async with Merchant(server.url, server.token("operator"), "main") as merchant:
        assert await merchant.sku_buckets("mug") == {"pool": 38, "unsellable": 2, "supplier": -40}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "none"), 1, "has no receipt 'none'"),
        (("enter", "none", "mug", "1"), 1, "has no receipt 'none'"),
        (("open", "--expect", "mug"), 2, "SKU=UNITS"),
        (("enter", "none", "mug", "few"), 2, "GOOD"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(receipt: Any, words: Any, code: int, said: str) -> None:
    found, printed = await receipt("ann", *words)
    assert found == code
    assert said in printed
    assert printed.startswith("shelfcast: ")
