"""The SKUs of barcodes that a file names."""

from __future__ import annotations

from shelfcast.sheets.goods_columns import Barcodes
from shelfcast.stock.book import StockBook


async def skus_of(book: StockBook, barcodes: set[str]) -> Barcodes:
    """The SKUs that have each of these, of those that some have. Raises EngineError."""
    found: dict[str, set[str]] = {}
    if barcodes:
        async for page in book.sku_terms():
            for sku, config in page.items():
                if config.barcode in barcodes:
                    found.setdefault(config.barcode, set()).add(sku)
    return {barcode: sorted(skus) for barcode, skus in found.items()}
