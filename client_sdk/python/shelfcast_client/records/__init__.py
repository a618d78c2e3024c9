"""What the HTTP API answers a merchant, as `Merchant` returns it: dicts with the fields of the OpenAPI document.

Counts are whole units, money is in minor units of its currency, times (`..._at_ms`) are milliseconds since 1970 on the
server's clock. What is an array on the wire is a named tuple. A definition's `revision` is raised by each write that
changes it. A newer server may add fields.
"""

from __future__ import annotations

from shelfcast_client.records.accounts import Account
from shelfcast_client.records.allocation import Proposal, ProposalMove
from shelfcast_client.records.definitions import (
    Batch,
    Channel,
    ElasticReserve,
    ElasticTerms,
    PoolDefinition,
    PoolSku,
    PoolUser,
    RoomDefinition,
    RoomList,
    RoomSku,
    RoomWarning,
    Slot,
    Strategy,
    StrategyNumbers,
)
from shelfcast_client.records.history import (
    Action,
    Audit,
    Effect,
    FreezeDone,
    InForce,
    LedgerEntry,
    MoveDone,
    PoolEvent,
    Reservation,
    ReservationStory,
    StatusDone,
    Step,
    Violation,
)
from shelfcast_client.records.imports import (
    CataloguePreview,
    FileRow,
    Import,
    PreviewChange,
    PreviewFault,
    PreviewRow,
    RefusedRow,
)
from shelfcast_client.records.jobs import Job
from shelfcast_client.records.shows import (
    RefusedAttempts,
    RefusedCode,
    RefusedSku,
    SeriesHour,
    Show,
    ShowAlert,
    ShowAlertAction,
    ShowMinute,
    ShowRefusals,
    SkuMinute,
    Spotlit,
    StatusChange,
)
from shelfcast_client.records.waitlist import RoomWaiting, SkuWaiting, WaitingInRoom, WaitingSku

__all__ = [
    "Account",
    "Action",
    "Audit",
    "Batch",
    "CataloguePreview",
    "Channel",
    "Effect",
    "ElasticReserve",
    "ElasticTerms",
    "FileRow",
    "FreezeDone",
    "Import",
    "InForce",
    "Job",
    "LedgerEntry",
    "MoveDone",
    "PoolDefinition",
    "PoolEvent",
    "PoolSku",
    "PoolUser",
    "PreviewChange",
    "PreviewFault",
    "PreviewRow",
    "Proposal",
    "ProposalMove",
    "RefusedAttempts",
    "RefusedCode",
    "RefusedRow",
    "RefusedSku",
    "Reservation",
    "ReservationStory",
    "RoomDefinition",
    "RoomList",
    "RoomSku",
    "RoomWaiting",
    "RoomWarning",
    "SeriesHour",
    "Show",
    "ShowAlert",
    "ShowAlertAction",
    "ShowMinute",
    "ShowRefusals",
    "SkuMinute",
    "SkuWaiting",
    "Slot",
    "Spotlit",
    "StatusChange",
    "StatusDone",
    "Step",
    "Strategy",
    "StrategyNumbers",
    "Violation",
    "WaitingInRoom",
    "WaitingSku",
]
