"""Objects of the archive: in a folder, or in a bucket. Each is written whole and compressed, and read whole."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
import zstandard

from shelfcast.archive.bucket import SCHEME, Bucket
from shelfcast.archive.folder import Folder
from shelfcast.errors import ArchiveDamaged, ArchiveError, ArchiveUnavailable, ConfigError
from shelfcast.settings import Settings

COMPRESSION_LEVEL = 3
FOLDER = "archive"
OBJECT_MAX_BYTES = 536_870_912
"""Of an object, unpacked: what has more is not written, and what says it has more is not unpacked."""

_T = TypeVar("_T")


class ObjectInfo(NamedTuple):
    """An object's name, and its length as it is stored, in bytes."""

    name: str
    size: int


class _Place(Protocol):
    """A folder or a bucket."""

    async def check(self) -> None: ...
    async def put(self, name: str, content: bytes) -> None: ...
    async def get(self, name: str) -> bytes | None: ...
    async def list(self, prefix: str) -> list[tuple[str, int]]: ...
    async def delete(self, name: str) -> None: ...


class ArchiveStore:
    """The objects of all pools. Every method raises ArchiveError: ArchiveUnavailable where the place is away or did not
    answer within `archive_timeout_ms`, ArchiveDamaged where it has something else than was written."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked of the place yet. Raises ConfigError where `archive_url` is none that can be used."""
        self.place = settings.archive_url or str((Path(settings.data_dir) / FOLDER).absolute())
        """What a person is told of where it is."""
        self._timeout_s = settings.archive_timeout_ms / 1000
        self._place: _Place
        if self.place.startswith(SCHEME):
            self._place = Bucket(self.place, settings.archive_timeout_ms)
        elif "://" in self.place:
            raise ConfigError(f"archive_url: expected a folder or {SCHEME}BUCKET/PATH, not {self.place!r}")
        else:
            self._place = _InThreads(Folder(self.place))

    async def complaint(self) -> str:
        """Why nothing can be written here, in words; empty where it can."""
        try:
            await self._asked("", self._place.check())
        except ArchiveError as error:
            return str(error)
        return ""

    async def put(self, name: str, content: bytes) -> int:
        """Write an object, or write it anew; its length as stored, in bytes. Whole or not at all."""
        packed = await asyncio.to_thread(_packed, name, content)
        await self._asked(name, self._place.put(name, packed))
        return len(packed)

    async def get(self, name: str) -> bytes | None:
        """An object, unpacked; None where there is none of that name."""
        packed = await self._asked(name, self._place.get(name))
        return None if packed is None else await asyncio.to_thread(_unpacked, name, packed)

    async def keep(self, name: str, content: bytes) -> int:
        """Write an object, and read it back; its length as stored, in bytes."""
        size = await self.put(name, content)
        if await self.get(name) != content:
            raise ArchiveDamaged(f"{name} is not what was written a moment ago")
        return size

    async def put_json(self, name: str, value: object) -> str:
        """Write a value as JSON, and read it back; the SHA-256 of what it says."""
        content = await asyncio.to_thread(msgspec.json.encode, value)
        await self.keep(name, content)
        return await asyncio.to_thread(checksum_of, content)

    async def get_json(self, name: str, kind: type[_T], checksum: str = "") -> _T | None:
        """A value that was written as JSON; None where there is none of that name. With a `checksum` it is there, and
        what was written then, or ArchiveDamaged."""
        content = await self.get(name)
        if content is None:
            if checksum:
                raise ArchiveDamaged(f"{name} is missing")
            return None
        if checksum and await asyncio.to_thread(checksum_of, content) != checksum:
            raise ArchiveDamaged(f"{name} is not what was written: its checksum differs")
        try:
            return await asyncio.to_thread(msgspec.json.decode, content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ArchiveDamaged(f"{name} cannot be read as {kind.__name__}: {error}") from error

    async def list(self, folder: str) -> list[ObjectInfo]:
        """The objects in a folder and below it, by name."""
        found = await self._asked(folder, self._place.list(folder.rstrip("/")))
        return await asyncio.to_thread(lambda: sorted(ObjectInfo(name, size) for name, size in found))

    async def delete(self, name: str) -> None:
        """Delete an object, where there is one."""
        await self._asked(name, self._place.delete(name))

    async def _asked(self, name: str, asking: Coroutine[Any, Any, _T]) -> _T:
        """What the place answers. Raises ArchiveUnavailable."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asking
        except TimeoutError:
            why = f"no answer within {self._timeout_s:g} s"
        except OSError as error:
            why = error.strerror or str(error)
        except ArchiveUnavailable as error:
            why = str(error)
        of = f" ({name})" if name else ""
        raise ArchiveUnavailable(f"the archive {self.place} cannot be used{of}: {why}")


class _InThreads:
    """A folder, each of whose answers a thread waits for."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def check(self) -> None:
        await asyncio.to_thread(self._folder.check)

    async def put(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._folder.put, name, content)

    async def get(self, name: str) -> bytes | None:
        return await asyncio.to_thread(self._folder.get, name)

    async def list(self, prefix: str) -> list[tuple[str, int]]:
        return await asyncio.to_thread(self._folder.list, prefix)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._folder.delete, name)


def checksum_of(content: bytes) -> str:
    """What an object's content is known by: the SHA-256, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _packed(name: str, content: bytes) -> bytes:
    if len(content) > OBJECT_MAX_BYTES:
        raise ArchiveError(f"{name} has {len(content):,} bytes; an object may have {OBJECT_MAX_BYTES:,}")
    return zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, write_checksum=True).compress(content)


def _unpacked(name: str, packed: bytes) -> bytes:
    try:
        size = zstandard.frame_content_size(packed)
        if size < 0 or size > OBJECT_MAX_BYTES:
            raise ArchiveDamaged(f"{name} says that it has {size:,} bytes; expected up to {OBJECT_MAX_BYTES:,}")
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise ArchiveDamaged(f"{name} cannot be unpacked: {error}") from error
