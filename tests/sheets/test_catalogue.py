"""Catalogues as people write them: what is read, and what is said of a mistake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets import values
from shelfcast.sheets.catalogue import Catalogue, catalogue_of, date_choices, read_catalogue
from shelfcast.sheets.reading import read_sheet
from shelfcast.sheets.table import CATALOGUE_BOUNDS
from shelfcast.sheets.times import DateOrder
from shelfcast.sheets.values import price_minor
from shelfcast.stock import configuration

NO_TEXT = (
    "line 2 is not UTF-8, nor is the file Chinese (GB18030); save it as “CSV UTF-8” or as XLSX, or say what it is with "
    "--encoding"
)
HEADER = "sku,title,price,currency,opening\n"


def written(folder: Path, text: str, name: str = "catalogue.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def faults(folder: Path, rows: str, header: str = HEADER) -> list[str]:
    return [str(fault) for fault in read_catalogue(written(folder, header + rows)).faults]


def test_a_row_becomes_an_article_with_only_the_fields_it_gives(tmp_path):
    catalogue = read_catalogue(written(tmp_path, HEADER + "TEA-1,Jasmine tea,12.90,USD,30\nTEA-2,,,,\n"))
    tea, bare = catalogue.articles
    assert (tea.sku, tea.opening, tea.line) == ("TEA-1", 30, 2)
    assert tea.config == {"title": "Jasmine tea", "price_minor": 1290, "currency": "USD"}
    assert (bare.sku, bare.opening, bare.config, bare.listing) == ("TEA-2", 0, {}, {})
    assert catalogue.faults == []


def test_a_window_that_is_none_is_a_fault(tmp_path):
    catalogue = read_catalogue(written(tmp_path, "sku,limit_window\nTEA-1,31d\nTEA-2,ever\n"))
    assert [str(fault) for fault in catalogue.faults] == [
        "line 2, column limit_window: expected show, days such as 7d (1d to 30d) or ever, not '31d'"
    ]


def test_terms_of_the_room_are_kept_apart_from_the_catalogue(tmp_path):
    columns = "sku,limit_per_user,limit_per_order,last_n,limit_window"
    catalogue = read_catalogue(written(tmp_path, f"{columns}\nTEA-1,3,2,10,7D\n"))
    assert catalogue.articles[0].listing == {
        "limit_per_user": 3, "limit_per_order": 2, "last_n": 10, "limit_window": "7d"
    }  # fmt: skip
    assert catalogue.articles[0].config == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("TEA-1,,12;90,,", "line 2, column price: expected an amount such as 12.90, not '12;90'"),
        ('TEA-1,,"12,90",,', "line 2, column price: expected an amount such as 12.90, not '12,90'"),
        ("TEA-1,,-1,,", "line 2, column price: expected an amount of 0 or more, not '-1'"),
        ("TEA-1,,nan,,", "line 2, column price: expected an amount such as 12.90, not 'nan'"),
        ("TEA-1,,1.005,,", "line 2, column price: CNY has 2 digits after the point, not as many as 1.005"),
        ("TEA-1,,12.5,JPY,", "line 2, column price: JPY has 0 digits after the point, not as many as 12.5"),
        ("TEA-1,,1,yuan,", "line 2, column currency: expected a currency of three letters such as CNY, not 'yuan'"),
        ("TEA-1,,,,3.5", "line 2, column opening: expected a whole number, not '3.5'"),
        ("TEA-1,,,,-3", "line 2, column opening: expected 0 to 1,000,000, not -3"),
        ("TEA-1,,,,1000001", "line 2, column opening: expected 0 to 1,000,000, not 1000001"),
        (",Tea,1,,", "line 2, column sku: is empty"),
        ("TEA-1,Tea,1,CNY,3,surplus", "line 2, column after the last: a cell without a column: 'surplus'"),
        ("TEA-1,,,,1\nTEA-1,,,,2", "line 3, column sku: TEA-1 stands on line 2 already"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(tmp_path, row, said):
    assert faults(tmp_path, row + "\n") == [said]


def test_every_mistake_of_a_file_is_named_not_only_the_first(tmp_path):
    assert len(faults(tmp_path, "A,,x,,y\nB,,1,,1\n,,,,-1\n")) == 4


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    rows = 'A,"a title\nover two lines",1,,1\n\nB,,oops,,1\n'
    assert faults(tmp_path, rows) == [
        "line 2, column title: expected one line without control characters: it has U+000A",
        "line 5, column price: expected an amount such as 12.90, not 'oops'",
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_recognised(tmp_path, delimiter):
    file = written(tmp_path, (HEADER + "TEA-1,Tea,12.90,CNY,3\n").replace(",", delimiter))
    assert read_catalogue(file).articles[0].config["price_minor"] == 1290


def test_a_workbook_reads_like_its_csv(tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["sku", "title", "price", "opening"], [85123, "Lantern", 2.55, 40], [None] * 4, ["B", "b", "dear", 1]):
        sheet.append(row)
    workbook.save(tmp_path / "catalogue.xlsx")
    catalogue = read_catalogue(tmp_path / "catalogue.xlsx")
    assert [(article.sku, article.opening) for article in catalogue.articles] == [("85123", 40)]
    assert [str(fault) for fault in catalogue.faults] == [
        "line 4, column price: expected an amount such as 12.90, not 'dear'"
    ]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.csv", "the file is empty; its first line must name the columns"),
        (b"title,price\nTea,1\n", "a.csv", "line 1: no column sku; it has title, price"),
        (b"sku,opning\nA,1\n", "a.csv", "line 1: unknown column opning; was opening meant?"),
        (b"sku,Price\nA,1\n", "a.csv", "line 1: unknown column Price; was price meant?"),
        (b"sku,price,price\nA,1,2\n", "a.csv", "line 1: two columns are named price"),
        (
            b"sku,title\nA,Th\xe9\n",
            "a.csv",
            NO_TEXT,
        ),
        (b'sku,title\nA,"never closed\n', "a.csv", "line 2: unexpected end of data"),
        (b"sku,title\nA,b\n", "a.xlsx", "not an XLSX workbook"),
        (b"sku,title\nA,b\n", "a.csv.gz", "not a complete gzip file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, content, name, said):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_catalogue(file)
    assert str(refused.value) == f"{file}: {said}"


def test_columns_of_the_merchants_own_are_left_aside_and_named(tmp_path):
    catalogue = read_catalogue(written(tmp_path, "sku,supplier remarks\nA,slow\n"))
    assert (len(catalogue.articles), catalogue.ignored_columns) == (1, ["supplier remarks"])


def test_a_byte_order_mark_of_excel_is_no_part_of_the_first_column(tmp_path):
    assert read_catalogue(written(tmp_path, "\ufeffsku\nA\n")).articles[0].sku == "A"


def test_minor_units_follow_the_currency():
    assert [price_minor(Decimal(12), code) for code in ("CNY", "JPY", "KWD")] == [1200, 12, 12000]


CHINESE = "商品编码,品类,替代品,别名,库区,供应商,图片,链接号\n"


def test_chinese_files_say_what_stands_in_for_a_sku_and_how_it_is_called(tmp_path):
    row = 'MUG-1,茶具,MUG-2|MUG-3,"蓝杯、 大杯,big mug",A-12,景德镇三厂,/static/mug.svg,3\n'
    catalogue = read_catalogue(written(tmp_path, CHINESE + row))
    assert catalogue.faults == []
    assert catalogue.articles[0].config == {
        "category": "茶具",
        "substitutes": ["MUG-2", "MUG-3"],
        "aliases": ["蓝杯", "大杯", "big mug"],
        "zone": "A-12",
        "supplier": "景德镇三厂",
        "image_url": "/static/mug.svg",
    }
    assert catalogue.articles[0].listing == {"link": 3}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("a|b|c|d|e|f,,", "column substitutes: expected at most 5, not 6"),
        ("a|a,,", "column substitutes: 'a' stands here twice"),
        ("1.2E+12,,", "column substitutes: the spreadsheet made a number of it"),
        (f",{'x' * 65},", "column aliases: expected at most 64 characters, not 65"),
        (",blue、blue,", "column aliases: 'blue' stands here twice"),
        (",,0", "column link: expected 1 to 999, not 0"),
        (",,1000", "column link: expected 1 to 999, not 1000"),
        (",,7", "column link: 7 stands on line 2 already"),
    ],
)
def test_what_a_row_cannot_say_of_its_goods_is_a_fault(tmp_path, cells, said):
    header = "sku,substitutes,aliases,link\n"
    assert said in "; ".join(faults(tmp_path, f"MUG-1,,,7\nMUG-2,{cells}\n", header))


TIMES = "sku,opens_at,closes_at\n"


def timed(folder: Path, rows: str, dates: DateOrder | None = None) -> Catalogue:
    sheet = read_sheet(written(folder, TIMES + rows), CATALOGUE_BOUNDS)
    return catalogue_of(sheet, "c.csv", dates=dates, zone="Asia/Shanghai")


def test_a_sale_opens_by_the_clock_of_the_place_and_one_date_tells_the_order_of_all(tmp_path):
    found = timed(tmp_path, "A,3/4/2026 20:00,\nB,13/4/2026 8:00 PM,2026-04-13 22:00\nC,2026年4月3日 20:00,\n")
    opens = [article.listing["opens_at_ms"] for article in found.articles]
    assert opens == [1775217600000, 1776081600000, 1775217600000]
    assert found.articles[1].listing["closes_at_ms"] - opens[1] == 2 * 3_600_000
    assert found.notes == ["3/4/2026 20:00 is read as 2026-04-03 20:00; --dates says otherwise"]
    sheet = read_sheet(tmp_path / "catalogue.csv", CATALOGUE_BOUNDS)
    assert date_choices(sheet) == ["mdy", "dmy"]
    assert [str(fault) for fault in timed(tmp_path, "A,13/4/2026,\n", DateOrder.MONTH_FIRST).faults] == [
        "line 2, column opens_at: '13/4/2026' is no date with --dates mdy"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,2026-04-03 20:00,2026-04-03 20:00", "line 2, column closes_at: is not behind opens_at"),
        ("A,soon,", "line 2, column opens_at: expected a time such as 2011-12-05 08:38:00, not 'soon'"),
        (
            "A,1969-12-31 20:00,",
            "line 2, column opens_at: expected a time such as 2011-12-05 08:38:00, not '1969-12-31 20:00'",
        ),
        ("A,46115,", "line 2, column opens_at: expected a time such as 2011-12-05 08:38:00, not '46115'"),
    ],
)
def test_what_is_no_time_is_a_fault(tmp_path, row, said):
    assert [str(fault) for fault in timed(tmp_path, row + "\n").faults] == [said]


def test_the_bounds_of_a_sheet_are_those_of_the_book():
    for name in ("LINK_MAX", "SUBSTITUTES_MAX", "ALIASES_MAX", "ALIAS_MAX_CHARACTERS", "IMAGE_URL_MAX_CHARACTERS"):
        assert getattr(values, name) == getattr(configuration, name)
    assert values.ALIAS_SEPARATORS == configuration.ALIAS_SEPARATORS
