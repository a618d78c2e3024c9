"""The ping with its `alive` is made once for all who are pinged in a round."""

from __future__ import annotations

from itertools import count

from shelfcast.protocol.codec import Encoding, decode_server
from shelfcast.protocol.frame import PING
from shelfcast.protocol.from_server import Alive
from shelfcast.room.heartbeat import Heartbeat


def read(frames: bytes, encoding: Encoding) -> object:
    assert frames.startswith(PING)
    return decode_server(frames[len(PING) + 2 :], encoding)


def test_one_encoding_serves_all_of_a_round() -> None:
    sign = Heartbeat(count(1_000).__next__)
    for encoding in Encoding:
        frames = sign.frames(encoding, 36_000, 1.0)
        assert all(sign.frames(encoding, 36_000, 1.0) is frames for _ in range(3))
    assert read(sign.frames(Encoding.JSON, 36_000, 1.0), Encoding.JSON) == Alive(at_ms=1_000, next_ms=36_000)
    assert read(sign.frames(Encoding.MSGPACK, 36_000, 1.0), Encoding.MSGPACK) == Alive(at_ms=1_001, next_ms=36_000)


def test_the_next_round_tells_its_own_time_and_each_lane_its_own_pause() -> None:
    sign = Heartbeat(count(1_000).__next__)
    for at_ms, next_ms, round_s in ((1_000, 36_000, 1.0), (1_001, 6_000, 1.0), (1_002, 36_000, 1.25)):
        frames = sign.frames(Encoding.JSON, next_ms, round_s)
        assert read(frames, Encoding.JSON) == Alive(at_ms=at_ms, next_ms=next_ms)
