"""What every write of a merchant may say of itself, and how it happens once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar

from shelfcast_client.calls import Calls, new_id

_T = TypeVar("_T")


class Said(TypedDict, total=False):
    """What the ledger keeps of a write: a `reason` for people, the `reference` of the paper behind it, and the `actor`
    where that is not the token's own user."""

    reason: str
    reference: str
    actor: str


class Once(Said, total=False):
    """As `Said`, and the id of the write: with the same `key` it happens once, also when the caller was restarted in
    between. Where none is given the call makes one, so that what it repeats itself happens once."""

    key: str


class ByHand(TypedDict, total=False):
    """Of a step that the ledger keeps no paper of: the `actor` where that is not the token's own user, and the `key`
    as in `Once`."""

    actor: str
    key: str


class Reasoned(ByHand, total=False):
    """The same with a `reason` for people."""

    reason: str


class Writes:
    """The part of a `Merchant` that sends what is to happen once."""

    _calls: Calls
    _path: str

    async def _once(self, kind: type[_T], path: str, body: Mapping[str, Any], once: Once | ByHand) -> _T:
        """A write that happens once under its key, the caller's or a new one."""
        said = {name: value for name, value in once.items() if name != "key"}
        return await self._calls.ask(
            kind, "POST", path, {**body, **said}, key=once["key"] if "key" in once else new_id()
        )
