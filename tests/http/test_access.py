from __future__ import annotations

from typing import Any

import pytest

RESERVATION = "/v1/pools/main/reservations/r1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic d2FuZzp4"},
        {"Authorization": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."},
    ],
)
async def test_without_a_good_token_nothing_is_said(api: Any, headers: dict[str, str]) -> None:
    response = await api.call("GET", "/v1/pools", as_=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["field"] == "Authorization"


async def test_what_a_proxy_asks_for_is_nobodys_token(api: Any) -> None:
    basic, token = "Basic d2FuZzp4", api.as_("operator")["Authorization"]
    assert (await api.http.get("/v1/rooms/nowhere/snapshot", headers={"Authorization": basic})).status_code == 404
    for headers in ([("Authorization", basic), ("Authorization", token)], [("Authorization", token)]):
        assert (await api.http.get("/v1/pools", headers=headers)).status_code == 200


async def test_beside_what_a_proxy_asks_for_the_token_has_a_header_of_its_own(api: Any) -> None:
    basic, token = ("Authorization", "Basic d2FuZzp4"), api.as_("operator")["Authorization"].removeprefix("Bearer ")
    for headers in ([basic, ("Shelfcast-Token", token)], [("Shelfcast-Token", f" {token} ")]):
        assert (await api.http.get("/v1/pools", headers=headers)).status_code == 200
    for wrong in ("", " ", "a.b.c", f"Bearer {token}"):
        response = await api.http.get("/v1/pools", headers=[basic, ("Shelfcast-Token", wrong)])
        assert (response.status_code, response.json()["field"]) == (401, "Authorization")
    twice = [("Shelfcast-Token", token), ("Shelfcast-Token", token)]
    assert (await api.http.get("/v1/pools", headers=twice)).status_code == 401
    viewer = api.as_("viewer")["Authorization"]
    both = [("Authorization", viewer), ("Shelfcast-Token", token)]
    assert (await api.http.get("/v1/pools", headers=both)).status_code == 403, "the Authorization wins"


async def test_two_authorization_headers_are_one_too_many(api: Any) -> None:
    token = api.as_("operator")["Authorization"]
    response = await api.http.get("/v1/pools", headers=[("Authorization", token), ("Authorization", token)])
    assert response.status_code == 401


@pytest.mark.parametrize("role", ["viewer", "host"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/pools/main", None),
        ("PUT", "/v1/pools/main/skus/mug", {}),
        ("PATCH", "/v1/pools/main/skus/mug", {}),
        ("POST", "/v1/pools/main/catalogue", {"skus": [{"sku": "mug"}]}),
        ("PUT", "/v1/pools/main/channels/live", {}),
        ("PUT", "/v1/pools/main/batches/b", {}),
        ("PATCH", "/v1/pools/main/batches/b", {}),
        ("POST", "/v1/pools/main/batches/b/open", {"id": "o"}),
        ("POST", "/v1/pools/main/batches/b/close", {"id": "c"}),
        ("POST", "/v1/rooms/evening/skus/mug/release", {"qty": 1, "id": "r"}),
        ("POST", "/v1/rooms/evening/links/1/release", {"qty": 1, "id": "r"}),
        ("PUT", "/v1/pools/main/users/li", {}),
        ("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "m"}),
        ("POST", "/v1/pools/main/orders", {"channel": "live", "sku": "mug", "qty": 1, "id": "o"}),
        ("GET", "/v1/pools/main/audit", None),
        ("POST", "/v1/pools/main/audits", {}),
        ("GET", "/v1/pools/main/jobs", None),
        ("GET", "/v1/pools/main/jobs/j", None),
        ("DELETE", "/v1/pools/main/jobs/j", None),
        ("PUT", "/v1/rooms/evening", {"pool": "main", "channel": "live"}),
        ("PATCH", "/v1/rooms/evening", {"status": "paused"}),
        ("POST", "/v1/rooms/evening/skus", {"skus": [{"sku": "mug"}]}),
        ("PUT", "/v1/rooms/evening/skus/mug", {}),
        ("PATCH", "/v1/rooms/evening/skus/mug", {}),
        ("DELETE", "/v1/rooms/evening/skus/mug", None),
        *[("POST", f"{RESERVATION}/{step}", None) for step in ("pay", "confirm", "refund")],
        *[("POST", f"{RESERVATION}/{step}", {"id": "x"}) for step in ("ship", "cancel-paid", "fulfil")],
    ],
)
async def test_viewers_and_hosts_write_nothing(api: Any, role: str, method: str, path: str, body: Any) -> None:
    problem = await api.problem(method, path, body, as_=api.as_(role))
    assert (problem["status"], problem["code"], problem["field"]) == (403, "FORBIDDEN", "role")


@pytest.mark.parametrize(
    "path", ["/v1/pools", "/v1/pools/main/skus", "/v1/pools/main/ledger", "/v1/pools/main/events", "/v1/rooms/evening"]
)
async def test_a_viewer_reads_no_books(shop: Any, path: str) -> None:
    assert (await shop.problem("GET", path, as_=shop.as_("viewer")))["status"] == 403


@pytest.mark.parametrize("path", ["/v1/pools", "/v1/rooms", "/v1/pools/main/skus", "/v1/pools/main/ledger"])
async def test_a_host_reads_its_room_and_no_books(shop: Any, path: str) -> None:
    host = shop.as_("host")
    assert (await shop.problem("GET", path, as_=host))["field"] == "role"
    assert (await shop.ok("GET", "/v1/rooms/evening", as_=host))["room"] == "evening"
    assert [row["sku"] for row in (await shop.ok("GET", "/v1/rooms/evening/skus", as_=host))["skus"]] == ["mug"]


async def test_a_service_judges_nobody(shop: Any) -> None:
    service, path = shop.as_("service"), "/v1/pools/main/users/li"
    assert (await shop.problem("PUT", path, {"standing": "blocked"}, as_=service))["field"] == "role"
    assert (await shop.problem("GET", path, as_=service))["field"] == "role"
    assert (await shop.ok("GET", path))["standing"] == "ok"


async def test_a_counter_reaches_what_everybody_reaches(shop: Any) -> None:
    counter = shop.as_("counter")
    assert (await shop.problem("GET", "/v1/rooms/evening/snapshot", as_=counter))["field"] == "role"
    assert (await shop.problem("GET", RESERVATION, as_=counter))["field"] == "role"
    assert (await shop.ok("GET", "/v1/on-air", as_=counter))["rooms"]


async def test_a_token_for_another_pool_opens_nothing(shop: Any) -> None:
    other = shop.as_("operator", pool="other")
    for path in ("/v1/pools/main", "/v1/pools/main/skus", "/v1/pools/main/ledger", RESERVATION):
        assert (await shop.problem("GET", path, as_=other))["field"] == "pool"
    assert (await shop.problem("PATCH", "/v1/rooms/evening", {"status": "ended"}, as_=other))["status"] == 403
    assert (await shop.ok("GET", "/v1/pools", as_=other))["pools"] == []
    assert (await shop.ok("GET", "/v1/rooms", as_=other))["rooms"] == []
    taken = await shop.problem("PUT", "/v1/rooms/evening", {"pool": "other", "channel": "live"}, as_=other)
    assert (taken["status"], taken["field"]) == (409, "pool")
    made = await shop.problem("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live"}, as_=other)
    assert (made["status"], made["field"]) == (403, "pool")


async def test_a_token_for_one_room_runs_that_room_alone(shop: Any) -> None:
    await shop.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live"})
    mine = shop.as_("operator", room="evening")
    assert (await shop.ok("PATCH", "/v1/rooms/evening", {"status": "paused"}, as_=mine))["status"] == "paused"
    assert (await shop.problem("PATCH", "/v1/rooms/night", {"status": "live"}, as_=mine))["field"] == "room"
    assert (await shop.problem("GET", "/v1/rooms/night/snapshot", as_=mine))["status"] == 403
    assert [room["room"] for room in (await shop.ok("GET", "/v1/rooms", as_=mine))["rooms"]] == ["evening"]
    move = {"id": "m", "kind": "write_off", "sku": "mug", "qty": 1, "source": "pool"}
    assert (await shop.problem("POST", "/v1/pools/main/moves", move, as_=mine))["status"] == 403
    assert (await shop.problem("GET", "/v1/pools/main/skus", as_=mine))["status"] == 403
    new = shop.as_("operator", room="dawn")
    assert (await shop.problem("PUT", "/v1/rooms/dawn", {"pool": "main", "channel": "live"}, as_=new))["status"] == 403


async def test_a_token_for_one_room_sells_through_no_other_channel(shop: Any) -> None:
    await shop.ok("PUT", "/v1/pools/main/channels/theirs", {"kind": "dedicated"})
    mine, room = shop.as_("operator", room="evening"), "/v1/rooms/evening"
    assert (await shop.problem("PATCH", room, {"channel": "theirs"}, as_=mine))["field"] == "room"
    whole = {"pool": "main", "channel": "theirs"}
    assert (await shop.problem("PUT", room, whole, as_=mine))["field"] == "room"
    assert (await shop.ok("PUT", room, whole | {"channel": "live"}, as_=mine))["channel"] == "live"
    assert (await shop.ok("PATCH", room, {"channel": "live", "title": "Evening"}, as_=mine))["title"] == "Evening"
    pools = shop.as_("operator", pool="main")
    assert (await shop.problem("PATCH", room, {"channel": "theirs"}, as_=pools))["field"] == "channel", "it is live"
    await shop.ok("PATCH", room, {"status": "ended"}, as_=mine)
    assert (await shop.ok("PATCH", room, {"channel": "theirs"}, as_=pools))["channel"] == "theirs"


async def test_a_viewer_sees_and_cancels_its_own_reservation(shop: Any) -> None:
    await shop.reserve("r1", qty=2, user="li")
    li = shop.as_("viewer", user="li")
    assert (await shop.ok("GET", RESERVATION, as_=li))["qty"] == 2
    mine = await shop.ok("GET", "/v1/pools/main/reservations?user=li", as_=li)
    assert [row["id"] for row in mine["reservations"]] == ["r1"]
    assert (await shop.ok("POST", f"{RESERVATION}/cancel", as_=li))["state"] == "cancelled"
    assert (await shop.units())["pool"] == 100


@pytest.mark.parametrize(
    "stranger",
    [{"user": "zhao"}, {"user": "li", "room": "night"}, {"user": "zhao", "role": "service", "room": "night"}],
)
async def test_anybody_elses_reservation_is_as_if_it_were_not_there(shop: Any, stranger: dict[str, str]) -> None:
    await shop.reserve("r1", user="li")
    as_ = shop.as_(**({"role": "viewer"} | stranger))
    there = await shop.problem("GET", RESERVATION, as_=as_)
    missing = await shop.problem("GET", "/v1/pools/main/reservations/r2", as_=as_)
    assert there | {"detail": ""} == missing | {"detail": ""}
    assert (await shop.problem("POST", f"{RESERVATION}/cancel", as_=as_))["status"] == 404
    assert (await shop.ok("GET", RESERVATION))["state"] == "active"


async def test_nobody_lists_another_users_reservations(shop: Any) -> None:
    li = shop.as_("viewer", user="li")
    for query in ("user=zhao", "state=paid_no_stock"):
        assert (await shop.problem("GET", f"/v1/pools/main/reservations?{query}", as_=li))["status"] == 403


async def test_a_service_for_one_room_confirms_that_rooms_reservations(shop: Any) -> None:
    await shop.reserve("r1")
    night = shop.as_("service", room="night")
    assert (await shop.problem("POST", f"{RESERVATION}/confirm", as_=night))["status"] == 404
    evening = shop.as_("service", room="evening")
    assert (await shop.ok("POST", f"{RESERVATION}/confirm", as_=evening))["state"] == "confirmed"


async def test_a_snapshot_is_public_where_the_room_is(shop: Any) -> None:
    assert (await shop.ok("GET", "/v1/rooms/evening/snapshot", as_={}))["skus"][0]["available"] == 100
    await shop.ok("PATCH", "/v1/rooms/evening", {"anonymous": False})
    assert (await shop.problem("GET", "/v1/rooms/evening/snapshot", as_={}))["status"] == 401
    assert (await shop.ok("GET", "/v1/rooms/evening/snapshot", as_=shop.as_("viewer", room="evening")))["seq"] > 0
    assert (await shop.problem("GET", "/v1/rooms/evening/snapshot", as_=shop.as_("viewer", pool="b")))["status"] == 403
    assert (await shop.problem("GET", "/v1/rooms/nowhere/snapshot", as_={}))["status"] == 404


async def test_the_ledger_says_who_asked_and_who_did_it(shop: Any) -> None:
    move = {"kind": "write_off", "sku": "mug", "qty": 1, "source": "pool", "reason": "broken"}
    await shop.ok("POST", "/v1/pools/main/moves", move | {"id": "m1"}, as_=shop.as_("operator", user="wang"))
    await shop.ok(
        "POST", "/v1/pools/main/moves", move | {"id": "m2", "actor": "erp"}, as_=shop.as_("service", user="s")
    )
    text = (await shop.call("GET", "/v1/pools/main/ledger")).text
    assert '"actor":"wang","reason":"broken"' in text
    assert '"actor":"erp (by s)"' in text
