"""Counting a small shop, for tests: what people do with count sheets, in few words."""

from __future__ import annotations

from typing import Any

import msgspec
from shelfcast.protocol.codes import Code
from shelfcast.stock.actions import By
from shelfcast.stock.count_operations import (
    AnswerQuestion,
    ApplyCount,
    BeginCounting,
    ClaimSkus,
    CloseCounting,
    GiveReasons,
    OpenCount,
    OpenLine,
    SaveLine,
    SignCount,
)
from shelfcast.stock.counts import CountRecord, CountRow
from shelfcast.stock.outcomes import Outcome
from shop import Shop

MANY = 1_000_000


class Counting:
    """One count sheet of a shop, from making it to applying it."""

    def __init__(self, shop: Shop, id: str = "c1") -> None:  # noqa: A002 - the field's own name
        self.shop = shop
        self.id = id

    async def make(
        self, *skus: str, recount_over: int = MANY, sign_over: int = MANY, blind: bool = True
    ) -> CountRecord:
        """Make it, with these SKUs, and begin."""
        by = By(f"make-{self.id}", "ops")
        made = OpenCount(self.id, "spot", "", "", "", blind, recount_over, sign_over, "", by)
        await self.shop.ok(made)
        for first in range(0, len(skus), 500):
            await self.shop.ok(ClaimSkus(self.id, list(skus[first : first + 500])))
        return record_of(await self.shop.ok(BeginCounting(self.id)))

    async def open(self, user: str, sku: str = "mug", zone: str = "") -> CountRow:
        return row_of(await self.shop.ok(OpenLine(self.id, sku, zone, "", "", user)))

    def line(
        self, user: str, good: int, bad: int = 0, *, sku: str = "mug", zone: str = "", n: int = 0, **more: Any
    ) -> SaveLine:
        """The operation that saves a line."""
        return SaveLine(
            self.id, n, sku, zone, more.pop("lot", ""), more.pop("expires_on", ""), good, bad, "", user, **more
        )

    async def save(self, user: str, good: int, bad: int = 0, **more: Any) -> CountRow:
        """A line is saved; the one that its user has open in that zone, where there is one."""
        n, row = (await self.shop.ok(self.line(user, good, bad, **more))).data
        assert any(line["n"] == n for line in row["lines"])
        return msgspec.convert(row, CountRow)

    async def answer(self, seq: int, included: int, sku: str = "mug") -> CountRow:
        return row_of(await self.shop.ok(AnswerQuestion(self.id, sku, seq, included, "ann")))

    async def close(self, *, again: bool = False, anyway: bool = False) -> CountRecord:
        return record_of(await self.shop.ok(CloseCounting(self.id, "ops", again, anyway)))

    async def reasons(self, *rows: tuple[str, str, str]) -> CountRecord:
        return record_of(await self.shop.ok(GiveReasons(self.id, list(rows), "ops")))

    async def sign(self, user: str) -> CountRecord:
        return record_of(await self.shop.ok(SignCount(self.id, (await self.record()).revision, user)))

    async def apply(self, user: str = "ops") -> CountRecord:
        """All of it, in as many calls as it takes."""
        revision = (await self.record()).revision
        while True:
            outcome = await self.shop.ok(self.applied_by(user, revision))
            if outcome.left == 0:
                return record_of(outcome)

    def applied_by(self, user: str, revision: int) -> ApplyCount:
        """The operation that applies it, or goes on with that."""
        return ApplyCount(self.id, revision, user, By(f"apply-{self.id}", user))

    async def refused_to_apply(self, user: str) -> tuple[Code, str]:
        return await self.shop.refused(self.applied_by(user, (await self.record()).revision))

    async def record(self) -> CountRecord:
        found = await self.shop.book.count(self.id)
        assert found
        return found

    async def row(self, sku: str = "mug") -> CountRow:
        found = await self.shop.book.count_row(self.id, sku)
        assert found
        return found


def row_of(outcome: Outcome) -> CountRow:
    """The row in an outcome."""
    return msgspec.convert(outcome.data, CountRow)


def record_of(outcome: Outcome) -> CountRecord:
    """The record in an outcome."""
    return msgspec.convert(outcome.data, CountRecord)
