"""How many handshakes are answered in one turn of the loop, so that a storm leaves time for everybody inside."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class Turnstile:
    """Lets `a_turn` through in each turn of the loop; the others wait in the order they came.

    A kernel may report a thousand ready sockets at once, and a broadcast writes its next chunk only in the next turn.
    `call_soon` is the loop's. What waits is bounded by whoever lets it come here.
    """

    def __init__(self, a_turn: int, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._a_turn = a_turn
        self._call_soon = call_soon
        self._passed = 0
        """In this turn."""
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def passes(self) -> bool:
        """Whether one may go through now; if so, it is counted. Otherwise have it `wait`."""
        if self._waiting or self._passed >= self._a_turn:
            return False
        if not self._passed:
            self._call_soon(self._turn)
        self._passed += 1
        return True

    def wait(self, enter: Callable[[], None]) -> None:
        """Call `enter` when its turn comes. Somebody has passed in this turn, so another turn is certain."""
        self._waiting.append(enter)

    def _turn(self) -> None:
        let_in = [self._waiting.popleft() for _ in range(min(self._a_turn, len(self._waiting)))]
        self._passed = len(let_in)
        if let_in:
            self._call_soon(self._turn)
        for enter in let_in:
            enter()
