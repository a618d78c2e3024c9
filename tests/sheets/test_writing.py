"""What is exported opens in a spreadsheet as it is meant, runs nothing, and is read back the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shelfcast.protocol.text import line_fault, normalized, sku_fault
from shelfcast.sheets.catalogue import catalogue_of
from shelfcast.sheets.goods import CATALOGUE, catalogue_row
from shelfcast.sheets.preview import Verdict, preview
from shelfcast.sheets.reading import read_content
from shelfcast.sheets.table import CATALOGUE_BOUNDS
from shelfcast.sheets.values import ALIAS_SEPARATORS, ALIASES_MAX, SUBSTITUTES_MAX
from shelfcast.sheets.workbooks import WorkbookFile
from shelfcast.sheets.writing import csv_header, csv_rows, csv_table_rows, neutral

BEGINS = st.sampled_from(["", "=", "+", "-", "@", "'", "-5", '="', "''", '"', "1.2E+12", "100000000000000", ";", ","])
# Without what no field takes in any case: it would be thrown away below.
SHOWN = st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
TEXT = st.builds(lambda begin, rest: normalized(begin + rest), BEGINS, st.text(SHOWN, max_size=12))
LINES = TEXT.filter(lambda text: not line_fault(text, 100))
CODES = TEXT.filter(lambda text: text != "" and not sku_fault(text))


NAMES = LINES.filter(lambda text: text and len(text) <= 64 and not set(text) & set(ALIAS_SEPARATORS))


def article(
    title="", price_minor=0, currency="CNY", barcode="", category="", elastic_release_at=None, safety_units=None, **more
):
    return {
        "substitutes": [],
        "aliases": [],
        "zone": "",
        "supplier": "",
        "image_url": "",
        **more,
        "title": title,
        "price_minor": price_minor,
        "currency": currency,
        "barcode": barcode,
        "category": category,
        "elastic_release_at": elastic_release_at,
        "safety_units": safety_units,
    }


ARTICLES = st.builds(
    article,
    title=LINES,
    price_minor=st.integers(0, 10**12),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
    barcode=CODES | st.just(""),
    category=LINES,
    elastic_release_at=st.integers(0, 1_000_000) | st.none(),
    safety_units=st.integers(0, 1_000_000) | st.none(),
    substitutes=st.lists(CODES, max_size=SUBSTITUTES_MAX, unique=True),
    aliases=st.lists(NAMES, max_size=ALIASES_MAX, unique=True),
    zone=LINES,
    supplier=LINES,
    image_url=st.sampled_from(["", "/static/mug.svg", "https://cdn.example/a.webp?w=1|2"]),
)


@given(st.dictionaries(CODES, ARTICLES, min_size=1, max_size=5))
@example({"=1+1": article(title="@SUM(A1)"), "1.2E+12": article(barcode="6900000000000000"), "'x": article(title="-x")})
@example({"a": article(substitutes=["a|b"]), "b": article(substitutes=["c|", "a | b", "||"])})
@example({"a": article(substitutes=["1.2E+12"]), "b": article(substitutes=["=1", "6900000000000000"])})
def test_what_is_exported_is_imported_as_the_same(articles):
    rows = [catalogue_row(sku, config) for sku, config in articles.items()]
    content = csv_header([column.key for column in CATALOGUE.columns])
    content += csv_table_rows(CATALOGUE.columns, rows, ZoneInfo("UTC"))
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / "export.xlsx"
        with WorkbookFile(workbook, zone=ZoneInfo("UTC"), made_at_ms=0) as book:
            book.sheet("catalogue", CATALOGUE.columns).write(rows)
        files = {"export.csv": content, "export.xlsx": workbook.read_bytes()}
    present = {sku: {**config, "buckets": {"pool": 1}} for sku, config in articles.items()}
    for name, content in files.items():
        catalogue = catalogue_of(read_content(content, name, CATALOGUE_BOUNDS), name)
        assert catalogue.faults == []
        assert [each.sku for each in catalogue.articles] == list(articles)
        assert {row.verdict for row in preview(catalogue, present)} == {Verdict.SAME}, name


@pytest.mark.parametrize("text", ["=1+1", "+1", "@a", "'a", "-a", "\ta", "--1", "-1-1"])
def test_text_that_would_run_does_not(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "-1", "-1.5", "1", " =", "é"])
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text


def test_a_file_has_the_mark_of_its_encoding_and_lines_as_spreadsheets_write_them():
    written = csv_header(["a", "b"]) + csv_rows([["杯", -5], ['"', None]])
    assert written == '\ufeffa,b\r\n杯,-5\r\n"""",\r\n'.encode()
