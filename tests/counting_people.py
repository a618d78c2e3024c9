"""People who count over HTTP, for tests: an operator, two counters, and what they do in few words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

COUNTS = "/v1/pools/main/counts"
FIGURES = (
    "on_hand", "unsellable", "difference", "counted", "bad", "adjusted", "reason", "shortage", "differing", "over",
    "recounts", "unreasoned", "signatures_needed", "gained", "lost", "unmoved_bad", "write_off_from",
)  # fmt: skip
"""What is expected, or follows from it, by the keys of answers."""


class People:
    """Who does something with a count of the pool `main`."""

    def __init__(self, api: Any, count: str = "c1") -> None:
        self.api = api
        self.path = f"{COUNTS}/{count}"
        self.count = count

    def headers(self, who: str) -> dict[str, str]:
        """`ann` and `ben` count, `wang` and `zhou` are operators, `erp` a program, the others what they are called."""
        roles = {"ann": "counter", "ben": "counter", "cai": "counter", "wang": "operator", "zhou": "operator"}
        headers: dict[str, str] = self.api.as_(roles.get(who, "service" if who == "erp" else who), who)
        return headers

    async def make(self, *skus: str, **fields: Any) -> Any:
        body = {"kind": "spot", "id": self.count, "skus": list(skus) or None} | fields
        return await self.api.ok("POST", COUNTS, body, as_=self.headers("wang"))

    async def do(self, who: str, step: str = "", body: Any = None, method: str = "POST") -> Any:
        return await self.api.ok(method, self.path + step, body, as_=self.headers(who))

    async def refused(self, who: str, step: str = "", body: Any = None, method: str = "POST") -> Any:
        return await self.api.problem(method, self.path + step, body, as_=self.headers(who))

    async def line(self, who: str, good: int, sku: str = "mug", **fields: Any) -> Any:
        return await self.do(who, "/lines", {"sku": sku, "good": good} | fields)

    async def read(self, who: str = "wang") -> Any:
        return await self.do(who, method="GET")

    async def rows(self, who: str = "wang", query: str = "") -> Any:
        return (await self.do(who, "/rows" + query, method="GET"))["rows"]

    async def row(self, sku: str = "mug", who: str = "wang") -> Any:
        [row] = await self.rows(who, f"?sku={sku}")
        return row

    async def reasons(self, *skus: str, reason: str = "lost") -> Any:
        return await self.do("wang", "/reasons", {"rows": [{"sku": sku, "reason": reason} for sku in skus]}, "PUT")

    async def revision(self) -> dict[str, int]:
        return {"revision": (await self.read())["revision"]}


def figures_in(answer: Any) -> Iterator[tuple[str, Any]]:
    """What of an answer says what is expected: keys that have a value."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key in FIGURES and value is not None and not isinstance(value, dict | list):
                yield key, value
            # What somebody has found oneself stands on one's own lines.
            if key != "lines":
                yield from figures_in(value)
    elif isinstance(answer, list):
        for one in answer:
            yield from figures_in(one)
