"""The query parameters of the HTTP API, one struct a route, which stands beside it; unknown ones are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

PageLimit = Annotated[int, Meta(ge=1, description="items at most; not above the server's page_max")]


ALL = "all"
AllOrLimit = PageLimit | Literal["all"]
"""`all` is everything behind `after`, streamed."""


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No parameters."""


class PoolSocketQuery(Query, frozen=True, kw_only=True):
    """What a pool's socket is asked for."""

    topics: Annotated[str, Meta(description="names of topics with commas between; all of them if absent")] | None = None


class AnyQuery(Query, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Whatever a page's own program makes of them; the server reads none."""
