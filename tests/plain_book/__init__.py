"""The stock book's rules once more, in plain Python and the slow way: what the property test holds the engine to.

Written from the design, not from the Lua files. One clock, set by the test. A file a subject.
"""

from __future__ import annotations

from plain_book.batches import Batches
from plain_book.people import People
from plain_book.receipts import Receipts
from plain_book.split import Split


class PlainBook(People, Batches, Receipts, Split):
    """All of it."""

    def __init__(self, now: int, skus: tuple[str, ...]) -> None:
        super().__init__(now, skus)
        for room in self.CHANNELS:
            self.note_bases(room)
