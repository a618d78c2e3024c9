"""`shelfcast user`: accounts of people who sign in by name and password, on a running server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import click
from shelfcast_client import ClientError
from shelfcast_client.merchant import Merchant
from shelfcast_client.records import Account

from shelfcast.commands.faults import fault_of
from shelfcast.errors import ShelfcastError

NO_POOL = "any"
"""Accounts belong to no pool; a merchant has one."""

_T = TypeVar("_T")


def add(url: str, token: str, name: str, *, role: str, pools: Sequence[str], rooms: Sequence[str]) -> int:
    """Make an account; one that is there stays as it is. Raises ShelfcastError then."""

    async def work(merchant: Merchant) -> None:
        if await merchant.account(name) is not None:
            raise ShelfcastError(
                f"there is an account {name!r}: `shelfcast user password` gives it another password, and "
                "`shelfcast user remove` removes it"
            )
        password = read_password()
        await merchant.define_account(name, role, password=password, pools=pools or None, rooms=rooms or None)

    _on(url, token, work)
    click.echo(f"{name} may sign in now.")
    return 0


def change_password(url: str, token: str, name: str) -> int:
    """Give an account another password. Raises ShelfcastError where there is none of that name."""

    async def work(merchant: Merchant) -> None:
        account = await merchant.account(name)
        if account is None:
            raise ShelfcastError(f"there is no account {name!r}")
        await merchant.define_account(
            name,
            account["role"],
            password=read_password(),
            pools=account["pools"],
            rooms=account["rooms"],
            if_match=account["revision"],
        )

    _on(url, token, work)
    click.echo(f"{name} has another password, and is signed out everywhere.")
    return 0


def remove(url: str, token: str, name: str) -> int:
    """Remove an account and end its sessions."""
    _on(url, token, lambda merchant: merchant.drop_account(name))
    click.echo(f"{name} is removed, and signed out everywhere.")
    return 0


def show(url: str, token: str) -> int:
    """List the accounts: name, role, and what they reach."""
    accounts = _on(url, token, lambda merchant: merchant.accounts())
    width = max((len(account["account"]) for account in accounts), default=0)
    for account in accounts:
        click.echo(f"{account['account']:{width}}  {account['role']:8}  {_reach(account)}")
    return 0


def read_password() -> str:
    """A password from the terminal, twice and unseen; or a line of stdin. Never an argument, which others can read."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise ShelfcastError("expected a password: in a line of stdin, or typed at a terminal")
    return password


def _reach(account: Account) -> str:
    scope = [(noun, names) for noun, names in (("pool", account["pools"]), ("room", account["rooms"])) if names]
    said = [f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names)}" for noun, names in scope]
    return "; ".join(said) or "everything"


def _on(url: str, token: str, work: Callable[[Merchant], Awaitable[_T]]) -> _T:
    async def run() -> _T:
        async with Merchant(url, token, NO_POOL) as merchant:
            return await work(merchant)

    try:
        return asyncio.run(run())
    except ClientError as error:
        raise fault_of(error) from None
