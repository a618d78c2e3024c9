"""What a token, and a session, reaches over HTTP: role by scope by operation, these drawn from the OpenAPI document.

What is expected is worked out of the tables in docs/access.md and docs/http-api.md; a route that does not stand there
fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from access_table import LINES, ROLES, ROUTES, Route, line_of
from openapi_conformance import api_document
from shelfcast.http.api.access import Access
from shelfcast.insight.pace import MINUTE_MS
from shelfcast.protocol.access import Right, Role
from shelfcast.protocol.cookies import SESSION_COOKIE, digest_of
from shelfcast.stock.account_records import Way
from shelfcast.stock.alert_operations import KeepMinute, RingAlert
from shelfcast.stock.proposal_operations import Propose
from shelfcast.stock.proposals import ProposedMove

POOL, ROOM = "main", "evening"
OWNER, STRANGER = "li", "zhao"
SCOPES: dict[str, dict[str, str]] = {
    "no scope": {},
    "own pool": {"pool": POOL},
    "other pool": {"pool": "other"},
    "own room": {"room": ROOM},
    "other room": {"room": "night"},
}
PATH = {
    "pool": POOL,
    "room": ROOM,
    "sku": "mug",
    "channel": "live",
    "batch": "second",
    "user": OWNER,
    "id": "r1",
    "job": "j1",
    "import": "i1",
    "receipt": "t1",
    "count": "c1",
    "line": "1",
    "action": "a1",
    "show": "evening.1",
    "alert": "evening.1:1",
    "proposal": "main.1",
    "link": "1",
    "account": "chen",
}
"""What stands in a path: things that are there."""
CONTAINED = frozenset(PATH) - {"id", "action", "show", "alert"}
"""What is reached with its pool or room. Any other name of a path is an object's, whose own room or user counts."""
QUERIES = {"list_reservations": {"user": OWNER}}
BODIES: dict[str, dict[str, Any]] = {
    "put_room": {"pool": POOL, "channel": "live", "open_reservations": True},
    "post_move": {"kind": "receive", "id": "m1", "sku": "mug", "qty": 1, "target": "pool"},
    "post_order": {"id": "o1", "channel": "live", "sku": "mug", "qty": 1},
    "post_catalogue": {"skus": [{"sku": "mug", "title": "Mug"}]},
    "post_room_skus": {"skus": [{"sku": "mug"}]},
    "post_release_sku": {"id": "m2", "qty": 1},
    "post_release_link": {"id": "m3", "qty": 1},
    "post_status": {"status": "live", "id": "m4"},
}
"""Of operations that take something. Others get an empty body: where it is refused, they were reached all the same."""


class Operation(NamedTuple):
    """An operation of the document."""

    route: str
    name: str
    method: str
    path: str

    @property
    def address(self) -> str:
        """The path, with what is there."""
        return re.sub(r"\{(\w+)\}", lambda found: quote(PATH[found[1]], safe=""), self.path)

    @property
    def declared(self) -> Route:
        """What docs/http-api.md says of it."""
        assert self.route in ROUTES, f"expected a row for {self.route} with who may call it in docs/http-api.md"
        return ROUTES[self.route]

    @property
    def object_name(self) -> str:
        """The path's parameter that names an object, of one that has such."""
        names = set(re.findall(r"\{(\w+)\}", self.path)) - CONTAINED
        # Of an alert of a show the alert is the object.
        [name] = names - {"show"} or names
        return str(name)

    def names(self, what: str) -> bool:
        return f"{{{what}}}" in self.path


class Caller(NamedTuple):
    """Who calls; without a role it has no token. One by cookie has signed in with that token."""

    role: str = ""
    scope: str = "no scope"
    user: str = OWNER
    by_cookie: bool = False

    async def headers(self, api: Any) -> dict[str, str]:
        if not self.role:
            return {}
        shown: dict[str, str] = api.as_(self.role, self.user, **SCOPES[self.scope])
        if not self.by_cookie:
            return shown
        secret, principal = token_urlsafe(32), api.services.tokens.verify(shown["Authorization"].split()[1])
        await api.services.pools.accounts.begin(digest_of(secret), principal, Way.LINK)
        return {"Cookie": f"{SESSION_COOKIE}={secret}", "Origin": "http://shelf.test"}

    @property
    def pool(self) -> str | None:
        return SCOPES[self.scope].get("pool")

    @property
    def room(self) -> str | None:
        return SCOPES[self.scope].get("room")


def operations() -> Iterator[Operation]:
    for path, methods in api_document()["paths"].items():
        for method, operation in methods.items():
            yield Operation(f"{method.upper()} {path}", operation["operationId"], method.upper(), path)


OPERATIONS = list(operations())
OBJECTS = [one for one in OPERATIONS if one.route in ROUTES and one.declared.reach == "object"]
CALLERS = [
    Caller(),
    *(Caller(role, scope) for role in ROLES for scope in SCOPES),
    *(Caller("viewer", scope, STRANGER) for scope in SCOPES),
    *(Caller(role, scope, by_cookie=True) for role in ROLES for scope in ("no scope", "other pool", "own room")),
]


def expected(caller: Caller, operation: Operation) -> str:
    """What the tables say: "reached", or the status and the field of the refusal."""
    who, reach = operation.declared
    if who == "anybody" or (who == "guest" and not caller.role):
        return "reached"
    if not caller.role or who == "session":
        return _by_what_is_shown(caller, who)
    line = line_of(who)
    if caller.role not in line.roles:
        return "403 role"
    if caller.pool not in (None, POOL) and (operation.names("pool") or operation.names("room")):
        return "403 pool"
    in_room = caller.room in (None, ROOM)
    in_pool = caller.pool in (None, POOL)
    if reach == "server" and (caller.pool or caller.room):
        return "403 pool" if caller.pool else "403 room"
    if operation.names("room") and not in_room:
        return "403 room"
    if (reach == "pool" or (operation.names("pool") and not reach)) and caller.room is not None:
        return "403 room"
    is_its_own = caller.role not in line.own or caller.user == OWNER
    if reach == "object" and not (in_pool and in_room and is_its_own):
        return f"404 {operation.object_name}"
    return "reached" if is_its_own else "403 user"


def _by_what_is_shown(caller: Caller, who: str) -> str:
    """Of somebody without a token, and where a session is wanted and nothing besides."""
    if who == "session":
        return "reached" if caller.by_cookie else "401 session"
    return "401 Authorization"


def found(response: httpx.Response) -> str:
    """What was answered, in the same words."""
    field = response.json().get("field", "") if response.status_code in (401, 403, 404) else "state"
    # The book has looked at the reservation, and its state does not allow the step; nobody signs in over plain http;
    # the account was deleted by the caller before.
    return "reached" if field in ("state", "scheme", "account") else f"{response.status_code} {field}"


@pytest.fixture
async def shop(api: Any) -> Any:
    """Of all that a path can name there is one, and the room is a demonstration."""
    await api.shop()
    await api.ok("PUT", "/v1/pools/other")
    await api.ok("PUT", "/v1/pools/main/batches/second", {})
    await act(api, "a1", open_reservations=True)
    await api.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live", "status": "live"})
    await api.reserve("r1", user=OWNER)
    await api.ok("POST", "/v1/pools/main/audits", headers={"Idempotency-Key": "j1"})
    headers = {**api.as_("operator"), "Idempotency-Key": "i1", "Content-Type": "text/csv"}
    sent = await api.http.post("/v1/pools/main/imports", content=b"sku\nmug\n", headers=headers)
    assert sent.status_code == 201, sent.text
    await api.ok("POST", "/v1/pools/main/counts", {"kind": "spot", "id": PATH["count"], "skus": ["mug"]})
    await api.ok("POST", "/v1/pools/main/counts/c1/lines", {"sku": "mug", "good": 1}, as_=api.as_("operator", OWNER))
    await api.ok("POST", "/v1/pools/main/receipts", {"id": PATH["receipt"]})
    await ring(api, "share_left")
    await keep_minute(api)
    await propose(api)
    await api.services.pools.accounts.write(
        PATH["account"], role=Role.HOST, pools=None, rooms=None, password_hash="none", by="", expected=-1
    )
    return api


async def propose(api: Any) -> None:
    """Propose to move units between channels, as the duty does that works out the split."""
    await api.ok("PUT", "/v1/pools/main/channels/douyin", {"kind": "dedicated"})
    pool = await api.services.pools.get("main")
    moves = [ProposedMove("mug", 1, "pool", "channel:douyin")]
    outcome = await pool.book.apply(Propose("", 1, 0, moves, "book"))
    assert outcome.data == PATH["proposal"], outcome


async def ring(api: Any, rule: str) -> None:
    """Ring an alert in the room, as the duty does that watches shows."""
    pool = await api.services.pools.get("main")
    outcome = await pool.book.apply(
        RingAlert(1, ROOM, f"{ROOM}.1", rule, "mug", 10, "warning", 0.1, 0.1, 10, 100, "shorten its airtime")
    )
    assert outcome.code == "OK", outcome


async def keep_minute(api: Any) -> None:
    """Have the first minute of the show kept, as the duty does that watches shows."""
    pool = await api.services.pools.get("main")
    show = await pool.book.show(f"{ROOM}.1")
    minute = show.started_at_ms // MINUTE_MS
    outcome = await pool.book.apply(KeepMinute(1, ROOM, show.id, minute, [("mug", (99, 1, 0, 1))], (0, []), [], minute))
    assert outcome.code == "OK", outcome


async def ask_refund(api: Any, reservation: str) -> None:
    """Ask for the refund of a reservation, which is paid before."""
    path = f"/v1/pools/main/reservations/{reservation}"
    await api.ok("POST", f"{path}/confirm")
    await api.ok("POST", f"{path}/refund-request", {"units": 1, "reason": "broken"})


async def act(api: Any, name: str, **fields: Any) -> None:
    """Make an action in the room."""
    await api.ok("PATCH", "/v1/rooms/evening", fields, headers={"Idempotency-Key": name})


async def call(api: Any, caller: Caller, operation: Operation, address: str = "") -> httpx.Response:
    body = None if operation.method in ("GET", "DELETE") else BODIES.get(operation.name, {})
    response: httpx.Response = await api.http.request(
        operation.method,
        address or operation.address,
        json=body,
        params=QUERIES.get(operation.name),
        headers={"Idempotency-Key": "once", **await caller.headers(api)},
    )
    return response


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_a_token_reaches_what_its_role_and_scope_say(shop: Any, operation: Operation) -> None:
    if operation.name == "post_decide_refund":
        await ask_refund(shop, PATH["id"])
    wrong = {}
    for caller in CALLERS:
        response = await call(shop, caller, operation)
        answer, wanted = found(response), expected(caller, operation)
        if operation.name == "get_entry":
            # It has the handshake's words, which name no part of the token.
            answer, wanted = answer[:3], wanted[:3]
        if answer != wanted:
            wrong[caller] = f"{answer}, not {wanted}: {response.text}"
    assert wrong == {}


@pytest.mark.parametrize("kind", ["freeze", "unfreeze"])
async def test_an_operator_freezes_a_service_thaws(shop: Any, kind: str) -> None:
    right = "freeze" if kind == "freeze" else "keep"
    body = {"kind": kind, "sku": "mug"}
    for number, caller in enumerate(CALLERS[1:]):
        response = await shop.http.post(
            "/v1/pools/main/moves", json=body | {"id": f"{kind}-{number}"}, headers=await caller.headers(shop)
        )
        may = caller.role in LINES[right].roles and caller.room is None and caller.pool in (None, POOL)
        assert response.status_code == (200 if may else 403), (caller, response.text)


@pytest.mark.parametrize("operation", OBJECTS, ids=lambda operation: operation.name)
async def test_a_strangers_404_is_that_of_one_that_is_not_there(shop: Any, operation: Operation) -> None:
    """To the byte, headers and all, for the same name before and after there is something of that name."""
    address = operation.address.replace("/r1", "/r2").replace("/a1", "/a2").replace("%3A1", "%3A2")
    if "alert" not in operation.object_name:
        address = address.replace("/evening.1", "/evening.2")
    strangers = [caller for caller in CALLERS if expected(caller, operation).startswith("404")]
    strangers = [caller for caller in strangers if caller.role in line_of(operation.declared.who).roles]
    before = [await call(shop, stranger, operation, address) for stranger in strangers]
    await shop.reserve("r2", user=OWNER)
    if operation.name == "post_decide_refund":
        await ask_refund(shop, "r2")
    await act(shop, "a2", title="Late")
    await ring(shop, "sell_through")
    for status in ("ended", "live"):
        await shop.ok("PATCH", "/v1/rooms/evening", {"status": status})
    after = [await call(shop, stranger, operation, address) for stranger in strangers]
    assert strangers
    assert [(r.status_code, r.headers, r.content) for r in before] == [
        (r.status_code, r.headers, r.content) for r in after
    ]
    assert {response.status_code for response in after} == {404}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_name_that_is_in_no_pool_or_room_by_its_path_is_an_object(operation: Operation) -> None:
    names = set(re.findall(r"\{(\w+)\}", operation.path))
    assert (operation.declared.reach == "object") == bool(names - CONTAINED)


def test_what_names_no_pool_and_no_room_answers_what_is_in_scope() -> None:
    asked = [operation for operation in OPERATIONS if operation.declared.who != "anybody"]
    nowhere = [operation for operation in asked if not operation.names("pool") and not operation.names("room")]
    assert {operation.name for operation in nowhere} >= {"list_pools", "list_rooms"}
    assert [one.name for one in nowhere if not one.declared.reach] == ["get_session", "delete_session"]


async def test_a_filtered_list_leaves_out_what_is_out_of_scope(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/other/channels/live", {"kind": "shared"})
    await shop.ok("PUT", "/v1/rooms/far", {"pool": "other", "channel": "live"})
    pools = {"no scope": ["main", "other"], "own pool": ["main"], "other pool": ["other"]}
    rooms = {
        "no scope": ["evening", "far", "night"],
        "own pool": ["evening", "night"],
        "other pool": ["far"],
        "own room": ["evening"],
        "other room": ["night"],
    }
    for scope, claims in SCOPES.items():
        for role in ("service", "operator"):
            headers = shop.as_(role, **claims)
            seen = (await shop.ok("GET", "/v1/pools", as_=headers))["pools"]
            assert [one["pool"] for one in seen] == pools.get(scope, []), scope
            seen = (await shop.ok("GET", "/v1/rooms", as_=headers))["rooms"]
            assert [one["room"] for one in seen] == rooms[scope], scope
            if scope != "other pool":
                listed = await shop.ok("GET", f"/v1/pools/main/reservations?user={OWNER}", as_=headers)
                assert [one["id"] for one in listed["reservations"]] == ([] if scope == "other room" else ["r1"])


def test_a_host_reaches_nothing_of_a_pool() -> None:
    whole_pools = [route for route, (_, reach) in ROUTES.items() if "{pool}" in route and not reach]
    assert [route for route in whole_pools if "host" in line_of(ROUTES[route].who).roles] == []


def test_the_document_says_the_roles_of_each_operation() -> None:
    for operation in OPERATIONS:
        security = api_document()["paths"][operation.path][operation.method.lower()]["security"]
        who = operation.declared.who
        assert (security == []) == (who == "anybody")
        assert ({} in security) == (who == "guest")
        for way in filter(None, security):
            [roles] = way.values()
            assert set(roles) == (set(ROLES) if who == "session" else line_of(who).roles), operation
        assert {name for way in security for name in way} >= ({"session"} if security else set()), operation


@pytest.mark.parametrize("access", list(Access))
def test_every_kind_of_access_is_in_the_table(access: Access) -> None:
    if access not in (Access.PUBLIC, Access.SESSION):
        assert isinstance(access.right, Right)
        assert LINES[access.right].routes == access.name.lower()
