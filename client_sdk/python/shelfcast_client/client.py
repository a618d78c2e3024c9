"""The asyncio client of a room."""

from __future__ import annotations

import asyncio
import ssl
import time
import uuid
from collections.abc import Mapping
from typing import cast

from shelfcast_client import messages as m
from shelfcast_client.codec import Encoding
from shelfcast_client.connection import ENTER_TIMEOUT_S, LiveConnection, Token, address_of
from shelfcast_client.dial import Address, socket_url
from shelfcast_client.errors import UsageError
from shelfcast_client.mirror import SkuState
from shelfcast_client.requests import SNOOZE_MINUTES, Result, Unanswered
from shelfcast_client.session import Policy, Session

REQUEST_TIMEOUT_S = 20.0


def connect(
    url: str,
    room: str,
    *,
    token: Token = None,
    encoding: str | Encoding = Encoding.MSGPACK,
    language: str | None = None,
    origin: str | None = None,
    ssl: ssl.SSLContext | None = None,
    enter_timeout_s: float | None = ENTER_TIMEOUT_S,
    ping_interval_s: float = 20.0,
    proxy: bool | str = True,
    policy: Policy | None = None,
) -> Room:
    """A room of the server at `url` (http, https, ws or wss), to be entered with `async with`.

    Entering waits for the first snapshot, at most `enter_timeout_s`; with None it does not wait at all.
    `encoding` is "msgpack" or "json"; `language` ("en", "zh") is that of answers to `ask`. `proxy` True takes the
    environment's (never to a server on this machine), False none, a URL that one. Raises UsageError.
    """
    address = address_of(
        socket_url(url, room, language),
        token=token,
        encoding=encoding,
        origin=origin,
        ssl=ssl,
        ping_interval_s=ping_interval_s,
        proxy=proxy,
    )
    session = Session(encoding=address.encoding, policy=policy or Policy())
    return Room(address, token, session, enter_timeout_s)


class Room(LiveConnection[Session]):
    """A live room. Made by `connect`; usable inside `async with`.

    Reconnects by itself until it is left or the server says not to come back; then every call raises `error`.
    Its methods belong to one event loop.
    """

    _what = "room"

    def __init__(self, address: Address, token: Token, session: Session, enter_timeout_s: float | None) -> None:
        super().__init__(address, token, session, enter_timeout_s)
        self.operator = Operator(self)

    # --- the room as it is known -----------------------------------------------------------------------

    @property
    def stock(self) -> Mapping[str, SkuState]:
        """SKU → its state, in the room's order. Read it as often as you like: it changes in place."""
        return self._session.mirror.stock

    @property
    def reservations(self) -> Mapping[str, m.Holding]:
        """This user's live reservations in this room, by id."""
        return self._session.mirror.reservations

    @property
    def waiting(self) -> Mapping[str, m.Place]:
        """This user's places on the waitlists of this room, by id; one leaves when it is offered something, or over."""
        return self._session.mirror.waiting

    @property
    def waitlist(self) -> bool:
        """Whether who was too late may wait here for what comes back."""
        return self._session.mirror.waitlist

    @property
    def title(self) -> str:
        """The room's title; empty where it has none."""
        return self._session.mirror.title

    @property
    def demonstration(self) -> bool:
        """Whether anybody may reserve here, and payment is for show."""
        return self._session.mirror.demonstration

    @property
    def status(self) -> m.RoomStatus | str:
        """Scheduled, live, paused or ended."""
        return self._session.mirror.status

    @property
    def spotlight(self) -> str | None:
        """The SKU the host shows now."""
        return self._session.mirror.spotlight

    @property
    def viewers(self) -> int:
        """How many viewers are connected."""
        return self._session.mirror.viewers

    @property
    def notice(self) -> m.StandingNotice | None:
        """The operator's notice, where there is one."""
        return self._session.mirror.notice

    @property
    def cues(self) -> Mapping[str, m.Cue]:
        """Backstage: the cues that nobody has acknowledged yet, by id, oldest first."""
        return self._session.mirror.cues

    @property
    def alerts(self) -> Mapping[str, m.Alert]:
        """Backstage: the alerts that stand, by id. One leaves when the server says that it is resolved."""
        return self._session.mirror.alerts

    @property
    def metrics(self) -> Mapping[str, m.MetricRow]:
        """Backstage: SKU → share left, pace, sold-out ETA, sell-through."""
        return self._session.mirror.metrics

    # --- asking for something ----------------------------------------------------------------------------

    async def reserve(
        self, sku: str, qty: int = 1, *, reservation_id: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.Reserved | m.Confirmed | m.Refused | Unanswered:
        """Hold units. The result is a value: `Reserved`, `Refused` with a code, or `Unanswered` after `timeout_s`
        (`Confirmed` where the id is of a reservation that is paid by now).

        The request outlives a lost connection: it is sent again with its id, and the server answers an id once.
        Pass the id of an `Unanswered` result, or of a `Refused` one whose `retry` is `same_id`, to learn what became of
        it: it may have been granted, and another id would hold a second time.
        """
        # An id that was given may be in the book: a room that is sold out is not to answer in the book's place.
        known = reservation_id is not None
        message = m.Reserve(id=reservation_id or uuid.uuid4().hex, sku=sku, qty=qty, again=known)
        return cast("m.Reserved | m.Confirmed | m.Refused | Unanswered", await self._ask(message, timeout_s))

    async def cancel(
        self, reservation_id: str, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.Cancelled | m.Refused | Unanswered:
        """Give a reservation back."""
        return cast("m.Cancelled | m.Refused | Unanswered", await self._ask(m.Cancel(id=reservation_id), timeout_s))

    async def wait(
        self, sku: str, qty: int = 1, *, wait_id: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.Waiting | m.Offer | m.Confirmed | m.Refused | Unanswered:
        """Wait for units that come free. The result is a value: `Waiting` with the place, `Offer` where there is
        something at once, `Refused` with a code, or `Unanswered` (`Confirmed` where what was offered is paid by now).

        When it is the user's turn, `qty` units or what there is are held for a while under the id of the wait: an
        `Offer` comes as an event and stands in `reservations`, as any other. A new place comes as `Waiting`, and where
        nothing is to be had any more, `WaitOver` says why. As with `reserve`, pass the id of an `Unanswered` result, or
        of a `Refused` one whose `retry` is `same_id`, to learn what became of it.
        """
        message = m.Wait(id=wait_id or uuid.uuid4().hex, sku=sku, qty=qty)
        answer = await self._ask(message, timeout_s)
        return cast("m.Waiting | m.Offer | m.Confirmed | m.Refused | Unanswered", answer)

    async def decline(
        self, wait_id: str, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> m.WaitOver | m.Cancelled | m.Refused | Unanswered:
        """Wait no more under this id (`WaitOver`), or give back what was offered under it (`Cancelled`): the next one
        gets it."""
        answer = await self._ask(m.Decline(id=wait_id), timeout_s)
        return cast("m.WaitOver | m.Cancelled | m.Refused | Unanswered", answer)

    async def ask(self, sku: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> m.Answer | m.Refused | Unanswered:
        """How many are left, as a line in the client's language."""
        message = m.Ask(id=uuid.uuid4().hex, sku=sku)
        return cast("m.Answer | m.Refused | Unanswered", await self._ask(message, timeout_s))

    async def _ask(self, message: m.ClientMessage, timeout_s: float) -> Result:
        self._require_entered()
        actions = self._session.request(message, time.monotonic(), timeout_s)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[message.id] = future
        self._perform(actions)
        return await future


class Operator:
    """What an operator (or, for spotlight, cues and alerts, a host) may ask for; answers `Done`, `Refused` or
    `Unanswered`.

    A cue or notice that is asked for again with its id is still one.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    async def cue(
        self,
        text: str,
        *,
        sku: str | None = None,
        cue_id: str | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> OperatorResult:
        """Ask the host something; it stands until somebody acknowledges it. The answer's `id` is the cue's."""
        return await self._send(m.SayCue(id=cue_id or uuid.uuid4().hex, text=text, sku=sku), timeout_s)

    async def acknowledge(self, cue_id: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Say, as host or operator, that a cue is noted."""
        return await self._send(m.Acknowledge(id=uuid.uuid4().hex, cue=cue_id), timeout_s)

    async def acknowledge_alert(
        self, alert_id: str, *, note: str = "", timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Say, as host or operator, that an alert is noted: it rings no more unless it becomes graver."""
        return await self._send(m.AcknowledgeAlert(id=uuid.uuid4().hex, alert=alert_id, note=note), timeout_s)

    async def snooze_alert(
        self, alert_id: str, minutes: int = SNOOZE_MINUTES, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Leave an alert aside for 1 to 30 minutes, as host or operator; then it rings again, if it still stands."""
        return await self._send(m.SnoozeAlert(id=uuid.uuid4().hex, alert=alert_id, minutes=minutes), timeout_s)

    async def notice(
        self, text: str, *, notice_id: str | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Tell everybody something, from now on; an empty text takes the last notice back."""
        return await self._send(m.SayNotice(id=notice_id or uuid.uuid4().hex, text=text), timeout_s)

    async def spotlight(self, sku: str | None, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Show this SKU, or none."""
        return await self._send(m.SetSpotlight(id=uuid.uuid4().hex, sku=sku), timeout_s)

    async def status(
        self, status: m.RoomStatus | str, *, continue_show: bool = False, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Start ("live"), pause, resume or end the show. With `continue_show` a show that has just ended goes on, where
        "live" would begin the next one."""
        if status not in list(m.RoomStatus):
            raise UsageError(f"status: expected one of {', '.join(m.RoomStatus)}, got {status!r}")
        message = m.SetStatus(id=uuid.uuid4().hex, status=m.RoomStatus(status), continue_show=continue_show)
        return await self._send(message, timeout_s)

    async def freeze(
        self, sku: str, frozen: bool = True, *, reason: str = "", timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Stop (or, with False, resume) the sales of a SKU in every room of the pool."""
        return await self._send(m.SetFreeze(id=uuid.uuid4().hex, sku=sku, frozen=frozen, reason=reason), timeout_s)

    async def freeze_room(
        self, frozen: bool = True, *, reason: str = "", timeout_s: float = REQUEST_TIMEOUT_S
    ) -> OperatorResult:
        """Stop (or, with False, resume) all sales in this room; whatever else is frozen stays so."""
        return await self._send(m.FreezeRoom(id=uuid.uuid4().hex, frozen=frozen, reason=reason), timeout_s)

    async def undo(self, action: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> OperatorResult:
        """Take back what was done in this room, all of it or nothing. `action` is the id that the answer to it had (a
        `Done`'s); the undo's own, which can be undone, too, is that behind "undo:"."""
        return await self._send(m.UndoAction(id=uuid.uuid4().hex, action=action), timeout_s)

    async def _send(self, message: m.ClientMessage, timeout_s: float) -> OperatorResult:
        return cast("OperatorResult", await self._room._ask(message, timeout_s))  # noqa: SLF001  one class in two parts


OperatorResult = m.Done | m.Refused | Unanswered
