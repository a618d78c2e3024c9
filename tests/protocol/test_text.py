"""What names and lines may be made of, and what is said of those that may not."""

from __future__ import annotations

import pytest
from shelfcast.protocol.text import is_blank, line_fault, sku_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("MUG-1", ""),
        ("茶杯", ""),
        ("a" * 128, ""),
        ("a" * 129, "expected a SKU"),
        (" mug", "expected a SKU"),
        ("mu\u200bg", "cannot be seen: it has U+200B (Zero width space)"),
        ("cafe\u0301", "composed form (NFC)"),
    ],
)
def test_a_sku(text: str, fault: str) -> None:
    assert fault in sku_fault(text)
    assert bool(sku_fault(text)) == bool(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A mug", ""),
        ("👩‍👩‍👧 و \u200fكوب", ""),
        ("", ""),
        ("x" * 21, "expected at most 20 characters, not 21"),
        ("two\nlines", "without control characters: it has U+000A"),
        ("half \ud800", "without control characters: it has U+D800"),
        ("\u200b\u200b", "expected text that can be seen, not U+200B (Zero width space) alone"),
    ],
)
def test_a_line(text: str, fault: str) -> None:
    assert fault in line_fault(text, 20)
    assert bool(line_fault(text, 20)) == bool(fault)


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), (" ", True), ("\u200b \u2800", True), (" a", False), ("茶", False), ("👧", False)]
)
def test_what_shows_nothing(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
