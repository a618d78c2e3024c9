"""A shop on the running services, made and entered through the balancer."""

from __future__ import annotations

from typing import Any

import httpx
from deploy.conftest import Stack
from shelfcast_client import Room, connect

UNITS = 200


class Shop:
    """A pool with one SKU and a live room that sells it, made through the balancer."""

    def __init__(self, stack: Stack, name: str, *, url: str = "") -> None:
        self.stack = stack
        self.url = url or stack.url
        self.pool = self.room = name
        token = stack.token("operator", "zhang")
        self._http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def __enter__(self) -> Shop:
        try:
            self._set_up()
        except BaseException:
            self._http.close()
            raise
        return self

    def _set_up(self) -> None:
        self.call("PUT", f"/v1/pools/{self.pool}")
        self.call("PUT", f"/v1/pools/{self.pool}/channels/live", {"kind": "shared"})
        self.call("POST", f"/v1/pools/{self.pool}/catalogue", {"skus": [{"sku": "mug", "opening": UNITS}]}, key="first")
        self.call("PUT", f"/v1/rooms/{self.room}", {"pool": self.pool, "channel": "live", "status": "live"})
        self.call("PUT", f"/v1/rooms/{self.room}/skus/mug", {"position": 1})

    def __exit__(self, *fault: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: object = None, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def status(self, method: str, path: str) -> int:
        return self._http.request(method, path).status_code

    def enter(self, user: str) -> Room:
        return connect(self.url, self.room, token=self.stack.token("viewer", user))
