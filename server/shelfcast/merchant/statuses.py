"""Why a room does not take a status, or another channel, now: in sentences for people."""

from __future__ import annotations

from collections.abc import Mapping

from shelfcast.protocol.codes import Code
from shelfcast.stock.outcomes import Outcome

_CANNOT_CONTINUE: Mapping[str, str] = {
    "status": "only a room that has ended and becomes live again can continue its show",
    "none": "the room has no show that could continue",
    "channel": "the room sells through another channel now: that takes a new show",
}


def why_refused(outcome: Outcome) -> str:
    """Why a room's show does not allow a write of the room, in a sentence; empty where that is not what was refused."""
    if outcome.code is not Code.BAD_MESSAGE or not isinstance(outcome.data, list):
        return ""
    if outcome.field == "status":
        before, wanted, allowed = outcome.data
        names = " or ".join(allowed)
        if not before:
            return f"a room that is new may be {names}, not {wanted}"
        return f"a room that is {before} may become {names}, not {wanted}"
    if outcome.field == "channel":
        return f"the channel of a room is fixed while its show is {outcome.data[0]}"
    if outcome.field == "continue_show":
        why, most_ms = outcome.data
        late = f"a show can go on within {most_ms / 60_000:g} minutes of its end, and that is over"
        return _CANNOT_CONTINUE.get(why, late)
    return ""
