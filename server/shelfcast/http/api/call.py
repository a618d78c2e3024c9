"""One request as a handler sees it: path, query and body validated, the caller known."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import authorize
from shelfcast.http.api.fields import ProposalId
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.services import Services
from shelfcast.http.api.upload import Upload, bounded_pieces, check_declared_length, check_type
from shelfcast.http.api.validation import explained
from shelfcast.protocol.access import Act, Owner, Principal, Right, reaches
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import ActionId, AlertId, Id, Name, Sku, User
from shelfcast.stock.actions import By
from shelfcast.stock.configuration import ANY_REVISION, MUST_BE_THERE
from shelfcast.stock.outcomes import Outcome
from shelfcast.stock.pools import Pool
from shelfcast.stock.show import SHOW_ID_PATTERN

JSON_TYPE = "application/json"
NDJSON_TYPE = "application/x-ndjson"
CSV_TYPE = "text/csv"
KEY_HEADER = "Idempotency-Key"
ACTION_HEADER = "Shelfcast-Action"
"""Names the action that a write made, in its answer."""
MATCH_HEADER = "If-Match"
ETAG_PATTERN = r'"(0|[1-9][0-9]{0,15})"'
"""A definition's entity tag: its revision, quoted."""

PATH_TYPES: dict[str, Any] = {
    "pool": Annotated[Name, Meta(description="the pool")],
    "channel": Annotated[Name, Meta(description="the channel")],
    "batch": Annotated[Name, Meta(description="the batch")],
    "room": Annotated[Name, Meta(description="the room")],
    "sku": Annotated[Sku, Meta(description="the SKU, percent-encoded where it needs to be")],
    "user": Annotated[User, Meta(description="the user, percent-encoded where it needs to be")],
    "account": Annotated[User, Meta(description="the account's name, percent-encoded where it needs to be")],
    "id": Annotated[Id, Meta(description="the reservation")],
    "job": Annotated[Id, Meta(description="the job")],
    "receipt": Annotated[Id, Meta(description="the receipt")],
    "import": Annotated[Id, Meta(description="the import")],
    "count": Annotated[Id, Meta(description="the count")],
    "line": Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,5}$(?!\n)", description="the number of a line of the count")],
    "action": ActionId,
    "show": Annotated[str, Meta(pattern=SHOW_ID_PATTERN, description="the show: its room, a dot, and its number")],
    "alert": AlertId,
    "link": Annotated[
        str, Meta(pattern=r"^[1-9][0-9]{0,2}$(?!\n)", description="the number that the host calls it by")
    ],
    "proposal": ProposalId,
    "address": Annotated[str, Meta(description="what stands where a page's address has its room")],
    "asset": Annotated[str, Meta(description="a file of the pages", max_length=200)],
}

_T = TypeVar("_T")


class Found(NamedTuple):
    """An object of a path, and whose it is."""

    it: Any
    owner: Owner


class Finder(NamedTuple):
    """How the object is found that a path names, and whose pool and room are known only once it is read. `noun` is what
    it is called, `name` the path's parameter."""

    noun: str
    name: str
    find: Callable[[Call], Awaitable[Found | None]]
    """Reads it: None where it is not there. What it costs must not depend on whether it is in anybody's reach."""


@dataclass(slots=True, kw_only=True)
class Call:
    """A request that may run. `query` and `body` are of the endpoint's own types; `right` is what it takes of its
    caller, None where that is nothing."""

    request: Request
    services: Services
    principal: Principal
    path: dict[str, str]
    right: Right | None = None
    finder: Finder | None = None
    query: Any = None
    body: Any = None
    upload: Upload | None = None
    media_type: str = JSON_TYPE
    """The media type to answer with."""
    acted: str = ""
    """The id of the action that this request made."""
    _found: Found | None = None

    async def pool(self) -> Pool:
        """The pool of the path. Raises ApiError (404)."""
        pool = await self.services.pools.get(self.path["pool"])
        if pool is None:
            raise ApiError(Code.NOT_FOUND, f"there is no pool {self.path['pool']!r}", field="pool")
        return pool

    async def room_pool(self) -> Pool:
        """The pool that the path's room sells from. Raises ApiError: 404; 403 outside the token's scope.

        Whether a room exists is no secret: its snapshot and its socket tell anybody.
        """
        room = self.path["room"]
        pool = await self.services.pools.of_room(room)
        if pool is None:
            raise ApiError(Code.NOT_FOUND, f"there is no room {room!r}", field="room")
        if self.right is not None:
            authorize(self.principal, Act(self.right), pool=pool.book.pool, room=room)
        return pool

    async def found(self) -> Any:
        """The object of the path. Raises ApiError (404) where there is none, and, to the word, where the token does not
        reach the one there is."""
        finder = self.finder
        if finder is None or self.right is None:
            raise RuntimeError("an endpoint whose object is found names its finder and its access")
        if self._found is None:
            found = await finder.find(self)
            if found is None or not reaches(self.principal, self.right, found.owner):
                name = self.path[finder.name]
                raise ApiError(Code.NOT_FOUND, f"no {finder.noun} {name!r} is known", field=finder.name)
            self._found = found
        return self._found.it

    def reaches(self, owner: Owner) -> bool:
        """Whether this belongs into an answer that is filtered by the caller's scope."""
        return self.right is None or reaches(self.principal, self.right, owner)

    def key(self) -> str | None:
        """The Idempotency-Key, bare or as the quoted string of the IETF draft. Raises InvalidInput."""
        given = self.request.headers.getlist(KEY_HEADER)
        if not given:
            return None
        if len(given) > 1:
            raise InvalidInput("expected one header, not several", field=KEY_HEADER)
        value = given[0].strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        return converted(value, Id, field=KEY_HEADER)

    def expected_revision(self) -> int:
        """The revision that If-Match expects, as `stock.configuration` says it: RFC 9110, 13.1.1. Raises InvalidInput.

        A weak tag never matches there, and a list matches where one of it does: nobody has use for either here, so they
        are told what to send rather than that it does not match."""
        given = self.request.headers.getlist(MATCH_HEADER)
        if not given:
            return ANY_REVISION
        value = given[0].strip()
        if len(given) == 1 and value == "*":
            return MUST_BE_THERE
        if len(given) > 1 or "," in value:
            raise InvalidInput("expected one entity tag, not several", field=MATCH_HEADER)
        if value.startswith("W/"):
            raise InvalidInput('expected a strong entity tag, such as "7", not a weak one', field=MATCH_HEADER)
        tag = re.fullmatch(ETAG_PATTERN, value)
        if tag is None:
            raise InvalidInput('expected a revision as the ETag has it, quoted, such as "7", or *', field=MATCH_HEADER)
        return int(tag[1])

    def operation_id(self, given: str | None) -> str:
        """The id that makes a write happen once: the body's, or the header's. Raises InvalidInput."""
        key = self.key()
        if given is not None and key is not None and given != key:
            raise InvalidInput(f"the body's id and the {KEY_HEADER} header differ", field="id")
        found = given if given is not None else key
        if found is None:
            raise InvalidInput(f"expected an id in the body or an {KEY_HEADER} header", field="id")
        return found

    def by(self, *, room: str = "", bulk: str = "") -> By:
        """Whose write this is: under the caller's key, or a new id. Raises InvalidInput."""
        return By(self.key() or uuid4().hex, self.actor(""), room, bulk)

    def note(self, *outcomes: Outcome) -> None:
        """Name the action of these outcomes in the answer."""
        self.acted = next((outcome.action_id for outcome in outcomes if outcome.action), self.acted)

    def actor(self, given: str) -> str:
        """Who the ledger says did it: the caller's user, and on whose behalf where the body names somebody else."""
        user = self.principal.user
        return f"{given} (by {user})" if given and given != user else user

    def page_limit(self) -> int:
        """The query's limit. Raises InvalidInput above the server's."""
        limit, most = int(self.query.limit), self.services.settings.page_max
        if limit > most:
            raise InvalidInput(f"expected at most {most}", field="limit")
        return limit


def converted(value: object, kind: type[_T], *, field: str = "", strict: bool = True) -> _T:
    """`value` as `kind`. Raises InvalidInput naming the field."""
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        problem = explained(error, kind)
        raise InvalidInput(str(problem), field=field or problem.field) from None


def read_path(request: Request) -> dict[str, str]:
    """The path's names, validated. Bytes that are no UTF-8 would all become the same sign, and two users one."""
    given = request.path_params
    path = {name: converted(value, PATH_TYPES[name], field=name) for name, value in given.items()}
    raw = request.scope.get("raw_path") or b""
    # What stands where a room should may be anything: a browser is shown the home page.
    _check_utf8(raw.partition(b"?")[0], {name: value for name, value in path.items() if name != "address"})
    return path


def _check_utf8(encoded: bytes, values: dict[str, str]) -> None:
    """Refuse the value that has a sign in place of bytes that are no UTF-8. Raises InvalidInput."""
    replaced = [name for name, value in values.items() if "\ufffd" in name or "\ufffd" in value]
    if not replaced:
        return
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise InvalidInput("expected UTF-8 in its percent-encoding", field=replaced[0]) from None


def read_query(request: Request, kind: type[Struct]) -> Struct:
    """The query parameters as `kind`. Raises InvalidInput for an unknown, a repeated or a wrong one."""
    if not kind.__struct_config__.forbid_unknown_fields:
        return kind()
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    _check_utf8(request.scope["query_string"], given)
    if len(given) != len(pairs):
        repeated = next(name for name in given if sum(name == other for other, _ in pairs) > 1)
        raise InvalidInput("expected once, not several times", field=repeated)
    return converted(given, kind, strict=False)


async def read_body(request: Request, kind: type[Struct], *, optional: bool, max_bytes: int) -> Struct:
    """The JSON body as `kind`; without one, where that is allowed, all its defaults.

    Raises ApiError: 413 too large, 415 another content type, 400 no JSON; InvalidInput: JSON of another form.
    """
    payload = await _read_limited(request, max_bytes)
    if not payload and optional:
        return kind()
    check_type(request, (JSON_TYPE,))
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise explained(error, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(Code.BAD_MESSAGE, f"expected a JSON object: {error}", status=400) from None


async def _read_limited(request: Request, max_bytes: int) -> bytes:
    check_declared_length(request, max_bytes)
    payload = bytearray()
    async for piece in bounded_pieces(request, max_bytes):
        payload += piece
    return bytes(payload)


def answer(value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer. It holds live numbers, so nothing may keep it."""
    return Response(
        msgspec.json.encode(value),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=JSON_TYPE,
    )


class Revised(Protocol):
    """What has a revision: a definition, or the item that shows it."""

    @property
    def revision(self) -> int:
        """Raised by each write that changes it."""


def definition(item: Revised, *, status: int = 200) -> Response:
    """A definition as an answer, with its revision as the ETag."""
    return answer(item, status=status, headers={"ETag": f'"{item.revision}"'})
