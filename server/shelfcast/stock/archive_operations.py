"""What is asked of the book about its archive (stock/library/archiving.lua). As in `stock.operations` the order of the
fields is part of the format."""

from __future__ import annotations

from shelfcast.stock.operations import Op


class NoteCheckpoint(Op, frozen=True, tag="checkpoint"):
    """The archive has everything up to a place of both ledgers, read back and folded. STALE where it is not behind the
    last one, or the last one is another than the one at `behind` (-1: any; 0: none); once a place. The outcome's data
    is what is known of the archive (stock/archived.py)."""

    seq: int
    ledger: int
    presale: int
    name: str
    hash: str
    last_at_ms: int
    behind: int = -1


class Trim(Op, frozen=True, tag="trim"):
    """Take entries out of both ledgers, up to the checkpoint at `seq`, at most `limit` a call. GATE where a show that
    began before it has no final report. The outcome's data: how many are still to go."""

    seq: int
    limit: int
