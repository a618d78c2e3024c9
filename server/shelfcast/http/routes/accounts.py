"""Routes of accounts: who may sign in by name and password, with what role and scope."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import structlog
from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import put_status
from shelfcast.http.api.outcomes import stale
from shelfcast.http.api.passwords import MAX_CHARACTERS, MIN_CHARACTERS
from shelfcast.http.api.problems import ApiError
from shelfcast.http.routes.sessions import TAG
from shelfcast.protocol.access import Role
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Name
from shelfcast.stock.account_records import Account, Writing

_log = structlog.get_logger(__name__)

SCOPE_MAX = 64
"""Pools, and rooms, of one account."""

Scope = Annotated[list[Name], Meta(min_length=1, max_length=SCOPE_MAX)]


class AccountBody(Request, frozen=True, kw_only=True):
    """An account as it shall be. `pools` and `rooms` left out or null are every one; rooms are of these pools. Without
    a `password` it keeps the one it has."""

    role: Role
    pools: Scope | None = None
    rooms: Scope | None = None
    password: Annotated[str, Meta(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)] | None = None


class AccountItem(Struct, frozen=True, kw_only=True):
    """An account, without its password."""

    account: str
    role: Role
    pools: list[Name] | None
    rooms: list[Name] | None
    revision: int
    made_at_ms: int
    changed_at_ms: int
    changed_by: str


class AccountList(Struct, frozen=True, kw_only=True):
    """All accounts, by name."""

    accounts: list[AccountItem]


async def list_accounts(call: Call) -> Response:
    """All accounts, by name."""
    return answer(AccountList(accounts=[_item(account) for account in await call.services.pools.accounts.all()]))


async def get_account(call: Call) -> Response:
    """One account."""
    account = await call.services.pools.accounts.get(call.path["account"])
    if account is None:
        raise _none(call)
    return definition(_item(account))


async def put_account(call: Call) -> Response:
    """Make or change an account. Whoever has signed in under its name is signed out, where anything is another than
    before. A new one needs a password."""
    services, body, name = call.services, call.body, call.path["account"]
    expected, password_hash = call.expected_revision(), None
    if body.password is not None:
        async with services.passwords.place():
            password_hash = await services.passwords.hash(body.password)
    done, account, revision = await services.pools.accounts.write(
        name,
        role=body.role,
        pools=body.pools,
        rooms=body.rooms,
        password_hash=password_hash,
        by=call.actor(""),
        expected=expected,
    )
    if done is Writing.STALE:
        raise stale(expected, revision)
    if done is Writing.FULL:
        most = services.settings.accounts_max
        raise ApiError(Code.SHELF_FULL, f"there may be {most:,} accounts, and there are", field="account")
    if account is None:
        raise InvalidInput("expected a password: the account is a new one", field="password")
    _log.info("account.written", account=name, role=account.role, by=call.actor(""), done=done)
    return definition(_item(account), status=put_status(done is not Writing.MADE))


async def delete_account(call: Call) -> Response:
    """Delete an account. Whoever has signed in under its name is signed out."""
    expected = call.expected_revision()
    done, revision = await call.services.pools.accounts.delete(call.path["account"], expected=expected)
    if done is Writing.STALE:
        raise stale(expected, revision)
    if done is Writing.NONE:
        raise _none(call)
    _log.info("account.deleted", account=call.path["account"], by=call.actor(""))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _none(call: Call) -> ApiError:
    return ApiError(Code.NOT_FOUND, f"there is no account {call.path['account']!r}", field="account")


def _item(account: Account) -> AccountItem:
    return AccountItem(
        account=account.name,
        role=account.role,
        pools=None if account.pools is None else sorted(account.pools),
        rooms=None if account.rooms is None else sorted(account.rooms),
        revision=account.revision,
        made_at_ms=account.made_at_ms,
        changed_at_ms=account.changed_at_ms,
        changed_by=account.changed_by,
    )


_ONE = "/v1/accounts/{account:path}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/accounts", summary="List accounts", tag=TAG, handle=list_accounts,
             access=Access.ADMIN, answer=AccountList),
    Endpoint(method="GET", path=_ONE, summary="Read an account", tag=TAG, handle=get_account, access=Access.ADMIN,
             answer=AccountItem, revised=True, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PUT", path=_ONE, summary="Make or change an account", tag=TAG, handle=put_account,
             access=Access.ADMIN, answer=AccountItem, statuses=(HTTPStatus.OK, HTTPStatus.CREATED), body=AccountBody,
             revised=True, codes=(Code.SHELF_FULL, Code.OVERLOADED)),
    Endpoint(method="DELETE", path=_ONE, summary="Delete an account", tag=TAG, handle=delete_account,
             access=Access.ADMIN, statuses=(HTTPStatus.NO_CONTENT,), revised=True, codes=(Code.NOT_FOUND,)),
]
# fmt: on
