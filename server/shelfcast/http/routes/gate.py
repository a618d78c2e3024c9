"""What writes of a room say to its gate: why a show may begin though the checklist fails, and who may open it."""

from __future__ import annotations

from typing import Protocol

from msgspec import UNSET, UnsetType

from shelfcast.http.api.access import authorize
from shelfcast.http.api.call import Call
from shelfcast.http.api.definitions import given
from shelfcast.http.api.fields import check_seen
from shelfcast.http.api.outcomes import shut
from shelfcast.merchant.gate import check_live, stricter
from shelfcast.protocol.access import Act, Right
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import Gate, RoomConfig


class Overriding(Protocol):
    """A body that may say why a show may begin."""

    @property
    def override(self) -> str | UnsetType:
        """The reason, where there is one."""


def right_of(body: Overriding) -> Right:
    """To go on air though the checklist fails is for people."""
    return Right.KEEP if body.override is UNSET else Right.SIGN


def override_of(body: Overriding) -> str:
    """The reason; empty where there is none. Raises InvalidInput for one that shows nothing."""
    if body.override is UNSET:
        return ""
    check_seen(body.override, "override")
    return body.override


def check_loosened(call: Call, pool: str, config: RoomConfig | None) -> None:
    """Refuse a gate that lets more through than before to programs: else one would open it and go on air. Raises
    ApiError (403)."""
    gate = call.body.gate
    if config is None or gate is UNSET:
        return
    wanted = gate or Gate.OFF
    if stricter(wanted, config.gate) is not wanted:
        authorize(call.principal, Act(Right.SIGN), pool=pool, room=call.path["room"])


async def check_new(call: Call, book: StockBook) -> None:
    """Refuse a new room that would be live at once and does not pass its own gate, before its name is claimed: a claim
    is for good. Raises ApiError (409)."""
    body = call.body
    if body.status is RoomStatus.LIVE:
        verdict = await check_live(book, call.path["room"], given(body), override=override_of(body))
        if verdict is not None and not verdict.opens:
            raise shut(verdict)
