"""The golden vectors hold the server's codec and every SDK's together."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import msgpack
import msgspec
import pytest
import shelfcast_client.messages as cm
from hypothesis import given
from protocol.strategies import messages
from shelfcast.errors import InvalidInput
from shelfcast.protocol import from_client, from_server
from shelfcast.protocol.codec import Encoding, decode_client, decode_pool, decode_server, encode
from shelfcast.protocol.pool_messages import PoolMessage
from shelfcast_client import codec as client_codec
from vectors.make import FROM_CLIENT, FROM_POOL, FROM_SERVER, files

FOLDER = Path(__file__).parent.parent / "vectors"


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


FROM_SERVER_VECTORS = load("from_server.json")
FROM_CLIENT_VECTORS = load("from_client.json")
FROM_POOL_VECTORS = load("from_pool.json")
INVALID_VECTORS = load("invalid.json")


def name(vector: dict[str, str]) -> str:
    return vector["name"]


def both(vector: dict[str, str]) -> list[tuple[Encoding, client_codec.Encoding, bytes]]:
    return [
        (Encoding.JSON, client_codec.Encoding.JSON, vector["json"].encode()),
        (Encoding.MSGPACK, client_codec.Encoding.MSGPACK, bytes.fromhex(vector["msgpack"])),
    ]


@pytest.mark.parametrize("name", sorted(files()))
def test_the_files_are_what_the_codec_makes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == files()[name], "run: python tests/vectors/make.py"


def test_every_message_of_both_directions_has_a_vector() -> None:
    def tags(union: Any) -> set[str]:
        return {kind.__struct_config__.tag for kind in get_args(union)}

    assert {vector["type"] for vector in FROM_SERVER_VECTORS} == tags(from_server.ServerMessage)
    assert {vector["type"] for vector in FROM_CLIENT_VECTORS} == tags(from_client.ClientMessage)
    assert {vector["type"] for vector in FROM_POOL_VECTORS} == tags(PoolMessage)


@pytest.mark.parametrize("vector", FROM_CLIENT_VECTORS, ids=name)
def test_the_server_reads_what_clients_send(vector: dict[str, str]) -> None:
    for encoding, _, payload in both(vector):
        assert decode_client(payload, encoding) == FROM_CLIENT[vector["name"]]


@pytest.mark.parametrize("vector", FROM_SERVER_VECTORS, ids=name)
def test_the_server_sends_exactly_this(vector: dict[str, str]) -> None:
    for encoding, _, payload in both(vector):
        assert encode(FROM_SERVER[vector["name"]], encoding) == payload
        assert decode_server(payload, encoding) == FROM_SERVER[vector["name"]]


@pytest.mark.parametrize("vector", FROM_POOL_VECTORS, ids=name)
def test_a_pools_socket_says_exactly_this(vector: dict[str, str]) -> None:
    for encoding, _, payload in both(vector):
        assert encode(FROM_POOL[vector["name"]], encoding) == payload
        assert decode_pool(payload, encoding) == FROM_POOL[vector["name"]]


@pytest.mark.parametrize("vector", INVALID_VECTORS, ids=name)
def test_the_server_refuses_what_clients_must_not_send(vector: dict[str, Any]) -> None:
    message = vector["message"]
    for payload, encoding in (
        (json.dumps(message).encode(), Encoding.JSON),
        (msgspec.msgpack.encode(message), Encoding.MSGPACK),
    ):
        with pytest.raises(InvalidInput) as refusal:
            decode_client(payload, encoding)
        assert refusal.value.field == vector["field"]


# --- the Python SDK -----------------------------------------------------------------------------------


def plain(message: Any) -> Any:
    """An SDK's message as the map it came from; fields that are absent on the wire are None in the SDK."""
    if dataclasses.is_dataclass(message):
        kind = getattr(message, "type", None)
        fields = {field.name: plain(getattr(message, field.name)) for field in dataclasses.fields(message)}
        return {"type": kind, **fields} if kind else fields
    if isinstance(message, tuple | list):
        return [plain(item) for item in message]
    return message


LEFT_OUT = {"offered": False, "waiting": 0}
"""Fields that the SDK fills with these values where the server leaves them out."""


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        absent = {key for key, item in value.items() if item is None or (key in LEFT_OUT and item == LEFT_OUT[key])}
        return {key: without_none(item) for key, item in value.items() if key not in absent}
    return [without_none(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("vector", FROM_SERVER_VECTORS, ids=name)
def test_the_python_sdk_reads_what_the_server_sends(vector: dict[str, str]) -> None:
    for _, encoding, payload in both(vector):
        message = client_codec.decode(payload, encoding)
        assert type(message).__name__ == type(FROM_SERVER[vector["name"]]).__name__
        assert without_none(plain(message)) == without_none(json.loads(vector["json"]))


@pytest.mark.parametrize("vector", FROM_CLIENT_VECTORS, ids=name)
def test_the_python_sdk_sends_exactly_this(vector: dict[str, str]) -> None:
    original = FROM_CLIENT[vector["name"]]
    message = getattr(cm, type(original).__name__)(**msgspec.structs.asdict(original))
    assert client_codec.encode(message, client_codec.Encoding.JSON) == vector["json"]
    assert client_codec.encode(message, client_codec.Encoding.MSGPACK) == bytes.fromhex(vector["msgpack"])


@pytest.mark.parametrize("vector", FROM_POOL_VECTORS, ids=name)
def test_the_python_sdk_reads_what_a_pools_socket_says(vector: dict[str, str]) -> None:
    for _, encoding, payload in both(vector):
        message = client_codec.decode_pool(payload, encoding)
        assert type(message).__name__ == type(FROM_POOL[vector["name"]]).__name__
        assert without_none(plain(message)) == without_none(json.loads(vector["json"]))


@given(message=messages(from_server.ServerMessage))
def test_the_python_sdk_reads_every_message_there_can_be(message: from_server.ServerMessage) -> None:
    for encoding in Encoding:
        payload = encode(message, encoding)
        seen = client_codec.decode(payload, client_codec.Encoding(encoding.value))
        body = json.loads(payload) if encoding is Encoding.JSON else msgpack.unpackb(payload)
        assert without_none(plain(seen)) == without_none(body)
