"""The role table, and the one function that says what a token reaches."""

from __future__ import annotations

from typing import get_args

import access_table
import pytest
from shelfcast.protocol.access import (
    OWN,
    ROLES,
    Act,
    Owner,
    Principal,
    Right,
    Role,
    Touches,
    missing,
    reaches,
    reaches_all,
    scope_of,
)
from shelfcast.protocol.from_client import ClientMessage, FreezeRoom, SetFreeze
from shelfcast.room.session import ACTS, act_of


def caller(role: Role, scope: dict[str, str]) -> Principal:
    return Principal(role=role, user="wang", pools=scope_of(scope.get("pool")), rooms=scope_of(scope.get("room")))


def test_the_table_of_the_docs_is_that_of_the_code() -> None:
    assert tuple(access_table.ROLES) == tuple(Role)
    assert {right: line.roles for right, line in access_table.LINES.items()} == dict(ROLES)
    assert {right: line.own for right, line in access_table.LINES.items() if line.own} == dict(OWN)
    assert set(ROLES) == set(Right)


def test_every_message_stands_in_the_table_with_its_right() -> None:
    said = {message: right for right, line in access_table.LINES.items() for message in line.messages}
    for kind in get_args(ClientMessage):
        if kind in (SetFreeze, FreezeRoom):
            for frozen in (True, False):
                sku = SetFreeze(id="a", sku="mug", frozen=frozen)
                message = sku if kind is SetFreeze else FreezeRoom(id="a", frozen=frozen)
                right = Right(said.pop(f"{kind.__struct_config__.tag} frozen {str(frozen).lower()}"))
                assert act_of(message) == Act(right, Touches.POOL if kind is SetFreeze else Touches.ROOM)
        else:
            assert ACTS[kind].right == said.pop(str(kind.__struct_config__.tag))
    assert said == {}


def test_an_operator_has_every_right_and_a_counter_those_of_what_it_counts() -> None:
    assert [right for right in Right if Role.OPERATOR not in ROLES[right]] == []
    assert {right for right in Right if Role.COUNTER in ROLES[right]} == {Right.COUNT, Right.TAKE_IN}


@pytest.mark.parametrize(
    ("scope", "owner", "reached"),
    [
        ({}, {"pool": "a"}, True),
        ({}, {"pool": "a", "room": "r"}, True),
        ({"pool": "a"}, {"pool": "a", "room": "r"}, True),
        ({"pool": "b"}, {"pool": "a", "room": "r"}, False),
        ({"room": "r"}, {"pool": "a", "room": "r"}, True),
        ({"room": "s"}, {"pool": "a", "room": "r"}, False),
        ({"room": "r", "pool": "b"}, {"pool": "a", "room": "r"}, False),
        ({"room": "r"}, {"pool": "a"}, False),
        ({"pool": "a"}, {"pool": "a"}, True),
        ({"pool": "b"}, {"pool": "a"}, False),
    ],
)
def test_an_object_is_reached_by_whose_it_is(scope: dict[str, str], owner: dict[str, str], reached: bool) -> None:
    operator = caller(Role.OPERATOR, scope)
    assert reaches(operator, Right.KEEP, Owner(**owner)) is reached
    assert not reaches(caller(Role.HOST, scope), Right.KEEP, Owner(**owner))


@pytest.mark.parametrize("scope", [{}, {"pool": "a"}, {"room": "r"}])
@pytest.mark.parametrize("role", list(Role))
def test_who_reaches_all_of_a_pool_reaches_each_object_of_it(role: Role, scope: dict[str, str]) -> None:
    wang = caller(role, scope)
    for right in Right:
        each = [Owner(pool="a"), Owner(pool="a", room="r", user="li"), Owner(pool="a", room="s", user="wang")]
        assert reaches_all(wang, right) == all(reaches(wang, right, owner) for owner in each)


def test_somebody_of_several_pools_and_rooms_reaches_each_of_them() -> None:
    wang = Principal(role=Role.OPERATOR, user="wang", pools=frozenset({"a", "b"}))
    assert [missing(wang, Act(Right.KEEP, Touches.POOL), pool=pool) for pool in ("a", "b", "c")] == ["", "", "pool"]
    zhao = Principal(role=Role.OPERATOR, user="zhao", rooms=frozenset({"r", "s"}))
    assert [missing(zhao, Act(Right.KEEP), pool="a", room=room) for room in ("r", "s", "t")] == ["", "", "room"]
    assert missing(zhao, Act(Right.KEEP, Touches.POOL), pool="a", room="r") == "room"
    nobody = Principal(role=Role.OPERATOR, user="li", pools=frozenset())
    assert missing(nobody, Act(Right.KEEP, Touches.POOL), pool="a") == "pool"


def test_what_a_token_lacks_is_named() -> None:
    viewer = Principal(role=Role.VIEWER, user="li", pools=scope_of("a"), rooms=scope_of("r"))
    assert missing(viewer, Act(Right.KEEP), pool="a", room="r") == "role"
    assert missing(viewer, Act(Right.HOLDINGS), pool="b", room="r") == "pool"
    assert missing(viewer, Act(Right.HOLDINGS), pool="a", room="s") == "room"
    assert missing(viewer, Act(Right.HOLDINGS, Touches.POOL), pool="a") == "room"
    assert missing(viewer, Act(Right.HOLDINGS), pool="a", room="r", user="zhao") == "user"
    assert missing(viewer, Act(Right.HOLDINGS), pool="a", room="r", user="li") == ""
    assert missing(viewer, Act(Right.HOLDINGS)) == ""
