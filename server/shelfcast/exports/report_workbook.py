"""A report as a workbook: its summary, a sheet for each table, and a chart of its minutes."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from shelfcast.exports.giving_way import giving_way
from shelfcast.exports.report_summary import summary_table
from shelfcast.exports.report_tables import report_table
from shelfcast.merchant.report_items import Report, ReportPart
from shelfcast.sheets.columns import Language, Table
from shelfcast.sheets.workbooks import SheetWriter, WorkbookFile

_CHART = {"width": 1_000, "height": 420}
"""In pixels."""


def write_report_workbook(file: Path, report: Report, language: Language = Language.EN) -> None:
    """Write it to `file`. Blocks: a thread of its own, or a process for heavy work, does it."""
    zone = ZoneInfo(report.time_zone or "UTC")
    title = f"{report.show} {report.title}".strip()
    with WorkbookFile(file, zone=zone, made_at_ms=report.at_ms, title=title, language=language) as book:
        book.add(summary_table(report, language))
        for part in ReportPart:
            table = report_table(report, part, language)
            sheet = book.add(table._replace(rows=giving_way(table.rows)))
            if part is ReportPart.MINUTES and sheet.rows:
                _add_chart(book, sheet, table, language)


def _add_chart(book: WorkbookFile, sheet: SheetWriter, table: Table, language: Language) -> None:
    """Draw viewers, units sold so far (on an axis of their own) and in each minute."""
    keys = [column.key for column in table.columns]
    chart = book.line_chart()
    for key in ("viewers", "paid", "pace"):
        number = keys.index(key)
        chart.add_series(
            {
                "name": [sheet.name, 0, number],
                "categories": [sheet.name, 1, keys.index("at"), sheet.rows, keys.index("at")],
                "values": [sheet.name, 1, number, sheet.rows, number],
                "y2_axis": key == "viewers",
            }
        )
    names = dict(zip(keys, table.header(language), strict=True))
    chart.set_x_axis({"text_axis": True, "num_format": "hh:mm", "interval_unit": max(1, sheet.rows // 12)})
    chart.set_y_axis({"name": names["paid"], "min": 0})
    chart.set_y2_axis({"name": names["viewers"], "min": 0})
    chart.set_legend({"position": "bottom"})
    chart.set_size(_CHART)
    sheet.sheet.insert_chart(1, len(keys) + 1, chart)
