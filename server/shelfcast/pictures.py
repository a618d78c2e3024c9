"""Where a product's picture may come from: the origins of the setting `image_origins`, and this server itself. Pure.

The pages' Content-Security-Policy names exactly these, so that a page loads no other, whatever a book has kept.
"""

from __future__ import annotations

import re

from shelfcast.hosts import LOOPBACK
from shelfcast.origins import Origins, origin_of, read_origin

EXPECTED = "comma-separated origins with https, such as https://cdn.example; http on loopback alone"
_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""What stands in an address as browsers send it (RFC 3986). A `\\` would be a `/` to a browser, and to nobody else."""


def read_image_origins(setting: str) -> Origins:
    """The origins that the setting names. Raises ValueError that says what was expected."""
    origins = Origins(setting)
    for said in origins.said:
        origin = read_origin(said)
        if origin is None or not (origin.scheme == "https" or (origin.scheme == "http" and origin.host in LOOPBACK)):
            raise ValueError(f"expected {EXPECTED}, got {said!r}")
    return origins


def image_fault(url: str, allowed: Origins) -> str:
    """What is wrong with a picture's address; empty where nothing is."""
    if not _ADDRESS.fullmatch(url):
        return "expected an address as browsers send it: ASCII without spaces, quotes or backslashes"
    if url.startswith("/"):
        return "expected a path that begins with one /, or a whole address" if url.startswith("//") else ""
    origin = origin_of(url)
    if read_origin(origin) is None:
        return "expected an address that begins with https://, or a path of this server such as /pictures/mug.webp"
    if origin in allowed:
        return ""
    named = ", ".join(allowed.said) or "none"
    return f"expected a picture of an origin that image_origins names ({named}) or a path of this server, not {origin}"
