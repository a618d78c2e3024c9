"""A price is written on the pages with the digits that the shop's file is read with."""

from __future__ import annotations

import json
from pathlib import Path

from shelfcast.sheets.values import CURRENCY_DIGITS

PAGES = Path(__file__).parents[2] / "server" / "web" / "src" / "shared" / "currencies.json"


def test_the_pages_and_the_server_count_the_same_digits_of_a_currency():
    assert json.loads(PAGES.read_text(encoding="utf-8")) == CURRENCY_DIGITS
