"""Reading receipts, lots, what an ERP said, and refunds that were asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec import Struct

from shelfcast.stock.places import Buckets
from shelfcast.stock.reading.book_keys import SCAN_COUNT, BookKeys
from shelfcast.stock.reading.rows import buckets_from, pairs, text
from shelfcast.stock.receipts import ErpLevel, Lot, ReceiptExpected, ReceiptLine, ReceiptRecord
from shelfcast.stock.refund_requests import RefundRequest, RefundState

OPEN_REFUNDS, DECIDED_REFUNDS = ":refunds_open", ":refunds_over"
EXPECTED = b"expected"
LINES_OF = b"by:"
"""In the hash beside a receipt: what is expected, and before a name the lines of that person."""

_decode_receipt = msgspec.msgpack.Decoder(ReceiptRecord).decode
_decode_expected = msgspec.msgpack.Decoder(list[ReceiptExpected]).decode
_decode_lines = msgspec.msgpack.Decoder(list[ReceiptLine]).decode
_decode_lots = msgspec.msgpack.Decoder(list[Lot]).decode
_decode_level = msgspec.msgpack.Decoder(ErpLevel).decode
_decode_refund = msgspec.msgpack.Decoder(RefundRequest).decode


class RefundPage(Struct, frozen=True):
    """Refund requests in the order of their index, and where to go on behind them; empty at the end."""

    requests: list[RefundRequest]
    next: str


class ReceiptsReader(BookKeys):
    """What a `StockBook` reads of goods that arrive and of money that is asked back."""

    async def receipts(self) -> list[ReceiptRecord]:
        """The receipts that are kept, the newest first, without lines and what is expected."""
        found = map(_decode_receipt, await self._read("HVALS", ":receipts"))
        return sorted(found, key=lambda receipt: (-receipt.made_at_ms, receipt.id))

    async def receipt(self, id: str) -> ReceiptRecord | None:  # noqa: A002 - the field's own name
        """One receipt with all its lines; None where it is not known, or not any more."""
        blob = await self._read("HGET", ":receipts", id)
        if blob is None:
            return None
        record = _decode_receipt(blob)
        beside: dict[bytes, bytes] = dict(pairs(await self._read("HGETALL", f":receipt:{id}")))
        return msgspec.structs.replace(
            record,
            expected=_decode_expected(beside[EXPECTED]) if EXPECTED in beside else [],
            entries=[
                msgspec.structs.replace(entry, lines=_decode_lines(lines)) if lines is not None else entry
                for entry in record.entries
                for lines in (beside.get(LINES_OF + entry.by.encode()),)
            ],
        )

    async def lots(self, skus: Sequence[str] | None = None) -> list[Lot]:
        """The lots of these SKUs, or (None) of all of them, the first to expire first."""
        found: list[Lot] = []
        if skus is None:
            async for blobs in self._values(":lots"):
                found += [lot for blob in blobs for lot in _decode_lots(blob)]
        else:
            for blob in await self._many(":lots", skus):
                found += _decode_lots(blob) if blob is not None else []
        return sorted(found, key=_by_expiry)

    async def expiring_lots(self, last_day: str, limit: int) -> tuple[list[Lot], bool]:
        """The first `limit` lots that expire on this day (YYYY-MM-DD) or before and are not all pulled, the first to
        expire first, and whether there are more."""
        most = last_day.replace("-", "")
        # Of each SKU its first lot is indexed: the first `limit` lots are of at most as many SKUs.
        skus = [
            text(sku)
            for sku in await self._read("ZRANGE", ":lots_expire", "-inf", most, "BYSCORE", "LIMIT", 0, limit + 1)
        ]
        found = [lot for lot in await self.lots(skus) if lot.units > lot.pulled and "" < lot.expires_on <= last_day]
        return found[:limit], len(found) > limit

    async def erp_levels(self, skus: Sequence[str]) -> dict[str, ErpLevel]:
        """What an ERP said of those of these SKUs that it has said anything of."""
        blobs = await self._many(":erp_levels", skus)
        return {sku: _decode_level(blob) for sku, blob in zip(skus, blobs, strict=True) if blob is not None}

    async def has_erp_levels(self) -> bool:
        """Whether an ERP has ever said anything."""
        return bool(await self._read("HLEN", ":erp_levels"))

    async def refund_request(self, reservation: str) -> RefundRequest | None:
        """The refund that was asked for of a reservation; None where none was, or it is not kept any more."""
        blob = await self._read("HGET", ":refunds", reservation)
        return _decode_refund(blob) if blob is not None else None

    async def refund_requests(self) -> list[RefundRequest]:
        """All that are kept, the oldest first. Read in pages."""
        found: dict[str, RefundRequest] = {}
        async for blobs in self._values(":refunds"):
            found |= {request.reservation: request for request in map(_decode_refund, blobs)}
        return sorted(found.values(), key=lambda request: (request.asked_at_ms, request.reservation))

    async def refunds_in(self, state: RefundState, *, after: str = "") -> RefundPage:
        """A page of the requests in one state, behind `after`: open ones by when they were asked for, others by when
        they were decided. It may be empty, and not the last. Raises ValueError where `after` is no such place."""
        index = OPEN_REFUNDS if state is RefundState.OPEN else DECIDED_REFUNDS
        score, _, name = after.partition(":") if after else ("0", "", "")
        behind, offset = (int(score), name), 0
        while True:
            flat = await self._read(
                "ZRANGE", index, behind[0], "+inf", "BYSCORE", "LIMIT", offset, SCAN_COUNT, "WITHSCORES"
            )
            # Those of the same moment stand by name: what was read of them already is passed over.
            places = [(int(float(at)), text(member)) for member, at in pairs(flat)]
            rows = [place for place in places if place > behind]
            if rows or len(places) < SCAN_COUNT:
                break
            offset += SCAN_COUNT
        blobs = await self._many(":refunds", [member for _, member in rows])
        requests = [request for request in map(_decode_refund, filter(None, blobs)) if request.state is state]
        return RefundPage(requests, place_of(*rows[-1]) if len(places) == SCAN_COUNT else "")

    async def buckets(self, sku: str) -> Buckets:
        """A SKU's units by bucket and account."""
        return buckets_from(pairs(await self._read("HGETALL", f":sku:{sku}")))

    async def _many(self, suffix: str, names: Sequence[str]) -> list[bytes | None]:
        """The values of these fields of a hash, in their order, some at a time."""
        found: list[bytes | None] = []
        for first in range(0, len(names), SCAN_COUNT):
            found += await self._read("HMGET", suffix, *names[first : first + SCAN_COUNT])
        return found

    async def _values(self, suffix: str) -> AsyncIterator[list[bytes]]:
        """All values of a hash, page by page; one may come twice."""
        cursor = b"0"
        while True:
            cursor, flat = await self._read("HSCAN", suffix, cursor, "COUNT", SCAN_COUNT)
            yield flat[1::2]
            if cursor == b"0":
                return


def place_of(at_ms: int, reservation: str) -> str:
    """Where a request stands in its index."""
    return f"{at_ms}:{reservation}"


def _by_expiry(lot: Lot) -> tuple[bool, str, str, str]:
    return (not lot.expires_on, lot.expires_on, lot.sku, lot.lot)
