"""A table of text as an XLSX workbook, written piece by piece: what is in memory at once stays small. No I/O."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    # Style 0 is general; 1 is text, so that no spreadsheet makes numbers or dates of codes; 2 is a bold header.
    "xl/styles.xml": f"<styleSheet {_MAIN}>"
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}
_GENERAL, _TEXT, _HEADER = 0, 1, 2
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class ColumnForm(NamedTuple):
    """How a column is shown: its width in characters, and whether what is typed into it stays text."""

    width: int
    is_text: bool = True


class WorkbookWriter:
    """Writes one sheet. You must send what `begin` gives, then what each `rows` gives, then what `end` gives.

    Cells are text, and spreadsheets leave them as they are; an empty one is left out. Rows are numbered in the order in
    which they come, behind the header.
    """

    def __init__(self, sheet: str, columns: Sequence[str], forms: Sequence[ColumnForm]) -> None:
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheet = sheet
        self._columns = columns
        self._forms = forms
        self._letters = [_letters(index) for index in range(len(columns))]
        self._number = 0
        self._part: IO[bytes] | None = None

    def begin(self) -> bytes:
        """The file's begin, with the header."""
        for name, content in _PARTS.items():
            self._archive.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
        book = (
            f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets>'
            f'<sheet name={quoteattr(self._sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        self._archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), _HEAD + book, zipfile.ZIP_DEFLATED)
        info = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        info.compress_type = zipfile.ZIP_DEFLATED
        self._part = self._archive.open(info, "w")
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{form.width}" style="{_TEXT if form.is_text else _GENERAL}" '
            'customWidth="1"/>'
            for n, form in enumerate(self._forms, start=1)
        )
        head = (
            f'{_HEAD}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData>"
        )
        return self._written(head + self._row(self._columns, _HEADER))

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        """More of it; may be empty where what there is waits to be packed."""
        return self._written("".join(self._row(row, _TEXT) for row in rows))

    def end(self) -> bytes:
        """The rest of the file."""
        self._written_to("</sheetData></worksheet>")
        if self._part is not None:
            self._part.close()
        self._archive.close()
        return self._sink.taken()

    def _written(self, text: str) -> bytes:
        self._written_to(text)
        return self._sink.taken()

    def _written_to(self, text: str) -> None:
        if self._part is None:
            raise RuntimeError("a workbook is begun before rows are written")
        self._part.write(text.encode())

    def _row(self, cells: Sequence[str], style: int) -> str:
        self._number += 1
        number = self._number
        written = "".join(
            f'<c r="{letters}{number}" t="inlineStr" s="{style}">'
            f'<is><t xml:space="preserve">{_escaped(cell)}</t></is></c>'
            for letters, cell in zip(self._letters, cells, strict=True)
            if cell
        )
        return f'<row r="{number}">{written}</row>'


class _Sink(io.RawIOBase):
    """What an archive is written to: it cannot go back, and what it has is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _escaped(text: str) -> str:
    """Text as XML; what looks like an escape of the format's own is kept from being one."""
    return escape(_LOOKS_ESCAPED.sub("_x005F_", text))


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
