"""The merchant's side of a server, for an ERP: catalogue, moves, orders, reservations, the ledger. Needs `httpx`.

    async with Merchant("https://shop.example", token, "main") as merchant:
        await merchant.receive("MUG-01", 100, reference="delivery 7", key="delivery 7, MUG-01")
        await merchant.confirm(reservation, reference="payment 8812")
        async for entry in merchant.ledger(after=read_so_far):
            print(entry["seq"], entry["kind"], entry["sku"], entry["qty"])

The routes, their fields and limits: docs/http-api.md.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from random import Random
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar, Unpack, cast

import httpx

from shelfcast_client.backoff import Backoff
from shelfcast_client.calls import RETRY_FOR_S, TIMEOUT_S, Calls, Token, below, id_of, new_id
from shelfcast_client.definitions import BULK_ROWS, Definitions
from shelfcast_client.errors import JobFailed, ServerUnreachable
from shelfcast_client.history import History
from shelfcast_client.places import POOL, RETURNED, SHIPPED, UNSELLABLE, MoveKind
from shelfcast_client.records import Audit, CataloguePreview, Job, MoveDone, Reservation, Step

CONNECTIONS_DEFAULT = 32
AUDIT_WAIT_S = 600.0
"""The audit reads the whole ledger, and waits for what the server does before it."""
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = b"PK\x03\x04"
LOOK_S = 0.1
LOOK_MAX_S = 2.0
"""Pauses between two looks at a job."""

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


class _Reservations(TypedDict):
    reservations: list[Reservation]


class _JobList(TypedDict):
    jobs: list[Job]


class Merchant(Definitions, History):
    """One pool of a server, driven with a token of role operator or service; `freeze`, `user` and `define_user` are an
    operator's alone.

    Quantities are whole units, money is in minor units, times (`..._at_ms`) are milliseconds since 1970 on the server's
    clock. Every write carries an id and is therefore safe to repeat: an answer that says "not executed", a lost
    connection and a timeout (`timeout_s`) are followed by the same request, with back-off, for `retry_for_s` seconds,
    unless the server never answered at all, which is a wrong address rather than a restart. Ids, also those of orders,
    may have any form: one that the server would not take is sent as its SHA-256, and found again by the same rule.

    Methods raise ServerRefused for any other answer than success (`code`, `field` and `retry` say why and what helps),
    ServerUnreachable where none came, UsageError for what cannot be sent.

    It takes the way that the SDK's sockets take (`shelfcast_client.proxies`): with `proxy` False straight to the
    server, with a URL through that one. `ssl` is for https where the system's authorities are not those to trust.
    `token` may be a function, which is asked at each request. Raises UsageError for an address, token or proxy that
    cannot be.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        pool: str,
        *,
        connections: int = CONNECTIONS_DEFAULT,
        proxy: bool | str = True,
        ssl: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        retry_for_s: float = RETRY_FOR_S,
    ) -> None:
        self.pool = pool
        self._path = below("/v1/pools", pool)
        self._calls = Calls(
            url, token, connections=connections, proxy=proxy, ssl=ssl, timeout_s=timeout_s, retry_for_s=retry_for_s
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.aclose()

    @property
    def shown_url(self) -> str:
        """The server's address without user and password."""
        return self._calls.shown_url

    # --- moves: what each kind takes stands in docs/http-api.md

    async def move(
        self,
        kind: MoveKind | str,
        *,
        sku: str | None = None,
        qty: int | None = None,
        source: str | None = None,
        target: str | None = None,
        batch: str | None = None,
        reservation: str | None = None,
        **once: Unpack[Once],
    ) -> MoveDone:
        """A move of any kind between places (`shelfcast_client.places`); each kind has a method of its own below."""
        given = {"sku": sku, "qty": qty, "source": source, "target": target, "batch": batch}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if reservation is not None:
            body["reservation"] = id_of(reservation)
        return await self._once(MoveDone, below(self._path, "moves"), {"kind": kind, **body}, once)

    async def receive(self, sku: str, qty: int, *, target: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """Goods come in from the supplier."""
        return await self.move(MoveKind.RECEIVE, sku=sku, qty=qty, target=target, **once)

    async def carve(self, sku: str, qty: int, *, source: str, target: str, **once: Unpack[Once]) -> MoveDone:
        """Between the pool and the safety buffer, the elastic reserve or a batch."""
        return await self.move(MoveKind.CARVE, sku=sku, qty=qty, source=source, target=target, **once)

    async def allocate(self, sku: str, qty: int, *, source: str, target: str, **once: Unpack[Once]) -> MoveDone:
        """Between the pool and a channel."""
        return await self.move(MoveKind.ALLOCATE, sku=sku, qty=qty, source=source, target=target, **once)

    async def release_elastic(self, sku: str, qty: int, *, target: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """The elastic reserve, or part of it, to the pool or a channel."""
        return await self.move(MoveKind.RELEASE_ELASTIC, sku=sku, qty=qty, target=target, **once)

    async def take_back(self, sku: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """A parcel came back: shipped units are returned, pending inspection."""
        return await self.move(MoveKind.RETURN, sku=sku, qty=qty, source=SHIPPED, target=RETURNED, **once)

    async def inspect(self, sku: str, qty: int, *, target: str, **once: Unpack[Once]) -> MoveDone:
        """Returned units were looked at: to the pool, or unsellable."""
        return await self.move(MoveKind.RETURN, sku=sku, qty=qty, source=RETURNED, target=target, **once)

    async def quarantine(
        self, sku: str, qty: int, *, source: str = POOL, target: str = UNSELLABLE, **once: Unpack[Once]
    ) -> MoveDone:
        """Units must not be sold; with source and target exchanged, they may be again."""
        return await self.move(MoveKind.QUARANTINE, sku=sku, qty=qty, source=source, target=target, **once)

    async def write_off(self, sku: str, qty: int, *, source: str = POOL, **once: Unpack[Once]) -> MoveDone:
        """Units are gone."""
        return await self.move(MoveKind.WRITE_OFF, sku=sku, qty=qty, source=source, **once)

    async def count(self, sku: str, on_hand: int, **once: Unpack[Once]) -> MoveDone:
        """A stocktake found so many units, unsellable and sold ones included; `data` says what the book had."""
        return await self.move(MoveKind.COUNT, sku=sku, qty=on_hand, **once)

    async def freeze(self, sku: str, **once: Unpack[Once]) -> MoveDone:
        """Stop all sales of a SKU."""
        return await self.move(MoveKind.FREEZE, sku=sku, **once)

    async def unfreeze(self, sku: str, **once: Unpack[Once]) -> MoveDone:
        """Resume the sales of a SKU."""
        return await self.move(MoveKind.UNFREEZE, sku=sku, **once)

    async def open_batch(self, batch: str, **once: Unpack[Once]) -> MoveDone:
        """A batch's units, of every SKU, go where it says."""
        return await self.move(MoveKind.OPEN_BATCH, batch=batch, **once)

    async def quota(self, sku: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """Raise the presale quota by so many units, or lower it with a negative number."""
        return await self.move(MoveKind.QUOTA, sku=sku, qty=qty, **once)

    async def settle(self, order: str, qty: int, **once: Unpack[Once]) -> MoveDone:
        """Pool units for what another platform's order was sold beyond the stock."""
        return await self.move(MoveKind.SETTLE, reservation=order, qty=qty, **once)

    # --- orders and reservations

    async def order(
        self, order: str, *, channel: str, sku: str, qty: int, user: str = "", reference: str = "", actor: str = ""
    ) -> Step:
        """Book an order that another platform has taken: sold at once. Its `left` are the units that were there; what
        is owed stands as `oversold` in `reservation(order)`, until `settle`."""
        body = {"channel": channel, "sku": sku, "qty": qty, "reference": reference, "actor": actor}
        if user:
            body["user"] = user
        return await self._once(Step, below(self._path, "orders"), body, {"key": order})

    async def reservation(self, reservation: str) -> Reservation | None:
        """A reservation or order, finished ones too while they are remembered."""
        return await self._calls.find(Reservation, "id", self._reservation(reservation))

    async def reservations_of(self, user: str) -> list[Reservation]:
        """A customer's live reservations."""
        return await self._reservations(user=user)

    async def paid_without_stock(self) -> list[Reservation]:
        """Payments that came after their holds had run out and wait for stock or a refund, longest waiting first: at
        most BULK_ROWS."""
        return await self._reservations(state="paid_no_stock")

    async def pay(self, reservation: str, **said: Unpack[Said]) -> Step:
        """Payment has begun: the hold is extended, once."""
        return await self._step(reservation, "pay", said)

    async def confirm(self, reservation: str, **said: Unpack[Said]) -> Step:
        """Payment has arrived. After the hold ran out it takes units anew, or raises ServerRefused (PAID_NO_STOCK): the
        payment is recorded and waits for another `confirm` or for `refund`."""
        return await self._step(reservation, "confirm", said)

    async def cancel(self, reservation: str, **said: Unpack[Said]) -> Step:
        """Give a live hold back."""
        return await self._step(reservation, "cancel", said)

    async def refund(self, reservation: str, **said: Unpack[Said]) -> Step:
        """The money of a payment without stock went back."""
        return await self._step(reservation, "refund", said)

    async def ship(self, reservation: str, qty: int = 0, **once: Unpack[Once]) -> Step:
        """So many sold units of a reservation leave the house; 0 are all that are left."""
        return await self._part(reservation, "ship", {"qty": qty}, once)

    async def cancel_paid(self, reservation: str, qty: int = 0, **once: Unpack[Once]) -> Step:
        """Take paid, unshipped units back into stock; 0 are all that are left."""
        return await self._part(reservation, "cancel-paid", {"qty": qty}, once)

    async def fulfil(self, reservation: str, **once: Unpack[Once]) -> Step:
        """Goods for a paid presale order are there: they become sold units."""
        return await self._part(reservation, "fulfil", {}, once)

    # --- what happened

    async def audit(self, *, wait_s: float = AUDIT_WAIT_S) -> Audit:
        """Replay the ledger on the server and check every invariant of the book; `ok` says whether all hold.

        Waits for `wait_s` seconds, then cancels and raises ServerUnreachable. Raises JobFailed.
        """
        return cast(Audit, await self._result_of(await self.start_audit(), wait_s))

    async def preview_catalogue(
        self,
        file: bytes | Path,
        *,
        room: str | None = None,
        opening: str | None = None,
        encoding: str | None = None,
        wait_s: float = AUDIT_WAIT_S,
    ) -> CataloguePreview:
        """What `shelfcast import` of this CSV file or XLSX workbook would change; nothing is changed.

        `room` previews its shelf, too; `opening` names the column with the opening stock (`none`: there is none);
        `encoding` is that of a CSV file, None finds out. Raises ServerRefused or JobFailed where the file cannot be
        read as a catalogue, OSError where it is not there.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        media_type = XLSX_TYPE if content.startswith(_ZIP) else "text/csv"
        given = {"room": room, "opening": opening, "encoding": encoding}
        query: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        path = below(self._path, "catalogue", "preview")
        answer = await self._calls.send("POST", path, query=query, key=new_id(), file=(content, media_type))
        found = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            found = await self._result_of(found, wait_s)
        return cast(CataloguePreview, found)

    async def start_audit(self, *, key: str | None = None) -> Job:
        """Begin an audit and do not wait: `job` says how far it is, and what it found."""
        path = below(self._path, "audits")
        return await self._calls.ask(Job, "POST", path, {}, key=new_id() if key is None else key)

    async def job(self, job: str) -> Job | None:
        """A job of the pool; None where it is not known, or not any more."""
        return await self._calls.find(Job, "job", below(self._path, "jobs", job))

    async def jobs(self) -> list[Job]:
        """The jobs that are open or kept, the oldest first, without their results."""
        return (await self._calls.ask(_JobList, "GET", below(self._path, "jobs")))["jobs"]

    async def cancel_job(self, job: str) -> Job:
        """Cancel a job: one that waits at once, one that is under way soon."""
        return await self._calls.ask(Job, "DELETE", below(self._path, "jobs", job))

    async def _result_of(self, job: Job, wait_s: float) -> Any:
        """What a job found, once it has ended."""
        pauses = Backoff(Random(), base_s=LOOK_S, cap_s=LOOK_MAX_S)  # noqa: S311 - spreads load
        until_s = monotonic() + wait_s
        while job["state"] in ("queued", "running"):
            if monotonic() >= until_s:
                await self.cancel_job(job["job"])
                raise ServerUnreachable(f"job {job['job']} ({job['kind']}) has not ended within {wait_s:g} s")
            await asyncio.sleep(min(pauses.next_s(0), max(0.0, until_s - monotonic())))
            found = await self.job(job["job"])
            if found is None:
                raise JobFailed(job["job"], "forgotten", "the server does not know it any more")
            job = found
        if job["state"] != "done":
            raise JobFailed(job["job"], job["state"], job["reason"])
        if job["result"] is None:  # the answer that made it has none
            job = await self.job(job["job"]) or job
        return job["result"]

    def _reservation(self, reservation: str, *step: str) -> str:
        return below(self._path, "reservations", id_of(reservation), *step)

    async def _reservations(self, **query: str) -> list[Reservation]:
        path = below(self._path, "reservations")
        found = await self._calls.ask(_Reservations, "GET", path, query={**query, "limit": BULK_ROWS})
        return found["reservations"]

    async def _step(self, reservation: str, step: str, said: Said) -> Step:
        return await self._calls.ask(Step, "POST", self._reservation(reservation, step), said)

    async def _part(self, reservation: str, step: str, body: Mapping[str, Any], once: Once) -> Step:
        return await self._once(Step, self._reservation(reservation, step), body, once)

    async def _once(self, kind: type[_T], path: str, body: Mapping[str, Any], once: Once) -> _T:
        """A write that happens once under its key, the caller's or a new one."""
        said = {name: value for name, value in once.items() if name != "key"}
        return await self._calls.ask(
            kind, "POST", path, {**body, **said}, key=once["key"] if "key" in once else new_id()
        )
