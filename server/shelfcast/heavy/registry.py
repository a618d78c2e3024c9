"""All kinds of jobs, by name."""

from __future__ import annotations

from shelfcast.heavy.apply_import import ApplyImport
from shelfcast.heavy.archive_minutes import ArchiveMinutes
from shelfcast.heavy.archive_pool import ArchivePool
from shelfcast.heavy.audit import Audit
from shelfcast.heavy.count_file import CountFile
from shelfcast.heavy.count_plan import CountPlan
from shelfcast.heavy.day_totals import DayFigures, FindSlowMovers, TotalDays
from shelfcast.heavy.erase_person import ErasePerson, ShowPerson
from shelfcast.heavy.erp_levels import ErpLevels
from shelfcast.heavy.kind import Kind
from shelfcast.heavy.ledger_file import LedgerFile
from shelfcast.heavy.preview import Preview
from shelfcast.heavy.read_import import ReadImport
from shelfcast.heavy.reconcile_show import ReconcileShow
from shelfcast.heavy.show_report import ShowReport

_KINDS: tuple[Kind, ...] = (
    Audit(),
    Preview(),
    ReadImport(),
    ApplyImport(),
    ReconcileShow(),
    CountFile(),
    CountPlan(),
    ErpLevels(),
    TotalDays(),
    DayFigures(),
    FindSlowMovers(),
    LedgerFile(),
    ArchiveMinutes(),
    ShowReport(),
    ShowPerson(),
    ErasePerson(),
    ArchivePool(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
