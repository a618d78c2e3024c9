"""Workbooks as programs and people make them: a cell is read as the person saw it, or it is a fault that says why."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from shelfcast.errors import InvalidInput
from shelfcast.sheets.catalogue import read_catalogue
from workbooks import MAIN, Page, article, header, number, row, table, text, typed, write

NOT_CALCULATED = "a formula without its result; open the file in a spreadsheet program, save it there, and take that"
ANEW = "format the column as text and type the code anew"


def read(folder: Path, *pages: Page, **parts):
    return read_catalogue(write(folder / "catalogue.xlsx", *pages, **parts))


def stock(catalogue) -> list[tuple[str, int | None, int]]:
    return [(row.sku, row.config.get("price_minor"), row.opening) for row in catalogue.articles]


def faults(catalogue) -> list[str]:
    return [str(fault) for fault in catalogue.faults]


# --- size ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", ["A1", "A1:B2", "A1:D2", "A1:XFD1048576", "B7:C9"])
def test_what_a_sheet_says_of_its_size_counts_for_nothing(tmp_path, dimension):
    rows = header() + article() + article(text("A-2"), opening=number("50"))
    assert stock(read(tmp_path, Page(rows, dimension=dimension))) == [("A-1", 1290, 100), ("A-2", 1290, 50)]


def test_formatted_cells_without_a_value_are_none_however_far_out(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    wide = row('<c r="A3" s="0"/>', '<c r="XFD3" s="0"/>', line=3)
    file = write(tmp_path / "far.xlsx", table(article(), wide, far))
    tracemalloc.start()
    try:
        catalogue = read_catalogue(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stock(catalogue) == [("A-1", 1290, 100)]
    assert catalogue.faults == []
    assert most < 5_000_000


def test_empty_rows_cost_no_memory(tmp_path):
    empty = "".join(f'<row r="{line}" spans="1:4" s="0"/>' for line in range(3, 60_003))
    file = write(tmp_path / "long.xlsx", table(article(), empty, row(text("A-9"), line=60_003)))
    tracemalloc.start()
    try:
        catalogue = read_catalogue(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [found.line for found in catalogue.articles] == [2, 60_003]
    assert most < 5_000_000


# --- formulas -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["<c><f>10*10</f><v/></c>", "<c><f>10*10</f></c>", '<c t="str"><f>A1</f></c>'])
def test_a_formula_without_its_result_is_a_fault_and_never_nothing(tmp_path, cell):
    catalogue = read(tmp_path, table(article(opening=cell), article(text("A-2"), price=cell)))
    assert catalogue.articles == []
    assert faults(catalogue) == [f"line 2, column opening: {NOT_CALCULATED}", f"line 3, column price: {NOT_CALCULATED}"]


def test_a_formulas_result_is_read_empty_text_too(tmp_path):
    price, opening = "<c><f>6*2</f><v>12</v></c>", '<c t="str"><f>IF(A2="","",1)</f><v></v></c>'
    assert stock(read(tmp_path, table(article(price=price, opening=opening)))) == [("A-1", 1200, 0)]


def test_a_result_of_0_that_nobody_calculated_is_a_fault(tmp_path):
    cell = "<c><f>10*10</f><v>0</v></c>"
    asking = read(tmp_path, table(article(opening=cell)), workbook='<calcPr fullCalcOnLoad="1"/>')
    assert faults(asking) == [f"line 2, column opening: {NOT_CALCULATED}"]
    assert stock(read(tmp_path, table(article(opening=cell)))) == [("A-1", 1290, 0)]


# --- cells of other kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (typed("e", "#REF!"), "the sheet shows #REF!: its formula failed"),
        (typed("e", "#N/A"), "the sheet shows #N/A: its formula failed"),
        (typed("b", "1"), "the sheet holds the truth value TRUE, which is neither text nor a number"),
        (number("46082", style=3),
            "the spreadsheet made a date or time of it, 2026-03-01; format the column as text, type it anew"),
        (number("46082", style=4),
            "the spreadsheet made a date or time of it, 2026-03-01; format the column as text, type it anew"),
        (number("0.4305555555555556", style=5),
            "the spreadsheet made a date or time of it, 10:20:00; format the column as text, type it anew"),
        (typed("d", "2026-03-01"),
            "the spreadsheet made a date or time of it, 2026-03-01; format the column as text, type it anew"),
        (number("6901234567890123"),
            f"the spreadsheet made a number of it, 6901234567890120, and keeps 15 digits of one; {ANEW}"),
        (number("6901234567892", style=2),
            f"the spreadsheet made a number of it, 6901234567892, and shows '6,901,234,567,892'; {ANEW}"),
        (number("1234", style=6),
            f"the spreadsheet made a number of it, 1234, in a format that is not read here; {ANEW}"),
        (number("nan"), "the file holds 'nan' as a number"),
        (number("1e999"), "the file holds '1e999' as a number"),
        (typed("n", "12,5"), "the file holds '12,5' as a number"),
    ],
)  # fmt: skip
def test_a_code_that_the_spreadsheet_changed_is_a_fault(tmp_path, cell, said):
    styles = {"formats": ["000000", "#,##0", "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "h:mm", "0.00E+00"]}
    assert faults(read(tmp_path, table(article(cell)), **styles)) == [f"line 2, column sku: {said}"]


@pytest.mark.parametrize("format_id", [14, 16, 22, 31, 45, 57, 58])
def test_a_built_in_date_is_a_date_in_every_language(tmp_path, format_id):
    catalogue = read(tmp_path, table(article(number("46082", style=1))), format_ids=[format_id])
    assert "made a date or time of it" in faults(catalogue)[0]


@pytest.mark.parametrize(
    ("code", "value", "sku"),
    [
        ("000000", "17", "000017"),
        ('"SKU-"000', "17", "SKU-017"),
        ("000\\-0000", "1234567", "123-4567"),
        ("0", "6901234567892", "6901234567892"),
        ("General", "6901234567892", "6901234567892"),
        ("@", "17", "17"),
        ("General", "1.5", "1.5"),
    ],
)
def test_a_number_is_the_code_that_its_format_shows(tmp_path, code, value, sku):
    catalogue = read(tmp_path, table(article(number(value, style=1))), formats=[code])
    assert [found.sku for found in catalogue.articles] == [sku], faults(catalogue)


@pytest.mark.parametrize("column", ["price", "opening"])
@pytest.mark.parametrize("cell", [typed("e", "#DIV/0!"), typed("b", "1"), number("46082", style=1)])
def test_what_is_no_number_is_none(tmp_path, cell, column):
    catalogue = read(tmp_path, table(article(**{column: cell})), formats=["d/m/yyyy"])
    assert catalogue.articles == []
    assert faults(catalogue)[0].startswith(f"line 2, column {column}: the s")


def test_faults_in_columns_that_are_left_aside_are_nobodys(tmp_path):
    page = Page(header("sku", "remarks") + row(text("A-1"), typed("e", "#REF!")))
    assert stock(read(tmp_path, page)) == [("A-1", None, 0)]


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "minor"), [("3.3000000000000003", 330), ("19.989999999999998", 1999), ("1.29E1", 1290), ("1e-2", 1)]
)
def test_a_number_has_the_digits_that_spreadsheets_keep(tmp_path, value, minor):
    assert stock(read(tmp_path, table(article(price=number(value))))) == [("A-1", minor, 100)]


@pytest.mark.parametrize(
    "cell", [number("100.0"), text("100.0"), text("100"), text("１００"), number("99.99999999999999999")]
)
def test_a_whole_number_is_one_however_it_is_written(tmp_path, cell):
    assert stock(read(tmp_path, table(article(opening=cell)))) == [("A-1", 1290, 100)]


@pytest.mark.parametrize(
    "code",
    [
        "0.00", "#,##0.00", '"¥"#,##0.00', "[$¥-804]#,##0.00", "#,##0.00\\ [$€-407]", '0.00"元"', "0.0#", "?0.00",
        '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "#,##0.00_);[Red](#,##0.00)", "# ??/??", "0.00E+00",
    ],
)  # fmt: skip
def test_a_format_that_shows_the_amount_changes_nothing(tmp_path, code):
    price = number("1234.5", style=1)
    assert stock(read(tmp_path, table(article(price=price)), formats=[code])) == [("A-1", 123450, 100)]


@pytest.mark.parametrize(
    ("code", "value", "said"),
    [
        ("0", "2.5", "the sheet shows '3' where the cell holds 2.5"),
        ("0.00", "87.6106194690265", "the sheet shows '87.61' where the cell holds 87.6106194690265"),
        ("0%", "0.5", "the sheet shows '50%' where the cell holds 0.5"),
        ("#,##0,", "12345", "the sheet shows '12' where the cell holds 12345"),
        (";;;", "5", "the sheet hides the number 5 by its format"),
    ],
)
def test_an_amount_that_shows_as_another_is_a_fault(tmp_path, code, value, said):
    catalogue = read(tmp_path, table(article(price=number(value, style=1))), formats=[code])
    assert faults(catalogue) == [f"line 2, column price: {said}"]


def test_a_zero_that_the_format_hides_is_an_empty_cell(tmp_path):
    price = number("0", style=1)
    assert stock(read(tmp_path, table(article(price=price)), formats=["0.00;-0.00;"])) == [("A-1", None, 100)]
    accounting = '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)'
    assert stock(read(tmp_path, table(article(price=price)), formats=[accounting])) == [("A-1", 0, 100)]


# --- text ---------------------------------------------------------------------------------------------------------


def test_shared_and_rich_text_reads_as_it_is_shown(tmp_path):
    strings = (
        "<si><t>A-1</t></si><si><r><t>Jas</t></r><r><t>mine</t></r><rPh><t>reading</t></rPh></si>"
        "<si><t>x_x0041_</t></si>"
    )
    rows = header("sku", "title", "category") + row(typed("s", "0"), typed("s", "1"), typed("s", "2"))
    catalogue = read(tmp_path, Page(rows), strings=strings)
    assert catalogue.articles[0].config == {"title": "Jasmine", "category": "xA"}


def test_half_a_character_is_no_crash(tmp_path):
    page = Page(header("sku", "title") + row(text("A-1"), text("_xD83C__xDF75_ _xD83C_")))
    assert read(tmp_path, page).articles[0].config["title"] == "🍵 \ufffd"


def test_a_value_merged_over_rows_is_a_fault_in_those_without_it(tmp_path):
    rows = header() + article(price=number("5")) + row(text("A-2"), text("Mug"), "<c/>", number("3"))
    catalogue = read(tmp_path, Page(rows, after='<mergeCells><mergeCell ref="C2:C3"/></mergeCells>'))
    assert stock(catalogue) == [("A-1", 500, 100)]
    assert faults(catalogue) == ["line 3, column price: merged with C2; give each cell a value of its own"]


# --- sheets -------------------------------------------------------------------------------------------------------


def test_the_first_visible_sheet_is_read_and_named(tmp_path):
    pages = [
        Page(header() + article(text("OLD")), name="old", state="hidden"),
        Page(header() + article(text("OLDER")), name="older", state="veryHidden"),
        Page("", name="sales", kind="chartsheet"),
        Page(header() + article(), name="目录"),
        Page(header() + article(text("NO")), name="notes"),
    ]
    catalogue = read(tmp_path, *pages)
    assert stock(catalogue) == [("A-1", 1290, 100)]
    (note,) = catalogue.notes
    assert note == (
        "sheet '目录' is read, the first visible one; left aside: 'old' (hidden), 'older' (hidden), 'sales' (a chart), "
        "'notes'"
    )


def test_hidden_rows_and_columns_are_read_and_said(tmp_path):
    rows = header() + article() + row(text("A-2"), line=3, attributes=' hidden="1"')
    catalogue = read(tmp_path, Page(rows, before='<cols><col min="3" max="3" hidden="1"/></cols>'))
    assert len(catalogue.articles) == 2
    assert catalogue.notes == ["1 hidden row is read as well: line 3", "hidden columns are read as well: price"]


# --- broken files -------------------------------------------------------------------------------------------------

CUT = f'<worksheet xmlns="{MAIN}"><sheetData>{header()}<row><c><v>1</v>'


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/worksheets/sheet1.xml": CUT}, "not an XLSX workbook that can be read: no element found: line 1, column "),
        ({"xl/worksheets/sheet1.xml": None}, "its part xl/worksheets/sheet1.xml is missing"),
        ({"xl/workbook.xml": None}, "its part xl/workbook.xml is missing"),
        ({"xl/workbook.xml": "<workbook/>"}, "nothing to read: it has no sheet with cells"),
        ({"_rels/.rels": None, "xl/workbook.xml": None}, "not an XLSX workbook"),
        ({"_rels/.rels": None, "xl/workbook.xml": None, "content.xml": "<x/>"}, "an OpenDocument file; save"),
        ({"xl/styles.xml": "<styleSheet><cellXfs><xf numFmtId='x'/></cellXfs></styleSheet>"},
            "not an XLSX workbook that can be read: invalid literal"),
        ({"xl/workbook.xml": b"\xff\xfe\x00"}, "not an XLSX workbook that can be read: "),
    ],
)  # fmt: skip
def test_a_broken_workbook_is_one_clear_line(tmp_path, parts, said):
    file = write(tmp_path / "broken.xlsx", table(article()), parts=parts)
    with pytest.raises(InvalidInput) as refused:
        read_catalogue(file)
    assert str(refused.value).startswith(f"{file}: {said}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="x"><c><v>1</v></c></row>', "not an XLSX workbook that can be read: invalid literal"),
        ('<row r="1048577"><c><v>1</v></c></row>', "its rows are numbered 1048577, beyond what a sheet has"),
        ('<row><c r="1A"><v>1</v></c></row>', "a cell stands at '1A', which is no place"),
        ('<row><c t="s"><v>99</v></c></row>', "A1 names text 99, which the workbook does not have"),
        ('<row r="2"><c r="BI2"><v>1</v></c></row>', "BI2 has something in it, beyond the 60 columns that are read"),
    ],
)
def test_a_sheet_with_nonsense_in_it_is_one_clear_line(tmp_path, rows, said):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, Page(rows))
    assert str(refused.value).startswith(f"{tmp_path / 'catalogue.xlsx'}: {said}")


def test_a_cut_archive_is_one_clear_line(tmp_path):
    whole = write(tmp_path / "whole.xlsx", table(article())).read_bytes()
    for length in range(4, len(whole), 97):
        file = tmp_path / "cut.xlsx"
        file.write_bytes(whole[:length])
        with pytest.raises(InvalidInput, match="not an XLSX workbook"):
            read_catalogue(file)


def test_damage_anywhere_never_ends_in_anything_but_a_line(tmp_path):
    whole = write(tmp_path / "whole.xlsx", table(article()), strings="<si><t>x</t></si>").read_bytes()
    file = tmp_path / "damaged.xlsx"
    for at in range(4, len(whole), 13):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_catalogue(file)
        except InvalidInput as refused:
            assert "\n" not in str(refused)  # noqa: PT017 - most damage is refused, some is in what is not read


def test_an_empty_fill_changes_no_value(tmp_path):
    assert stock(read(tmp_path, table(article()), fills="<fill/>")) == [("A-1", 1290, 100)]


def test_a_workbook_under_a_csvs_name_is_a_workbook(tmp_path):
    assert stock(read_catalogue(write(tmp_path / "catalogue.csv", table(article())))) == [("A-1", 1290, 100)]


def test_an_old_or_encrypted_workbook_says_what_to_do(tmp_path):
    file = tmp_path / "old.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(InvalidInput, match=r"an old \.xls workbook, or one with a password; save it as \.xlsx"):
        read_catalogue(file)


# --- bounds -------------------------------------------------------------------------------------------------------


def test_more_rows_than_are_read_are_refused(tmp_path):
    rows = "".join(f"<row><c><v>{line}</v></c></row>" for line in range(20_001))
    with pytest.raises(InvalidInput, match="more than 20,000 rows, the most that are read"):
        read(tmp_path, Page(header("sku") + rows))


def test_a_workbook_that_unpacks_to_more_than_is_read_is_refused(tmp_path):
    file = tmp_path / "bomb.xlsx"
    write(file, table(article()), parts={"xl/worksheets/sheet1.xml": None})
    with (
        zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(101):
            part.write(b" " * (1 << 20))
    with pytest.raises(InvalidInput, match="unpacked larger than 100 MB, the most that is read"):
        read_catalogue(file)


def test_a_file_larger_than_is_read_is_refused(tmp_path):
    file = tmp_path / "large.csv"
    with file.open("wb") as sparse:
        sparse.truncate((10 << 20) + 1)
    with pytest.raises(InvalidInput, match="larger than 10 MB, the most that is read"):
        read_catalogue(file)
