"""A session driven by hand: the test is its clock, its socket and its server. Frames are the server codec's own."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol.codec import Encoding as ServerEncoding
from shelfcast.protocol.codec import decode_client, encode
from shelfcast_client import Policy, Session, messages
from shelfcast_client.codec import Encoding
from shelfcast_client.events import Event
from shelfcast_client.requests import Result
from shelfcast_client.transitions import Action, Dial, Emit, Hangup, Send, Settle

T = TypeVar("T")


def snapshot(*skus: tuple[str, int], seq: int = 10, epoch: int = 1, **changes: Any) -> from_server.Snapshot:
    """A live room with these SKUs and their available units."""
    views = [
        from_server.SkuView(
            sku=sku, title=sku, price_minor=100, currency="CNY", available=available, held=0, level=states.Level.OK
        )
        for sku, available in skus
    ]
    fields = {"status": states.RoomStatus.LIVE, "spotlight": None, "viewers": 1, "at_ms": 1_000, **changes}
    return from_server.Snapshot(room="show", epoch=epoch, seq=seq, skus=views, **fields)


def stock(seq: int, *rows: tuple[str, int], at_ms: int = 1_000) -> from_server.Stock:
    return from_server.Stock(
        seq=seq, at_ms=at_ms, rows=[(sku, available, 0, states.Level.OK) for sku, available in rows]
    )


def reserved(name: str = "r1", sku: str = "MUG", qty: int = 1) -> from_server.Reserved:
    return from_server.Reserved(
        id=name, sku=sku, qty=qty, state=states.ReservationState.ACTIVE, expires_at_ms=301_000, seq=11, at_ms=1_000
    )


class Driver:
    """The session under test, with what it has done so far."""

    def __init__(self, *, encoding: Encoding = Encoding.MSGPACK, policy: Policy | None = None, seed: int = 1) -> None:
        self.session = Session(encoding=encoding, policy=policy or Policy(), random=Random(seed))
        self.now_s = 1_000.0
        self.sent: list[from_client.ClientMessage] = []
        self.events: list[Event] = []
        self.settled: dict[str, Result] = {}
        self.dials = 0
        self.hangups: list[Hangup] = []

    # --- what the test makes happen

    def start(self) -> Driver:
        self._do(self.session.start(self.now_s))
        return self

    def connect(self, *greeting: from_server.ServerMessage) -> Driver:
        """Start, open, and be greeted (by a room with 5 mugs, if nothing else is said)."""
        self.start().open()
        self.hear(*(greeting or (snapshot(("MUG", 5)),)))
        return self

    def open(self) -> Driver:
        self._do(self.session.opened(self.now_s))
        return self

    def hear(self, *heard: from_server.ServerMessage) -> None:
        encoding = ServerEncoding(self.session.encoding.value)
        for message in heard:
            self.hear_bytes(encode(message, encoding))

    def hear_bytes(self, payload: bytes) -> None:
        self._do(self.session.received(payload, self.now_s))

    def lose(self, code: int = 1006, reason: str = "", *, has_fresh_token: bool = False) -> None:
        self._do(self.session.lost(code, reason, self.now_s, has_fresh_token=has_fresh_token))

    def fail(self, retry_after_s: float = 0.0) -> None:
        self._do(self.session.failed("no route", self.now_s, retry_after_s))

    def request(self, message: messages.ClientMessage, timeout_s: float = 20.0) -> None:
        self._do(self.session.request(message, self.now_s, timeout_s))

    def reserve(self, name: str = "r1", sku: str = "MUG", qty: int = 1, timeout_s: float = 20.0) -> None:
        self.request(messages.Reserve(id=name, sku=sku, qty=qty), timeout_s)

    def close(self) -> None:
        self._do(self.session.close())

    def wait(self, seconds: float) -> None:
        """Let time pass, waking the session when it wants to be woken."""
        until = self.now_s + seconds
        while (wake_at_s := self.session.wake_at()) is not None and wake_at_s <= until:
            self.now_s = max(self.now_s, wake_at_s)
            self._do(self.session.tick(self.now_s))
        self.now_s = until
        self._do(self.session.tick(self.now_s))

    def wait_to_dial(self) -> float:
        """Until the next attempt to connect; returns how long it took."""
        began_s, dials = self.now_s, self.dials
        while self.dials == dials:
            wake_at_s = self.session.wake_at()
            assert wake_at_s is not None, "it will not connect again"
            self.now_s = max(self.now_s, wake_at_s)
            self._do(self.session.tick(self.now_s))
        return self.now_s - began_s

    # --- what came of it

    def last(self, kind: type[T]) -> T:
        return next(event for event in reversed(self.events) if isinstance(event, kind))

    def said(self, kind: type[T]) -> list[T]:
        return [message for message in self.sent if isinstance(message, kind)]

    def _do(self, actions: list[Action]) -> None:
        carry_out: dict[type, Callable[[Any], None]] = {
            Send: lambda action: self.sent.append(self._read(action.payload)),
            Emit: lambda action: self.events.append(action.event),
            Settle: lambda action: self.settled.update({action.id: action.result}),
            Hangup: self.hangups.append,
        }
        for action in actions:
            if isinstance(action, Dial):
                self.dials += 1
            else:
                carry_out[type(action)](action)

    def _read(self, payload: str | bytes) -> from_client.ClientMessage:
        data = payload.encode() if isinstance(payload, str) else payload
        return decode_client(data, ServerEncoding(self.session.encoding.value))
