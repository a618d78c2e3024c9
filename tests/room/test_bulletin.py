"""What a room's audience is told, edition by edition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from shelfcast.protocol.codec import Encoding, decode_server
from shelfcast.protocol.codes import Code
from shelfcast.protocol.from_server import Banner, Error, ServerMessage, Snapshot, Status, Stock, Viewers, Waitlist
from shelfcast.protocol.states import BannerKind, Level, RoomStatus
from shelfcast.room.bulletin import Bulletin, merged


def stock(seq: int, **available: int) -> Stock:
    return Stock(seq=seq, at_ms=seq * 10, rows=[(sku, left, 0, Level.OK) for sku, left in available.items()])


def banner(seq: int) -> Banner:
    return Banner(seq=seq, sku="mug", kind=BannerKind.LAST_N, left=3)


def snapshot(seq: int) -> Snapshot:
    return Snapshot(
        room="evening", epoch=1, seq=seq, at_ms=seq * 10, status=RoomStatus.LIVE, spotlight=None, viewers=5, skus=[]
    )


def heard(frames: bytes) -> list[ServerMessage]:
    """What a client reads of JSON frames of less than 64 KiB."""
    messages = []
    while frames:
        length, begin = frames[1], 2
        if length == 126:
            length, begin = int.from_bytes(frames[2:4]), 4
        messages.append(decode_server(frames[begin : begin + length], Encoding.JSON))
        frames = frames[begin + length :]
    return messages


def test_each_is_told_what_it_has_not_been_told() -> None:
    bulletin = Bulletin()
    bulletin.publish([stock(1, mug=9), Viewers(viewers=1)])
    bulletin.publish([stock(2, mug=8, cup=4)])
    bulletin.publish([stock(3, bowl=7), banner(3)])
    assert bulletin.edition == 3
    everything = [stock(3, mug=8, cup=4, bowl=7), banner(3), Viewers(viewers=1)]
    assert heard(bulletin.since(0, Encoding.JSON)) == everything
    assert heard(bulletin.since(1, Encoding.JSON)) == [stock(3, mug=8, cup=4, bowl=7), banner(3)]
    assert heard(bulletin.since(2, Encoding.JSON)) == [stock(3, bowl=7), banner(3)]
    assert bulletin.since(3, Encoding.JSON) == b""


def test_the_same_bytes_serve_all_who_know_the_same() -> None:
    bulletin = Bulletin()
    for seq in range(1, 4):
        bulletin.publish([stock(seq, mug=seq)])
    for encoding in Encoding:
        assert bulletin.since(1, encoding) is bulletin.since(1, encoding)


def test_what_everybody_was_told_is_forgotten_and_the_rest_is_not() -> None:
    bulletin = Bulletin()
    for seq in range(1, 5):
        bulletin.publish([stock(seq, **{f"sku-{seq}": seq})])
    bulletin.forget(2)
    assert heard(bulletin.since(2, Encoding.JSON)) == [stock(4, **{"sku-3": 3, "sku-4": 4})]
    bulletin.forget(4)
    assert bulletin.since(4, Encoding.JSON) == b""
    bulletin.publish([stock(5, mug=5)])
    assert heard(bulletin.since(4, Encoding.JSON)) == [stock(5, mug=5)]


def test_a_snapshot_takes_back_what_was_said_before_it_but_no_news() -> None:
    paused, old = Status(status=RoomStatus.PAUSED), Error(code=Code.UNAVAILABLE, message="old")
    editions: list[list[ServerMessage]] = [
        [stock(1, mug=1), banner(1), paused, old],
        [snapshot(2), Viewers(viewers=6)],
        [stock(3, cup=3), old],
    ]
    assert merged(editions) == [snapshot(2), stock(3, cup=3), banner(1), old, Viewers(viewers=6)]
    assert merged(editions[:2]) == [snapshot(2), banner(1), Viewers(viewers=6)]


def test_how_many_wait_is_told_once_and_in_a_snapshot_not_at_all() -> None:
    editions: list[list[ServerMessage]] = [
        [Waitlist(rows=[("mug", 1), ("cup", 4)])],
        [Waitlist(rows=[("mug", 2)])],
        [snapshot(2)],
        [Waitlist(rows=[("cup", 5)])],
        [stock(3, mug=1), Waitlist(rows=[("cup", 6)])],
    ]
    assert merged(editions[:2]) == [Waitlist(rows=[("mug", 2), ("cup", 4)])]
    assert merged(editions) == [snapshot(2), stock(3, mug=1), Waitlist(rows=[("cup", 6)])]


@given(
    st.lists(st.dictionaries(st.sampled_from(["mug", "cup", "bowl"]), st.integers(0, 99), min_size=1), max_size=12),
    st.lists(st.integers(0, 12), max_size=12),
)
def test_whoever_asks_whenever_ends_with_the_latest_counts(changes: list[dict[str, int]], asked_at: list[int]) -> None:
    bulletin, told = Bulletin(), 0
    truth: dict[str, int] = {}
    shown: dict[str, int] = {}
    for seq, change in enumerate(changes, start=1):
        bulletin.publish([stock(seq, **change)])
        truth |= change
        if seq in asked_at or seq == len(changes):
            for message in heard(bulletin.since(told, Encoding.JSON)):
                assert isinstance(message, Stock)
                assert message.seq == seq
                shown |= {row[0]: row[1] for row in message.rows}
            told = bulletin.edition
            bulletin.forget(told)
            assert shown == truth
