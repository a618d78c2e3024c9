"""Messages to payloads and back: JSON by the standard library, MessagePack by `msgpack`.

A reader for each message type is made once, from the dataclass's own annotations: it checks every type, ignores
fields it does not know, and names the place where something is wrong.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgpack

from shelfcast_client import messages, pool_messages
from shelfcast_client.errors import ProtocolError
from shelfcast_client.messages import ClientMessage, ServerMessage
from shelfcast_client.pool_messages import PoolMessage


class Encoding(StrEnum):
    """How a connection's messages are encoded; the value is its WebSocket subprotocol."""

    JSON = "shelfcast.v1.json"
    MSGPACK = "shelfcast.v1.msgpack"


class UnknownMessage(ProtocolError):
    """A well-formed message of a type this version does not know: a newer server's; it can be ignored."""


Read = Callable[[Any, str], Any]
"""Takes a decoded value and its place, returns the typed value or raises ProtocolError naming the place."""


def encode(message: ClientMessage, encoding: Encoding) -> str | bytes:
    """The payload of a client's message: text for JSON, bytes for MessagePack."""
    body = {"type": message.type, **{f.name: getattr(message, f.name) for f in dataclasses.fields(message)}}
    if encoding is Encoding.JSON:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed: bytes = msgpack.packb(body)
    return packed


def decode(payload: str | bytes, encoding: Encoding) -> ServerMessage:
    """A server's message. Raises ProtocolError, or UnknownMessage for a type of a newer server."""
    message: ServerMessage = _decode(payload, encoding, _READERS)
    return message


def decode_pool(payload: str | bytes, encoding: Encoding) -> PoolMessage:
    """A message of a pool's socket. Raises like `decode`."""
    message: PoolMessage = _decode(payload, encoding, _POOL_READERS)
    return message


def _decode(payload: str | bytes, encoding: Encoding, readers: Mapping[str, Read]) -> Any:
    body = _parse(payload, encoding)
    if not isinstance(body, dict):
        raise ProtocolError(f"expected a map, got {_name(body)}")
    kind = body.get("type")
    if not isinstance(kind, str):
        raise ProtocolError(f"type: expected a string, got {_name(kind)}")
    read = readers.get(kind)
    if read is None:
        raise UnknownMessage(f"type: {kind!r} is not known to this version")
    return read(body, "")


def _parse(payload: str | bytes, encoding: Encoding) -> Any:
    try:
        if encoding is Encoding.JSON:
            return json.loads(payload)
        if isinstance(payload, str):
            raise ProtocolError("expected a binary frame with MessagePack, got a text frame")
        return msgpack.unpackb(payload, strict_map_key=True)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise ProtocolError(f"not {encoding.name}: {error or type(error).__name__}") from None


def _name(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__


# --- readers made from annotations -------------------------------------------------------------------


def _scalar(kind: type) -> Read:
    def read(value: Any, where: str) -> Any:
        # bool is a subclass of int, and an int stands for a float on the wire; neither the other way round.
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return float(value)
        raise ProtocolError(f"{where}: expected {kind.__name__}, got {_name(value)}")

    return read


def _open_enum(kind: type[StrEnum]) -> Read:
    known: Mapping[str, StrEnum] = {member.value: member for member in kind}

    def read(value: Any, where: str) -> Any:
        if type(value) is not str:
            raise ProtocolError(f"{where}: expected str, got {_name(value)}")
        return known.get(value, value)

    return read


def _optional(inner: Read) -> Read:
    return lambda value, where: None if value is None else inner(value, where)


def _list_of(inner: Read) -> Read:
    def read(value: Any, where: str) -> Any:
        if type(value) is not list:
            raise ProtocolError(f"{where}: expected a list, got {_name(value)}")
        return [inner(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read


def _row(kind: type) -> Read:
    """A NamedTuple, on the wire an array; later fields of a newer server are ignored, and those with a default may be
    absent: a server of before."""
    fields = [(name, _reader(hint)) for name, hint in get_type_hints(kind).items()]
    least = len(fields) - len(kind._field_defaults)  # type: ignore[attr-defined]

    def read_row(value: Any, where: str) -> Any:
        if type(value) is not list or len(value) < least:
            raise ProtocolError(f"{where}: expected a list of {least}, got {_name(value)}")
        given = zip(value, fields, strict=False)
        return kind(*(read(item, f"{where}.{name}") for item, (name, read) in given))

    return read_row


def _map(kind: type) -> Read:
    hints = get_type_hints(kind)
    fields = [
        (field.name, _reader(hints[field.name]), field.default is field.default_factory is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    ]

    def read(value: Any, where: str) -> Any:
        if type(value) is not dict:
            raise ProtocolError(f"{where}: expected a map, got {_name(value)}")
        given: dict[str, Any] = {}
        for name, read_field, required in fields:
            place = f"{where}.{name}" if where else name
            if name in value:
                given[name] = read_field(value[name], place)
            elif required:
                raise ProtocolError(f"{place}: missing")
        return kind(**given)

    return read


def _reader(hint: Any) -> Read:
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        enum = next((part for part in inner if isinstance(part, type) and issubclass(part, StrEnum)), None)
        read = _open_enum(enum) if enum is not None else _reader(inner[0])
        return _optional(read) if len(inner) < len(get_args(hint)) else read
    if get_origin(hint) is dict:  # of whatever values: what they are is not known here
        return _scalar(dict)
    if get_origin(hint) in (list, Sequence):
        return _list_of(_reader(get_args(hint)[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _map(hint)
    return _row(hint) if issubclass(hint, tuple) else _scalar(hint)


_READERS: Mapping[str, Read] = {kind.type: _map(kind) for kind in get_args(messages.ServerMessage)}
_POOL_READERS: Mapping[str, Read] = {kind.type: _map(kind) for kind in get_args(pool_messages.PoolMessage)}
