"""A browser that signs in: it keeps cookies, and says its page's origin as browsers do."""

from __future__ import annotations

from typing import Any

import httpx
from openapi_conformance import assert_documented
from shelfcast.http.api.services import Services
from shelfcast.http.application import create_app
from shelfcast.protocol.cookies import SESSION_COOKIE

HERE = "https://console.test"
PASSWORD = "correct horse battery"


class Browser:
    """One browser at one address: it keeps cookies, and says its page's origin with every write, as browsers do."""

    def __init__(self, services: Services, address: str = "192.0.2.1", url: str = HERE) -> None:
        transport = httpx.ASGITransport(create_app(services), client=(address, 1))
        self.http = httpx.AsyncClient(transport=transport, base_url=url)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            said = {"Origin": str(self.http.base_url).rstrip("/"), **said}
        response = await self.http.request(method, path, json=body, headers={k: v for k, v in said.items() if v})
        assert_documented(response)
        return response

    async def log_in(self, name: str = "wang", password: str = PASSWORD) -> httpx.Response:
        return await self.call("POST", "/v1/session", {"name": name, "password": password})

    async def open_link(self, token: str) -> httpx.Response:
        return await self.call("POST", "/v1/session", {}, Authorization=f"Bearer {token}")

    @property
    def cookie(self) -> str:
        return self.http.cookies.get(SESSION_COOKIE) or ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.http.cookies.delete(SESSION_COOKIE)
        self.http.cookies.set(SESSION_COOKIE, value, domain="console.test", path="/")
