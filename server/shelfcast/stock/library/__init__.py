"""The function library: the rules of the stock book, in Lua, run inside the engine.

The files are one chunk, read in this order; each begins with what it is for.
"""

from __future__ import annotations

from importlib import resources

from shelfcast.engine.library import Library

NAME = "shelfcast"
VERSION = 12
"""Raised with every release that changes the library. A newer one has to answer the calls of the release before: during
an upgrade old servers go on with it (docs/operations.md, Upgrades)."""

FORMAT = 5
"""The format that this server writes and reads (format.lua). A pool's book is raised to it, and never lowered."""

FILES = (
    "names",
    "state",
    "format",
    "events",
    "counters",
    "shows",
    "actions",
    "windows",
    "batches",
    "records",
    "freezes",
    "drawing",
    "reservation",
    "money",
    "batch_windows",
    "moves",
    "paid_orders",
    "configuration",
    "undo",
    "lots",
    "receipts",
    "erp_levels",
    "refund_requests",
    "notices_and_cues",
    "refusals",
    "alerts",
    "pool_alerts",
    "elastic",
    "settling",
    "waiting",
    "waiting_turns",
    "waiting_operations",
    "series",
    "reports",
    "allocation",
    "counts",
    "count_sheets",
    "count_unsigned",
    "count_rows",
    "count_lines",
    "count_apply",
    "archiving",
    "people",
    "erasing",
    "days",
    "feed",
    "functions",
    "waiting_audit",
    "owed",
    "count_audit",
    "presence",
    "lease",
    "jobs",
    "imports",
    "accounts",
)

CLOSED = frozenset(
    {"freezes", "paid_orders", "undo", "lots", "receipts", "erp_levels", "refund_requests", "waiting_operations",
     "reports", "allocation", "counts", "count_sheets", "count_unsigned", "count_rows", "count_lines", "count_apply",
     "archiving", "people", "erasing", "days", "functions", "waiting_audit", "owed", "count_audit", "presence",
     "lease", "imports", "accounts"}
)  # fmt: skip
"""Files whose own names no other one uses. What they declare is theirs alone: Lua holds 200 names at the top."""

APPLY = "shelfcast_apply"
ROOM = "shelfcast_room"
CATALOGUE = "shelfcast_catalogue"
UNITS = "shelfcast_units"
BATCH_UNITS = "shelfcast_batch_units"
PAGE = "shelfcast_page"
CLOCK = "shelfcast_clock"
TIME = "shelfcast_time"
AUDIT_WAITS = "shelfcast_audit_waits"
OWED = "shelfcast_owed"
AUDIT_COUNTS = "shelfcast_audit_counts"
ACTIONS = "shelfcast_actions"
ACTIONS_OF = "shelfcast_actions_of"
DEMAND = "shelfcast_demand"
WAITLIST = "shelfcast_waitlist"
WAITLISTS = "shelfcast_waitlists"
REFUSED_PEOPLE = "shelfcast_refused_people"
VIEWERS = "shelfcast_viewers"
FOLLOWERS = "shelfcast_followers"
LEASE = "shelfcast_lease"
JOB = "shelfcast_job"
ACCOUNT = "shelfcast_account"
IMPORT = "shelfcast_import"


def _source() -> str:
    folder = resources.files(__package__)
    parts = [f"#!lua name={NAME}", f"-- version: {VERSION}"]
    for name in FILES:
        text = folder.joinpath(f"{name}.lua").read_text(encoding="utf-8")
        parts.append(f"do -- {name}\n{text}\nend -- {name}" if name in CLOSED else text)
    return "\n".join(parts)


LIBRARY = Library(name=NAME, version=VERSION, code=_source())
