"""Accounts, sessions, and the counts that slow guessing, in the engine (stock/library/accounts.lua). They belong to no
pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from shelfcast.engine.connection import Engine
from shelfcast.protocol.access import Principal, Role
from shelfcast.settings import Settings
from shelfcast.stock import library
from shelfcast.stock.account_records import Account, Attempt, Beginning, Link, Session, Trial, Way, Writing

SESSIONS_A_READ = 500
"""Sessions read in one command: about a tenth of a millisecond of the engine."""
DEMO_HOLDER = "demo:"
"""All sessions of the demonstration count as one user's."""


class _AccountRecord(Struct, frozen=True, kw_only=True):
    role: Role
    pools: str
    rooms: str
    hash: str
    revision: int
    made_at_ms: int
    changed_at_ms: int
    changed_by: str


class _SessionRecord(Struct, frozen=True, kw_only=True):
    user: str
    role: Role
    pools: str
    rooms: str
    way: Way
    made_at_ms: int
    expires_at_ms: int


_decode_record = msgspec.msgpack.Decoder(_AccountRecord).decode
_decode_session = msgspec.msgpack.Decoder(_SessionRecord).decode
_decode = msgspec.msgpack.Decoder().decode


class Accounts:
    """The accounts and sessions of an engine. Every method raises EngineError."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        # No pool's name has a dot.
        self._base = f"{settings.key_prefix}:{{.accounts}}"

    # --- accounts -------------------------------------------------------------------------------------------------

    async def all(self) -> list[Account]:
        """All accounts, by name."""
        key = f"{self._base}:accounts"
        flat = await self._engine.command("HGETALL", key, key=key)
        found = {name.decode(): _decode_record(packed) for name, packed in zip(flat[::2], flat[1::2], strict=True)}
        return [_account(name, found[name]) for name in sorted(found)]

    async def get(self, name: str) -> Account | None:
        """One account; None where there is none of that name."""
        key = f"{self._base}:accounts"
        packed = await self._engine.command("HGET", key, name, key=key)
        return None if packed is None else _account(name, _decode_record(packed))

    async def write(
        self,
        name: str,
        *,
        role: Role,
        pools: Sequence[str] | None,
        rooms: Sequence[str] | None,
        password_hash: str | None,
        by: str,
        expected: int,
    ) -> tuple[Writing, Account | None, int]:
        """Make or change an account; `password_hash` None keeps the password. A change ends its sessions.

        Returns what became of it, the account, and the revision it is at where that is not the expected one.
        """
        scope = (_names(pools), _names(rooms))
        limit = self._settings.accounts_max
        done, *rest = await self._do("write", name, role, *scope, password_hash or "", by, expected, limit)
        if Writing(done) is Writing.STALE:
            return Writing.STALE, None, rest[0]
        account = _account(name, msgspec.convert(rest[0], _AccountRecord)) if rest else None
        return Writing(done), account, account.revision if account else -1

    async def delete(self, name: str, *, expected: int) -> tuple[Writing, int]:
        """Delete an account and end its sessions: what became of it, and its revision where it is not the expected."""
        done, *rest = await self._do("delete", name, expected)
        return Writing(done), rest[0] if rest else -1

    # --- sessions -------------------------------------------------------------------------------------------------

    async def begin(
        self, digest: str, principal: Principal, way: Way, *, account: Account | None = None, link: Link | None = None
    ) -> tuple[Beginning, Session | None]:
        """Begin a session of this user, role and scope. `account` is the one whose password was looked at."""
        settings = self._settings
        made = await self._do(
            "begin",
            digest,
            DEMO_HOLDER if way is Way.DEMO else f"{way}:{principal.user}",
            principal.user,
            principal.role,
            _names(principal.pools),
            _names(principal.rooms),
            way,
            settings.session_lasts_ms,
            settings.sessions_a_user_max,
            0 if account is None else account.revision,
            0 if account is None else account.made_at_ms,
            "" if link is None else link.digest,
            0 if link is None else link.expires_at_ms,
        )
        if Beginning(made[0]) is not Beginning.BEGUN:
            return Beginning(made[0]), None
        return Beginning.BEGUN, _session(digest, msgspec.convert(made[1], _SessionRecord))

    async def sessions(self, digests: Sequence[str]) -> list[Session | None]:
        """The sessions of these digests, in their order; None of one that has ended. At most `SESSIONS_A_READ`."""
        if not digests:
            return []
        keys = [f"{self._base}:session:{digest}" for digest in digests]
        found = await self._engine.command("MGET", *keys, key=keys[0])
        return [
            None if packed is None else _session(digest, _decode_session(packed))
            for digest, packed in zip(digests, found, strict=True)
        ]

    async def end(self, digest: str, *, signed_out: bool) -> bool:
        """End a session; one that is signed out leaves its link unable to begin another. False where there is none."""
        # A link is believed for so long behind its expiry, by clocks that differ.
        kept_ms = self._settings.token_leeway_ms * 2
        [ended] = await self._do("finish", digest, int(signed_out), kept_ms)
        return bool(ended)

    # --- logins ---------------------------------------------------------------------------------------------------

    async def try_login(self, attempt: Attempt) -> tuple[Trial, int]:
        """Count a login as failed before it is tried; how long to wait where there were too many, in ms."""
        settings = self._settings
        said, wait_ms = await self._do(
            "try",
            attempt.name,
            attempt.whose_name,
            attempt.address,
            attempt.browser,
            settings.login_failures_a_name_max,
            settings.login_failures_an_address_max,
            settings.login_failures_a_browser_max,
            settings.login_window_ms,
        )
        return Trial(said), wait_ms

    async def welcome(self, attempt: Attempt, trial: Trial, new_browser: str) -> None:
        """A login has succeeded: take its count back, and know its browser by this digest from now on."""
        settings = self._settings
        await self._do(
            "welcome",
            attempt.name,
            attempt.whose_name,
            attempt.address,
            attempt.browser,
            trial,
            new_browser,
            settings.login_browsers_a_name_max,
            settings.login_browser_kept_ms,
        )

    async def _do(self, what: str, *args: str | int) -> Any:
        return _decode(await self._engine.call(library.ACCOUNT, self._base, what, *args))


def _names(names: Sequence[str] | frozenset[str] | None) -> str:
    """A scope as the engine keeps it: names by spaces, or nothing for every one. Raises ValueError for a scope that is
    empty, which would become that."""
    if names is not None and not names:
        raise ValueError("expected a scope of at least one name, or None for every one")
    return " ".join(sorted(set(names or ())))


def _scope(names: str) -> frozenset[str] | None:
    return frozenset(names.split(" ")) if names else None


def _account(name: str, record: _AccountRecord) -> Account:
    return Account(
        name=name,
        role=record.role,
        pools=_scope(record.pools),
        rooms=_scope(record.rooms),
        revision=record.revision,
        made_at_ms=record.made_at_ms,
        changed_at_ms=record.changed_at_ms,
        changed_by=record.changed_by,
        password_hash=record.hash,
    )


def _session(digest: str, record: _SessionRecord) -> Session:
    return Session(
        digest=digest,
        user=record.user,
        role=record.role,
        pools=_scope(record.pools),
        rooms=_scope(record.rooms),
        way=record.way,
        made_at_ms=record.made_at_ms,
        expires_at_ms=record.expires_at_ms,
    )
