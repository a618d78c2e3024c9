"""Messages to bytes and back, in both encodings."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.protocol.messages import ClientMessage, ServerMessage


class Encoding(StrEnum):
    """How a connection's messages are encoded; the value is its WebSocket subprotocol."""

    JSON = "shelfcast.v1.json"
    MSGPACK = "shelfcast.v1.msgpack"


_M_co = TypeVar("_M_co", covariant=True)


class _Decoder(Protocol[_M_co]):
    def decode(self, payload: bytes | bytearray | memoryview, /) -> _M_co: ...


_encode_json = msgspec.json.Encoder().encode
_encode_msgpack = msgspec.msgpack.Encoder().encode
_client_json: _Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_client_msgpack: _Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server_json: _Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_server_msgpack: _Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


def encode(message: ServerMessage | ClientMessage, encoding: Encoding) -> bytes:
    """The message's payload: UTF-8 text for JSON, bytes for MessagePack."""
    return _encode_json(message) if encoding is Encoding.JSON else _encode_msgpack(message)


def decode_client(payload: bytes | bytearray | memoryview, encoding: Encoding) -> ClientMessage:
    """A viewer's or operator's message. Raises InvalidInput that says what was expected."""
    decoder = _client_json if encoding is Encoding.JSON else _client_msgpack
    return _decode(decoder, payload)


def decode_server(payload: bytes | bytearray | memoryview, encoding: Encoding) -> ServerMessage:
    """A server's message, for tests and tools. Raises InvalidInput."""
    decoder = _server_json if encoding is Encoding.JSON else _server_msgpack
    return _decode(decoder, payload)


def _decode(decoder: _Decoder[_M_co], payload: bytes | bytearray | memoryview) -> _M_co:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = str(error)
        path = text.rpartition(" - at `$.")[2].rstrip("`") if " - at `$." in text else ""
        raise InvalidInput(text, field=path) from None
