"""Settings of heavy work: the process that does it, its jobs, and what may be sent up and streamed down."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from shelfcast.settings.about import Positive, about
from shelfcast.settings.book import BookSettings


class HeavySettings(BookSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Audits, spreadsheets and whatever else would hold up who is served."""

    heavy_nice: Annotated[
        int,
        Meta(ge=0, le=19),
        about("Niceness of the process for heavy work, added to the server's.", more="0 takes none off."),
    ] = 10
    heavy_away_ms: Annotated[
        Positive,
        about(
            "The process for heavy work away for this long is told in /readyz.",
            beyond="named by the warnings of `/readyz`; jobs wait, the server serves",
        ),
    ] = 10_000
    jobs_open_a_pool_max: Annotated[
        Positive, about("Jobs of a pool that wait or are under way.", beyond="429 `RATE_LIMITED`")
    ] = 20
    jobs_kept_a_pool_max: Annotated[
        Positive, about("Finished jobs of a pool that are kept.", beyond="the oldest is forgotten, with its result")
    ] = 50
    job_kept_ms: Annotated[Positive, about("How long a finished job and its result are kept.")] = 3_600_000
    job_claim_ms: Annotated[
        Positive,
        about(
            "How long a job stays with a process that says nothing of it.",
            beyond="the next one begins the job anew",
        ),
    ] = 10_000
    job_losses_max: Annotated[
        Positive,
        about("How often the process that does a job may be lost before the job has failed.", beyond="`failed`"),
    ] = 3
    job_report_ms: Annotated[
        Positive, about("How often progress is written, and a cancellation looked for, while a job is under way.")
    ] = 250
    job_look_ms: Annotated[
        Positive,
        about(
            "How often the process for heavy work looks for jobs.",
            more="It is also told of each; this is for what was missed.",
        ),
    ] = 1_000
    job_result_max_bytes: Annotated[
        Positive, about("Longest result of a job, as JSON.", more="It is kept compressed.", beyond="`failed`")
    ] = 8_388_608
    upload_max_bytes: Annotated[
        Positive, about("Longest file that is sent up.", more="It is kept compressed until its job ends.", beyond="413")
    ] = 10_485_760
    export_max_bytes: Annotated[
        Positive,
        about(
            "Longest file that a job makes: a ledger as a workbook.",
            more="It is kept in the engine for job_kept_ms.",
            beyond="422: the CSV file has no bound",
        ),
    ] = 100_663_296
    imports_open_a_pool_max: Annotated[
        Positive,
        about(
            "Imports of a pool that are kept and not applied.",
            more="As many that are applied are kept, too.",
            beyond="409 `SHELF_FULL`",
        ),
    ] = 20
    import_kept_ms: Annotated[
        Positive, about("How long an import is kept, with its file, from when it was last read or applied.")
    ] = 3_600_000
    import_packed_max_bytes: Annotated[
        Positive,
        about(
            "The most that the rows of an import take, compressed, and what is shown of them.",
            beyond="the import has `failed`",
        ),
    ] = 2_097_152
    upload_timeout_ms: Annotated[
        Positive, about("How long a file may take to come.", beyond="408, and the connection is closed")
    ] = 60_000
    uploads_at_once_max: Annotated[
        Positive, about("Files that come to one process at a time.", beyond="503 `OVERLOADED`")
    ] = 4
    streams_at_once_max: Annotated[
        Positive,
        about(
            "Answers that one process streams at a time.",
            more="A whole ledger or catalogue.",
            beyond="503 `OVERLOADED`",
        ),
    ] = 16
    job_wait_ms: Annotated[
        Positive,
        about(
            "How long a request that waits for a job does so.",
            more="Those of `GET …/audit` and of a catalogue's preview.",
            beyond="202 with the job, which goes on",
        ),
    ] = 60_000
