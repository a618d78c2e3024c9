"""Engine URLs: what each means, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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
        ("redis://h:port", "could not be cast|invalid literal"),
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
        ("redis://user:secret@h:1/0", "redis://user:***@h:1/0"),
        ("redis+cluster://:secret@a,b?password=secret", "redis+cluster://:***@a,b"),
        ("unix:///run/s?password=secret", "unix:///run/s"),
        ("redis://h:1", "redis://h:1"),
    ],
)
def test_a_logged_url_has_no_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
