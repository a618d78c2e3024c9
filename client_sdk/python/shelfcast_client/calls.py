"""Requests of the HTTP API: the way to the server, ids that make a write happen once, what is sent again."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import re
import ssl
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import httpx

from shelfcast_client.backoff import Backoff
from shelfcast_client.codes import Code
from shelfcast_client.errors import Archived, ServerRefused, ServerUnreachable, Stale, UsageError
from shelfcast_client.proxies import proxy_for, without_credentials
from shelfcast_client.requests import ID, check_token

TIMEOUT_S = 30.0
RETRY_FOR_S = 60.0
"""How long a request is sent again: a server that died is back sooner, with its stock read, on a busy machine too."""
BACKOFF_S = 0.25
BACKOFF_MAX_S = 5.0
PIECE_BYTES = 1_048_576
"""Of an answer that is saved as a file: so much is written at once."""
NOT_EXECUTED = frozenset({429, 502, 503, 504})
"""Statuses after which the same request, with the same id, is sent again."""

UNDO = "undo:"
"""What the id of an undo begins with; behind it is the action's."""
_NUMBERED = re.compile(ID.pattern + r"(?:~\d+)?", re.ASCII)
"""An id, and the number that the server puts behind one that another action has."""

Token = str | Callable[[], str | Awaitable[str]]
"""A token, or what gives one for each request (plain or async), so that its expiry ends nothing."""

_T = TypeVar("_T")


class Calls:
    """A connection pool to one server. Makes each request until it is answered, for `retry_for_s` at the most.

    Raises UsageError for an address that is none and for a proxy that cannot be used.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        connections: int,
        proxy: bool | str,
        ssl: ssl.SSLContext | None,
        timeout_s: float,
        retry_for_s: float,
    ) -> None:
        address = _server_address(url)
        if not callable(token):
            check_token(token)
        self.shown_url = without_credentials(address)
        self._token = token
        self.retry_for_s = retry_for_s
        self._random = Random()  # noqa: S311 - spreads load
        self._reached = False
        """Whether the server ever answered: one that never did is a wrong address rather than a restart."""
        way = proxy_for(address, proxy)
        if way is not None:
            way.require("socksio", "socksio")
        self._via = "" if way is None else f" through the proxy ({way})"
        self._http = httpx.AsyncClient(
            base_url=address,
            timeout=timeout_s,
            # A transport of our own, so that httpx does not ask the environment for a proxy by its own rule.
            transport=httpx.AsyncHTTPTransport(
                verify=True if ssl is None else ssl,
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                proxy=None if way is None else httpx.Proxy(way.address, auth=way.credentials),
            ),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def ask(
        self, kind: type[_T], method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any
    ) -> _T:
        """What the server answered, of this kind, unchecked; `more` is as in `send`."""
        response = await self.send(method, path, body, **more)
        try:
            return cast(_T, response.json())
        except ValueError:
            raise self._unlike_ours(response) from None

    async def find(self, kind: type[_T], field: str, path: str, **more: Any) -> _T | None:
        """What the server says of the thing that `field` names; None where just that is missing."""
        try:
            return await self.ask(kind, "GET", path, **more)
        except ServerRefused as refused:
            if refused.status == httpx.codes.NOT_FOUND and refused.field == field:
                return None
            raise

    async def lines(self, kind: type[_T], path: str, **more: Any) -> tuple[list[_T], bool]:
        """An answer of one JSON value a line, and whether there is a next page."""
        response = await self.send("GET", path, **more)
        try:
            return [json.loads(line) for line in response.content.splitlines()], "next" in response.links
        except ValueError:
            raise self._unlike_ours(response) from None

    async def streamed(
        self, kind: type[_T], path: str, *, query: Mapping[str, str | int] | None = None
    ) -> AsyncGenerator[_T]:
        """An answer of one JSON value a line, each as it comes. Asks once.

        Raises ServerRefused, and ServerUnreachable also where the answer ends before its end.
        """
        headers = {"Authorization": f"Bearer {await self._fresh_token()}"}
        try:
            async with self._http.stream("GET", path, params=query, headers=headers) as response:
                if not response.is_success:
                    await response.aread()
                    raise self._refusal(response)
                self._reached = True
                async for line in response.aiter_lines():
                    yield cast(_T, json.loads(line))
        except httpx.RequestError as error:
            said = str(error) or type(error).__name__
            raise ServerUnreachable(f"{self.shown_url} did not answer {path} to its end{self._via}: {said}") from None
        except ValueError:
            raise self._unlike_ours(response) from None

    async def saved(
        self,
        path: str,
        file: Path,
        *,
        query: Mapping[str, str | int] | None = None,
        accept: str | None = None,
        key: str | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Save an answer as a file, piece by piece as it comes; there is none before it is whole. Asks once. None, or
        what a 202 says in place of the file.

        Raises ServerRefused, ServerUnreachable also where the answer ends before its end, OSError.
        """
        headers = {"Authorization": f"Bearer {await self._fresh_token()}", **_headers(None, key, None)}
        headers |= {} if accept is None else {"Accept": accept}
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_s is None else timeout_s
        part = file.with_name(f".{file.name}.{new_id()}.part")
        try:
            async with self._http.stream("GET", path, params=query, headers=headers, timeout=timeout) as response:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    if not response.is_success:
                        raise self._refusal(response)
                    return response.json()
                self._reached = True
                with await asyncio.to_thread(part.open, "wb") as opened:
                    async for piece in response.aiter_bytes(PIECE_BYTES):
                        await asyncio.to_thread(opened.write, piece)
            await asyncio.to_thread(part.replace, file)
        except httpx.RequestError as error:
            said = str(error) or type(error).__name__
            raise ServerUnreachable(f"{self.shown_url} did not answer {path} to its end{self._via}: {said}") from None
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return None

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
        if_match: int | None = None,
        accept: str | None = None,
        file: tuple[bytes, str] | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        """The server's answer, a success. `key` makes a write happen once, however often it is sent; `if_match` is the
        revision that a definition must be at; `accept` the media type that is asked for, where there are several;
        `file` is content with its type, in place of a body.

        Raises ServerRefused for any other answer, ServerUnreachable where none came or none said that the request was
        carried out, UsageError for what cannot be sent.
        """
        try:
            content = None if body is None else json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
            request = self._http.build_request(
                method,
                path,
                params=query,
                content=content if file is None else file[0],
                headers=_headers(body, key, if_match)
                | ({} if accept is None else {"Accept": accept})
                | ({} if file is None else {"Content-Type": file[1]}),
                timeout=httpx.USE_CLIENT_DEFAULT if timeout_s is None else timeout_s,
            )
        except (TypeError, ValueError) as error:
            raise UsageError(f"{method} {path}: expected what JSON and UTF-8 can say: {error}") from None
        pauses = Backoff(self._random, base_s=BACKOFF_S, cap_s=BACKOFF_MAX_S)
        over_at_s = monotonic() + self.retry_for_s
        while True:
            request.headers["Authorization"] = f"Bearer {await self._fresh_token()}"
            wish_s = 0.0
            try:
                response = await self._http.send(request)
            except httpx.RequestError as error:
                last = str(error) or type(error).__name__
                if not self._reached:
                    raise ServerUnreachable(f"no server answers at {self.shown_url}{self._via}: {last}") from None
            else:
                self._reached = True
                if response.is_success:
                    return response
                refusal = self._refusal(response)
                if response.status_code not in NOT_EXECUTED:
                    raise refusal
                last, wish_s = str(refusal), _retry_after_s(response)
            await asyncio.sleep(pauses.next_s(min(wish_s, self.retry_for_s)))
            if monotonic() > over_at_s:
                raise ServerUnreachable(f"{self.shown_url} did not carry out {method} {path}{self._via}: {last}")

    async def _fresh_token(self) -> str:
        given = self._token() if callable(self._token) else self._token
        token = await given if inspect.isawaitable(given) else given
        check_token(token)
        return token

    def _refusal(self, response: httpx.Response) -> ServerRefused:
        """What a problem details answer says; any other answer is shown by its status."""
        status = _status(response)
        try:
            problem = response.json()
            code, detail = str(problem.get("code", "")), str(problem.get("detail") or problem.get("title") or status)
            field, wait_ms, available = (problem.get(name) for name in ("field", "retry_after_ms", "available"))
            count = problem.get("count")
            expected, revision, begin_after = (
                _whole(problem.get(name)) for name in ("expected", "revision", "begin_after")
            )
        except (ValueError, AttributeError):
            return self._unlike_ours(response)
        if code == Code.STALE:
            text = f"{code}: {detail}"
            current = problem.get("current")
            return Stale(
                response.status_code,
                code,
                text,
                expected=expected,
                revision=revision,
                current=current if isinstance(current, dict) else None,
                field=str(field or ""),
            )
        if code == Code.ARCHIVED:
            archive = problem.get("archive")
            return Archived(
                response.status_code,
                code,
                f"{code}: {detail}",
                archive=archive if isinstance(archive, str) else None,
                begin_after=begin_after,
            )
        return ServerRefused(
            response.status_code,
            code,
            f"{code or status}: {detail}",
            field=str(field or ""),
            retry_after_ms=_whole(wait_ms),
            available=_whole(available),
            begin_after=begin_after,
            fails=_whole(problem.get("fails")),
            count=count if isinstance(count, str) else None,
        )

    def _unlike_ours(self, response: httpx.Response) -> ServerRefused:
        """The answer of something that is no Shelfcast server: a proxy, a balancer, another program on the port."""
        asked = f"{response.request.method} {self.shown_url}{response.request.url.path}"
        text = f"no answer of a Shelfcast server: {_status(response)} to {asked}{self._via}"
        return ServerRefused(response.status_code, "", text)


def below(path: str, *names: str) -> str:
    """The path of these names below another, each percent-encoded. Raises UsageError for one that no path can have."""
    return "/".join((path, *(_segment(name) for name in names)))


def id_of(key: str) -> str:
    """An id that the server takes, whatever the key is made of: the key itself where it is one, else its SHA-256.

    Raises UsageError for an empty one: all of them would be the same.
    """
    if not isinstance(key, str) or not key:
        raise UsageError(f"id: expected a text that is not empty, got {key!r}")
    return key if ID.fullmatch(key) else hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def action_id(key: str) -> str:
    """The id of the action that a write with this key made, or its undo's, which is that behind `undo:`."""
    if not isinstance(key, str):
        return id_of(key)
    made = key
    while made.startswith(UNDO):
        made = made.removeprefix(UNDO)
    return key.removesuffix(made) + (made if _NUMBERED.fullmatch(made) else id_of(made))


def new_id() -> str:
    """An id that nobody has used."""
    return uuid.uuid4().hex


def _segment(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise UsageError(f"expected a name in the path, got {name!r}")
    if name in (".", ".."):  # a step up or none at all, to whoever reads the path on its way
        return name.replace(".", "%2E")
    try:
        return quote(name, safe="")
    except UnicodeEncodeError:
        raise UsageError(f"expected a name that UTF-8 can say, got {name!r}") from None


def _headers(body: Mapping[str, Any] | None, key: str | None, if_match: int | None) -> dict[str, str]:
    headers = {} if body is None else {"Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = id_of(key)
    if if_match is not None:
        if isinstance(if_match, bool) or not isinstance(if_match, int) or if_match < 0:
            raise UsageError(f"if_match: expected a revision, 0 or more, got {if_match!r}")
        headers["If-Match"] = f'"{if_match}"'
    return headers


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}"


def _retry_after_s(response: httpx.Response) -> float:
    """What the server asks for, in seconds; the form with a date would need a clock that both agree on."""
    wish = response.headers.get("Retry-After", "")
    return float(wish) if wish.isascii() and wish.isdigit() else 0.0


def _server_address(url: str) -> str:
    """The address without a slash at its end. Raises UsageError for what is none."""
    try:
        given = urlsplit(url)
        usable = given.scheme in ("http", "https") and bool(given.hostname) and given.port != 0
        usable = usable and not (given.query or given.fragment)
        httpx.URL(url)
    except (TypeError, ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        shown = without_credentials(url) if isinstance(url, str) else url
        raise UsageError(f"url: expected a server's address such as http://127.0.0.1:8000, not {shown!r}")
    return url.rstrip("/")
