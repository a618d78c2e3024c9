"""A show's report, as a job: built, written to the archive, read back, and noted."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.heavy.kind import Work
from shelfcast.merchant.report import build, history_of
from shelfcast.merchant.report_archive import SHOW_REPORT, final_after_ms, keep, keep_history, read
from shelfcast.merchant.report_items import Report
from shelfcast.protocol.codes import Code
from shelfcast.stock.refusals import Refusals
from shelfcast.stock.reports import ReportMark, ReportState


class Options(Struct, frozen=True, kw_only=True):
    """Which show, and which report of it is wanted."""

    show: str
    state: ReportState


class ReportWritten(Struct, frozen=True, kw_only=True):
    """A report that was written. One that was to be final is provisional where something is pending still."""

    show: str
    state: ReportState
    seq: int
    checksum: str
    pending: int


class ShowReport:
    """Reads the ledgers behind a show's beginning once. Its progress counts ledger entries.

    Begun again it writes the same object anew; a final one that is noted stays as it is.
    """

    name = SHOW_REPORT

    async def run(self, work: Work) -> ReportWritten:
        """Write it. Raises InvalidInput where the show is on or gone, or has gone on meanwhile; ArchiveError."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        show = await work.book.show(options.show)
        if show is None:
            raise InvalidInput("the show is not kept any more", field="show")
        if not show.ended_at_ms:
            raise InvalidInput("the show is on: its report is written when it has ended", field="show")
        noted = (await work.book.report_record(show.id)).final
        if noted is not None:
            return await _finished(work, noted)
        refusals = Refusals(work.jobs.engine, work.book.base)
        built = await build(work.book, refusals, show, options.state, work.progress.say)
        if built.report.state is ReportState.FINAL and built.pending:
            # It waits for what is pending, for a time.
            waits = built.report.at_ms < final_after_ms(show, work.settings)
            built = built.provisional if waits else built
        outcome = await keep(work.book, work.archive, built.report, built.pending)
        if outcome.code is Code.NOT_FOUND:
            raise InvalidInput("the show is not kept any more", field="show")
        if outcome.code is not Code.OK:
            raise InvalidInput("the show has gone on since, or may still go on", field="show")
        await keep_history(work.book, show.id, built.history)
        report = built.report
        return ReportWritten(
            show=show.id, state=report.state, seq=report.seq, checksum=report.checksum, pending=len(built.pending)
        )


async def _finished(work: Work, noted: ReportMark) -> ReportWritten:
    """A final report that is written: whoever wrote it may not have come to what its SKUs are remembered by. Raises
    ArchiveError."""
    report = await asyncio.to_thread(msgspec.json.decode, await read(work.archive, noted), type=Report)
    await keep_history(work.book, report.show, history_of(report))
    return ReportWritten(show=report.show, state=report.state, seq=report.seq, checksum=report.checksum, pending=0)
