"""Accounts of people who sign in to the console, over the HTTP API: docs/access.md#sessions says what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from shelfcast_client.calls import Calls, below
from shelfcast_client.records import Account

_PATH = "/v1/accounts"


class _Accounts(TypedDict):
    accounts: list[Account]


class Accounts:
    """The part of a `Merchant` that looks after accounts. They belong to the server, not to the merchant's pool: it
    takes the token of an operator without pool and room."""

    _calls: Calls

    async def accounts(self) -> list[Account]:
        """All accounts, by name."""
        return (await self._calls.ask(_Accounts, "GET", _PATH))["accounts"]

    async def account(self, account: str) -> Account | None:
        """One account; None where there is none of this name."""
        return await self._calls.find(Account, "account", below(_PATH, account))

    async def define_account(
        self,
        account: str,
        role: str,
        *,
        password: str | None = None,
        pools: Sequence[str] | None = None,
        rooms: Sequence[str] | None = None,
        if_match: int | None = None,
    ) -> Account:
        """State an account: its role, and the pools and rooms that it reaches, None every one. Without a password it
        keeps the one it has; a new account needs one. Whoever has signed in under its name is signed out where anything
        is another than before."""
        body: dict[str, Any] = {"role": role, "pools": pools and list(pools), "rooms": rooms and list(rooms)}
        if password is not None:
            body["password"] = password
        return await self._calls.ask(Account, "PUT", below(_PATH, account), body, if_match=if_match)

    async def drop_account(self, account: str, *, if_match: int | None = None) -> None:
        """Delete an account, and end its sessions. Raises ServerRefused where there is none."""
        await self._calls.send("DELETE", below(_PATH, account), if_match=if_match)
