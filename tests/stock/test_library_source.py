"""The library's source: one chunk of Lua, whose top level holds 200 locals and no more."""

from __future__ import annotations

import re

from shelfcast.stock.changes import BAND_EDGES
from shelfcast.stock.library import LIBRARY

TOP_LEVEL_LOCALS_MAX = 150
"""Lua's own bound is 200. Whoever comes here makes a table of a file's functions first."""


def test_the_top_level_has_room_for_more() -> None:
    top = re.sub(r"^do -- (\w+)\n.*?\nend -- \1$", "", LIBRARY.code, flags=re.MULTILINE | re.DOTALL)
    named = re.findall(r"^local (?:function (\w+)|([\w, ]+))", top, flags=re.MULTILINE)
    count = sum(len((function or names).split(",")) for function, names in named)
    assert 50 < count < TOP_LEVEL_LOCALS_MAX


def test_what_is_called_of_a_table_is_defined() -> None:
    """Lua finds it out when it comes there, which may be once an evening."""
    code = re.sub(r"--[^\n]*", "", LIBRARY.code)
    code = re.sub(r"'[^'\n]*'", "''", code)
    tables = set(re.findall(r"^local (\w+) = \{", code, flags=re.MULTILINE))
    assert {"waiting", "settling", "drawing", "batches", "elastic"} <= tables
    defined = set(re.findall(r"^ *function (\w+)\.(\w+)\(", code, flags=re.MULTILINE))
    defined |= set(re.findall(r"^(\w+)\.(\w+) = ", code, flags=re.MULTILINE))
    called = set(re.findall(r"(?<![\w.:])(\w+)\.(\w+)\(", code))
    missing = {f"{table}.{name}" for table, name in called if table in tables and (table, name) not in defined}
    assert missing == set()


def test_the_bands_of_the_waitlist_are_the_same_on_both_sides() -> None:
    """The book says them when it answers, a room works them out when they change."""
    found = re.search(r"^waiting\.bands = \{([\d, ]+)\}", LIBRARY.code, flags=re.MULTILINE)
    assert found
    assert tuple(map(int, found[1].split(","))) == BAND_EDGES
