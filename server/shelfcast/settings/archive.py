"""Settings of what is kept when a show is over: its report, the days' totals, and the archive of the ledgers."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import NotNegative, Positive, about
from shelfcast.settings.heavy import HeavySettings

TRIM_ENTRIES_MAX = 10_000
"""Entries that one engine call takes out of a ledger: so many take it some milliseconds."""
PART_ENTRIES_MAX = 500_000
"""Entries in one object of the archive: some 250 MB where they are read."""


class ArchiveSettings(HeavySettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reports, day totals, and what leaves the engine."""

    archive_url: Annotated[
        str,
        about(
            "Where what is finished is kept: a folder, or an object store as s3://BUCKET/PATH; empty: `archive` in "
            "data_dir.",
            more="Several nodes need an object store. Its keys and endpoint are `AWS_…` variables.",
        ),
    ] = ""
    archive_timeout_ms: Annotated[
        Positive,
        about("How long one request to the archive may take.", beyond="503 `UNAVAILABLE`; what is written waits"),
    ] = 30_000
    archive_part_entries: Annotated[
        int,
        Meta(ge=1, le=PART_ENTRIES_MAX),
        about("Ledger entries in one object of the archive.", more="An object is compressed, and read whole."),
    ] = 50_000
    ledger_kept_ms: Annotated[
        NotNegative,
        about(
            "How long entries stay in the engine that the archive has, too.",
            more="Nothing leaves it before the final report of each show that it belongs to.",
        ),
    ] = 604_800_000
    trim_entries_a_call_max: Annotated[
        int,
        Meta(ge=1, le=TRIM_ENTRIES_MAX),
        about("Entries that one engine call takes out of a ledger.", beyond="the next call goes on"),
    ] = TRIM_ENTRIES_MAX
    report_final_after_ms: Annotated[
        Positive,
        about("How long after its end a show's report waits for what is pending.", beyond="it is final as it is"),
    ] = 86_400_000
    day_totals_kept: Annotated[
        int, Meta(ge=31, le=4_000), about("Days whose totals are kept.", beyond="the oldest are forgotten")
    ] = 400
