"""What the book says, over the server's HTTP API: what viewers must show at the end."""

from __future__ import annotations

from typing import Any

import requests
from mirror import Counts
from plan import CHANNEL, POOL

PAGE = 500
TIMEOUT_S = 30.0


class Book:
    """The pool of the load test, read with an operator's token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/v1/pools/{POOL}/skus"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def buckets(self) -> dict[str, dict[str, int]]:
        """SKU → its buckets and accounts."""
        found: dict[str, dict[str, int]] = {}
        after: str | None = ""
        while after is not None:
            query: dict[str, Any] = {"limit": PAGE} | ({"after": after} if after else {})
            response = self._session.get(self._url, params=query, timeout=TIMEOUT_S)
            response.raise_for_status()
            page = response.json()
            found |= {row["sku"]: row["buckets"] for row in page["skus"]}
            after = page["next"]
        return found

    def counts(self) -> Counts:
        """SKU → available and held units, as a viewer of the room must see them."""
        return {sku: counts_of(buckets) for sku, buckets in self.buckets().items()}


def counts_of(buckets: dict[str, int]) -> tuple[int, int]:
    """A shared channel sells from its own units and from the pool's (docs/rules.md#selling)."""
    available = buckets.get("pool", 0) + buckets.get(f"channel:{CHANNEL}", 0)
    return available, buckets.get(f"held:{CHANNEL}", 0)
