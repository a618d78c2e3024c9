"""From msgspec's errors to errors for people: which field, and what was expected there."""

from __future__ import annotations

import re

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.http.api import fields
from shelfcast.protocol import messages

_DESCRIPTIONS = {
    repr(meta.pattern): meta.description
    for module in (messages, fields)
    for kind in vars(module).values()
    for meta in getattr(kind, "__metadata__", ())
    if isinstance(meta, msgspec.Meta) and meta.pattern
}
"""Of every kind of field that has a pattern: what it is, in words."""
_PATH = re.compile(r" - at (?:`key` in )?`(?:key in )?\$\.?(?P<path>.*)`$")
_NAMED_FIELD = re.compile(r"(?:required|unknown) field `(?P<name>[^`]*)`")
_REGEX = re.compile(r"Expected `str` matching regex (?P<pattern>'.*')", re.DOTALL)


def explained(error: msgspec.DecodeError | msgspec.ValidationError | ValueError) -> InvalidInput:
    """The error with its field's path (`skus[3].price_minor`), and a description in place of a regular expression."""
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
    return InvalidInput(text, field=path)
