"""The load test's own frames and mirrors, held against the server's codec and against `websockets`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mirror import MEMO_MAX, NOTHING, Mirror
from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import PING, framed
from shelfcast.protocol.from_server import Alive, Banner, ServerMessage, SkuView, Snapshot, Stock, Viewers
from shelfcast.protocol.states import BannerKind, Level, RoomStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from wire import BINARY, CLOSE, PONG, Unreadable, invitation, masked, read_frames, read_head


def stock(seq: int, available: int, sku: str = "mug") -> Stock:
    return Stock(seq=seq, at_ms=1_000 + seq, rows=[(sku, available, 1, Level.OK)])


def snapshot(seq: int, available: int, epoch: int = 1) -> Snapshot:
    mug = SkuView(
        sku="mug", title="Mug", price_minor=1, currency="CNY", available=available, held=0, level=Level.OK
    )  # fmt: skip
    return Snapshot(
        room="spike", epoch=epoch, seq=seq, at_ms=1_000 + seq, status=RoomStatus.LIVE, spotlight=None, viewers=1,
        skus=[mug],
    )  # fmt: skip


def joined(*messages: ServerMessage, encoding: Encoding = Encoding.MSGPACK) -> bytes:
    return b"".join(framed(message, encoding) for message in messages)


def after(mirror: Mirror, read: bytes) -> Mirror:
    """The mirror behind a read that concerns everybody."""
    heard = mirror.hear(read).after
    assert heard is not None
    return heard


def frames(server: ServerProtocol) -> list[Frame]:
    return [event for event in server.events_received() if isinstance(event, Frame)]


@given(st.binary(max_size=1_000), st.sampled_from((BINARY, CLOSE, PONG)))
def test_the_server_s_library_reads_what_we_mask(payload, opcode):
    payload = b"" if opcode == CLOSE else payload[: 125 if opcode == PONG else None]
    server = ServerProtocol(state=State.OPEN)
    server.receive_data(masked(opcode, payload))
    frame = frames(server)[0]
    assert (frame.opcode, bytes(frame.data)) == (Opcode(opcode), payload)


@given(st.lists(st.integers(0, 70_000), max_size=4), st.data())
def test_frames_are_read_wherever_the_bytes_are_cut(sizes, data):
    whole = b"".join(
        b"\x82" + (bytes((n,)) if n < 126 else b"\x7e" + n.to_bytes(2) if n < 65_536 else b"\x7f" + n.to_bytes(8))
        + b"x" * n for n in sizes
    )  # fmt: skip
    cut = data.draw(st.integers(0, len(whole)))
    first, rest = read_frames(whole[:cut])
    second, left = read_frames(rest + whole[cut:])
    assert [len(payload) for _, payload in first + second] == sizes
    assert left == b""


@pytest.mark.parametrize("bad", [b"\x82\x81abcdx", b"\x02\x01x", b"\xc2\x01x", b"\x83\x01x", b"\x89\x7e\x00\x80"])
def test_what_a_server_may_not_send_is_told(bad):
    with pytest.raises(Unreadable):
        read_frames(bad)


def test_an_answer_to_another_key_is_told():
    ours = invitation("127.0.0.1:1", "spike", "shelfcast.v1.msgpack")
    assert read_head(b"HTTP/1.1 101 Switching", ours) is None
    assert read_head(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n{}", ours) == (503, b"{}")
    with pytest.raises(Unreadable):
        read_head(b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: AAAA\r\n\r\n", ours)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_mirror_follows_the_counts_and_remembers_the_way(encoding):
    begun = after(NOTHING, joined(snapshot(5, 10), encoding=encoding))
    assert begun.counts == {"mug": (10, 0)}
    read = joined(stock(6, 9), Viewers(viewers=3), stock(7, 8), encoding=encoding)
    heard = begun.hear(read)
    assert heard.after is not None
    assert heard.after.counts == {"mug": (8, 1)}
    assert heard.stamps == (1_006, 1_007)
    assert dict(heard.kinds) == {"stock": 2, "viewers": 1}
    assert begun.memo[read] is heard


def test_connections_that_came_different_ways_meet_in_one_mirror():
    early = after(after(NOTHING, joined(snapshot(5, 10))), joined(stock(6, 8)))
    late = after(NOTHING, joined(snapshot(6, 8)))
    assert early.counts != late.counts, "a reservation is held in one and not yet in the other"
    assert after(early, joined(stock(7, 7))) is after(late, joined(stock(7, 7)))


def test_what_concerns_one_connection_is_never_remembered():
    mirror = after(NOTHING, joined(snapshot(5, 10)))
    for read in (b"\x89\x01x", joined(stock(6, 1))[:-1], b"\x88\x02\x0f\xa0"):
        heard = mirror.hear(read)
        assert heard.special is not None
        assert read not in mirror.memo
    pinged, closed = mirror.hear(b"\x89\x01x").special, mirror.hear(b"\x88\x02\x0f\xa0").special
    assert pinged is not None
    assert pinged.pings == [b"x"]
    assert closed is not None
    assert closed.close == 4000


def test_an_empty_ping_is_answered_from_memory():
    mirror = after(NOTHING, joined(snapshot(5, 10)))
    read = PING + joined(Alive(at_ms=9_000, next_ms=30_000))
    heard = mirror.hear(read)
    assert mirror.memo[read] is heard
    assert heard.after is None
    assert heard.stamps == (), "it tells no count"
    server = ServerProtocol(state=State.OPEN)
    server.receive_data(heard.reply)
    assert [frame.opcode for frame in frames(server)] == [Opcode.PONG]


def test_a_mirror_forgets_reads_rather_than_hold_ever_more():
    mirror = after(NOTHING, joined(snapshot(5, 10)))
    for at_ms in range(MEMO_MAX + 1):
        mirror.hear(joined(Alive(at_ms=at_ms, next_ms=30_000)))
    assert 0 < len(mirror.memo) <= MEMO_MAX


def test_counts_that_run_backwards_are_counted_except_over_an_epoch():
    mirror = after(NOTHING, joined(snapshot(5, 10)))
    assert mirror.hear(joined(stock(4, 11))).backwards == 1
    assert mirror.hear(joined(snapshot(2, 11, epoch=2))).backwards == 0


def test_only_a_snapshot_that_mends_something_is_timed():
    first = NOTHING.hear(joined(snapshot(5, 10)))
    assert first.stamps == ()
    assert first.after is not None
    assert first.after.hear(joined(snapshot(9, 7))).stamps == (1_009,)


def test_a_banner_leaves_the_mirror_as_it_is():
    mirror = Mirror.of(1, 5, 1_005, {"mug": (10, 0)})
    heard = mirror.hear(joined(Banner(seq=5, sku="mug", kind=BannerKind.LAST_N, left=10)))
    assert (heard.after, heard.special) == (None, None)
