"""Goods that arrive, their lots, an ERP's figures and refunds that were asked for, over the HTTP API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

from shelfcast_client.calls import below, id_of, new_id
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.merchant.writes import Reasoned, Writes
from shelfcast_client.records import Article, ErpLevel, ErpLevelsNoted, ExpiringLots, MoveDone, Receipt, RefundRequest


class FoundLine(TypedDict):
    """What was found of a SKU: `good` units, and `bad` ones, of a `lot`, that expires on a day (YYYY-MM-DD)."""

    sku: str
    good: int
    bad: NotRequired[int]
    lot: NotRequired[str]
    expires_on: NotRequired[str | None]
    note: NotRequired[str]


class _ReceiptList(TypedDict):
    receipts: list[Receipt]


class _ArticleList(TypedDict):
    articles: list[Article]
    more: bool


class _LevelList(TypedDict):
    levels: list[ErpLevel]


class _RefundList(TypedDict):
    requests: list[RefundRequest]
    next: str | None


class Receipts(Writes):
    """The part of a `Merchant` that takes goods in, and keeps refunds that were asked for. To cancel a receipt and to
    decide about a refund takes an operator's token; a counter's token enters receipts."""

    async def make_receipt(
        self,
        *,
        supplier: str = "",
        reference: str = "",
        note: str = "",
        expected: Mapping[str, int] | None = None,
        key: str | None = None,
    ) -> Receipt:
        """Make a receipt, whose id is the key: `expected` is what the supplier has announced, units by SKU."""
        rows = [{"sku": sku, "units": units} for sku, units in (expected or {}).items()]
        body = {"supplier": supplier, "reference": reference, "note": note, "expected": rows}
        path = below(self._path, "receipts")
        return await self._calls.ask(Receipt, "POST", path, body, key=new_id() if key is None else key)

    async def find_articles(self, words: str, *, limit: int = 20) -> list[Article]:
        """Goods by barcode, SKU, title or alias, or part of one, the likeliest first; at most 50. A counter's token
        finds them, too: there is no figure of the book."""
        query = {"q": words, "limit": limit}
        return (await self._calls.ask(_ArticleList, "GET", below(self._path, "articles"), query=query))["articles"]

    async def receipts(self) -> list[Receipt]:
        """The receipts that are kept, open ones first, the newest first; without lines and what was expected."""
        return (await self._calls.ask(_ReceiptList, "GET", below(self._path, "receipts")))["receipts"]

    async def receipt(self, receipt: str) -> Receipt | None:
        """One receipt; None where it is not known, or not any more."""
        return await self._calls.find(Receipt, "receipt", self._receipt(receipt))

    async def enter_receipt(self, receipt: str, lines: Sequence[FoundLine], *, done: bool = False) -> Receipt:
        """Say all that was found, in place of what was said before; with `done` that this is all of it. The goods come
        in where that is enough, or somebody else has found the same (`state`)."""
        body = {"lines": [dict(line) for line in lines], "done": done}
        return await self._calls.ask(Receipt, "PUT", self._receipt(receipt, "entry"), body)

    async def cancel_receipt(self, receipt: str) -> Receipt:
        """Put a receipt aside that is not received."""
        return await self._calls.ask(Receipt, "POST", self._receipt(receipt, "cancel"), {})

    async def expiring_lots(self, within_days: int | None = None, *, limit: int = BULK_ROWS) -> ExpiringLots:
        """Lots that expire within so many days (None: the pool's `expiry_days`), those that have expired among them."""
        query: dict[str, str | int] = {"limit": limit}
        if within_days is not None:
            query["within_days"] = within_days
        return await self._calls.ask(ExpiringLots, "GET", below(self._path, "lots"), query=query)

    async def pull_lot(
        self, sku: str, qty: int, *, lot: str = "", expires_on: str | None = None, **said: Unpack[Reasoned]
    ) -> MoveDone:
        """Make units of a lot unsellable, from wherever they are free."""
        body = {"sku": sku, "lot": lot, "expires_on": expires_on, "qty": qty}
        return await self._once(MoveDone, below(self._path, "lots", "pull"), body, said)

    async def note_erp_levels(self, levels: Mapping[str, int]) -> ErpLevelsNoted:
        """Say what the ERP has on hand, units by SKU, at most BULK_ROWS of them; nothing moves. `note_erp_file` takes a
        whole export."""
        body = {"levels": [{"sku": sku, "units": units} for sku, units in levels.items()]}
        return await self._calls.ask(ErpLevelsNoted, "POST", below(self._path, "erp-levels"), body)

    async def erp_level(self, sku: str) -> ErpLevel | None:
        """What the ERP last said of a SKU; None where it has said nothing."""
        found = await self._calls.ask(_LevelList, "GET", below(self._path, "erp-levels"), query={"sku": sku})
        return next(iter(found["levels"]), None)

    async def ask_refund(self, reservation: str, units: int, reason: str, *, key: str | None = None) -> RefundRequest:
        """Note that units of a paid reservation shall go back. Nothing moves by it."""
        body = {"units": units, "reason": reason}
        path = below(self._path, "reservations", id_of(reservation), "refund-request")
        return await self._calls.ask(RefundRequest, "POST", path, body, key=new_id() if key is None else key)

    async def decide_refund(
        self, reservation: str, state: str, *, note: str = "", refunded_minor: int | None = None
    ) -> RefundRequest:
        """Decline a refund that was asked for (`declined`), or say that the money went back and the goods stay where
        they are (`without_goods`): `refunded_minor`, None for as much as would go back with them."""
        body: dict[str, Any] = {"state": state, "note": note}
        if refunded_minor is not None:
            body["refunded_minor"] = refunded_minor
        path = below(self._path, "reservations", id_of(reservation), "refund-request", "decide")
        return await self._calls.ask(RefundRequest, "POST", path, body)

    async def refund_requests(self, state: str = "open") -> AsyncGenerator[RefundRequest]:
        """The refunds that were asked for in one state, those that wait longest first."""
        after = ""
        while True:
            query: dict[str, str | int] = {"state": state, "after": after, "limit": BULK_ROWS}
            found = await self._calls.ask(_RefundList, "GET", below(self._path, "refund-requests"), query=query)
            for request in found["requests"]:
                yield request
            if found["next"] is None:
                return
            after = found["next"]

    def _receipt(self, receipt: str, *step: str) -> str:
        return below(self._path, "receipts", id_of(receipt), *step)
