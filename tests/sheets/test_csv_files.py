"""CSV files as spreadsheets of the world save them: encodings, delimiters, and what they do to codes."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.catalogue import read_catalogue
from shelfcast.sheets.encodings import known_encoding

CHINESE = "sku,title,price,opening\nA-1,茶,12.90,100\nA-2,杯子（大）,49,50\n"


def read(folder: Path, content: bytes | str, name: str = "catalogue.csv", **how):
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_catalogue(file, **how)


def titles(catalogue) -> list[str]:
    return [article.config["title"] for article in catalogue.articles]


def faults(catalogue) -> list[str]:
    return [str(fault) for fault in catalogue.faults]


# --- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CHINESE.encode(), []),
        (codecs.BOM_UTF8 + CHINESE.encode(), []),
        (codecs.BOM_UTF16_LE + CHINESE.encode("utf-16-le"), []),
        (codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), []),
        (CHINESE.encode("utf-16-le"), ["read as UTF-16-LE, by its zero bytes; --encoding says otherwise"]),
        (CHINESE.encode("gb18030"),
            ["not UTF-8; read as GB18030, which makes it 茶杯子（大） …; --encoding says otherwise"]),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "utf-16 without mark", "gb18030"],
)  # fmt: skip
def test_a_chinese_file_is_read_and_a_guess_is_said(tmp_path, content, said):
    catalogue = read(tmp_path, content)
    assert titles(catalogue) == ["茶", "杯子（大）"]
    assert catalogue.notes == said


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Thé,Crème brûlée,Gruyère", "cp1252"),
        ("Äpfel,Größe,für Jäger", "latin-1"),
        ("お茶,抹茶ラテ,カップ", "shift_jis"),
        ("Чай зеленый,Кружка,Чайник", "cp1251"),
    ],
)
def test_what_is_not_chinese_is_not_taken_for_it(tmp_path, text, encoding):
    rows = "".join(f"A-{number},{title}\n" for number, title in enumerate(text.split(",")))
    with pytest.raises(InvalidInput, match="line 2 is not UTF-8, nor is the file Chinese"):
        read(tmp_path, ("sku,title\n" + rows).encode(encoding))
    catalogue = read(tmp_path, ("sku,title\n" + rows).encode(encoding), encoding=known_encoding(encoding))
    assert (titles(catalogue), catalogue.notes) == (text.split(","), [])


def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="line 2 is not UTF-8"):
        read(tmp_path, CHINESE.encode("gb18030"), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GBK", "gb18030"),
        ("utf8", "utf-8"),
        ("Windows-1252", "cp1252"),
        ("UTF-16", "utf-16"),
        ("base64", None),
        ("x", None),
    ],
)
def test_an_encoding_is_known_by_any_of_its_names(name, meant):
    assert known_encoding(name) == meant


# --- form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sep", ["sep=;\n", '"sep=;"\r\n', "SEP=;\r\n"])
def test_the_line_that_names_the_delimiter_is_none_of_the_table(tmp_path, sep):
    catalogue = read(tmp_path, sep + "sku;title;price\nA-1;a, b;oops\n")
    assert faults(catalogue) == ["line 3, column price: expected an amount such as 12.90, not 'oops'"]


def test_a_long_cell_of_a_column_that_is_left_aside_refuses_nothing(tmp_path):
    catalogue = read(tmp_path, "sku,description\nA-1," + "x" * 300_000 + "\n")
    assert [article.sku for article in catalogue.articles] == ["A-1"]


def test_a_long_cell_is_not_repeated_in_full(tmp_path):
    said = faults(read(tmp_path, "sku,price\nA-1," + "x" * 300_000 + "\n"))
    assert len(said[0]) < 200


def test_delimiters_inside_quotes_count_for_none(tmp_path):
    catalogue = read(tmp_path, '"sku";"remarks, a, b, c"\nA-1;x\n')
    assert [article.sku for article in catalogue.articles] == ["A-1"]


def test_lines_of_every_kind_end_a_row(tmp_path):
    for end in ("\n", "\r\n", "\r"):
        assert len(read(tmp_path, end.join(["sku,title", "A-1,a", "A-2,b", ""])).articles) == 2


def test_empty_columns_behind_the_last_are_none(tmp_path):
    assert read(tmp_path, "sku,title" + "," * 90 + "\nA-1,a" + "," * 90 + "\n").faults == []


def test_a_gzip_file_of_several_parts_is_read_whole_and_within_bounds(tmp_path):
    parts = gzip.compress(b"sku\nA-1\n") + gzip.compress(b"A-2\n")
    assert len(read(tmp_path, parts, "catalogue.csv.gz").articles) == 2
    with pytest.raises(InvalidInput, match="unpacked larger than 100 MB, the most that is read"):
        read(tmp_path, gzip.compress(bytes(101 << 20), compresslevel=1), "catalogue.csv.gz")
    with pytest.raises(InvalidInput, match="not a complete gzip file"):
        read(tmp_path, parts[:-3], "catalogue.csv.gz")


# --- codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sku"),
    [
        ('="00123"', "00123"),
        ('"=""00123"""', "00123"),
        ('="6901234567890120"', "6901234567890120"),
        ("'=A1", "=A1"),
        ("'-5", "-5"),
        ("'90s", "'90s"),
        ("000017", "000017"),
        ("1E10", "1E10"),
        ("6901234567890123", "6901234567890123"),
        ("2026-03-01", "2026-03-01"),
    ],
)
def test_a_code_is_read_as_it_was_meant(tmp_path, written, sku):
    catalogue = read(tmp_path, f"sku,title\n{written},Tea\n")
    assert [article.sku for article in catalogue.articles] == [sku], faults(catalogue)


@pytest.mark.parametrize("column", ["sku", "barcode"])
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("6.90123E+12", "the spreadsheet made a number of it, 6.90123E+12, and its digits are lost"),
        ("1E+12", "the spreadsheet made a number of it, 1E+12, and its digits are lost"),
        ('"6,90123E+12"', "the spreadsheet made a number of it, 6,90123E+12, and its digits are lost"),
        ("6901234567890120", "'6901234567890120' ends in 0 behind 15 digits, as a number does whose last digits"),
        ("=A1&B1", "'=A1&B1' is a formula; write its result"),
    ],
)
def test_a_code_that_the_spreadsheet_rewrote_is_a_fault(tmp_path, written, said, column):
    row = f"{written},x" if column == "sku" else f"A-1,{written}"
    assert faults(read(tmp_path, f"sku,barcode\n{row}\n"))[0].startswith(f"line 2, column {column}: {said}")


@pytest.mark.parametrize("written", ["1_000", "1E2", "0x10", "1,000", "١٢", "", "12."])
def test_an_amount_is_digits_and_a_point(tmp_path, written):
    catalogue = read(tmp_path, f'sku,price\nA-1,"{written}"\n')
    if written in ("", "12."):
        assert catalogue.faults == []
    else:
        assert faults(catalogue) == [f"line 2, column price: expected an amount such as 12.90, not {written!r}"]


# --- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["龙井\u3000明前", "Thé\u00a0: Earl Grey", "Family 👨‍👩‍👧 set", "می‌خواهم", "soft\u00adhyphen", "\u200fעברית", "❤️"],
)
def test_a_title_may_have_what_people_write(tmp_path, title):
    assert titles(read(tmp_path, f"sku,title\nA-1,{title}\n")) == [title]


@pytest.mark.parametrize("title", ["a\x07b", "a\x85b", "a\u2028b", "a\u202eb", "\u200b"])
def test_a_title_has_nothing_that_commands_a_screen(tmp_path, title):
    assert faults(read(tmp_path, f"sku,title\nA-1,{title}\n"))[0].startswith("line 2, column title: expected ")


@pytest.mark.parametrize(
    "sku", ["A\u200b-1", "A-1\u200d", "\u202aA-1", "A\u00ad-1", "A\u00a0-1", "A\ufe0f-1", "A\u3164-1"]
)
def test_a_sku_that_only_looks_like_another_is_a_fault(tmp_path, sku):
    said = faults(read(tmp_path, f"sku\n{sku}\n"))
    assert said[0].startswith("line 2, column sku: expected a code without characters that cannot be seen: it has U+")


def test_a_sku_in_another_normal_form_is_the_same_sku(tmp_path):
    catalogue = read(tmp_path, "sku\nCafe\u0301\nCaf\u00e9\n")
    assert [article.sku for article in catalogue.articles] == ["Caf\u00e9"]
    assert faults(catalogue) == ["line 3, column sku: Caf\u00e9 stands on line 2 already"]


# --- columns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stock", "Quantity", "qty", "opening stock", "units_on_hand", "库存", "库存数量"])
def test_a_column_that_may_be_the_opening_stock_is_asked_for(tmp_path, name):
    with pytest.raises(InvalidInput) as asked:
        read(tmp_path, f"sku,{name}\nA-1,7\n")
    assert f"line 1: is column {name} the opening stock? There is no column opening." in str(asked.value)
    assert [article.opening for article in read(tmp_path, f"sku,{name}\nA-1,7\n", opening=name).articles] == [7]
    none = read(tmp_path, f"sku,{name}\nA-1,7\n", opening="none")
    assert ([article.opening for article in none.articles], none.ignored_columns) == ([0], [name])


def test_beside_opening_another_stock_is_left_aside(tmp_path):
    catalogue = read(tmp_path, "sku,opening,stock\nA-1,7,9\n")
    assert (catalogue.articles[0].opening, catalogue.ignored_columns) == (7, ["stock"])


def test_a_named_column_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="line 1: no column 'stock', which --opening names; it has sku, qty"):
        read(tmp_path, "sku,qty\nA-1,7\n", opening="stock")


def test_chinese_names_of_columns_are_known(tmp_path):
    catalogue = read(tmp_path, "商品编码,商品名称,价格,期初库存\nA-1,茶,贵,7\nA-2,杯,5,8\n")
    assert [(article.sku, article.config, article.opening) for article in catalogue.articles] == [
        ("A-2", {"title": "杯", "price_minor": 500}, 8)
    ]
    assert faults(catalogue) == ["line 2, column 价格: expected an amount such as 12.90, not '贵'"]
    with pytest.raises(InvalidInput, match="line 1: two columns are sku: sku and 货号"):
        read(tmp_path, "sku,货号\nA-1,A-1\n")
