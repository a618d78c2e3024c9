"""Demonstration rooms: a pass for whoever comes, and a payment for show."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fixtures_server import StartServer
from raw_socket import RawSocket
from shelfcast.http.api.allowance import ADDRESSES_MAX, Allowance
from shelfcast.http.api.auth import Tokens
from shelfcast.http.application import create_app
from shelfcast.protocol.from_server import Confirmed, Me, Reserved
from shelfcast.settings import Settings

ROOM = "/v1/rooms/evening"
GUESTS = f"{ROOM}/guests"
PAYMENT = f"{ROOM}/reservations/r1/demo-payment"
NOBODY: dict[str, str] = {}


@pytest.fixture
async def demonstration(shop: Any) -> Any:
    await shop.ok("PATCH", ROOM, {"open_reservations": True})
    return shop


def changed(shop: Any, **changes: Any) -> Any:
    """The same application with other services."""
    services = dataclasses.replace(shop.services, **changes)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(services)), base_url="http://shelf.test")
    return type(shop)(services, http)


# --- passes ---------------------------------------------------------------------------------------------------


async def test_whoever_comes_gets_a_viewers_pass_for_this_room(demonstration: Any) -> None:
    response = await demonstration.call("POST", GUESTS, as_=NOBODY)
    assert (response.status_code, response.headers["cache-control"]) == (201, "no-store")
    made = response.json()
    principal = demonstration.services.tokens.verify(made["token"])
    assert (principal.role, principal.user, principal.rooms) == ("viewer", made["user"], {"evening"})
    assert (made["role"], made["expires_at_ms"]) == ("viewer", principal.expires_at_s * 1000)
    other = await demonstration.ok("POST", GUESTS, {"role": "viewer"}, as_=NOBODY)
    assert other["user"] != made["user"]


async def test_only_a_demonstration_gives_passes(shop: Any) -> None:
    refused = await shop.problem("POST", GUESTS, as_=NOBODY)
    assert (refused["status"], refused["code"], refused["field"]) == (403, "FORBIDDEN", "room")
    assert "demonstration" in refused["detail"]
    assert (await shop.problem("POST", "/v1/rooms/none/guests", as_=NOBODY))["status"] == 404


async def test_a_room_that_takes_nobody_without_a_token_makes_none(demonstration: Any) -> None:
    await demonstration.ok("PATCH", ROOM, {"anonymous": False})
    assert (await demonstration.problem("POST", GUESTS, as_=NOBODY))["status"] == 403


async def test_a_hosts_pass_is_given_in_open_house_alone(demonstration: Any) -> None:
    refused = await demonstration.problem("POST", GUESTS, {"role": "host"}, as_=NOBODY)
    assert (refused["status"], refused["field"]) == (403, "role")
    open_house = changed(demonstration, open_house=frozenset({"evening"}))
    made = await open_house.ok("POST", GUESTS, {"role": "host"}, as_=NOBODY)
    principal = open_house.services.tokens.verify(made["token"])
    assert (principal.role, principal.rooms) == ("host", {"evening"})
    for role in ("operator", "service", "king", None, 7):
        assert (await open_house.problem("POST", GUESTS, {"role": role}, as_=NOBODY))["field"] == "role"
    elsewhere = changed(demonstration, open_house=frozenset({"night"}))
    assert (await elsewhere.problem("POST", GUESTS, {"role": "host"}, as_=NOBODY))["status"] == 403


async def test_open_house_is_nothing_without_a_demonstration(shop: Any) -> None:
    open_house = changed(shop, open_house=frozenset({"evening"}))
    assert (await open_house.problem("POST", GUESTS, {"role": "host"}, as_=NOBODY))["field"] == "room"


async def test_one_address_gets_so_many_in_a_minute(demonstration: Any) -> None:
    settings = msgspec.structs.replace(demonstration.services.settings, guest_passes_an_address_a_minute_max=2)
    strict = changed(demonstration, settings=settings, guests=Allowance(lambda: 0.0))
    for _ in range(2):
        await strict.ok("POST", GUESTS, as_=NOBODY)
    response = await strict.call("POST", GUESTS, as_=NOBODY)
    assert (response.status_code, response.json()["code"]) == (429, "RATE_LIMITED")
    assert response.headers["retry-after"] == "60"


async def test_a_server_with_public_keys_alone_makes_no_passes(demonstration: Any, tmp_path: Any) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    (tmp_path / "key.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    tokens = Tokens(Settings(token_public_key_file=str(tmp_path / "key.pem")))
    response = await changed(demonstration, tokens=tokens).http.post(GUESTS)
    assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")
    assert "secret" in response.json()["detail"]


def test_an_allowance_is_counted_by_address_and_begins_anew_with_each_minute() -> None:
    now = [100.0]
    allowance = Allowance(lambda: now[0])
    assert [allowance.take("a", 2) for _ in range(3)] == [0, 0, 60_000]
    assert allowance.take("b", 2) == 0
    now[0] = 159.0
    assert allowance.take("a", 2) == 1_000
    now[0] = 160.0
    assert allowance.take("a", 2) == 0


def test_an_allowance_counts_no_more_addresses_than_it_can_hold() -> None:
    allowance = Allowance(lambda: 100.0)
    assert all(allowance.take(str(number), 2) == 0 for number in range(ADDRESSES_MAX))
    assert allowance.take("0", 2) == 0
    assert allowance.take("one more", 2) == 0, "another that asked once is forgotten for it"
    assert allowance.take("0", 2) == 60_000, "who asked more often is not"
    for number in range(2, ADDRESSES_MAX):
        allowance.take(str(number), 2)
        allowance.take(str(number), 2)
    allowance.take("one more", 2)
    assert allowance.take("a stranger", 2) == 60_000


# --- payments for show ----------------------------------------------------------------------------------------


async def test_the_owner_pays_for_show(demonstration: Any) -> None:
    await demonstration.reserve("r1", qty=2)
    owner = demonstration.as_("viewer", "li", room="evening")
    paid = await demonstration.ok("POST", PAYMENT, as_=owner)
    assert (paid["state"], paid["qty"], paid["left"]) == ("confirmed", 2, 2)
    assert await demonstration.ok("POST", PAYMENT, as_=owner) == paid
    kept = await demonstration.ok("GET", "/v1/pools/main/reservations/r1")
    assert (kept["state"], kept["reference"]) == ("confirmed", "demonstration")


async def test_nobody_pays_for_show_where_it_is_none(shop: Any) -> None:
    await shop.reserve("r1")
    for role in ("viewer", "operator"):
        refused = await shop.problem("POST", PAYMENT, as_=shop.as_(role, "li"))
        assert (refused["status"], refused["code"], refused["field"]) == (403, "FORBIDDEN", "room")
    assert (await shop.ok("GET", "/v1/pools/main/reservations/r1"))["state"] == "active"


async def test_somebody_elses_hold_is_as_if_it_were_not_there(demonstration: Any) -> None:
    await demonstration.reserve("r1")
    for headers in (demonstration.as_("viewer", "wang"), demonstration.as_("viewer", "wang", room="evening")):
        refused = await demonstration.problem("POST", PAYMENT, as_=headers)
        assert (refused["status"], refused["field"]) == (404, "id")
    assert (await demonstration.problem("POST", PAYMENT, as_=NOBODY))["status"] == 401
    elsewhere = demonstration.as_("viewer", "li", room="night")
    assert (await demonstration.problem("POST", PAYMENT, as_=elsewhere))["status"] == 403
    assert (await demonstration.ok("POST", PAYMENT, as_=demonstration.as_("operator")))["state"] == "confirmed"


async def test_a_hold_of_another_room_is_not_paid_for_show(demonstration: Any) -> None:
    await demonstration.ok("PUT", "/v1/rooms/night", {"pool": "main", "channel": "live", "status": "live"})
    await demonstration.ok("PUT", "/v1/rooms/night/skus/mug", {})
    await demonstration.reserve("r1", room="night")
    owner = demonstration.as_("viewer", "li")
    for room, status in (("evening", 404), ("night", 403)):
        path = f"/v1/rooms/{room}/reservations/r1/demo-payment"
        assert (await demonstration.problem("POST", path, as_=owner))["status"] == status
    assert (await demonstration.ok("GET", "/v1/pools/main/reservations/r1"))["state"] == "active"


async def test_a_hold_that_ran_out_is_paid_as_far_as_there_is_stock(demonstration: Any) -> None:
    await demonstration.ok("PATCH", ROOM, {"hold_ms": 1})
    owner = demonstration.as_("viewer", "li")
    pool = await demonstration.services.pools.get("main")
    for name in ("r1", "r2"):
        expires_at_ms = (await demonstration.reserve(name)).expires_at_ms
    while await pool.book.now_ms() <= expires_at_ms:
        pass
    assert (await demonstration.ok("POST", PAYMENT, as_=owner))["state"] == "confirmed"
    await demonstration.ok("POST", "/v1/pools/main/moves", {"kind": "freeze", "sku": "mug", "id": "stop"})
    late = await demonstration.problem("POST", PAYMENT.replace("r1", "r2"), as_=owner)
    assert (late["status"], late["code"]) == (409, "PAID_NO_STOCK")


async def test_a_guest_buys_and_is_the_same_customer_after_a_reload(start_server: StartServer) -> None:
    server = await start_server()
    await server.open_shop(open_reservations=True)
    await server.sell("mug", 5)
    async with httpx.AsyncClient(base_url=server.url) as http:
        made = (await http.post(GUESTS)).json()
        page = await RawSocket.join(server.port, token=made["token"])
        page.say(type="reserve", id="r1", sku="mug", qty=1)
        await page.wait_for(Reserved)
        page.close()
        reloaded = await RawSocket.join(server.port, token=made["token"])
        me = await reloaded.wait_for(Me)
        assert [(held.id, held.qty) for held in me.reservations] == [("r1", 1)]
        paying = http.post(PAYMENT, headers={"Authorization": f"Bearer {made['token']}"})
        paid, confirmed = await asyncio.gather(paying, reloaded.wait_for(Confirmed))
    assert (paid.json()["state"], confirmed.id) == ("confirmed", "r1")
