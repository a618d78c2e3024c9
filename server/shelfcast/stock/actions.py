"""Actions: every write of an operator, with who did it, its effect in units, and whether it can be undone.

The book records them (stock/library/actions.lua) and undoes them (undo.lua).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shelfcast.stock.outcomes import Outcome

UNDO = "undo:"


class By(Struct, array_like=True, frozen=True):
    """Whose write it is: the id of its action, who asked, and in which room ("" where in none).

    `bulk` is the kind of the bulk write that it is a row of: all rows are one action.
    """

    id: str
    actor: str
    room: str = ""
    bulk: str = ""


class Effect(Struct, array_like=True, frozen=True):
    """`qty` units of `sku` went from `source` to `target`."""

    sku: str
    qty: int
    source: str
    target: str


class Action(Struct, frozen=True, kw_only=True):
    """One action. `n` is the number of its event, and orders them; `room` is empty where it is the whole pool's.

    `effect` are the units that it moved, at most 200 rows of them; `rows` how many rows there were, or how many a bulk
    write has written. `what` and `fields` are of a definition, `what` also of a freeze of anything but a SKU; `text` is
    the reason given or what was said. `why` says why nothing undoes it (`merchant.actions` has the words). `undoes` is
    the action that this one took back, `undone_by` the one that took this back.
    """

    id: str
    n: int
    at_ms: int
    actor: str
    kind: str
    room: str
    subject: str
    effect: list[Effect]
    rows: int
    what: str = ""
    fields: list[str] = []
    text: str = ""
    why: str = ""
    freezes: bool = False
    """An undo is a freeze."""
    undoes: str = ""
    undone_by: str = ""


class ShownAction(Struct, array_like=True, frozen=True):
    """An action, and what an undo of it would be refused with now; False where it would not be, or was made already."""

    action: Action
    refusal: Outcome | Literal[False]


def undo_id(action: str) -> str:
    """The id of the one undo of an action."""
    return UNDO + action
