"""What a number shows in a format, as spreadsheets print it; and the formats that are not read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from shelfcast.sheets.number_formats import shown


@pytest.mark.parametrize(
    ("value", "code", "text", "number"),
    [
        ("17", "000000", "000017", "17"),
        ("1.50", "General", "1.5", "1.5"),
        ("5", 'General" pcs"', "5 pcs", "5"),
        ("2.5", "0", "3", "3"),
        ("0.5", "0 %", "50 %", "50"),
        ("12000", "0,", "12", "12"),
        ("5", ",0", ",5", "5"),
        ("1234567.5", "#,##0.00", "1,234,567.50", "1234567.50"),
        ("12.5", ".0", "12.5", "12.5"),
        ("12.5", '"EUR ".00', "EUR 12.50", "12.50"),
        ("0.5", ".00", ".50", "0.50"),
        ("-5", "0", "-5", "-5"),
        ("-5", "0;(0)", "(5)", "-5"),
        ("0", '0;-0;"none"', "none", "0"),
        ("-1.25", '0.00" €"', "-1.25 €", "-1.25"),
    ],
)
def test_a_number_shows_as_its_format_says(value: str, code: str, text: str, number: str) -> None:
    found = shown(Decimal(value), code)
    assert found is not None
    assert (found.text, found.number) == (text, Decimal(number))


def test_a_text_in_a_number_s_place_is_no_number() -> None:
    found = shown(Decimal(5), '"sold out"')
    assert found is not None
    assert (found.text, found.number) == ("sold out", None)


@pytest.mark.parametrize("code", ["[DBNum1]0", "General0", '"open', "0" * 1_000, "0.00E+00", "# ?/?", "[>5]0"])
def test_other_formats_are_not_read(code: str) -> None:
    assert shown(Decimal(5), code) is None
