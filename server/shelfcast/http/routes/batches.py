"""Routes of the batches of a pool."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.family import Family, Several
from shelfcast.http.api.fields import Place, Text
from shelfcast.protocol.messages import Millis, Name
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import BatchConfig, Leftover, What


class BatchBody(DefinitionBody, frozen=True, kw_only=True):
    """A batch (`BatchConfig`). It opens by itself at `opens_at_ms`, or by hand with a move `open_batch`."""

    title: Text | UnsetType | None = UNSET
    opens_at_ms: Millis | UnsetType | None = UNSET
    closes_at_ms: Millis | UnsetType | None = UNSET
    channel: Name | UnsetType | None = UNSET
    exclusive: bool | UnsetType | None = UNSET
    limit_per_user: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    leftover: Leftover | UnsetType | None = UNSET
    target: Place | UnsetType | None = UNSET


class Batch(BatchConfig, frozen=True, kw_only=True, omit_defaults=False):
    """A batch; `opened_at_ms` 0 while it is locked."""

    batch: str


class BatchList(Struct, frozen=True, kw_only=True):
    """The batches of a pool."""

    batches: list[Batch]


TAG = "pools"

FAMILY = Family(
    tag=TAG,
    what=What.BATCH,
    one="batch",
    path="/batches/{batch}",
    item=Batch,
    body=BatchBody,
    several=Several(name="batches", page=BatchList, read=StockBook.batches, summary="List batches"),
    get_summary="Read a batch",
    put_summary="Define a batch",
    get_says="One batch.",
    put_says="Define the batch's window: fields left out take their defaults.",
)

ENDPOINTS = [*FAMILY.endpoints()]
