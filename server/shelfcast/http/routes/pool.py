"""Routes of the pools themselves: which there are, and the settings of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace
from starlette.responses import Response

from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.definitions import given, write_definition
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH, PUT_STATUSES, put_status
from shelfcast.http.api.fields import (
    Currency,
    DayStarts,
    ExpiryDays,
    Handover,
    InventoryDays,
    InventoryDaysOf,
    Text,
    TimeZone,
    Units,
)
from shelfcast.http.api.outcomes import stale
from shelfcast.http.routes.pools import TAG
from shelfcast.merchant.days import check_time_zone
from shelfcast.protocol.access import Act, Owner, Right, Role, Touches, missing
from shelfcast.protocol.codes import Code
from shelfcast.stock.configuration import ANY_REVISION, PoolConfig, What


class PoolBody(DefinitionBody, frozen=True, kw_only=True):
    """A pool's settings (`PoolConfig`). A PUT that names none of them makes the pool where it is not there, and leaves
    one that is there as it is. With `auto_settle` units that come free go first to orders that were paid, or sold by
    another platform, without stock; those who wait come after them. `handover` is a note to whoever comes next."""

    title: Text | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType | None = UNSET
    day_starts: DayStarts | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    rehearsal: bool | UnsetType | None = UNSET
    auto_settle: bool | UnsetType | None = UNSET
    sign_over_units: Units | UnsetType | None = UNSET
    recount_over_units: Units | UnsetType | None = UNSET
    receipts_by_two: bool | UnsetType | None = UNSET
    expiry_days: ExpiryDays | UnsetType | None = UNSET
    inventory_days_max: InventoryDays | UnsetType | None = UNSET
    inventory_days_max_of: InventoryDaysOf | UnsetType | None = UNSET
    handover: Handover | UnsetType | None = UNSET


class Pool(PoolConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A pool with its settings. Its business days begin at `day_starts` in `time_zone`; `currency` is that of SKUs
    which name none; a `rehearsal` is for drills. `auto_settle` says whether units that come free go first to orders
    that were paid, or sold by another platform, without stock; `handover` is a note to whoever runs its shows next."""

    pool: str


_FOR_PEOPLE = ("sign_over_units", "receipts_by_two")
"""Settings that say what takes two people: none of them is loosened by a program."""


class PoolList(Struct, frozen=True, kw_only=True):
    """The pools the token may see."""

    pools: list[Pool]


async def list_pools(call: Call) -> Response:
    """The pools in the token's scope, with their settings. Whoever counts is not told the handover."""
    pools = call.services.pools
    found = await pools.settings_of([name for name in await pools.directory.pools() if call.reaches(Owner(pool=name))])
    if call.principal.role is Role.COUNTER:
        found = {name: replace(config, handover="") for name, config in found.items()}
    return answer(PoolList(pools=[_pool(name, config) for name, config in found.items()]))


async def get_pool(call: Call) -> Response:
    """One pool with its settings."""
    return definition(await _read(call))


async def put_pool(call: Call) -> Response:
    """Make the pool where it does not exist, and state its settings: those left out take their defaults.

    Where none is named, a pool that is there keeps them all. `rehearsal` cannot change once the ledger has an entry.
    """
    name, directory = call.path["pool"], call.services.pools.directory
    _check(call)
    if call.expected_revision() != ANY_REVISION and not await directory.has_pool(name):
        raise stale(call.expected_revision(), -1)
    made = await directory.create_pool(name)
    if given(call.body):
        said = given(call.body)
        await _write(call, {name: said.get(name) for name in _FOR_PEOPLE})
    return definition(await _read(call), status=put_status(existed=not made))


async def patch_pool(call: Call) -> Response:
    """Change the settings given. `rehearsal` cannot change once the pool has a ledger entry.

    To raise `sign_over_units`, or take it away, and to switch `receipts_by_two` off takes two people, never a program:
    the first is answered NEEDS_APPROVAL, and the second asks for the same within a day.
    """
    _check(call)
    await _write(call, {name: value for name, value in given(call.body).items() if name in _FOR_PEOPLE})
    return definition(await _read(call))


async def _write(call: Call, said: Mapping[str, Any]) -> None:
    """Write the settings; `said` has what those of _FOR_PEOPLE are to be that do not stay. Raises ApiError (403) where
    that takes a person and none asks."""
    book, act = (await call.pool()).book, Act(Right.SIGN, Touches.POOL)
    if not said or not missing(call.principal, act, pool=book.pool):
        await write_definition(book, call, What.POOL, "")
        return
    expected, config = call.expected_revision(), await book.pool_config()
    if _loosens(config, said):
        authorize(call.principal, act, pool=book.pool)
    # Whatever it is by then is not loosened either.
    expected = config.revision if expected == ANY_REVISION else expected
    await write_definition(book, call, What.POOL, "", expected=expected)


def _loosens(before: PoolConfig, said: Mapping[str, Any]) -> bool:
    """Whether less would take two people than before."""
    most = before.sign_over_units
    units = said.get("sign_over_units", most)
    by_two = said.get("receipts_by_two", before.receipts_by_two)
    return (most is not None and (units is None or units > most)) or (before.receipts_by_two and not by_two)


def _check(call: Call) -> None:
    """Raises InvalidInput for what a type cannot say."""
    if isinstance(call.body.time_zone, str):
        check_time_zone(call.body.time_zone)
    call.expected_revision()


async def _read(call: Call) -> Pool:
    book = (await call.pool()).book
    return _pool(book.pool, await book.pool_config())


def _pool(name: str, config: PoolConfig) -> Pool:
    return Pool(pool=name, **asdict(config))


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path="/v1/pools", summary="List pools", tag=TAG, handle=list_pools,
             access=Access.RECEIVER, answer=PoolList, filtered=True),
    Endpoint(method="GET", path=POOL_PATH, summary="Read a pool", tag=TAG, handle=get_pool,
             access=Access.CONTROL, answer=Pool, revised=True, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PUT", path=POOL_PATH, summary="Make a pool, or state its settings", tag=TAG, handle=put_pool,
             access=Access.CONTROL, answer=Pool, statuses=PUT_STATUSES, body=PoolBody, body_optional=True,
             revised=True, acts=True, codes=(Code.NEEDS_APPROVAL,)),
    Endpoint(method="PATCH", path=POOL_PATH, summary="Change a pool's settings", tag=TAG, handle=patch_pool,
             access=Access.CONTROL, answer=Pool, body=PoolBody, revised=True, acts=True,
             codes=(Code.NOT_FOUND, Code.NEEDS_APPROVAL)),
]
# fmt: on
