"""Passwords: hashed with argon2id in threads, so many at a time as memory and cores allow."""

from __future__ import annotations

import asyncio
import unicodedata
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.settings import Settings

MIN_CHARACTERS = 10
MAX_CHARACTERS = 128
MEMORY_KIB = 19_456
TIME_COST = 2
LANES = 1
"""OWASP's least for argon2id: 19 MiB, two rounds, one lane. About 25 ms of a core."""

_T = TypeVar("_T")
_NOBODYS = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}"
    f"${b64encode(bytes(16)).decode().rstrip('=')}${b64encode(bytes(32)).decode().rstrip('=')}"
)
"""A hash that no password has. To look at one costs the same as at an account's: whether a name is known cannot be told
by the time that an answer takes."""


class Passwords:
    """Hashes and compares passwords: `password_hashes_at_once_max` in threads, a bounded number waits."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._turns = asyncio.Semaphore(settings.password_hashes_at_once_max)
        self._places = settings.password_hashes_at_once_max + settings.password_hashes_waiting_max

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among those who wait, to be taken before anything is counted or written for a password. Raises
        ApiError (503) where too many wait."""
        if self._places <= 0:
            raise ApiError(Code.OVERLOADED, "too many passwords wait to be looked at")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def hash(self, password: str) -> str:
        """The hash to keep of a password. Needs a `place`."""
        return await self._in_turn(lambda: self._hasher.hash(_normal(password)))

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one of this hash; None is nobody's, and takes as long. Needs a `place`."""
        return await self._in_turn(lambda: self._compare(password_hash or _NOBODYS, password))

    def _compare(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        async with self._turns:
            return await asyncio.to_thread(work)


def _normal(password: str) -> str:
    """The same characters are the same bytes, however a keyboard composed them (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password)
