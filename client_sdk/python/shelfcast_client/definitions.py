"""What a pool is made of, over the HTTP API: catalogue, channels, batches, customers, rooms and their shelves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from shelfcast_client.calls import Calls, below, id_of, new_id
from shelfcast_client.errors import ServerRefused
from shelfcast_client.places import Buckets
from shelfcast_client.records import (
    Batch,
    Channel,
    PoolDefinition,
    PoolSku,
    PoolUser,
    RoomDefinition,
    RoomList,
    RoomSku,
    Strategy,
)

BULK_ROWS = 500
"""Rows in one bulk request or page; the server takes 1,000, and a body of at most 1 MiB."""
_ROW = re.compile(r"^skus\[(\d+)\]")


class _Pools(TypedDict):
    pools: list[PoolDefinition]


class _SkuPage(TypedDict):
    skus: list[PoolSku]
    next: str | None


class _Channels(TypedDict):
    channels: list[Channel]


class _Batches(TypedDict):
    batches: list[Batch]


class _Shelf(TypedDict):
    seq: int
    skus: list[RoomSku]


class Definitions:
    """The half of a `Merchant` that reads and writes definitions, which can be repeated as they are.

    `define_...` states the whole of something (a field left out takes its default), `change_...` sets the fields given;
    None means the default. Reading one thing by its name returns None where there is none.

    What is read has a `revision`. A write whose `if_match` is that revision is carried out only while nobody has
    changed it since, and raises Stale else. A write that finds everything as it shall be changes nothing, and succeeds.
    """

    pool: str
    _calls: Calls
    _path: str

    # --- the pool and its catalogue

    async def pools(self) -> list[str]:
        """The names of the pools that the token reaches."""
        return [row["pool"] for row in (await self._calls.ask(_Pools, "GET", "/v1/pools"))["pools"]]

    async def pool_definition(self) -> PoolDefinition | None:
        """The pool's own settings; None where there is no such pool."""
        return await self._calls.find(PoolDefinition, "pool", self._path)

    async def define_pool(self, *, if_match: int | None = None, **settings: Any) -> PoolDefinition:
        """Make the pool where it is not there, and state its settings: `title`, `time_zone`, `day_starts`, `currency`,
        `rehearsal`, `auto_settle`, `handover`. Where none of these is named, a pool that is there keeps them all."""
        return await self._calls.ask(PoolDefinition, "PUT", self._path, settings, if_match=if_match)

    async def change_pool(self, *, if_match: int | None = None, **settings: Any) -> PoolDefinition:
        """Set some of the pool's settings."""
        return await self._calls.ask(PoolDefinition, "PATCH", self._path, settings, if_match=if_match)

    async def strategy(self) -> Strategy:
        """The pool's strategy with all its numbers."""
        return await self._calls.ask(Strategy, "GET", below(self._path, "strategy"))

    async def define_strategy(self, strategy: str, *, if_match: int | None = None, **numbers: Any) -> Strategy:
        """Begin a strategy by its preset (brand, influencer, promotion, or "" for none): what is not named of `split`,
        `split_every_minutes`, `elastic_percent`, `elastic_mode`, `safety_percent` is as the preset has it."""
        body = {"strategy": strategy, **numbers}
        return await self._calls.ask(Strategy, "PUT", below(self._path, "strategy"), body, if_match=if_match)

    async def change_strategy(self, *, if_match: int | None = None, **numbers: Any) -> Strategy:
        """Set some of the numbers."""
        return await self._calls.ask(Strategy, "PATCH", below(self._path, "strategy"), numbers, if_match=if_match)

    async def sku(self, sku: str) -> PoolSku | None:
        """What the catalogue says of a SKU, with its `buckets`."""
        return await self._calls.find(PoolSku, "sku", self._sku(sku))

    async def catalogue_csv(self) -> bytes:
        """The whole catalogue as a CSV file for spreadsheets, without units, in the form that `shelfcast import` takes
        back. Raises ServerRefused where there is no such pool."""
        return (await self._calls.send("GET", below(self._path, "skus"), accept="text/csv")).content

    async def skus(self) -> dict[str, PoolSku]:
        """SKU → what the catalogue says of it, with its `buckets`. Empty where there is no such pool."""
        found: dict[str, PoolSku] = {}
        query: dict[str, str | int] = {"limit": BULK_ROWS}
        while True:
            page = await self._calls.find(_SkuPage, "pool", below(self._path, "skus"), query=query)
            if page is None:
                return {}
            found |= {row["sku"]: row for row in page["skus"]}
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    async def define_sku(self, sku: str, *, if_match: int | None = None, **fields: Any) -> PoolSku:
        """State the whole of a SKU: `title`, `price_minor`, `currency`, `barcode`, `category`, `elastic` or
        `elastic_release_at`, `safety_units`, `substitutes`, `aliases`, `zone`, `supplier`, `image_url`."""
        return await self._calls.ask(PoolSku, "PUT", self._sku(sku), fields, if_match=if_match)

    async def change_sku(self, sku: str, *, if_match: int | None = None, **fields: Any) -> PoolSku:
        """Set fields of a SKU."""
        return await self._calls.ask(PoolSku, "PATCH", self._sku(sku), fields, if_match=if_match)

    async def catalogue(
        self, rows: Sequence[dict[str, Any]], *, key: str, reason: str = "", reference: str = ""
    ) -> None:
        """Set fields of many SKUs, each `{"sku": …, field: …}`, and receive their `opening` units once under this key;
        `opening_safety` and `opening_elastic` of them are set aside.

        It is no transaction: where a row is refused (the error's `field` names it: `skus[1203].title`), others may have
        been written, and the same call may be made again."""
        id_of(key)  # an empty one would be everybody's
        await self._send_rows(below(self._path, "catalogue"), rows, key=key, reason=reason, reference=reference)

    async def buckets(self) -> dict[str, Buckets]:
        """SKU → its units by place, of every SKU of the pool. Empty where there is no such pool."""
        return {sku: row["buckets"] for sku, row in (await self.skus()).items()}

    async def sku_buckets(self, sku: str) -> Buckets:
        """The units of one SKU by place. Raises ServerRefused (UNKNOWN_SKU) where the pool has no such SKU."""
        return (await self._calls.ask(PoolSku, "GET", self._sku(sku)))["buckets"]

    # --- channels, batches, customers

    async def channels(self) -> list[Channel]:
        """All channels of the pool."""
        return (await self._calls.ask(_Channels, "GET", below(self._path, "channels")))["channels"]

    async def channel(self, channel: str) -> Channel | None:
        """One channel."""
        return await self._calls.find(Channel, "channel", below(self._path, "channels", channel))

    async def define_channel(self, channel: str, *, if_match: int | None = None, **fields: Any) -> Channel:
        """State the whole of a channel: `kind` (shared, dedicated), `title`, `low_mark_units`, `low_mark` (fixed,
        share, stop), and for the split `weight`, `weights`, `floor_units`, `cap_units`."""
        return await self._calls.ask(Channel, "PUT", below(self._path, "channels", channel), fields, if_match=if_match)

    async def batches(self) -> list[Batch]:
        """All batches of the pool."""
        return (await self._calls.ask(_Batches, "GET", below(self._path, "batches")))["batches"]

    async def batch(self, batch: str) -> Batch | None:
        """One batch."""
        return await self._calls.find(Batch, "batch", below(self._path, "batches", batch))

    async def define_batch(
        self,
        batch: str,
        *,
        units: Mapping[str, int] | None = None,
        key: str | None = None,
        if_match: int | None = None,
        **fields: Any,
    ) -> Batch:
        """State the whole of a batch: `title`, `opens_at_ms`, `closes_at_ms`, `channel`, `exclusive`, `limit_per_user`,
        `leftover`. `units` of the pool, by SKU, are moved into it once under the `key`, beside what is in it."""
        return await self._put_batch("PUT", batch, units, key, if_match, fields)

    async def change_batch(
        self,
        batch: str,
        *,
        units: Mapping[str, int] | None = None,
        key: str | None = None,
        if_match: int | None = None,
        **fields: Any,
    ) -> Batch:
        """Set fields of a batch, and move `units` into it, as `define_batch` does."""
        return await self._put_batch("PATCH", batch, units, key, if_match, fields)

    async def _put_batch(
        self,
        method: str,
        batch: str,
        units: Mapping[str, int] | None,
        key: str | None,
        if_match: int | None,
        fields: dict[str, Any],
    ) -> Batch:
        body = {**fields, "units": dict(units)} if units else fields
        # One that is not said is the call's own: what it repeats itself happens once.
        key = new_id() if units and key is None else key
        return await self._calls.ask(
            Batch, method, below(self._path, "batches", batch), body, key=key, if_match=if_match
        )

    async def user(self, user: str) -> PoolUser:
        """A customer's standing; one never written about is in good standing."""
        return await self._calls.ask(PoolUser, "GET", below(self._path, "users", user))

    async def define_user(self, user: str, *, if_match: int | None = None, **fields: Any) -> PoolUser:
        """Decide about a customer: `standing` (ok, review, blocked), `reason`."""
        return await self._calls.ask(PoolUser, "PUT", below(self._path, "users", user), fields, if_match=if_match)

    # --- rooms and their shelves

    async def rooms(self) -> RoomList:
        """The rooms that the token reaches, those of other pools too, and how many SKUs each may list."""
        return await self._calls.ask(RoomList, "GET", "/v1/rooms")

    async def room(self, room: str) -> RoomDefinition | None:
        """A room's definition."""
        return await self._calls.find(RoomDefinition, "room", self._room(room))

    async def define_room(
        self, room: str, *, channel: str, if_match: int | None = None, **fields: Any
    ) -> RoomDefinition:
        """Make the room, or state its definition anew. `status`, `spotlight` and `gate` stay where they are not
        named."""
        body = {"pool": self.pool, "channel": channel, **fields}
        return await self._calls.ask(RoomDefinition, "PUT", self._room(room), body, if_match=if_match)

    async def change_room(self, room: str, *, if_match: int | None = None, **fields: Any) -> RoomDefinition:
        """Set fields of the room: start or pause the show, set the spotlight, the run order, the hold time … With
        `status="live", continue_show=True` a show that has just ended goes on, with `override` one may begin though the
        room's checklist fails."""
        return await self._calls.ask(RoomDefinition, "PATCH", self._room(room), fields, if_match=if_match)

    async def listed(self, room: str) -> dict[str, RoomSku]:
        """SKU → its terms and units in the room, in the shelf's order. Empty where there is no such room."""
        shelf = await self._calls.find(_Shelf, "room", self._room(room, "skus"))
        return {row["sku"]: row for row in shelf["skus"]} if shelf is not None else {}

    async def list_in_room(self, room: str, rows: Sequence[dict[str, Any]]) -> None:
        """Set terms of many SKUs in a room, each `{"sku": …, field: …}`; those that are not listed yet are then."""
        await self._send_rows(self._room(room, "skus"), rows)

    async def listing(self, room: str, sku: str) -> RoomSku | None:
        """A SKU's terms and units in the room; None where the room does not list it."""
        return await self._calls.find(RoomSku, "sku", self._room(room, "skus", sku))

    async def define_listing(self, room: str, sku: str, *, if_match: int | None = None, **terms: Any) -> RoomSku:
        """List a SKU, or state its terms in the room anew: `position`, `price_minor`, `limit_per_user` …

        Where `link` is not named, it keeps its number, or gets the lowest free one. Raises ServerRefused (ID_CONFLICT)
        where another SKU of the room has that number."""
        return await self._calls.ask(RoomSku, "PUT", self._room(room, "skus", sku), terms, if_match=if_match)

    async def change_listing(self, room: str, sku: str, *, if_match: int | None = None, **terms: Any) -> RoomSku:
        """Set terms of a SKU that the room lists."""
        return await self._calls.ask(RoomSku, "PATCH", self._room(room, "skus", sku), terms, if_match=if_match)

    async def unlist(self, room: str, sku: str, *, if_match: int | None = None) -> None:
        """Take a SKU off the room's shelf; live reservations stay. Doing it twice is no error."""
        await self._calls.send("DELETE", self._room(room, "skus", sku), if_match=if_match)

    async def _send_rows(self, path: str, rows: Sequence[dict[str, Any]], *, key: str = "", **said: str) -> None:
        """Bulk requests of at most BULK_ROWS; a refusal names its row among all."""
        for start in range(0, len(rows), BULK_ROWS):
            body = {"skus": rows[start : start + BULK_ROWS], **said}
            try:
                await self._calls.send("POST", path, body, key=f"{key}/{start // BULK_ROWS}" if key else None)
            except ServerRefused as refused:
                if row := _ROW.match(refused.field):
                    refused.field = f"skus[{start + int(row[1])}]{refused.field[row.end() :]}"
                raise

    def _sku(self, sku: str) -> str:
        return below(self._path, "skus", sku)

    def _room(self, *names: str) -> str:
        return below("/v1/rooms", *names)
