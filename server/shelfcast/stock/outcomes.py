"""What the stock book answers to a call."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from shelfcast.protocol.codes import Code


class Outcome(Struct, array_like=True, frozen=True):
    """What became of one operation. `code` OK means done (or done before, by the same id and body).

    `seq` is the pool's sequence after it; `state` the reservation's `ReservationState`, or empty; `available`
    what the room could still sell when it was refused; `retry_at_ms` when a refusal for time ends; `field` the
    part that conflicts or is wrong; `left` the units of the reservation still held or sold; `data` what else an
    operation reports (see the Lua files); `action` the id of the action that an operator's write made, and whether
    something undoes it. `gate` is what a room's checklist has said of a write that begins a show
    (`merchant.gate.Verdict`), None where nobody looked: the engine never says it.
    """

    code: Code
    seq: int = 0
    sku: str = ""
    qty: int = 0
    state: str = ""
    expires_at_ms: int = 0
    available: int = -1
    retry_at_ms: int = 0
    field: str = ""
    left: int = 0
    data: Any = None
    action: tuple[str, bool] | None = None
    gate: Any = None

    @property
    def action_id(self) -> str:
        """The id of the action that this was; empty where it was none."""
        return self.action[0] if self.action else ""

    @property
    def undoable(self) -> bool:
        """Whether it was an action that something undoes."""
        return bool(self.action and self.action[1])


class Reply(Struct, array_like=True, frozen=True):
    """The answer to one call: outcomes in the order of its operations. `previous_seq` is the sequence before it."""

    epoch: int
    previous_seq: int
    seq: int
    at_ms: int
    outcomes: list[Outcome]
