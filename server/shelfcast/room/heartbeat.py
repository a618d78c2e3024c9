"""The ping with its `alive`: a browser's page sees no pings, and a network that died in silence closes no socket."""

from __future__ import annotations

from collections.abc import Callable

from shelfcast.protocol.codec import Encoding
from shelfcast.protocol.frame import PING, framed
from shelfcast.protocol.from_server import Alive


class Heartbeat:
    """One room's. `now_ms` tells the engine's time.

    With 100,000 viewers some thousand are pinged in a second: what they are sent is made once a round of the gate, and
    is one write.
    """

    __slots__ = ("_frames", "_now_ms", "_round_s")

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._round_s = 0.0
        self._frames: dict[tuple[Encoding, int], bytes] = {}

    def frames(self, encoding: Encoding, next_ms: int, round_s: float) -> bytes:
        """A ping and an `alive` that promises the next within `next_ms`. `round_s` tells the gate's rounds apart."""
        if round_s != self._round_s:
            self._round_s = round_s
            self._frames.clear()
        frames = self._frames.get((encoding, next_ms))
        if frames is None:
            message = Alive(at_ms=self._now_ms(), next_ms=next_ms)
            frames = self._frames[encoding, next_ms] = PING + framed(message, encoding)
        return frames
