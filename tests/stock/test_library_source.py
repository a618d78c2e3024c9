"""The library's source: one chunk of Lua, whose top level holds 200 locals and no more."""

from __future__ import annotations

import re

from shelfcast.stock.library import LIBRARY

TOP_LEVEL_LOCALS_MAX = 150
"""Lua's own bound is 200. Whoever comes here makes a table of a file's functions first."""


def test_the_top_level_has_room_for_more() -> None:
    top = re.sub(r"^do -- (\w+)\n.*?\nend -- \1$", "", LIBRARY.code, flags=re.MULTILINE | re.DOTALL)
    named = re.findall(r"^local (?:function (\w+)|([\w, ]+))", top, flags=re.MULTILINE)
    count = sum(len((function or names).split(",")) for function, names in named)
    assert 50 < count < TOP_LEVEL_LOCALS_MAX
