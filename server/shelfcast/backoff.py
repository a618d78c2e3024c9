"""The one back-off of the server: how long to wait before the next try of something that has failed.

Pure: it reads no clock and draws no random number. Who must not come back together with others waits a random part of
the pause (full jitter); who is alone waits all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

_DOUBLINGS_MAX = 62
"""Past every pause that could be meant; 2 to the power of any number of failures is no number to work with."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double with each failure in a row, from `least_ms` to `most_ms`.

    Where `most_ms` is the smaller one, every pause is that long.
    """

    least_ms: float
    most_ms: float

    def pause_ms(self, failures: int) -> float:
        """How long to wait after so many failures in a row, in milliseconds; 0 where there was none."""
        if failures < 1:
            return 0
        return min(self.most_ms, self.least_ms * (1 << min(failures - 1, _DOUBLINGS_MAX)))

    def pause_s(self, failures: int) -> float:
        """The same in seconds, as `asyncio.sleep` takes it."""
        return self.pause_ms(failures) / 1000

    def failures_after(self, failures: int, *, lasted_s: float) -> int:
        """Failures in a row, counting the one of something that lasted so long before it failed.

        What outlasted the longest pause has worked: counting begins anew with its end.
        """
        return 1 if lasted_s * 1000 >= self.most_ms else failures + 1
