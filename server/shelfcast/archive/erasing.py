"""Taking what was said of a person out of the archive's parts of ledgers.

The checksum of a part, and what its entries fold to, leave `reason` out (`archive.ledgers`), so that both stay valid.
Reports, day totals and minutes hold nothing that was said of a person (`merchant.report` leaves it out).
"""

from __future__ import annotations

import asyncio

import msgspec
from msgspec.structs import replace

from shelfcast.archive import names
from shelfcast.archive.store import ArchiveStore
from shelfcast.errors import ArchiveDamaged
from shelfcast.stock.records import LedgerEntry, Stream

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LedgerEntry)


async def unsay(store: ArchiveStore, pool: str, pseudonym: str) -> int:
    """Write those parts of a pool's ledgers anew in which something was said of this pseudonym; how many they were.
    May be done again. Raises ArchiveError."""
    rewritten = 0
    for stream in Stream:
        for part in await store.list(names.ledger_folder(pool, stream)):
            content = await store.get(part.name)
            quiet = await asyncio.to_thread(_without_reasons, part.name, content or b"", pseudonym)
            if quiet is not None:
                await store.put(part.name, quiet)
                rewritten += 1
    return rewritten


def _without_reasons(name: str, content: bytes, pseudonym: str) -> bytes | None:
    """The part without them; None where it has none."""
    if pseudonym.encode() not in content:
        return None
    try:
        entries = _decoder.decode_lines(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(f"{name} cannot be read: {error}") from error
    if not any(entry.user == pseudonym and entry.reason for entry in entries):
        return None
    return _encoder.encode_lines([replace(entry, reason="") if entry.user == pseudonym else entry for entry in entries])
