"""The merchant's side of a running server, over its HTTP API. Needs `httpx`."""

from __future__ import annotations

import asyncio
import hashlib
import random
import uuid
from collections.abc import Iterator, Sequence
from itertools import count
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from shelfcast_client.errors import ServerRefused, ServerUnreachable, UsageError
from shelfcast_client.proxies import Proxy, proxy_for, without_credentials
from shelfcast_client.requests import ID

BULK_ROWS = 500
"""Rows in one bulk request; the server takes 1,000, and a body of at most 1 MiB."""
CONNECTIONS_DEFAULT = 32
TIMEOUT_S = 30.0
RETRY_FOR_S = 60.0
"""How long a request is sent again: a server that died is back sooner, with its stock read, on a busy machine too."""
BACKOFF_S = 0.25
BACKOFF_MAX_S = 5.0
NOT_EXECUTED = frozenset({429, 502, 503, 504})
"""Statuses after which the same request, with the same id, is sent again."""


class Merchant:
    """One pool of a server, driven with a token of role operator or service.

    Every write carries an id of its own and is therefore safe to repeat: an answer that says "not executed", a lost
    connection and a timeout are followed by the same request, with back-off, for RETRY_FOR_S. Methods raise
    ServerRefused for any other answer than success, ServerUnreachable when none came.

    It takes the way that the SDK's sockets take (`shelfcast_client.proxies`), with `proxy` False straight to the
    server. Raises UsageError for an address that is none and for a proxy that cannot be used.
    """

    def __init__(
        self, url: str, token: str, pool: str, *, connections: int = CONNECTIONS_DEFAULT, proxy: bool = True
    ) -> None:
        address = _server_address(url)
        self.shown_url = without_credentials(address)
        """The server's address without user and password."""
        self.pool = pool
        self._reached = False
        """Whether the server ever answered: one that never did is a wrong address rather than a restart."""
        self._pool_path = f"/v1/pools/{quote(pool, safe='')}"
        way = _way(address) if proxy else None
        self._via = "" if way is None else f" through the proxy ({way})"
        self._http = httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            # A transport of our own, so that httpx does not ask the environment for a proxy by its own rule.
            transport=httpx.AsyncHTTPTransport(
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                proxy=None if way is None else httpx.Proxy(way.address, auth=way.credentials),
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    # --- definitions

    async def define_pool(self) -> None:
        """Make the pool where it is not there."""
        await self._send("PUT", self._pool_path, {})

    async def define_channel(self, channel: str) -> None:
        """Make a shared channel where it is not there; one that is there stays as it is."""
        path = f"{self._pool_path}/channels/{quote(channel, safe='')}"
        if await self._found(path) is None:
            await self._send("PUT", path, {})

    async def room(self, room: str) -> dict[str, Any] | None:
        """The room's definition, None where there is none."""
        return await self._found(f"/v1/rooms/{quote(room, safe='')}")

    async def define_room(self, room: str, *, channel: str, **fields: Any) -> None:
        """Make the room, or state its definition anew."""
        body = {"pool": self.pool, "channel": channel, **fields}
        await self._send("PUT", f"/v1/rooms/{quote(room, safe='')}", body)

    async def change_room(self, room: str, **fields: Any) -> None:
        """Set fields of the room."""
        await self._send("PATCH", f"/v1/rooms/{quote(room, safe='')}", fields)

    async def catalogue(self, rows: Sequence[dict[str, Any]], *, key: str) -> None:
        """Define SKUs and receive their `opening` units, once under this key."""
        for number, part in enumerate(_parts(rows)):
            await self._send("POST", f"{self._pool_path}/catalogue", {"skus": part}, key=_as_id(f"{key}/{number}"))

    async def listed(self, room: str) -> dict[str, dict[str, Any]]:
        """SKU → its terms in the room, of every SKU that the room lists. Empty where there is no such room."""
        shelf = await self._found(f"/v1/rooms/{quote(room, safe='')}/skus")
        return {row["sku"]: row for row in shelf["skus"]} if shelf is not None else {}

    async def rooms(self) -> dict[str, Any]:
        """The `rooms` that the token reaches, and how many SKUs one may list (`skus_a_room_max`)."""
        found: dict[str, Any] = await self._send("GET", "/v1/rooms")
        return found

    async def list_in_room(self, room: str, rows: Sequence[dict[str, Any]]) -> None:
        """Set the terms of SKUs in a room."""
        for part in _parts(rows):
            await self._send("POST", f"/v1/rooms/{quote(room, safe='')}/skus", {"skus": part})

    # --- stock

    async def buckets(self) -> dict[str, dict[str, int]]:
        """SKU → its buckets and accounts, of every SKU of the pool. Empty where there is no such pool."""
        return {sku: row["buckets"] for sku, row in (await self.skus()).items()}

    async def skus(self) -> dict[str, dict[str, Any]]:
        """SKU → what the catalogue says of it, with its `buckets` and accounts. Empty where there is no such pool."""
        found: dict[str, dict[str, Any]] = {}
        after = ""
        while True:
            start = f"&after={quote(after, safe='')}" if after else ""
            page = await self._found(f"{self._pool_path}/skus?limit={BULK_ROWS}{start}")
            if page is None:
                return {}
            found |= {row["sku"]: row for row in page["skus"]}
            if page["next"] is None:
                return found
            after = page["next"]

    async def sku_buckets(self, sku: str) -> dict[str, int]:
        """The buckets and accounts of one SKU."""
        answer = await self._send("GET", f"{self._pool_path}/skus/{quote(sku, safe='')}")
        buckets: dict[str, int] = answer["buckets"]
        return buckets

    async def move(self, kind: str, sku: str, qty: int, *, source: str, target: str, key: str, reason: str) -> None:
        """Move units between two places."""
        body = {"kind": kind, "sku": sku, "qty": qty, "source": source, "target": target, "reason": reason}
        await self._send("POST", f"{self._pool_path}/moves", body, key=key)

    async def receive(self, sku: str, qty: int, *, reason: str) -> None:
        """Goods come in from the supplier."""
        await self.move("receive", sku, qty, source="supplier", target="pool", key=uuid.uuid4().hex, reason=reason)

    # --- reservations

    async def confirm(self, reservation: str, *, reference: str) -> None:
        """The reservation is paid."""
        await self._step(reservation, "confirm", {"reference": reference})

    async def cancel_paid(self, reservation: str, qty: int, *, key: str, reason: str) -> None:
        """Take paid, unshipped units back into stock."""
        await self._step(reservation, "cancel-paid", {"qty": qty, "reason": reason}, key=key)

    async def ship(self, reservation: str) -> None:
        """What is left of a paid reservation leaves the house."""
        await self._step(reservation, "ship", {}, key=f"{reservation}.out")

    async def audit(self) -> dict[str, Any]:
        """The audit's report on the pool."""
        report: dict[str, Any] = await self._send("GET", f"{self._pool_path}/audit")
        return report

    async def _step(self, reservation: str, step: str, body: dict[str, Any], *, key: str = "") -> None:
        await self._send("POST", f"{self._pool_path}/reservations/{quote(reservation, safe='')}/{step}", body, key=key)

    async def _found(self, path: str) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = await self._send("GET", path)
        except ServerRefused as refused:
            if refused.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return answer

    async def _send(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> Any:
        headers = {"Idempotency-Key": _as_id(key)} if key else {}
        last = ""
        for pause_s in _pauses():
            try:
                response = await self._http.request(method, path, json=body, headers=headers)
            except httpx.RequestError as error:
                last = str(error) or type(error).__name__
                if not self._reached:
                    raise ServerUnreachable(f"no server answers at {self.shown_url}{self._via}: {last}") from None
            else:
                self._reached = True
                if response.is_success:
                    return self._content(response)
                if response.status_code not in NOT_EXECUTED:
                    raise self._refusal(response)
                last = str(self._refusal(response))
            await asyncio.sleep(pause_s)
        raise ServerUnreachable(f"{self.shown_url} did not carry out {method} {path}{self._via}: {last}")

    def _content(self, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise self._unlike_ours(response) from None

    def _refusal(self, response: httpx.Response) -> ServerRefused:
        """What a problem details answer says; any other answer is shown by its status."""
        status = _status(response)
        try:
            problem = response.json()
            code, detail = str(problem.get("code", "")), str(problem.get("detail") or problem.get("title") or status)
            field = str(problem.get("field", ""))
            available = problem.get("available")
        except (ValueError, AttributeError):
            return self._unlike_ours(response)
        text = f"{code or status}: {detail}" + (f" (field {field})" if field else "")
        return ServerRefused(response.status_code, code, text, field=field, available=available)

    def _unlike_ours(self, response: httpx.Response) -> ServerRefused:
        """The answer of something that is no Shelfcast server: a proxy, a balancer, another program on the port."""
        asked = f"{response.request.method} {self.shown_url}{response.request.url.path}"
        text = f"no answer of a Shelfcast server: {_status(response)} to {asked}{self._via}"
        return ServerRefused(response.status_code, "", text)


def _pauses() -> Iterator[float]:
    """Seconds to wait after each attempt, with full jitter, until RETRY_FOR_S are over."""
    over_at = monotonic() + RETRY_FOR_S
    for attempt in count():
        if monotonic() > over_at:
            return
        yield random.uniform(0, min(BACKOFF_MAX_S, BACKOFF_S * 2**attempt))  # noqa: S311 - spreads load


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}"


def _as_id(key: str) -> str:
    """An id the server takes, whatever the key is made of: the key itself where it is one, else its digest."""
    return key if ID.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), BULK_ROWS):
        yield rows[start : start + BULK_ROWS]


def _server_address(url: str) -> str:
    """The address without a slash at its end. Raises UsageError for what is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        shown = without_credentials(url)
        raise UsageError(f"url: expected a server's address such as http://127.0.0.1:8000, not {shown!r}")
    return url.rstrip("/")


def _way(url: str) -> Proxy | None:
    """The proxy on the way to the server. Raises UsageError for one that cannot be used."""
    proxy = proxy_for(url)
    if proxy is not None:
        proxy.require("socksio", "socksio")
    return proxy
