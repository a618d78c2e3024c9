"""Engine URLs: what each means, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shelfcast.cli import run
from shelfcast.engine.address import Node, Shape, read_address, socket_url, without_password
from shelfcast.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "nodes", "tls", "options"),
    [
        ("redis://", [("localhost", 6379)], False, {}),
        ("redis://h", [("h", 6379)], False, {}),
        ("redis://u:p%40ss@h:7000/2", [("h", 7000)], False, {"username": "u", "password": "p@ss", "db": 2}),
        ("redis://[::1]:7000", [("::1", 7000)], False, {}),
        ("rediss://h?ssl_cert_reqs=none", [("h", 6379)], True, {"ssl_cert_reqs": "none"}),
        ("redis://u:p@ss@h", [("h", 6379)], False, {"username": "u", "password": "p@ss"}),
        ("redis://:p[s:s%40@h/1", [("h", 6379)], False, {"password": "p[s:s@", "db": 1}),
        ("unix://u:p@/run/v.sock", [("/run/v.sock", 0)], False, {"username": "u", "password": "p"}),
        ("unix:///run/a@b.sock?password=p/s@s", [("/run/a@b.sock", 0)], False, {"password": "p/s@s"}),
        ("unix:///run/v.sock?db=1", [("/run/v.sock", 0)], False, {"db": 1}),
        ("unix:///run/a%20b.sock", [("/run/a b.sock", 0)], False, {}),
    ],
)
def test_one_engine(url: str, nodes: list[tuple[str, int]], tls: bool, options: dict[str, Any]) -> None:
    address = read_address(url)
    assert address.shape is Shape.SINGLE
    assert (list(address.nodes), address.tls, dict(address.options)) == (nodes, tls, options)


def test_sentinels() -> None:
    address = read_address(
        "rediss+sentinel://u:p@s1:26380,s2,[::1]:5/shop/3?sentinel_username=w&sentinel_password=x&ssl_cert_reqs=none"
    )
    assert address.shape is Shape.SENTINEL
    assert address.nodes == (Node("s1", 26380), Node("s2", 26379), Node("::1", 5))
    assert address.service == "shop"
    assert address.tls
    assert address.options == {"username": "u", "password": "p", "db": 3, "ssl_cert_reqs": "none"}
    assert address.sentinel_options == {"username": "w", "password": "x"}


def test_a_cluster() -> None:
    address = read_address("redis+cluster://:p@n1:7000,n2")
    assert address.shape is Shape.CLUSTER
    assert address.nodes == (Node("n1", 7000), Node("n2", 6379))
    assert address.options == {"password": "p"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:6379", "expected redis://"),
        ("http://localhost", "expected redis://"),
        ("redis+ring://h", "expected redis://"),
        ("unix+cluster:///s", "expected redis://"),
        ("unix://", "needs a path"),
        ("redis://h:port", "expected host:port"),
        ("redis://h:99999", "expected host:port"),
        ("redis+cluster://[::1,h2", "expected host:port"),
        ("redis+sentinel://h:1", "service's name"),
        ("redis+cluster://h:1/2", "database 0 only"),
        ("redis+cluster://h:1,,h2", "expected host:port"),
        ("redis+cluster://h:x", "expected host:port"),
        ("redis://h?db=first", "Invalid value for 'db'"),
    ],
)
def test_wrong_urls(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_address(url)


def test_an_option_that_nobody_knows_is_a_config_error() -> None:
    address = read_address("redis://h?colour=blue")
    with pytest.raises(ConfigError, match="colour"):
        address.connection(address.nodes[0])


def test_the_url_of_a_socket_is_read_back(tmp_path: Path) -> None:
    socket = tmp_path / "a b?c%20#d" / "s"
    assert read_address(socket_url(socket)).nodes == (Node(str(socket), 0),)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:secret@h:1/0", "redis://***@h:1/0"),
        ("redis+cluster://:secret@a,b?password=secret", "redis+cluster://***@a,b"),
        ("redis+sentinel://a:1,b/shop/0?sentinel_password=secret", "redis+sentinel://a:1,b/shop/0"),
        ("unix://user:secret@/run/s", "unix://***@/run/s"),
        ("unix:///run/s?password=secret", "unix:///run/s"),
        ("redis://h:1", "redis://h:1"),
    ],
)
def test_a_logged_url_has_no_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


# Halves of a password that stand in no word of ours, the first one also as digits, which could be a port.
FIRST, DIGITS, SECOND, USER = "wqx", "64981", "zjv", "uqf"
RAW = [
    f"{scheme}://{credentials}@h1:1{behind}"
    for scheme, behind in (("redis", "/0"), ("rediss", ""), ("redis+sentinel", ",h2/shop"), ("redis+cluster", ",h2"))
    for raw in "/?#@:[]%&\\ \N{CARE OF}"
    for credentials in (f":{FIRST}{raw}{SECOND}", f"{USER}:{DIGITS}{raw}{SECOND}", f"{FIRST}{raw}{SECOND}")
]


def parts_in(text: str) -> list[str]:
    return [part for part in (FIRST, DIGITS, SECOND, USER) if part in text]


@pytest.mark.parametrize(
    "url",
    [
        *RAW,
        f"redis://:{FIRST}/{SECOND}",
        f"redis://{FIRST}#{SECOND}",
        f"redis://:{FIRST}",
        f"redis://h?password={FIRST}#{SECOND}",
        f"redis://h?password={FIRST}@{SECOND}",
        f"redis://h?password={FIRST}&{SECOND}=1",
        f"redis://h?password={FIRST}&db={SECOND}",
        f"redis+sentinel://h:1/shop?sentinel_password={FIRST}@{SECOND}",
        f"redis+sentinel://h:1/shop?sentinel_password={FIRST}&{SECOND}=1",
        f"unix://{USER}:{FIRST}/{SECOND}@/run/s",
        f"unix:///run/s?password={FIRST}#{SECOND}",
        f"postgres://{USER}:{FIRST}@h",
        f"{USER}:{FIRST}@h",
        FIRST,
        f"REDIS://{USER}:{FIRST}@h",
    ],
)
def test_no_part_of_a_password_is_shown(url: str) -> None:
    """Whether the URL can be read or not, and whatever comes of it then."""
    shown = [without_password(url)]
    try:
        address = read_address(url)
        shown += [str(node) for node in address.nodes] + [address.service]
        address.connection(address.nodes[0])
    except ConfigError as error:
        shown.append(str(error))
    assert not [text for text in shown if parts_in(text)], shown


@pytest.mark.parametrize(
    "command", [["doctor", "--engine"], ["audit", "main", "--engine"], ["serve"], ["token", "--role"]]
)
@pytest.mark.parametrize("password", [f"{FIRST}{raw}{SECOND}" for raw in "#/@"] + [f"{DIGITS}/{SECOND}"])
def test_no_command_shows_a_password(
    command: list[str],
    password: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHELFCAST_ENGINE_CALL_TIMEOUT_MS", "200")
    assert run([*command, f"redis://{USER}:{password}@127.0.0.1:1"]) in (1, 2)
    said = "".join(capsys.readouterr())
    assert said
    assert not parts_in(said), said
