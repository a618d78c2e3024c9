"""Objects in a bucket of an object store that speaks S3. Keys, region and endpoint are `AWS_…` variables."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import obstore
import obstore.exceptions
import obstore.store

from shelfcast.errors import ArchiveUnavailable, ConfigError

SCHEME = "s3://"
WORDS_MAX = 300
"""Characters of what a client library says that are told on."""
_ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_TRY = ".try"
_NO_BUCKET = "NoSuchBucket"
_SAID = re.compile(r"<Code>([^<]*)</Code>(?:.*?<Message>([^<]*)</Message>)?", re.DOTALL)


class Bucket:
    """A bucket, or a path in one. Every method raises ArchiveUnavailable."""

    def __init__(self, url: str, timeout_ms: int) -> None:
        """Raises ConfigError where the address is none that can be used."""
        parts = urlsplit(url)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ConfigError("archive_url: expected a folder, or s3://BUCKET or s3://BUCKET/PATH and nothing more")
        # The client's own options, once given, are all it has: what this variable says comes with them.
        may_be_plain = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
        for name in _ENDPOINTS:
            if os.environ.get(name, "").lower().startswith("http://") and not may_be_plain:
                raise ConfigError(f"{name} is no https address: set AWS_ALLOW_HTTP=true where that is meant")
        timeout = timedelta(milliseconds=timeout_ms)
        try:
            self._store: Any = obstore.store.S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                client_options={"timeout": timeout, "connect_timeout": timeout, "allow_http": may_be_plain},
                retry_config={"retry_timeout": timeout},
            )
        except (obstore.exceptions.BaseError, ValueError, OSError) as error:
            raise ConfigError(f"archive_url, or an AWS_… variable: {_words(error)}") from error

    async def check(self) -> None:
        """Write to it, and delete that again."""
        await self.put(_TRY, b"")
        await self.delete(_TRY)

    async def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        try:
            await obstore.put_async(self._store, name, content)
        except (obstore.exceptions.BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def get(self, name: str) -> bytes | None:
        """Read an object; None where there is none."""
        try:
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            if _NO_BUCKET in str(error):
                raise _unavailable(error) from error
            return None
        except (obstore.exceptions.BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def list(self, prefix: str) -> list[tuple[str, int]]:
        """The names and lengths of all objects below a folder of it."""
        try:
            return [
                (one["path"], one["size"]) async for page in obstore.list(self._store, prefix=prefix) for one in page
            ]
        except (obstore.exceptions.BaseError, OSError) as error:
            raise _unavailable(error) from error

    async def delete(self, name: str) -> None:
        """Delete an object, where it is there."""
        try:
            await obstore.delete_async(self._store, name)
        except FileNotFoundError as error:
            if _NO_BUCKET in str(error):
                raise _unavailable(error) from error
        except (obstore.exceptions.BaseError, OSError) as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> ArchiveUnavailable:
    return ArchiveUnavailable(_words(error))


def _words(error: Exception) -> str:
    """What the store said, of all that the client library says: its code and message where it spoke S3."""
    said = _SAID.search(str(error))
    if said is not None:
        code, message = said.groups()
        return f"{code}: {message}" if message else code
    return str(error).partition("\n")[0].strip()[:WORDS_MAX]
