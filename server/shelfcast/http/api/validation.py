"""From msgspec's errors to errors for people: which field, and what was expected there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from shelfcast.errors import InvalidInput
from shelfcast.http.api import fields
from shelfcast.protocol import fields as message_fields

_DESCRIPTIONS = {
    repr(meta.pattern): meta.description
    for module in (message_fields, fields)
    for kind in vars(module).values()
    for meta in getattr(kind, "__metadata__", ())
    if isinstance(meta, msgspec.Meta) and meta.pattern
}
"""Of every kind of field that has a pattern: what it is, in words."""
_PATH = re.compile(r" - at (?:`key` in )?`(?:key in )?\$\.?(?P<path>.*)`$")
_NAMED_FIELD = re.compile(r"(?:required|unknown) field `(?P<name>[^`]*)`")
_REGEX = re.compile(r"Expected `str` matching regex (?P<pattern>'.*')", re.DOTALL)
_STEP = re.compile(r"\[[^\]]*\]|[^.\[]+")


def explained(
    error: msgspec.DecodeError | msgspec.ValidationError | ValueError, kind: type | None = None
) -> InvalidInput:
    """The error with its field's path (`skus[3].price_minor`), and a description in place of a regular expression. With
    the `kind` that was expected, a word that is none of an enumeration's is told with those that are."""
    text = str(error)
    place = _PATH.search(text)
    path = place["path"] if place else ""
    text = text[: place.start()] if place else text
    named = _NAMED_FIELD.search(text)
    if named:
        path = f"{path}.{named['name']}" if path else named["name"]
    regex = _REGEX.fullmatch(text)
    if regex and regex["pattern"] in _DESCRIPTIONS:
        text = f"Expected {_DESCRIPTIONS[regex['pattern']]}"
    elif kind is not None and text.startswith("Invalid enum value"):
        found = text.removeprefix("Invalid enum value ")
        choices = dict.fromkeys(str(member.value) for member in _members(inspect.type_info(kind), _STEP.findall(path)))
        text = f"Expected one of {', '.join(filter(None, choices))}, got {found}"
    return InvalidInput(text, field=path)


def _members(kind: inspect.Type, path: list[str]) -> Iterator[Any]:
    """The members of the enumerations that stand at a path of a type."""
    match kind:
        case inspect.Metadata(type=inner):
            yield from _members(inner, path)
        case inspect.UnionType(types=several):
            for one in several:
                yield from _members(one, path)
        case inspect.EnumType(cls=enumeration) if not path:
            yield from enumeration
        case inspect.StructType(fields=fields_of) if path:
            for field in fields_of:
                if field.encode_name == path[0]:
                    yield from _members(field.type, path[1:])
        case inspect.ListType(item_type=item) | inspect.DictType(value_type=item) if path:
            yield from _members(item, path[1:])
        case _:
            pass
