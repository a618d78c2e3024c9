"""Messages to bytes and back, in both encodings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, TypeVar, get_args

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.protocol.from_client import ClientMessage
from shelfcast.protocol.from_server import ServerMessage
from shelfcast.protocol.pool_messages import PoolMessage
from shelfcast.protocol.states import RoomStatus


class Encoding(StrEnum):
    """How a connection's messages are encoded; the value is its WebSocket subprotocol."""

    JSON = "shelfcast.v1.json"
    MSGPACK = "shelfcast.v1.msgpack"


_M_co = TypeVar("_M_co", covariant=True)


class _Decoder(Protocol[_M_co]):
    def decode(self, payload: bytes | bytearray | memoryview, /) -> _M_co: ...


FAULT_MAX_CHARACTERS = 500
"""Of what is said about a message that is wrong: a part of the message may stand in it."""

_encode_json = msgspec.json.Encoder().encode
_encode_msgpack = msgspec.msgpack.Encoder().encode
_client_json: _Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_client_msgpack: _Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server_json: _Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_server_msgpack: _Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)
_pool_json: _Decoder[PoolMessage] = msgspec.json.Decoder(PoolMessage)
_pool_msgpack: _Decoder[PoolMessage] = msgspec.msgpack.Decoder(PoolMessage)


def encode(message: ServerMessage | PoolMessage | ClientMessage, encoding: Encoding) -> bytes:
    """The message's payload: UTF-8 text for JSON, bytes for MessagePack."""
    return _encode_json(message) if encoding is Encoding.JSON else _encode_msgpack(message)


def decode_client(payload: bytes | bytearray | memoryview, encoding: Encoding) -> ClientMessage:
    """A viewer's or operator's message. Raises InvalidInput that says what was expected."""
    decoder = _client_json if encoding is Encoding.JSON else _client_msgpack
    return _decode(decoder, payload, encoding, _FROM_CLIENT)


def decode_server(payload: bytes | bytearray | memoryview, encoding: Encoding) -> ServerMessage:
    """A server's message, for tests and tools. Raises InvalidInput that says what was expected."""
    decoder = _server_json if encoding is Encoding.JSON else _server_msgpack
    return _decode(decoder, payload, encoding, _FROM_SERVER)


def decode_pool(payload: bytes | bytearray | memoryview, encoding: Encoding) -> PoolMessage:
    """A message of a pool's socket, for tests and tools. Raises InvalidInput that says what was expected."""
    decoder = _pool_json if encoding is Encoding.JSON else _pool_msgpack
    return _decode(decoder, payload, encoding, _FROM_POOL)


def _one_of(values: list[str]) -> str:
    return "expected one of " + ", ".join(values)


def _choices(union: object) -> Mapping[str, str]:
    """What msgspec does not say of a wrong value itself: the values there are, by field."""
    kinds = [str(kind.__struct_config__.tag) for kind in get_args(union)]
    return {"type": _one_of(kinds), "status": _one_of(list(RoomStatus))}


_FROM_CLIENT = _choices(ClientMessage)
_FROM_SERVER = _choices(ServerMessage)
_FROM_POOL = _choices(PoolMessage)
_FORM = {
    Encoding.JSON: "expected a JSON object in UTF-8 with a `type`",
    Encoding.MSGPACK: "expected a MessagePack map with text keys and a `type`",
}


def _decode(
    decoder: _Decoder[_M_co],
    payload: bytes | bytearray | memoryview,
    encoding: Encoding,
    choices: Mapping[str, str],
) -> _M_co:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error)
        field = text.rpartition(" - at `$.")[2].rstrip("`") if " - at `$." in text else ""
        # A value out of a list, and a payload that is no map at all, are where msgspec names only what came.
        expected = choices.get(field, "") if field else _FORM[encoding]
        text = text if len(text) <= FAULT_MAX_CHARACTERS else text[:FAULT_MAX_CHARACTERS] + "…"
        text = text.encode(errors="replace").decode()
        raise InvalidInput(f"{text}; {expected}" if expected else text, field=field) from None
