"""What one connection knows of its room, shared by all connections that know the same.

A hub sends the same bytes to everybody, so thousands of connections go from one state to the next by the same read.
A `Mirror` is such a state, and remembers where a read led from it: `memo` maps the bytes of a whole read to what
parsing them gave. Looking a read up compares every byte of it, so nothing is taken for another; what is not found is
parsed, frame by frame. A receiver on the same two cores as the server can afford no more.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple
from weakref import WeakValueDictionary

import msgspec
from wire import BINARY, CLOSE, PING, PONG, TEXT, Unreadable, read_frames

Counts = dict[str, tuple[int, int]]
"""SKU → available and held units."""
MEMO_MAX = 256
"""Reads remembered of one state; those that came long ago will not come again."""
EMPTY_PONG = b"\x8a\x80\x00\x00\x00\x00"
_KNOWN_KEY = tuple[int, int, int, frozenset[tuple[str, tuple[int, int]]]]


class Heard(NamedTuple):
    """What a read says. `after` is None where it leaves the state as it is."""

    after: Mirror | None
    stamps: tuple[int, ...]
    """`at_ms` of each frame that told new counts."""
    kinds: tuple[tuple[str, int], ...]
    """Messages by type; pings and the like under their own names."""
    backwards: int
    """Counts that were older than what was known already."""
    reply: bytes
    """What has to be answered: pongs."""
    special: Special | None


class Special(NamedTuple):
    """What concerns one connection alone, and is therefore never remembered."""

    own: list[dict[str, Any]]
    """Messages other than counts: verdicts, and what the backstage hears."""
    pings: list[bytes]
    """Of pings that carry something, which its pong must repeat; this server's are empty."""
    close: int | None
    """The code of a close frame; 1005 where it had none."""
    rest: bytes
    """The beginning of a frame whose end has not come."""


class Mirror:
    """An immutable state of the room, as one connection was told it."""

    __slots__ = ("__weakref__", "at_ms", "counts", "epoch", "memo", "seq")

    known: ClassVar[WeakValueDictionary[_KNOWN_KEY, Mirror]] = WeakValueDictionary()
    """States somebody is in, so that connections which came different ways meet again."""

    def __init__(self, epoch: int, seq: int, at_ms: int, counts: Counts) -> None:
        self.epoch = epoch
        self.seq = seq
        self.at_ms = at_ms
        self.counts = counts
        self.memo: dict[bytes, Heard] = {}

    @classmethod
    def of(cls, epoch: int, seq: int, at_ms: int, counts: Counts) -> Mirror:
        """The one mirror of this state."""
        key = (epoch, seq, at_ms, frozenset(counts.items()))
        found = cls.known.get(key)
        if found is None:
            found = cls.known[key] = cls(epoch, seq, at_ms, counts)
        return found

    def hear(self, data: bytes) -> Heard:
        """Parse what was read, from a frame's beginning on. Raises Unreadable."""
        frames, rest = read_frames(data)
        reading = _Reading(self)
        for opcode, payload in frames:
            reading.take(opcode, payload)
        heard = reading.heard(rest)
        if heard.special is None:
            if len(self.memo) >= MEMO_MAX:
                self.memo.clear()
            self.memo[data] = heard
        return heard


NOTHING = Mirror(-1, -1, 0, {})
"""What a connection knows before its first snapshot."""


class _Reading:
    """The frames of one read, applied one after the other."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._now = mirror
        self._stamps: list[int] = []
        self._kinds: dict[str, int] = {}
        self._backwards = 0
        self._own: list[dict[str, Any]] = []
        self._pings: list[bytes] = []
        self._reply = b""
        self._close: int | None = None

    def take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._count("ping")
            if payload:
                self._pings.append(payload)
            else:
                self._reply += EMPTY_PONG
        elif opcode == PONG:
            self._count("pong")
        elif opcode == CLOSE:
            self._count("close")
            self._close = int.from_bytes(payload[:2]) if len(payload) >= 2 else 1005
        else:
            self._message(_decoded(opcode, payload))

    def _message(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        self._count(kind)
        if kind == "snapshot":
            counts = {row["sku"]: (row["available"], row["held"]) for row in message["skus"]}
            # The first snapshot tells what was long known. A later one mends what was missed: that took its time.
            if message["epoch"] == self._now.epoch and message["seq"] > self._now.seq:
                self._stamps.append(message["at_ms"])
            self._move(message["epoch"], message["seq"], message["at_ms"], counts)
        elif kind == "stock":
            counts = self._now.counts | {row[0]: (row[1], row[2]) for row in message["rows"]}
            self._stamps.append(message["at_ms"])
            self._move(self._now.epoch, message["seq"], message["at_ms"], counts)
        elif kind not in _FOR_EVERYBODY:
            self._own.append(message)

    def _move(self, epoch: int, seq: int, at_ms: int, counts: Counts) -> None:
        if epoch == self._now.epoch and seq < self._now.seq:
            self._backwards += 1
        self._now = Mirror.of(epoch, seq, at_ms, counts)

    def _count(self, kind: str) -> None:
        self._kinds[kind] = self._kinds.get(kind, 0) + 1

    def heard(self, rest: bytes) -> Heard:
        special = None
        if self._own or self._pings or rest or self._close is not None:
            special = Special(self._own, self._pings, self._close, rest)
        after = None if self._now is self._mirror else self._now
        return Heard(after, tuple(self._stamps), tuple(self._kinds.items()), self._backwards, self._reply, special)


_FOR_EVERYBODY = frozenset(("banner", "sale", "spotlight", "status", "viewers", "notice", "alive"))
_json = msgspec.json.Decoder(dict)
_msgpack = msgspec.msgpack.Decoder(dict)


def _decoded(opcode: int, payload: bytes) -> dict[str, Any]:
    try:
        message: dict[str, Any] = (_json if opcode == TEXT else _msgpack).decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from None
    if opcode not in (TEXT, BINARY) or "type" not in message:
        raise Unreadable("a message without a type")
    return message
