"""Objects of the archive: a folder, or an object store. Each is written whole and compressed, and read whole."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import obstore
import obstore.exceptions
import obstore.store
import zstandard

from shelfcast.errors import ArchiveDamaged, ArchiveError, ArchiveUnavailable, ConfigError
from shelfcast.settings import Settings

COMPRESSION_LEVEL = 3
FOLDER = "archive"
OBJECT_MAX_BYTES = 536_870_912
"""Of an object, unpacked: what says it has more is not unpacked."""


class ObjectInfo(NamedTuple):
    """An object's name, and its length as it is stored, in bytes."""

    name: str
    size: int


class ArchiveStore:
    """The objects of all pools. Every method raises ArchiveError."""

    def __init__(self, settings: Settings) -> None:
        """Raises ConfigError where `archive_url` is none that can be used."""
        self.place = settings.archive_url or str(Path(settings.data_dir) / FOLDER)
        """What a person is told of where it is."""
        self._store = _open(settings, self.place)

    async def put(self, name: str, content: bytes) -> int:
        """Write an object, or write it anew; its length as stored, in bytes. Whole or not at all."""
        packed = await asyncio.to_thread(zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress, content)
        await _asked(name, obstore.put_async(self._store, name, packed))
        return len(packed)

    async def get(self, name: str) -> bytes | None:
        """An object, unpacked; None where there is none of that name."""
        try:
            packed = bytes(await _asked(name, _content(self._store, name)))
        except FileNotFoundError:
            return None
        return await asyncio.to_thread(_unpacked, name, packed)

    async def list(self, folder: str) -> list[ObjectInfo]:
        """The objects in a folder and below it, by name."""
        return sorted(await _asked(folder, _listed(self._store, folder.rstrip("/"))))

    async def delete(self, name: str) -> None:
        """Delete an object, where there is one."""
        try:
            await _asked(name, obstore.delete_async(self._store, name))
        except FileNotFoundError:
            return


def _open(settings: Settings, place: str) -> Any:
    timeout = timedelta(milliseconds=settings.archive_timeout_ms)
    try:
        if "://" in place:
            return obstore.store.from_url(
                place,
                client_options={"timeout": timeout, "connect_timeout": timeout},
                retry_config={"retry_timeout": timeout},
            )
        return obstore.store.LocalStore(prefix=Path(place).absolute(), mkdir=True)
    except (obstore.exceptions.BaseError, ValueError, OSError) as error:
        raise ConfigError(
            f"archive_url: expected a folder, or s3://BUCKET/PATH with its AWS_… variables: {place!r}: {error}"
        ) from error


async def _content(store: Any, name: str) -> Any:
    found = await obstore.get_async(store, name)
    return await found.bytes_async()


async def _listed(store: Any, folder: str) -> list[ObjectInfo]:
    found: list[ObjectInfo] = []
    async for page in obstore.list(store, prefix=folder):
        found += [ObjectInfo(one["path"], one["size"]) for one in page]
    return found


async def _asked(name: str, asking: Any) -> Any:
    """What the store answers. Raises FileNotFoundError, ArchiveUnavailable."""
    try:
        return await asking
    except FileNotFoundError:
        raise
    except (obstore.exceptions.BaseError, OSError) as error:
        raise ArchiveUnavailable(f"the archive did not take or give {name}: {error}") from error


def _unpacked(name: str, packed: bytes) -> bytes:
    try:
        size = zstandard.frame_content_size(packed)
        if size < 0 or size > OBJECT_MAX_BYTES:
            raise ArchiveDamaged(f"{name} says that it has {size:,} bytes; expected up to {OBJECT_MAX_BYTES:,}")
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise ArchiveDamaged(f"{name} cannot be unpacked: {error}") from error


__all__ = ["ArchiveError", "ArchiveStore", "ObjectInfo"]
