"""The route that finds goods for whoever takes them in or counts them, with no figure of the book."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.query import Query
from shelfcast.merchant.articles import find_articles
from shelfcast.protocol.codes import Code

WORDS_MAX = 128
"""Characters of what is looked for: as many as a SKU may have."""
FOUND_MAX = 50


class ArticleQuery(Query, frozen=True, kw_only=True):
    """What is looked for, and how many are wanted."""

    q: Annotated[
        str,
        Meta(min_length=1, max_length=WORDS_MAX, description="a barcode, a SKU, a title or an alias, or part of one"),
    ]
    limit: Annotated[int, Meta(ge=1, le=FOUND_MAX, description=f"at most {FOUND_MAX}")] = 20


class ArticleItem(Struct, frozen=True, kw_only=True):
    """A SKU and what it is by the catalogue: neither units nor prices."""

    sku: str
    title: str
    barcode: str
    shelf_zone: str


class ArticleList(Struct, frozen=True, kw_only=True):
    """SKUs that may be meant, the likeliest first; `more` where there are others."""

    articles: list[ArticleItem]
    more: bool


async def list_articles(call: Call) -> Response:
    """Find goods by barcode, SKU, title or alias. A barcode or a SKU that is said whole comes first."""
    query = call.query
    if not query.q.strip():
        raise InvalidInput("expected a barcode, a SKU, a title or an alias, or part of one", field="q")
    found, more = await find_articles((await call.pool()).book, query.q, query.limit)
    items = [
        ArticleItem(sku=sku, title=goods.title, barcode=goods.barcode, shelf_zone=goods.zone) for sku, goods in found
    ]
    return answer(ArticleList(articles=items, more=more))


# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/articles", summary="Find goods to take in", tag="receipts",
             handle=list_articles, access=Access.RECEIVER, answer=ArticleList, query=ArticleQuery,
             codes=(Code.NOT_FOUND,)),
]
# fmt: on
