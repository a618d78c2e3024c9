"""The pages of other origins that a server lets in: one list, checked at the start, read the same way everywhere."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from fixtures_server import StartServer
from httpx import ASGITransport, AsyncClient
from raw_socket import RawSocket
from shelfcast.errors import ConfigError
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.http.pages.routes import content_policy
from shelfcast.origins import Origins, is_own_origin
from shelfcast.settings import Settings

SHOP = "https://shop.example"


def _policy(setting: str) -> str:
    return content_policy("shelf.test", Origins(setting), framed=True, images=Origins(""))


AS_WRITTEN = [
    SHOP,
    "https://shop.example/",
    "https://shop.example:443",
    "HTTPS://Shop.Example:443/",
    " https://shop.example ,, https://shop.example:443,",
]


@pytest.mark.parametrize("setting", AS_WRITTEN)
async def test_however_it_is_written_an_origin_is_one_and_the_same(
    start_server: StartServer, services: Services, setting: str
) -> None:
    server = await start_server(allowed_origins=Settings.load({"allowed_origins": setting}, {}).allowed_origins)
    await server.open_shop()
    assert (await RawSocket.join(server.port, Origin=SHOP)).status == 101
    refused = await RawSocket.connect(server.port)
    await refused.shake_hands("/v1/rooms/evening/ws", Origin="https://shop.example:8443")
    assert refused.status == 403

    named = msgspec.structs.replace(services.settings, allowed_origins=setting)
    app = create_app(dataclasses.replace(services, settings=named))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://shelf.test") as http:
        answer = await http.get("/healthz", headers={"Origin": SHOP})
        assert answer.headers["access-control-allow-origin"] == SHOP
        written = await http.post("/v1/rooms/nowhere/guests", headers={"Origin": SHOP, "Sec-Fetch-Site": "cross-site"})
        assert written.status_code == 404, "not refused for where it came from"
    assert _policy(setting).endswith(f"frame-ancestors 'self' {SHOP}")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("https://[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("null", "null"),
        ("file://", "file://"),
    ],
)
def test_what_is_an_origin_is_understood(setting: str, said: str) -> None:
    assert Origins(setting).said == (said,)
    assert said in Origins(setting)


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("*", "no wildcard"),
        ("https://*.shop.example", "no wildcard"),
        ("shop.example", "perhaps https://shop.example"),
        ("shop.example:8443", "perhaps https://shop.example:8443"),
        ("//shop.example", ""),
        ("https://shop.example/live", "perhaps https://shop.example"),
        ("https://shop.example?x", "perhaps https://shop.example"),
        ("https://user@shop.example", ""),
        ("https://", ""),
        ("https:// shop.example", ""),
        ("https://[::1", ""),
        ("https://shop.example:99999", ""),
        ("https://shop.example:", ""),
        ("wss://shop.example", "perhaps https://shop.example"),
        ("https://商店.example", "xn--"),
        ("https://a.example https://b.example", ""),
        ("https://a.example; script-src *", ""),
        ("'self'", ""),
        (f"{SHOP},*", "no wildcard"),
    ],
)
def test_what_is_none_is_refused_at_the_start(setting: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.load({}, {"SHELFCAST_ALLOWED_ORIGINS": setting})
    assert str(refused.value).startswith("allowed_origins: expected comma-separated origins such as https://")
    assert hint in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("https://shop.example", "shop.example", True),
        ("https://shop.example", "shop.example:443", True),
        ("https://shop.example", "SHOP.example:443", True),
        ("http://shop.example", "shop.example:80", True),
        # TLS ends before a proxy that says the port it listens on.
        ("https://shop.example", "shop.example:80", True),
        ("https://shop.example:8443", "shop.example:8443", True),
        ("http://[::1]:8000", "[0:0:0:0:0:0:0:1]:8000", True),
        ("https://shop.example:8443", "shop.example", False),
        ("https://shop.example", "shop.example:8443", False),
        ("https://shop.example:8443", "shop.example:443", False),
        ("https://shop.example.evil", "shop.example", False),
        ("https://evil.example", "shop.example:443", False),
        ("null", "null", False),
        ("null", "shop.example", False),
        ("", "", False),
        ("https://", "", False),
        ("shop.example", "shop.example", False),
        ("https://shop.example,https://shop.example", "shop.example", False),
        ("https://user@shop.example", "shop.example", False),
    ],
)
def test_a_page_is_the_servers_own_where_the_origins_are_the_same(origin: str, host: str, own: bool) -> None:
    assert is_own_origin(origin, host) is own
