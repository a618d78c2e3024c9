"""The function library on the engine: loaded when it is missing, replaced when it is older, left when it is newer."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import msgspec
import structlog
from redis.exceptions import ResponseError

from shelfcast.engine.link import Link
from shelfcast.errors import LibraryFault

_log = structlog.get_logger(__name__)
_VERSION_LINE = re.compile(rb"\A#!lua name=[^\n]*\n-- version: (\d+)\n")


class Ensured(StrEnum):
    """What `Library.ensure` found or did on one engine process."""

    PRESENT = "present"
    LOADED = "loaded"
    REPLACED = "replaced"
    NEWER = "newer"


class Library(msgspec.Struct, frozen=True):
    """A function library. `code` begins with `#!lua name=<name>`, then `-- version: <version>`, each on its line."""

    name: str
    version: int
    code: str

    def __post_init__(self) -> None:
        head = f"#!lua name={self.name}\n-- version: {self.version}\n"
        if not self.code.startswith(head):
            raise LibraryFault(f"library {self.name}: its code must begin with {head!r}")

    async def ensure(self, link: Link) -> Ensured:
        """Make the engine behind `link` hold this library, or a newer one.

        A newer version is left alone: during a rolling upgrade the new servers have loaded it already, and it still
        answers the old ones. Raises LibraryFault when the engine cannot compile the code, else redis-py's errors.
        """
        found = await self._code_on(link)
        if found == self.code.encode():
            return Ensured.PRESENT
        found_version = _version_of(found) if found is not None else None
        if found_version is not None and found_version > self.version:
            _log.warning(
                "engine.library_newer", node=str(link.node), library=self.name, ours=self.version, engine=found_version
            )
            return Ensured.NEWER
        await self._load(link)
        done = Ensured.LOADED if found is None else Ensured.REPLACED
        _log.info(f"engine.library_{done}", node=str(link.node), library=self.name, version=self.version)
        return done

    async def _code_on(self, link: Link) -> bytes | None:
        listed: list[list[Any]] = await link.ask("FUNCTION", "LIST", "LIBRARYNAME", self.name, "WITHCODE")
        for row in listed:
            fields = dict(zip(row[::2], row[1::2], strict=True))
            if fields[b"library_name"] == self.name.encode():
                return bytes(fields[b"library_code"])
        return None

    async def _load(self, link: Link) -> None:
        try:
            await link.ask("FUNCTION", "LOAD", "REPLACE", self.code)
        except ResponseError as error:
            # A replica, a full memory and the like are told by a code of their own; what is plain is the compiler's.
            if type(error) is not ResponseError:
                raise
            raise LibraryFault(f"library {self.name} version {self.version}: {error}") from error


def _version_of(code: bytes) -> int:
    """The version in a library's second line; 0 where there is none, so that ours replaces it."""
    match = _VERSION_LINE.match(code)
    return int(match[1]) if match else 0
