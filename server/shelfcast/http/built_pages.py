"""The pages as they were built of server/web: a few small files, held in memory.

What is not among them cannot be asked for, so no path leads out of the folder.
"""

from __future__ import annotations

import gzip
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

ASSETS = "assets"
"""The folder of what the pages load. Its files carry a hash of their content in their names."""
GZIP_FROM_BYTES = 512
"""Smaller files are sent as they are: they fit into one packet."""
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class PageFile:
    """One built file, as it is and compressed."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        suffix = name[name.rfind(".") :]
        self.media_type = MEDIA_TYPES.get(suffix, "application/octet-stream")
        self._compressible = suffix not in (".png", ".woff2") and len(content) >= GZIP_FROM_BYTES

    @cached_property
    def compressed(self) -> bytes | None:
        """The content in gzip; None where that would gain nothing. Made when it is first asked for."""
        return gzip.compress(self.content, mtime=0) if self._compressible else None


class Pages:
    """The built pages of a folder; none where nobody has built them."""

    def __init__(self, folder: Traversable | None = None) -> None:
        """`folder` None is that of the build."""
        folder = folder if folder is not None else files("shelfcast.http.pages") / "static"
        self._html = {name.removesuffix(".html"): file for name, file in _read(folder) if name.endswith(".html")}
        self._assets = dict(_read(folder / ASSETS))
        self._pictures = dict(_read(files("shelfcast.sample") / "pictures"))

    def page(self, name: str) -> PageFile | None:
        """The HTML of a page: `index`, `room`, `overlay`, `host` or `console`."""
        return self._html.get(name)

    def asset(self, name: str) -> PageFile | None:
        """A file that pages load, by its name."""
        return self._assets.get(name)

    def picture(self, name: str) -> PageFile | None:
        """A picture of the sample's products, by its name."""
        return self._pictures.get(name)


def _read(folder: Traversable) -> list[tuple[str, PageFile]]:
    if not folder.is_dir():
        return []
    return [(file.name, PageFile(file.name, file.read_bytes())) for file in folder.iterdir() if file.is_file()]
