"""How many handshakes, reads of HTTP or ends of connections are served in one turn of the loop, so that a storm leaves
time for everybody inside."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from shelfcast.barrier import barrier


class AcceptLimiter:
    """Lets `a_turn` through in each turn of the loop; of the others, one of each address after the other, those of one
    address in the order they came. Whoever comes from elsewhere does not wait for the two thousand of somebody else.

    A kernel may report a thousand ready sockets at once, and a broadcast writes its next chunk only in the next turn.
    `call_soon` is the loop's. What waits is bounded by whoever lets it come here.
    """

    def __init__(self, a_turn: int, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self._a_turn = a_turn
        self._call_soon = call_soon
        self._passed = 0
        """In this turn."""
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        """By address; the one whose turn it is first."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def passes(self) -> bool:
        """Whether one may go through now; if so, it is counted. Otherwise have it `wait`."""
        if self._waiting or self._passed >= self._a_turn:
            return False
        if not self._passed:
            self._call_soon(self._turn)
        self._passed += 1
        return True

    def wait(self, address: str, enter: Callable[[], None]) -> None:
        """Call `enter` when its turn comes. Somebody has passed in this turn, so another turn is certain."""
        self._waiting.setdefault(address, deque()).append(enter)
        self._count += 1

    def _next(self) -> Callable[[], None]:
        address = next(iter(self._waiting))
        queue = self._waiting.pop(address)
        enter = queue.popleft()
        if queue:
            self._waiting[address] = queue
        self._count -= 1
        return enter

    def _turn(self) -> None:
        let_in = [self._next() for _ in range(min(self._a_turn, self._count))]
        self._passed = len(let_in)
        if let_in:
            self._call_soon(self._turn)
        for enter in let_in:
            with barrier("gate.turn"):
                enter()
