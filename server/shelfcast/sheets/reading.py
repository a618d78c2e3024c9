"""From a file to its table, whatever kind of file it is: its content decides, not its name."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from shelfcast.errors import InvalidInput
from shelfcast.sheets.csv_text import csv_lines
from shelfcast.sheets.encodings import choices, decoded
from shelfcast.sheets.table import MEBIBYTE, Bounds, Sheet, sheet_of

WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xltx", ".xltm")
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begin of an old .xls workbook, and of any workbook with a password."""


def read_sheet(file: Path, bounds: Bounds, *, encoding: str | None = None) -> Sheet:
    """The table in `file`: an XLSX workbook (its first visible sheet), or CSV (may be gzipped) with commas,
    semicolons or tabs. `encoding` is that of a CSV file; None finds out.

    Raises InvalidInput, naming the file, where it cannot be read as such, has no header, or is beyond `bounds`.
    """
    return read_content(file_content(file, bounds), str(file), bounds, encoding=encoding)


def file_content(file: Path, bounds: Bounds) -> bytes:
    """What is in the file. Raises InvalidInput where it cannot be read, or is beyond `bounds`."""
    try:
        content = bytearray()
        with file.open("rb") as opened:
            # A read takes memory for all that it may find, so that one for the bound itself would cost the bound.
            while len(content) <= bounds.file_bytes and (piece := opened.read(MEBIBYTE)):
                content += piece
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror or error}") from None
    _check_length(content, str(file), bounds)
    return bytes(content)


def read_content(content: bytes, name: str, bounds: Bounds, *, encoding: str | None = None) -> Sheet:
    """As `read_sheet`, of a file that is in memory already; `name` is its name, for messages and for its ending."""
    _check_length(content, name, bounds)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    notes: list[str] = []
    if content.startswith(_ZIP):
        if encoding is not None:
            notes.append("a workbook says itself how it is encoded; --encoding is left aside")
        # What reads workbooks brings 20 MB along, which a process that reads none need not carry.
        from shelfcast.sheets.workbook import workbook_lines  # noqa: PLC0415

        return sheet_of(name, workbook_lines(content, name, bounds, notes), notes)
    if content.startswith(_COMPOUND_FILE):
        raise InvalidInput(f"{name}: an old .xls workbook, or one with a password; save it as .xlsx without a password")
    if ending in WORKBOOK_NAMES:
        raise InvalidInput(f"{name}: not an XLSX workbook")
    text, found = decoded(_text_bytes(content, name, bounds), name, encoding, notes)
    return sheet_of(name, csv_lines(text, name, bounds), notes, found)


def encodings_of(content: bytes, name: str, bounds: Bounds) -> list[str]:
    """The encodings that a CSV file may be in, for a person to choose from; none of a workbook, which says it itself.

    Raises InvalidInput where it is packed and cannot be unpacked."""
    if content.startswith((_ZIP, _COMPOUND_FILE)) or name.lower().endswith(WORKBOOK_NAMES):
        return []
    return choices(_text_bytes(content, name, bounds))


def _check_length(content: bytes | bytearray, name: str, bounds: Bounds) -> None:
    if len(content) > bounds.file_bytes:
        raise InvalidInput(f"{name}: larger than {bounds.file_bytes // MEBIBYTE} MB, the most that is read")


def _text_bytes(content: bytes, name: str, bounds: Bounds) -> bytes:
    is_packed = name.lower().endswith(".gz") or content.startswith(_GZIP)
    return _unpacked(content, name, bounds) if is_packed else content


def _unpacked(content: bytes, name: str, bounds: Bounds) -> bytes:
    """The content of a gzip file. Raises InvalidInput where it is cut, damaged, or larger than is read."""
    # Counted first and kept only then: what is too large never takes its memory.
    size = sum(map(len, _pieces(content, name, bounds)))
    unpacked = bytearray(size)
    at = 0
    for piece in _pieces(content, name, bounds):
        unpacked[at : at + len(piece)] = piece
        at += len(piece)
    return bytes(unpacked)


def _pieces(content: bytes, name: str, bounds: Bounds) -> Iterator[bytes]:
    left, rest = bounds.unpacked_bytes, content
    while rest:
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        packed = rest
        while not stream.eof:
            try:
                piece = stream.decompress(packed, MEBIBYTE)
            except zlib.error:
                raise InvalidInput(f"{name}: not a complete gzip file") from None
            left -= len(piece)
            if left < 0:
                most = bounds.unpacked_bytes // MEBIBYTE
                raise InvalidInput(f"{name}: unpacked larger than {most} MB, the most that is read")
            packed = stream.unconsumed_tail
            if not piece and not packed and not stream.eof:
                raise InvalidInput(f"{name}: not a complete gzip file")
            yield piece
        # Several gzip files behind one another are one; zeros behind the last are padding.
        rest = stream.unused_data.lstrip(b"\0")
