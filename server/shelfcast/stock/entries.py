"""Reading ledger entries as the engine stores them: of format 2 and of the releases before."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.stock.records import LedgerEntry, amount
from shelfcast.stock.show import show_id
from shelfcast.stock.windows import window_from

ROOM_WORD = "room:"
LIMIT_WORD = "limit "
"""An entry of format 1 that draws units for a reservation says the room in its actor, and the limit in its reason."""
THE_USER = "\x1f"
"""What an actor begins with who is the entry's user, or acts on that user's behalf (stock/library/records.lua)."""
RETURN = "return"
"""An entry of these that has a user says whose order came back."""
DRAWING = ("reserve", "reacquire")


class PackedEntry(Struct, array_like=True, frozen=True, gc=False):
    """An entry's packed field; from `room` on in format 2 alone, of entries about a reservation. Amounts that nobody
    said are -1, `show` is the number of the room's show. `entry_from` makes of it what others read."""

    at_ms: int
    id: str
    kind: str
    sku: str
    qty: int
    source: str
    target: str
    channel: str
    user: str
    reference: str
    actor: str
    reason: str
    room: str | None = None
    show: int = 0
    price_minor: int = -1
    currency: str = ""
    limit: int = -1
    window: str = ""
    paid_minor: int = -1
    refunded_minor: int = -1


class _When(Struct, array_like=True, frozen=True):
    """An entry's packed field, of which only the first value is read."""

    at_ms: int


class ShowEntry(Struct, frozen=True, gc=False):
    """What counts of an entry for the show that it is stamped with (`insight.after_show.Entry`)."""

    id: str
    kind: str
    show: str
    sku: str
    qty: int
    target: str
    at_ms: int
    currency: str
    price_minor: int | None
    paid_minor: int | None
    refunded_minor: int | None


_decode = msgspec.msgpack.Decoder(PackedEntry).decode
_decode_when = msgspec.msgpack.Decoder(_When).decode


def at_ms_of(packed: bytes) -> int:
    """When an entry was made, from its packed field. Raises msgspec.DecodeError."""
    return _decode_when(packed).at_ms


def packed_entry(packed: bytes) -> PackedEntry:
    """An entry as it is stored, from its packed field: a fifth of the time that `entry_from` takes, for whoever reads
    very many. Raises msgspec.DecodeError."""
    return _decode(packed)


def of_show(entry: PackedEntry, show: str) -> ShowEntry:
    """An entry that is stamped with this show."""
    return ShowEntry(
        entry.id,
        entry.kind,
        show,
        entry.sku,
        entry.qty,
        entry.target,
        entry.at_ms,
        entry.currency,
        amount(entry.price_minor),
        amount(entry.paid_minor),
        amount(entry.refunded_minor),
    )


def entry_from(name: bytes, packed: bytes) -> LedgerEntry:
    """An entry from its id in the stream and its packed field. Raises msgspec.DecodeError."""
    number, pool_seq = (int(part) for part in name.split(b"-"))
    e = _decode(packed)
    room, limit = (e.room, amount(e.limit)) if e.room is not None else _from_prose(e)
    show = show_id(room, e.show)
    window = window_from(e.window, show) if (e.user and e.kind != RETURN) or e.room else ""
    return LedgerEntry(
        seq=number,
        pool_seq=pool_seq,
        at_ms=e.at_ms,
        id=e.id,
        kind=e.kind,
        sku=e.sku,
        qty=e.qty,
        source=e.source,
        target=e.target,
        channel=e.channel,
        user=e.user,
        reference=e.reference,
        actor=_actor(e),
        reason=e.reason,
        room=room,
        show=show,
        price_minor=amount(e.price_minor),
        currency=e.currency,
        limit=limit,
        window=window,
        paid_minor=amount(e.paid_minor),
        refunded_minor=amount(e.refunded_minor),
    )


def _actor(entry: PackedEntry) -> str:
    if entry.actor.startswith(THE_USER):
        return entry.user + entry.actor[len(THE_USER) :]
    return entry.user if entry.kind == "reserve" and entry.room is not None else entry.actor


def _from_prose(entry: PackedEntry) -> tuple[str, int | None]:
    """The room and the limit that an entry of format 1 has in its words."""
    if entry.kind not in DRAWING:
        return "", None
    room = entry.actor.removeprefix(ROOM_WORD) if entry.actor.startswith(ROOM_WORD) else ""
    _, _, limit = entry.reason.partition(LIMIT_WORD)
    return room if entry.kind == "reserve" else "", int(limit) if limit.isdigit() else None
