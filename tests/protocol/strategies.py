"""Hypothesis strategies made from the message structs themselves, so that a new field is tested without a new line."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec import inspect as mi

WIRE_INT_MAX = 2**53 - 1

# What UTF-8 can carry: everything but lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def messages(union: Any) -> st.SearchStrategy[Any]:
    """Any message of a union of structs, valid by their own definitions."""
    return st.one_of([struct(kind) for kind in get_args(union)])


def struct(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any valid value of one struct."""
    info = mi.type_info(kind)
    assert isinstance(info, mi.StructType)
    return st.builds(kind, **{field.name: value(field.type) for field in info.fields})


def value(info: mi.Type) -> st.SearchStrategy[Any]:
    match info:
        case mi.Metadata(type=inner):
            return value(inner)
        case mi.UnionType(types=inner):
            return st.one_of([value(each) for each in inner])
        case mi.ListType(item_type=item):
            return st.lists(value(item), max_size=4)
        case mi.TupleType(item_types=items):
            return st.tuples(*map(value, items))
        case mi.StructType(cls=kind):
            return struct(kind)
        case mi.EnumType(cls=kind):
            return st.sampled_from(kind)
        case _:
            return scalar(info)


def scalar(info: mi.Type) -> st.SearchStrategy[Any]:
    match info:
        case mi.StrType(pattern=str() as pattern):
            return st.from_regex(pattern.replace(r"(?!\n)", "").replace("$", r"\Z"), fullmatch=True).filter(_is_utf8)
        case mi.StrType(min_length=least, max_length=most):
            return TEXT.filter(lambda text: (least or 0) <= len(text) <= (most or 100))
        case mi.IntType(ge=least, le=most):
            return st.integers(-WIRE_INT_MAX if least is None else least, WIRE_INT_MAX if most is None else most)
        case mi.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case mi.BoolType():
            return st.booleans()
        case mi.NoneType():
            return st.none()
        case mi.CustomType(cls=kind) if kind is msgspec.UnsetType:
            return st.just(UNSET)
    raise AssertionError(f"no strategy for {info!r}")


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


# What a decoder of the wire format may hand to a validator.
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
