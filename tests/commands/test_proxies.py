"""The commands on a machine whose environment names a proxy: to this machine none is used, elsewhere it is, or it is
said what is wrong with it."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest
from fixtures_server import RunningServer
from forward_proxy import HOST, ForwardProxy, Manner, environment
from shelfcast_client import UsageError
from shelfcast_client.merchant import Merchant

SAMPLE = Path(str(files("shelfcast") / "sample"))
DAY = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
    "1,A,Lantern,6,2010-12-01 08:00:00,2.55,1\n"
)
UNKNOWN_KIND = (
    "shelfcast: all_proxy: expected http://, https://, socks5:// or socks5h:// with a host and port, got socks://\n"
)
SOON_S = 30


@pytest.fixture
def dead() -> Iterator[str]:
    """A proxy where nobody listens, and nobody else can."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


async def shelfcast(*arguments: str, proxies: dict[str, str]) -> tuple[int, str, str]:
    """Exit code, output and error output of a command with these variables."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", *arguments,
        env=environment(**proxies), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def commands(server: RunningServer, url: str, folder: Path) -> dict[str, list[str]]:
    """The commands that speak to a server, as they are typed."""
    day = folder / "day.csv"
    day.write_text(DAY)
    operator = ["--url", url, "--token", server.token("operator")]
    return {
        "import": ["import", str(SAMPLE / "catalogue.csv"), "--pool", "shop", "--room", "shop", *operator],
        "watch": ["watch", "shop", "--url", url, "--seconds", "3"],
        "replay": ["replay", str(day), "--url", url, "--token-secret", server.settings.token_secret, "--speed", "1e6"],
    }


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
async def test_a_server_of_this_machine_is_reached_without_a_proxy(
    server: RunningServer, variable: str, tmp_path: Path
) -> None:
    async with ForwardProxy(server.port) as proxy:
        for command in commands(server, server.url, tmp_path).values():
            for address in (f"http://{proxy.address}", "socks://127.0.0.1:1"):
                code, out, err = await shelfcast(*command, proxies={variable: address})
                assert (code, err) == (0, ""), (command, out, err)
    assert proxy.asked == []


async def test_a_server_elsewhere_is_reached_through_it(server: RunningServer, tmp_path: Path) -> None:
    async with ForwardProxy(server.port) as proxy:
        for name, command in commands(server, f"http://{HOST}", tmp_path).items():
            proxy.asked.clear()
            code, out, err = await shelfcast(*command, proxies={"http_proxy": f"http://{proxy.address}"})
            assert (code, err) == (0, ""), (command, out, err)
            kinds = {asked.replace(f" http://{HOST}/", " ").split(" ")[0] for asked in proxy.asked}
            assert "CONNECT" in kinds or name == "import", proxy.asked
            assert kinds - {"CONNECT"} or name == "watch", proxy.asked


async def test_a_proxy_that_cannot_be_used_is_one_clear_line(server: RunningServer, dead: str, tmp_path: Path) -> None:
    for command in commands(server, f"http://{HOST}", tmp_path).values():
        code, _, err = await shelfcast(*command, proxies={"all_proxy": "socks://u:secret@127.0.0.1:1"})
        assert (code, err) == (2, UNKNOWN_KIND)
        code, _, err = await shelfcast(*command, proxies={"http_proxy": dead.replace("://", "://u:secret@")})
        assert (code, err.count("\n")) == (1, 1), err
        assert f"(http_proxy {dead})" in err
        assert "secret" not in err


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        (Manner.ASKS_WHO, r"no answer of a Shelfcast server: 407 Proxy Authentication Required to POST .*proxy"),
        (
            Manner.OTHER,
            r"no answer of a Shelfcast server: 200 OK to POST http://shop\.example/v1/pools/\S+ through the",
        ),
    ],
)
async def test_a_proxy_that_answers_in_the_servers_place_is_told_apart(
    server: RunningServer, manner: Manner, said: str, tmp_path: Path
) -> None:
    async with ForwardProxy(server.port, manner) as proxy:
        command = commands(server, f"http://{HOST}", tmp_path)["import"]
        code, _, err = await shelfcast(*command, proxies={"http_proxy": f"http://{proxy.address}"})
        assert (code, err.count("\n")) == (1, 1), err
        assert re.search(said, err), err


async def test_socks_without_its_package_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shelfcast_client.proxies.find_spec", lambda name: None)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(UsageError, match="a SOCKS proxy needs the package socksio"):
        Merchant(f"http://{HOST}", "t0ken", "shop")


@pytest.mark.skipif(find_spec("socksio") is None, reason="socksio is not installed")
async def test_a_server_elsewhere_is_reached_through_socks(server: RunningServer, tmp_path: Path) -> None:
    async with ForwardProxy(server.port) as proxy:
        command = commands(server, f"http://{HOST}", tmp_path)["import"]
        code, _, err = await shelfcast(*command, proxies={"all_proxy": f"socks5://{proxy.address}"})
        assert (code, err) == (0, "")
        assert set(proxy.asked) == {f"SOCKS {HOST}:80"}


@pytest.mark.parametrize("url", ["http://h:0", "http://u:wqx#zjv@h:1", "ftp://u:wqxzjv@h", "http://[u:wqxzjv@h"])
def test_an_address_that_is_none_is_said_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="url: expected a server's address") as error:
        Merchant(url, "t0ken", "shop")
    assert not re.search("wqx|zjv", str(error.value))


async def test_a_wrong_address_is_a_wrong_use_of_the_command(server: RunningServer, tmp_path: Path) -> None:
    for command in commands(server, "http://u:wqxzjv@h:0", tmp_path).values():
        code, _, err = await shelfcast(*command, proxies={})
        assert (code, err.count("\n")) == (2, 1), err
        assert err.startswith("shelfcast: --url: expected"), err
        assert "wqxzjv" not in err


@pytest.mark.long
@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
async def test_the_demo_sells_whatever_the_environment_says(variable: str, dead: str, tmp_path: Path) -> None:
    proxies = {variable: dead if variable == "http_proxy" else "socks://127.0.0.1:1"}
    variables = {name: value for name, value in environment(**proxies).items() if not name.startswith("SHELFCAST_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shelfcast", "demo", "--port", "0", "--speed", "2000", "--viewers", "10",
        env={**variables, "TMPDIR": "/tmp", "PYTHONUNBUFFERED": "1"}, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    try:
        async with asyncio.timeout(SOON_S * 2):
            async for line in process.stdout:
                said.append(line.decode())
                if "broke off" in said[-1] or re.search(r"Evening 1: .* [1-9][\d,]* sold", said[-1]):
                    break
    finally:
        process.terminate()
        await process.communicate()
    assert "Evening 1: " in said[-1], said
