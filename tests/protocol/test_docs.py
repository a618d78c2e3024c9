"""docs/protocol.md names what there is, and its examples are messages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol import pool_messages as pm
from shelfcast.protocol.codec import Encoding, decode_client, decode_pool, decode_server, encode
from shelfcast.protocol.codes import EXPLANATION, RETRY, Close, Code
from shelfcast.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
PARTS = [
    from_server.SkuView,
    from_server.Holding,
    from_server.Place,
    from_server.MetricRow,
    pm.UnitsRow,
    pm.PeopleRow,
    pm.ActionRow,
]
SAID = list(dict.fromkeys([*get_args(from_server.ServerMessage), *get_args(pm.PoolMessage)]))
ROOMS, POOLS = PAGE.partition("## A pool's socket")[::2]
EXAMPLES = [
    (way, text, part is POOLS)
    for part in (ROOMS, POOLS)
    for way, text in re.findall(r"^([←→]) (.+)$", part, flags=re.MULTILINE)
]


def tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


@pytest.mark.parametrize("kind", [*SAID, *PARTS], ids=lambda kind: kind.__name__)
def test_every_field_of_the_servers_messages_is_named(kind: type[msgspec.Struct]) -> None:
    if kind not in PARTS:
        assert re.search(rf"^### .*\b{tag(kind)}\b", PAGE, flags=re.MULTILINE)
    assert [field for field in kind.__struct_fields__ if f"`{field}`" not in PAGE] == []


@pytest.mark.parametrize("kind", get_args(from_client.ClientMessage), ids=lambda kind: kind.__name__)
def test_every_message_of_a_client_has_a_row_with_its_fields(kind: type[msgspec.Struct]) -> None:
    [row] = re.findall(rf"^\| `{tag(kind)}` \|.*$", PAGE.partition("## From a client")[2], flags=re.MULTILINE)
    assert [field for field in kind.__struct_fields__ if f"`{field}`" not in row] == []


@pytest.mark.parametrize(
    "enum", [states.Level, states.RoomStatus, states.BannerKind, states.ReservationState, pm.Topic]
)
def test_every_value_is_named(enum: Any) -> None:
    assert [value for value in enum if f"`{value.value}`" not in PAGE] == []


def test_the_tables_of_codes_are_the_codes() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\w+) \| (.+) \|$", PAGE, flags=re.MULTILINE)
    assert rows == [(code.value, RETRY[code].value, EXPLANATION[code]) for code in Code if code is not Code.OK]
    closes = dict(re.findall(r"^\| (\d{4}) \| ([A-Z_]+) \|", PAGE, flags=re.MULTILINE))
    assert {str(close.value): close.name for close in Close}.items() <= closes.items()


@pytest.mark.parametrize(
    ("way", "text", "of_pool"), EXAMPLES, ids=[json.loads(text)["type"] for _, text, _ in EXAMPLES]
)
def test_the_examples_are_what_is_sent(way: str, text: str, of_pool: bool) -> None:
    decode = decode_client if way == "→" else decode_pool if of_pool else decode_server
    message = decode(text.encode(), Encoding.JSON)
    assert encode(message, Encoding.JSON).decode() == text


def test_the_limits_named_are_the_defaults() -> None:
    limits = Settings()
    for words in (
        f"at most {limits.frame_max_bytes // 1024} KiB",
        f"{limits.messages_a_second}\nmessages a second with bursts of {limits.messages_burst}",
        f"{limits.unanswered_reservations_max} unanswered requests",
        f"every {limits.ping_interval_ms // 1000} s ± {limits.ping_jitter_share:.0%}".replace("%", " %"),
        f"services every {limits.backstage_ping_interval_ms // 1000} s",
        f"for {limits.idle_close_ms // 1000} s",
        f"After {limits.bad_messages_max} of them",
        f"lasts {limits.hold_ms // 60_000} minutes",
        f"offers {limits.offer_ms // 1000} seconds",
        f"a tick ({limits.tick_ms} ms)",
        f"at most {limits.pool_page_rows} rows",
        f"{limits.pool_sockets_a_pool_max} sockets of one pool and {limits.pool_sockets_max} of all pools",
    ):
        assert words in PAGE
