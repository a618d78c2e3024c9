"""Who waits for what comes free."""

from __future__ import annotations

from typing import TypedDict


class WaitingSku(TypedDict):
    """How many `people` wait for a SKU, and for how many `units` together."""

    sku: str
    people: int
    units: int


class RoomWaiting(TypedDict):
    """The SKUs that people wait for in a room, by name."""

    room: str
    skus: list[WaitingSku]


class WaitingInRoom(TypedDict):
    """How many people wait in a room."""

    room: str
    people: int


class SkuWaiting(TypedDict):
    """Who waits for a SKU: how many `people`, for how many `units`, in which `rooms`. The units that were asked about
    would serve so many of them at once (`serves`, of the first 500), who would get `given` units: of these, and of what
    is there already and was too little for them."""

    sku: str
    people: int
    units: int
    rooms: list[WaitingInRoom]
    serves: int
    given: int
