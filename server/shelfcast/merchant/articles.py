"""Finding goods by what stands on them: by whoever takes them in, and is told no figure of the book."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import SkuConfig


class Article(NamedTuple):
    """A SKU, and what the catalogue says it is."""

    sku: str
    config: SkuConfig


async def find_articles(book: StockBook, words: str, limit: int) -> tuple[list[Article], bool]:
    """At most `limit` SKUs that `words` may mean, the likeliest first, and whether there are more: a barcode or a SKU
    said whole comes before a title or an alias said whole, and these before what has the words within. Raises
    EngineError."""
    meant = _plain(words)
    ranked: dict[str, tuple[int, str, Article]] = {}
    async for page in book.sku_terms():
        for sku, config in page.items():
            rank = _rank(sku, config, meant)
            if rank is not None:
                ranked[sku] = (rank, sku, Article(sku, config))
    found = sorted(ranked.values(), key=lambda each: each[:2])
    return [article for _, _, article in found[:limit]], len(found) > limit


def _rank(sku: str, config: SkuConfig, meant: str) -> int | None:
    """How likely a SKU is meant, 0 the likeliest; None where it is not."""
    if meant == _plain(config.barcode):
        return 0
    if meant == _plain(sku):
        return 1
    names = [_plain(name) for name in _names(config)]
    if meant in names:
        return 2
    return 3 if any(meant in each for each in (_plain(sku), _plain(config.barcode), *names)) else None


def _names(config: SkuConfig) -> Iterator[str]:
    yield config.title
    yield from config.aliases


def _plain(text: str) -> str:
    """As it is compared: of one width and case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
