"""The book allows what docs/rules.md says, and nothing else."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import shelfcast.stock.library
from documented import marked_rows, names
from shelfcast.protocol.codes import Code
from shelfcast.protocol.states import RoomStatus
from shelfcast.stock.configuration import BatchConfig, What
from shelfcast.stock.operations import Move, MoveKind, put
from shelfcast.stock.show import FIRST_STATUSES, NEXT_STATUSES
from shop import Shop

PLACES = ("supplier", "pool", "safety", "elastic", "unsellable", "batch:", "channel:", "held:", "sold:", "shipped",
          "returned", "written_off", "count_gain", "count_loss", "external_oversold:", "presale",
          "outside")  # fmt: skip
NAMED = {"batch:": "batch:late", "channel:": "channel:live", "held:": "held:live", "sold:": "sold:live",
         "external_oversold:": "external_oversold:douyin"}  # fmt: skip


@pytest.mark.parametrize("kind", MoveKind)
async def test_each_kind_of_move_joins_the_places_that_the_document_names(shop: Shop, kind: MoveKind) -> None:
    """Of an empty place a move is INSUFFICIENT where it is one; elsewhere it is BAD_MESSAGE."""
    await shop.ok(put(What.BATCH, "late", BatchConfig()))
    documented = {
        (source, target)
        for name, sources, targets in marked_rows("Moves", 3)
        if name == kind
        for source, target in product(names(sources), names(targets))
    }
    allowed = set()
    for source, target in product(PLACES, PLACES):
        op = Move(f"{source} {target}", kind, "mug", 1, NAMED.get(source, source), NAMED.get(target, target))
        outcome = await shop.book.apply(op)
        assert outcome.code in (Code.OK, Code.INSUFFICIENT, Code.BAD_MESSAGE), (source, target)
        if outcome.code is not Code.BAD_MESSAGE:
            allowed.add((source, target))
    assert allowed == documented


def test_a_reservation_goes_from_state_to_state_as_the_document_says() -> None:
    lua = (Path(shelfcast.stock.library.__file__).parent / "records.lua").read_text(encoding="utf-8")
    table = re.search(r"local TRANSITIONS = \{\n(.*?)\n\}", lua, re.DOTALL)
    assert table
    there = {
        state: set(re.findall(r"(\w+) = true", following))
        for state, following in re.findall(r"^  (\w+) = \{([^}]*)\}", table[1], re.MULTILINE)
    }
    assert there == {state: set(names(following)) for state, following in marked_rows("A reservation's states", 2)}


async def test_a_room_goes_from_status_to_status_as_the_document_says(shop: Shop) -> None:
    documented = {status: set(names(following)) for status, following in marked_rows("Shows", 2)}
    assert documented == {status: set(following) for status, following in NEXT_STATUSES.items()}
    for status in RoomStatus:
        room = await shop.room_that_is(status)
        allowed = set()
        for wanted in set(RoomStatus) - {status}:
            outcome = await shop.book.apply(put(What.ROOM, room, {"status": wanted}))
            if outcome.code is not Code.OK:
                assert (outcome.code, outcome.field) == (Code.BAD_MESSAGE, "status")
                assert outcome.data == [status, wanted, list(NEXT_STATUSES[status])]
                continue
            allowed.add(wanted)
            room = await shop.room_that_is(status, fresh=wanted)
        assert allowed == documented[status]
    for wanted in RoomStatus:
        made = await shop.book.apply(put(What.ROOM, f"new-{wanted}", {"channel": "live", "status": wanted}))
        assert (made.code is Code.OK) == (wanted in FIRST_STATUSES), made
