"""Parts of a workbook as XML: read piece by piece, so that what is in memory at once stays small."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import IO
from xml.etree import ElementTree as ET

from openpyxl.utils.escape import unescape

# A part is bounded by what its archive may unpack to, and what entities expand to by expat itself (since 2.4.1).
Element = ET.Element


class Unusable(Exception):
    """The workbook cannot be read; the message says why, without the file's name."""


@lru_cache(1024)
def local(tag: str) -> str:
    """The name without its namespace: "strict" workbooks have other namespaces for the same things."""
    return tag.rpartition("}")[2]


def children(parent: Element, name: str) -> Iterator[Element]:
    """The child elements with this local name."""
    return (child for child in parent if local(child.tag) == name)


def events(part: IO[bytes]) -> Iterator[tuple[str, Element]]:
    """Each element when it starts (its attributes are there) and when it ends (its children are, too)."""
    return ET.iterparse(part, events=("start", "end"))  # noqa: S314 - bounded, see above


def streamed(part: IO[bytes], depth: int) -> Iterator[tuple[str, Element]]:
    """Each element `depth` levels below the root, with its parent's local name; it is dropped afterwards."""
    open_elements: list[Element] = []
    for event, element in events(part):
        if event == "start":
            open_elements.append(element)
            continue
        open_elements.pop()
        if len(open_elements) == depth:
            yield local(open_elements[-1].tag) if open_elements else "", element
        if open_elements and len(open_elements) <= depth:
            open_elements[-1].clear()


def string_of(element: Element) -> str:
    """The text of a string: of all its runs, without the readings (furigana) that stand above them."""
    text = ""
    for child in element:
        name = local(child.tag)
        if name == "t":
            text += child.text or ""
        elif name == "r":
            text += "".join(run.text or "" for run in children(child, "t"))
    return unescaped(text)


def unescaped(text: str) -> str:
    """The text without the escapes (`_x000D_`) of characters that XML does not have."""
    plain: str = unescape(text)
    if plain.isascii():
        return plain
    # Two escapes may make one character; half of one alone is none.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
