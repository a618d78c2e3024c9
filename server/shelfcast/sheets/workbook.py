"""Lines of a workbook: which of its sheets is read, and its cells as a person saw them.

An XLSX file is a ZIP of XML parts (ECMA-376). openpyxl reads most of it, and is used for formats, dates and escapes; a
sheet itself is read here, because what matters is what openpyxl leaves out: a formula beside its missing result, hidden
rows, merged cells, the digits a format adds, and bounds on memory. Parts are matched by their local names, so that
"strict" workbooks and those of other programs read alike.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from shelfcast.errors import InvalidInput
from shelfcast.sheets.table import MEBIBYTE, Bounds, Line, quoted
from shelfcast.sheets.worksheet import Book, read_lines
from shelfcast.sheets.xml_parts import Element, Unusable, children, local, streamed, string_of

STYLES_MAX = 100_000
"""Formats of cells that are read of a workbook; spreadsheets keep at most 65,490."""
TREE_BYTES_MAX = 4 * MEBIBYTE
"""Longest part that is read as a whole: the workbook's list of sheets, and the lists of parts."""
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in formats that are dates or times, those of East Asian spreadsheets among them."""
_FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ET.ParseError, NotImplementedError, EOFError,
    OSError, LookupError, ValueError, ArithmeticError, RuntimeError,
)  # fmt: skip
"""What a broken archive or a broken part raises in the libraries that read it."""


class _SheetEntry(NamedTuple):
    name: str
    visible: bool
    is_grid: bool
    """Whether it has cells: chart sheets, dialogs and macro sheets have none."""
    path: str


@dataclass
class _Package:
    """The parts of the file, each opened within the bound on all that is unpacked."""

    archive: zipfile.ZipFile
    bounds: Bounds
    unpacked: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Names differ in case between programs, and are compared without it (OPC, 7.3).
        self.names = {name.lower().lstrip("/"): name for name in self.archive.namelist()}

    def has(self, path: str) -> bool:
        return path.lower() in self.names

    def open(self, path: str) -> IO[bytes]:
        """The part. zipfile gives no more than the size that is declared, which is counted. Raises Unusable."""
        if not self.has(path):
            raise Unusable(f"its part {quoted(path, bare=True)} is missing")
        info = self.archive.getinfo(self.names[path.lower()])
        self.unpacked += info.file_size
        if self.unpacked > self.bounds.unpacked_bytes:
            raise Unusable(f"unpacked larger than {self.bounds.unpacked_bytes // MEBIBYTE} MB, the most that is read")
        if info.flag_bits & 1:
            raise Unusable("it has a password")
        return self.archive.open(info)

    def tree(self, path: str) -> Element:
        """The part as a whole; for those that list other parts and are small. Raises Unusable."""
        with self.open(path) as part:
            content = part.read(TREE_BYTES_MAX + 1)
        if len(content) > TREE_BYTES_MAX:
            raise Unusable(f"its part {quoted(path, bare=True)} is larger than {TREE_BYTES_MAX // MEBIBYTE} MB")
        return ET.fromstring(content)  # noqa: S314 - bounded, and expat bounds what entities expand to


def workbook_lines(content: bytes, name: str, bounds: Bounds, notes: list[str]) -> list[Line]:
    """The lines of the first visible sheet that have something in them; `notes` says which sheet that is.

    Raises InvalidInput, in one line, for whatever is wrong with the workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _lines(_Package(archive, bounds), bounds, notes)
    except Unusable as unusable:
        raise InvalidInput(f"{name}: {unusable}") from None
    except _FAULTS as error:
        said = quoted(" ".join(str(error).split()) or type(error).__name__, bare=True, longest=120)
        raise InvalidInput(f"{name}: not an XLSX workbook that can be read: {said}") from None


def _lines(package: _Package, bounds: Bounds, notes: list[str]) -> list[Line]:
    path = _workbook_path(package)
    root = package.tree(path)
    relations = _relations(package, path)
    sheet = _chosen(_sheets(root, relations, posixpath.dirname(path)), notes)
    properties = next(children(root, "workbookPr"), None)
    calculation = next(children(root, "calcPr"), None)
    book = Book(
        formats=_formats(package, _target(relations, "styles", posixpath.dirname(path))),
        epoch=CALENDAR_MAC_1904 if _is_true(properties, "date1904") else CALENDAR_WINDOWS_1900,
        never_calculated=_is_true(calculation, "fullCalcOnLoad"),
    )
    with package.open(sheet.path) as part:
        found = read_lines(part, book, bounds)
    if found.wanted_strings:
        strings_path = _target(relations, "sharedStrings", posixpath.dirname(path))
        if strings_path is None:
            raise Unusable("its part xl/sharedStrings.xml is missing")
        with package.open(strings_path) as part:
            found.fill_in(dict(_strings(part, found.wanted_strings)))
    return found.lines(notes)


def _workbook_path(package: _Package) -> str:
    for relation in package.tree("_rels/.rels") if package.has("_rels/.rels") else ():
        if relation.get("Type", "").endswith("/officeDocument"):
            return _joined("", relation.get("Target", ""))
    if package.has("mimetype") or package.has("content.xml"):
        raise Unusable("an OpenDocument file; save it as .xlsx")
    if package.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise Unusable("not an XLSX workbook")


class _Relation(NamedTuple):
    kind: str
    target: str


def _relations(package: _Package, path: str) -> dict[str, _Relation]:
    folder, name = posixpath.split(path)
    relations_path = posixpath.join(folder, "_rels", name + ".rels")
    return {
        relation.get("Id", ""): _Relation(relation.get("Type", "").rpartition("/")[2], relation.get("Target", ""))
        for relation in package.tree(relations_path)
    }


def _target(relations: dict[str, _Relation], kind: str, folder: str) -> str | None:
    return next((_joined(folder, relation.target) for relation in relations.values() if relation.kind == kind), None)


def _joined(folder: str, target: str) -> str:
    """A part's name from a relation's target, which is relative or from the root."""
    return posixpath.normpath(posixpath.join("/" + folder, unquote(target).replace("\\", "/"))).lstrip("/")


def _sheets(root: Element, relations: dict[str, _Relation], folder: str) -> Iterator[_SheetEntry]:
    for group in children(root, "sheets"):
        for sheet in children(group, "sheet"):
            id_ = next((value for key, value in sheet.items() if local(key) == "id"), "")
            relation = relations.get(id_, _Relation("worksheet", ""))
            yield _SheetEntry(
                sheet.get("name", ""),
                sheet.get("state", "visible") == "visible",
                relation.kind == "worksheet",
                _joined(folder, relation.target),
            )


def _chosen(sheets: Iterator[_SheetEntry], notes: list[str]) -> _SheetEntry:
    every = list(sheets)
    visible = [sheet for sheet in every if sheet.visible and sheet.is_grid]
    if not visible:
        kinds = "all its sheets are hidden" if any(sheet.is_grid for sheet in every) else "it has no sheet with cells"
        raise Unusable(f"nothing to read: {kinds}")
    chosen = visible[0]
    if len(every) > 1:
        aside = [sheet for sheet in every if sheet is not chosen]
        named = ", ".join(_labelled(sheet) for sheet in aside[:5]) + (", …" if len(aside) > 5 else "")
        notes.append(f"sheet {quoted(chosen.name)} is read, the first visible one; left aside: {named}")
    return chosen


def _labelled(sheet: _SheetEntry) -> str:
    return quoted(sheet.name) + ("" if sheet.visible else " (hidden)") + ("" if sheet.is_grid else " (a chart)")


def _formats(package: _Package, path: str | None) -> list[str]:
    """The number format of each style that a cell may name; empty text for dates. Fonts, fills and borders are not
    looked at, since a broken one changes no value."""
    if path is None or not package.has(path):
        return []
    own: dict[int, str] = {}
    codes: list[str] = []
    with package.open(path) as part:
        for group, element in streamed(part, depth=2):
            if (group, local(element.tag)) == ("numFmts", "numFmt"):
                own[int(element.get("numFmtId", ""))] = element.get("formatCode", "")
            elif (group, local(element.tag)) == ("cellXfs", "xf"):
                codes.append(_code(int(element.get("numFmtId", "0")), own))
                if len(codes) > STYLES_MAX:
                    raise Unusable(f"more than {STYLES_MAX:,} formats of cells, the most that are read")
    return codes


def _code(number: int, own: dict[int, str]) -> str:
    if number not in own:
        return "" if number in _DATE_FORMATS else BUILTIN_FORMATS.get(number, "General")
    return "" if is_date_format(own[number]) else own[number] or "General"


def _strings(part: IO[bytes], wanted: set[int]) -> Iterator[tuple[int, str]]:
    """Those of the shared strings that the sheet uses."""
    number = 0
    for _, element in streamed(part, depth=1):
        if local(element.tag) == "si":
            if number in wanted:
                yield number, string_of(element)
            number += 1


def _is_true(element: Element | None, name: str) -> bool:
    return element is not None and element.get(name, "0").lower() in ("1", "true", "on")
