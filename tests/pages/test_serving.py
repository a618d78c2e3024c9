"""The pages over HTTP: what is served, under which headers, and what a server without built pages does."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from shelfcast.engine import Engine
from shelfcast.gateway.entry import refusal_at_entry, refusal_at_pool_entry
from shelfcast.gateway.gate import Gate
from shelfcast.http.api.auth import Tokens
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.http.built_pages import GZIP_FROM_BYTES, Pages
from shelfcast.http.pages.routes import content_policy
from shelfcast.origins import Origins
from shelfcast.pool.hub import PoolHub
from shelfcast.protocol.access import Role
from shelfcast.room.hub import Hub
from shelfcast.settings import Settings
from shelfcast.stock.pools import Pools

PROGRAM = "index-1a2b3c4d.js"
SCRIPT = "console.info('the home page');" * 40
PAGES = {"/": "index", "/rooms/evening": "room", "/overlay/evening": "overlay", "/host/evening": "host"}
FRAMED = ("/rooms/evening", "/overlay/evening")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves one, and beside it a file that nobody may read over HTTP."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    for name in PAGES.values():
        (folder / f"{name}.html").write_text(f"<!doctype html><title>{name}</title>", encoding="utf-8")
    (folder / "assets" / PROGRAM).write_text(SCRIPT, encoding="utf-8")
    (folder / "assets" / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("a secret", encoding="utf-8")
    return folder


@pytest.fixture
async def services(engine: Engine, settings: Settings, built: Path) -> AsyncIterator[Services]:
    pools = Pools(engine, settings)
    hub = Hub(pools, settings)
    hub.start()
    tokens = Tokens(settings)
    gate = Gate(settings, hub, PoolHub(pools, settings, hub.airtime), tokens.verify, pools.accounts)
    yield Services(
        settings=settings,
        pools=pools,
        hub=hub,
        tokens=tokens,
        entry=partial(refusal_at_entry, gate),
        pool_entry=partial(refusal_at_pool_entry, gate),
        pages=Pages(built),
    )
    await hub.close()
    await pools.close()


def changed(services: Services, **changes: Any) -> Services:
    names = ("settings", "pools", "hub", "tokens", "entry", "pool_entry", "pages", "open_house")
    parts = {name: getattr(services, name) for name in names}
    return Services(**(parts | changes))


def browser(services: Services) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(services))
    return httpx.AsyncClient(transport=transport, base_url="http://shelf.test:8000")


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(services) as client:
        yield client


async def open_room(services: Services, *, ended: bool = False, **config: Any) -> None:
    """A live room `evening`, or one whose show is over."""
    token = services.tokens.mint(role=Role.OPERATOR, user="wang")
    async with browser(services) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for path, body in (
            ("/v1/pools/main", {}),
            ("/v1/pools/main/channels/live", {"kind": "shared"}),
            ("/v1/rooms/evening", {"pool": "main", "channel": "live", "status": "live", **config}),
        ):
            assert (await client.put(path, json=body)).is_success
        if ended:
            assert (await client.patch("/v1/rooms/evening", json={"status": "ended"})).is_success


# --- built pages ---


@pytest.mark.parametrize(("path", "name"), PAGES.items())
async def test_a_page_is_asked_for_anew_each_time_and_may_load_from_here_alone(
    http: httpx.AsyncClient, path: str, name: str
) -> None:
    response = await http.get(path)
    assert response.status_code == 200
    assert f"<title>{name}</title>" in response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    policy = response.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"} <= set(policy)
    assert "connect-src 'self' ws://shelf.test:8000 wss://shelf.test:8000" in policy
    assert "unsafe" not in response.headers["content-security-policy"]


async def test_a_page_is_the_same_for_every_room_there_is_or_not(http: httpx.AsyncClient) -> None:
    """Whether there is such a room, and who may enter it, the page's program learns for itself."""
    some, other = await http.get("/rooms/evening"), await http.get("/rooms/nobody-knows?lang=zh&lang=en&x=1")
    assert (some.status_code, other.status_code) == (200, 200)
    assert some.content == other.content


NO_ROOMS = ("Evening%20Show", "x" * 65, "%E6%99%9A%E5%9C%BA", "%E0%A4%A", "%00", "-")
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("name", NO_ROOMS)
@pytest.mark.parametrize("page", ["rooms", "overlay", "host"])
async def test_a_browser_is_shown_the_home_page_for_a_name_that_no_room_can_have(
    http: httpx.AsyncClient, page: str, name: str
) -> None:
    response = await http.get(f"/{page}/{name}", headers=BROWSER)
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<title>index</title>" in response.text
    assert response.headers["cache-control"] == "no-cache"
    assert ancestors(response) == ("'none'" if page == "host" else "'self'")


@pytest.mark.parametrize("name", NO_ROOMS)
async def test_a_program_is_told_what_is_wrong_with_such_a_name(http: httpx.AsyncClient, name: str) -> None:
    for path in (f"/rooms/{name}", f"/overlay/{name}", f"/host/{name}", f"/v1/rooms/{name}/snapshot"):
        response = await http.get(path)
        assert (response.status_code, response.json()["field"]) == (422, "room"), path
    api = await http.get(f"/v1/rooms/{name}/snapshot", headers=BROWSER)
    assert api.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("page", ["rooms", "overlay", "host"])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("evening/", "evening"),
        ("evening/?lang=zh&scale=2", "evening?lang=zh&scale=2"),
        ("%E6%99%9A%E5%9C%BA/", "%E6%99%9A%E5%9C%BA"),
        ("%0d%0aSet-Cookie:a=b/", "%0D%0ASet-Cookie%3Aa%3Db"),
        ("%5Cevil.example/", "%5Cevil.example"),
        ("a%3Fb%23c/?d", "a%3Fb%23c?d"),
    ],
)
async def test_who_types_a_slash_behind_a_page_is_sent_to_the_page(
    http: httpx.AsyncClient, page: str, typed: str, meant: str
) -> None:
    for ask in (http.get, http.head):
        response = await ask(f"/{page}/{typed}")
        assert (response.status_code, response.headers["location"]) == (308, f"/{page}/{meant}")
        assert "set-cookie" not in response.headers
    assert (await http.post(f"/{page}/{typed}")).status_code == 405


async def test_what_pages_load_is_kept_for_ever_under_the_name_of_its_content(http: httpx.AsyncClient) -> None:
    response = await http.get(f"/static/assets/{PROGRAM}")
    assert (response.status_code, response.text) == (200, SCRIPT)
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "gzip"), ("*", "gzip"), ("br;q=1, gzip;q=0.5", "gzip"), ("gzip;q=0, *", None), ("br", None)],
)
async def test_files_are_compressed_for_those_who_take_it(
    http: httpx.AsyncClient, accepted: str, coding: str | None
) -> None:
    response = await http.get(f"/static/assets/{PROGRAM}", headers={"Accept-Encoding": accepted})
    assert response.text == SCRIPT
    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    length = int(response.headers["content-length"])
    assert length == (len(gzip.compress(SCRIPT.encode())) if coding else len(SCRIPT))


async def test_a_small_file_is_sent_as_it_is(http: httpx.AsyncClient) -> None:
    response = await http.get("/static/assets/icon.svg", headers={"Accept-Encoding": "gzip"})
    assert len(response.content) < GZIP_FROM_BYTES
    assert "content-encoding" not in response.headers
    assert response.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/static/assets/gone-00000000.js",
        "/static/assets/../../secret.txt",
        "/static/assets/..%2F..%2Fsecret.txt",
        "/static/assets/%2e%2e/%2e%2e/secret.txt",
        "/static/assets//etc/passwd",
        "/static/assets/%00",
        "/static/assets/" + "a" * 200,
        "/static/assets/",
        "/static/assets",
        "/static/index.html",
        "/static/",
        "/rooms",
        "/rooms/",
        "/rooms//",
        "/rooms/evening//",
        "/rooms//evening/",
        "/rooms/evening/more",
        "/console/evening",
    ],
)
async def test_whatever_else_is_asked_for_is_not_there(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(httpx.URL(scheme="http", host="shelf.test", port=8000, raw_path=path.encode()))
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "NOT_FOUND"
    assert "secret" not in response.json().get("title", "")


@pytest.mark.parametrize("path", [*PAGES, f"/static/assets/{PROGRAM}"])
async def test_head_answers_as_get_does_and_nothing_can_be_written(http: httpx.AsyncClient, path: str) -> None:
    got, head = await http.get(path), await http.head(path)
    assert (head.status_code, head.headers) == (200, got.headers)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        refused = await http.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


# --- frames ---


def ancestors(response: httpx.Response) -> str:
    (directive,) = (
        part for part in response.headers["content-security-policy"].split("; ") if part.startswith("frame-ancestors ")
    )
    return str(directive.removeprefix("frame-ancestors "))


@pytest.mark.parametrize("path", PAGES)
async def test_only_shops_that_the_settings_name_put_a_room_into_a_frame(services: Services, path: str) -> None:
    named = msgspec.structs.replace(services.settings, allowed_origins="https://shop.example, http://localhost:3000")
    async with browser(services) as alone, browser(changed(services, settings=named)) as embedded:
        ours, theirs = ancestors(await alone.get(path)), ancestors(await embedded.get(path))
    if path in FRAMED:
        assert (ours, theirs) == ("'self'", "'self' https://shop.example http://localhost:3000")
    else:
        # Where somebody can do more than buy, a frame could make them click what they do not see.
        assert (ours, theirs) == ("'none'", "'none'")


@pytest.mark.parametrize(
    ("host", "sockets"),
    [
        ("shelf.test", " ws://shelf.test wss://shelf.test"),
        ("[::1]:8000", " ws://[::1]:8000 wss://[::1]:8000"),
        ("", ""),
        ("evil.example; script-src *", ""),
        ("evil.example *", ""),
    ],
)
def test_a_host_header_cannot_widen_the_policy(host: str, sockets: str) -> None:
    policy = content_policy(host, Origins(""), framed=True, images=Origins("")).split("; ")
    assert f"connect-src 'self'{sockets}" in policy
    assert len(policy) == 9


def test_an_origin_without_an_address_has_no_name_in_a_policy() -> None:
    policy = content_policy(
        "shelf.test", Origins("null, https://a.example:443/, file://"), framed=True, images=Origins("")
    )
    assert policy.endswith("frame-ancestors 'self' https://a.example")


# --- the home page ---


async def test_rooms_on_air_are_those_that_are_live_and_admit_everybody(services: Services) -> None:
    await open_room(services, title="An evening of mugs", open_reservations=True)
    async with browser(services) as client:
        response = await client.get("/v1/on-air")
        room = {"room": "evening", "title": "An evening of mugs", "demonstration": True, "open_house": False}
        assert (response.status_code, response.json()) == (200, {"rooms": [room]})
        assert response.headers["cache-control"] == "no-store"
    async with browser(changed(services, open_house=frozenset({"evening"}))) as client:
        assert (await client.get("/v1/on-air")).json() == {"rooms": [room | {"open_house": True}]}


@pytest.mark.parametrize("config", [{"anonymous": False}, {"status": "scheduled"}, {"ended": True}])
async def test_other_rooms_are_nobodys_business(services: Services, config: dict[str, Any]) -> None:
    await open_room(services, **config)
    async with browser(services) as client:
        assert (await client.get("/v1/on-air")).json() == {"rooms": []}


# --- a server without built pages ---


@pytest.fixture
async def unbuilt(services: Services, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(changed(services, pages=Pages(tmp_path / "nothing"))) as client:
        yield client


async def test_without_built_pages_the_home_page_says_so_and_names_the_rooms(
    services: Services, unbuilt: httpx.AsyncClient
) -> None:
    await open_room(services, title="<Mugs & more>")
    response = await unbuilt.get("/?lang=zh")
    assert response.status_code == 200
    assert "not built into this server" in response.text
    assert "&lt;Mugs &amp; more&gt;" in response.text
    assert "ws://shelf.test:8000/v1/rooms/ROOM/ws" in response.text
    assert "正在直播" in response.text
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    (style,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    assert f"style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/"])
async def test_without_built_pages_the_others_say_how_to_build_them(unbuilt: httpx.AsyncClient, path: str) -> None:
    response = await unbuilt.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert "make demo" in response.json()["detail"]
    assert (await unbuilt.get(f"/static/assets/{PROGRAM}")).status_code == 404


async def test_without_built_pages_the_api_works_on(services: Services, unbuilt: httpx.AsyncClient) -> None:
    await open_room(services)
    assert (await unbuilt.get("/v1/rooms/evening/snapshot")).status_code == 200
    assert (await unbuilt.get("/healthz")).text == "ok\n"
