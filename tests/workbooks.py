"""Workbooks written part by part, as programs of all kinds write them: also in ways that openpyxl never would."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = ("sku", "title", "price", "opening")


@dataclass(frozen=True)
class Page:
    """One sheet: its rows as XML, and what stands around them."""

    rows: str
    name: str = "Sheet1"
    state: str = "visible"
    kind: str = "worksheet"
    dimension: str = "A1:D9"
    before: str = ""
    after: str = ""

    def xml(self) -> str:
        return (
            f'<worksheet xmlns="{MAIN}"><dimension ref="{self.dimension}"/>{self.before}'
            f"<sheetData>{self.rows}</sheetData>{self.after}</worksheet>"
        )


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def number(value: str, *, style: int = 0) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def typed(kind: str, value: str) -> str:
    return f'<c t="{kind}"><v>{value}</v></c>'


def row(*cells: str, line: int | None = None, attributes: str = "") -> str:
    place = f' r="{line}"' if line is not None else ""
    return f"<row{place}{attributes}>{''.join(cells)}</row>"


def header(*names: str) -> str:
    return row(*[text(name) for name in names or HEADER])


def article(sku: str = "", *, price: str = "", opening: str = "") -> str:
    """A row below `header()`; each argument is a cell as XML."""
    return row(sku or text("A-1"), text("Tea"), price or number("12.9"), opening or number("100"))


def table(*rows: str) -> Page:
    return Page(header() + "".join(rows))


def write(
    file: Path,
    *pages: Page,
    formats: Sequence[str] = (),
    format_ids: Sequence[int] = (),
    fills: str = "",
    strings: str = "",
    workbook: str = "",
    parts: Mapping[str, str | bytes | None] | None = None,
) -> Path:
    """The workbook. Style n is the n-th of `formats`, then of `format_ids` (built in); style 0 is General.

    `parts` replace parts of the archive by name; None leaves one out.
    """
    own = "".join(
        f"<numFmt numFmtId={quoteattr(str(200 + index))} formatCode={quoteattr(code)}/>"
        for index, code in enumerate(formats)
    )
    ids = [0, *(200 + index for index in range(len(formats))), *format_ids]
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in ids)
    sheets = "".join(
        f'<sheet name={quoteattr(page.name)} sheetId="{index}" state="{page.state}" r:id="rId{index}"/>'
        for index, page in enumerate(pages, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{index}" Type="{KINDS}/{page.kind}" Target="worksheets/sheet{index}.xml"/>'
        for index, page in enumerate(pages, start=1)
    )
    content: dict[str, str | bytes | None] = {
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
        f'Type="{KINDS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets>{sheets}</sheets>{workbook}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{links}'
        f'<Relationship Id="s1" Type="{KINDS}/styles" Target="/xl/styles.xml"/>'
        f'<Relationship Id="s2" Type="{KINDS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><fills>{fills}</fills>'
        f"<cellXfs>{styles}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        **{f"xl/worksheets/sheet{index}.xml": page.xml() for index, page in enumerate(pages, start=1)},
        **(parts or {}),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            if part is not None:
                archive.writestr(name, part)
    return file
