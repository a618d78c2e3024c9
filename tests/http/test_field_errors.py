"""A field that has a pattern says in words what was expected, and shows nobody a regular expression."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
import pytest
from shelfcast.http.api import fields
from shelfcast.http.api.validation import explained
from shelfcast.protocol import fields as message_fields

KINDS = {
    f"{module.__name__}.{name}": (kind, meta.description)
    for module in (message_fields, fields)
    for name, kind in vars(module).items()
    for meta in getattr(kind, "__metadata__", ())
    if isinstance(meta, msgspec.Meta) and meta.pattern
}


def test_there_are_such_fields() -> None:
    assert {"shelfcast.http.api.fields.LimitWindow", "shelfcast.protocol.fields.Name"} <= KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_what_was_expected_is_said_in_words(name: str) -> None:
    kind: Any
    kind, description = KINDS[name]
    with pytest.raises(msgspec.ValidationError) as refused:
        # A control character that no text may have, also where it may have several lines.
        msgspec.convert({"field": "\x07"}, dict[str, kind])
    said = str(explained(refused.value))
    assert "regex" not in said
    assert said.startswith("Expected ")
    assert description


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Shade(msgspec.Struct):
    colour: Colour | None = None


class Palette(msgspec.Struct):
    main: Annotated[Colour, msgspec.Meta(description="the first")] | msgspec.UnsetType = msgspec.UNSET
    shades: list[Shade] = []
    names: dict[str, Colour] = {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"main": "green"}, "main"),
        ({"shades": [{"colour": "red"}, {"colour": "green"}]}, "shades[1].colour"),
        ({"names": {"sky": "green"}}, "names[...]"),
    ],
)
def test_a_word_that_is_none_of_those_that_may_stand_there_is_told_with_them(given: Any, field: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(given, Palette)
    said = explained(refused.value, Palette)
    assert (str(said), said.field) == ("Expected one of red, blue, got 'green'", field)
