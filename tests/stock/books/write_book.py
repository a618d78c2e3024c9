"""Writes a book as a release of the server leaves it: its engine's folder, packed.

    PYTHONPATH=<checkout of that release>/server python tests/stock/books/write_book.py OUT.tar.gz

Everything that a book can have is in it; test_old_books.py says what, and opens it with the server of today (one of
format 4: test_book_that_names_people.py). It imports nothing that a release of before may not have.
"""

from __future__ import annotations

import asyncio
import sys
import tarfile
import tempfile
from pathlib import Path

from shelfcast.engine import EmbeddedEngine, Engine
from shelfcast.settings import Settings
from shelfcast.stock import operations as ops
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.library import LIBRARY
from shelfcast.stock.operations import MoveKind, put

POOL = "old"
LONG_MS = 50 * 365 * 24 * 3_600_000
"""Holds of this book do not run out before somebody opens it."""

CONFIGURATION = [
    put(What.CHANNEL, "live", {"kind": "shared", "title": "Own rooms"}),
    put(What.CHANNEL, "douyin", {"kind": "dedicated"}),
    put(What.ROOM, "evening", {"channel": "live", "status": "live", "title": "Evening", "hold_ms": LONG_MS}),
    put(What.ROOM, "morning", {"channel": "douyin", "status": "live"}),
    put(What.ROOM, "morning", {"status": "ended"}),
    put(What.SKU, "mug", {"title": "Mug", "price_minor": 990, "currency": "EUR", "elastic_release_at": 2}),
    put(What.SKU, "bowl", {"title": "Schüssel 碗", "price_minor": 1500}),
    put(What.LISTING, "mug", {"position": 1, "limit_per_user": 3, "last_n": 5}, parent="evening"),
    put(What.LISTING, "bowl", {"position": 2, "presale": True}, parent="evening"),
    put(What.LISTING, "mug", {"position": 1}, parent="morning"),
    put(What.ROOM, "evening", {"spotlight": "mug", "run_order": ["mug", "bowl"]}),
    put(What.BATCH, "late", {"title": "Second lot", "target": "pool"}),
    put(What.BATCH, "early", {"target": "pool"}),
    put(What.USER, "mallory", {"standing": "blocked", "reason": "resells"}),
]


def moves() -> list[ops.Op]:
    """Receipts, carvings and sales, one of each kind."""

    def move(kind: MoveKind, qty: int, source: str, target: str) -> ops.Move:
        return ops.Move(f"{kind}:{source}:{target}", kind, "mug", qty, source, target, "zhang", "opening")

    return [
        move(MoveKind.RECEIVE, 100, "supplier", "pool"),
        move(MoveKind.CARVE, 10, "pool", "safety"),
        move(MoveKind.CARVE, 8, "pool", "elastic"),
        move(MoveKind.CARVE, 6, "pool", "batch:late"),
        move(MoveKind.CARVE, 4, "pool", "batch:early"),
        move(MoveKind.ALLOCATE, 12, "pool", "channel:douyin"),
        move(MoveKind.QUARANTINE, 1, "pool", "unsellable"),
        ops.OpenBatch("open-early", "early", "zhang"),
        ops.Quota("quota", "bowl", 20, "zhang"),
        ops.Reserve("active", "evening", "mug", 2, "ann"),
        ops.Reserve("pending", "evening", "mug", 1, "bob"),
        ops.Pay("pending", "shop"),
        ops.Reserve("paid", "evening", "mug", 3, "cem"),
        ops.Confirm("paid", "order-1", "shop"),
        ops.Reserve("shipped", "evening", "mug", 3, "dan"),
        ops.Confirm("shipped", "order-2", "shop"),
        ops.Ship("parcel", "shipped", 2, "shop", "DHL 1"),
        ops.Reserve("given-up", "evening", "mug", 1, "eve"),
        ops.Cancel("given-up", "eve", "eve"),
        ops.Reserve("presale", "evening", "bowl", 2, "ann"),
        ops.Reserve("presale-paid", "evening", "bowl", 1, "bob"),
        ops.Confirm("presale-paid", "order-3", "shop"),
        ops.External("platform", "douyin", "mug", 25, "", "D-77", "douyin"),
        ops.Count("count", "mug", 95, "zhang", "one missing"),
        ops.Freeze("freeze", "bowl", frozen=True, actor="zhang", reason="photo"),
        ops.SayNotice("notice", "evening", "Free shipping"),
        ops.SayCue("cue", "evening", "Show the handle", "mug"),
        ops.SayCue("cue-done", "evening", "Smile", ""),
        ops.Acknowledge("seen", "evening", "cue-done", "host"),
    ]


async def write(folder: Path) -> None:
    """Run that release's engine on the folder, and write the book."""
    settings = Settings(data_dir=str(folder), token_secret="a secret of the test suite, 32 bytes and more")
    embedded = EmbeddedEngine(folder, settings)
    engine = await Engine.connect(await embedded.start(), settings=settings, library=LIBRARY)
    book = StockBook(engine, POOL, settings)
    for op in [*CONFIGURATION, *moves()]:
        outcome = await book.apply(op)
        assert outcome.code == "OK", (op, outcome)
    await book.close()
    await engine.close()
    await embedded.stop()


def main() -> None:
    """Write, and pack what the engine has left in its append-only folder."""
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(write(Path(name)))
        with tarfile.open(sys.argv[1], "w:gz") as packed:
            (appended,) = Path(name).rglob("appendonlydir")
            packed.add(appended, arcname="appendonlydir")


if __name__ == "__main__":
    main()
