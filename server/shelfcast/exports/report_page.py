"""A report as a page to print: A4 across, its tables' heads on each page, its charts drawn as SVG. It runs nothing, and
needs nothing but itself."""

from __future__ import annotations

import datetime as dt
import re
from base64 import b64encode
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from shelfcast.exports import charts
from shelfcast.exports.giving_way import giving_way
from shelfcast.exports.page_words import PAGE_WORDS, parted
from shelfcast.exports.report_summary import about, identity, totals
from shelfcast.exports.report_tables import report_table
from shelfcast.exports.words import word
from shelfcast.merchant.report_items import Report, ReportPart
from shelfcast.sheets.columns import Cell, Form, Language, Money, Value, local_time
from shelfcast.sheets.values import CURRENCY_DIGITS, CURRENCY_DIGITS_DEFAULT

SKU_COLUMNS = (
    "sku", "title", "link", "price", "sold", "cancelled", "shipped", "pending", "presale_sold", "orders", "paid",
    "refunded", "left_to_sell", "sell_through", "first_sale", "sold_out_at", "best_pace", "expected",
    "forecast_error", "lost_people", "lost_units", "waiting", "difference", "next",
)  # fmt: skip
"""Of a SKU's columns those that a printed page has room for; the files have all."""
ROWS_MAX = 2_000
"""Rows of a table on the page: the files have all."""


PIECES_AT_ONCE = 500
"""Pieces of the page, a few a cell, that are made without a pause: less than a millisecond's work."""


class Page(NamedTuple):
    """The page as HTML, and the Content-Security-Policy that it is to be served with."""

    html: str
    policy: str


class Column(NamedTuple):
    """A column of a table of the page."""

    title: str
    is_number: bool
    width: float
    """A part of the table's, in per cent."""


class Shown(NamedTuple):
    """A table of the page; `others` rows are left out."""

    name: str
    title: str
    columns: list[Column]
    rows: list[list[str]]
    others: int


def report_page(report: Report, language: Language) -> Page:
    """The page."""
    zone = ZoneInfo(report.time_zone or "UTC")
    say = PAGE_WORDS[language]
    form = _Cells(zone, local_time(report.started_at_ms, zone).date())
    state = word(report.state, language)
    head = f"{report.title or report.room} · {report.show} · {state} · {form.day}"
    style = Markup(_source("report.css") + _running_head(head, say["page"]))  # noqa: S704 - the head is escaped
    pieces = _template("report.html.j2").generate(
        language="zh-CN" if language is Language.ZH else "en",
        say=say,
        style=style,
        report=report,
        day=form.day,
        state=state,
        about=[(name.of(language), form.text(kind, value)) for name, kind, value, _ in about(report, language)],
        sums=[
            (name.of(language), form.text(kind, value), form.text(kind, presale))
            for name, kind, value, presale in totals(report)
        ],
        identity=[(name.of(language), form.text(kind, value)) for name, kind, value, _ in identity(report)],
        charts=charts,
        lines=charts.lines(report, zone, language),
        bars=charts.bars(report),
        tables=[shown for part in _PARTS if (shown := _shown(report, part, language, form)).rows],
    )
    html = "".join(list(giving_way(pieces, PIECES_AT_ONCE)))
    digest = b64encode(sha256(str(style).encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Page(html, policy)


_PARTS = [part for part in ReportPart if part is not ReportPart.MINUTES]
"""Minutes are in the charts."""
_NUMBERS = frozenset({Form.WHOLE, Form.DECIMAL, Form.SHARE, Form.MONEY})
_WEIGHTS = {Form.WHOLE: 4.7, Form.DECIMAL: 5.0, Form.SHARE: 5.8, Form.MONEY: 6.5, Form.TIME: 5.6}
"""How wide columns are beside one another; those of text are as wide as in a file, within bounds."""


def _shown(report: Report, part: ReportPart, language: Language, form: _Cells) -> Shown:
    table = report_table(report, part, language)
    rows = list(table.rows)
    places = [
        place
        for place, column in enumerate(table.columns)
        if part is not ReportPart.SKUS or column.key in SKU_COLUMNS
        if any(row[place] not in (None, "") for row in rows)
    ]
    columns = [table.columns[place] for place in places]
    weights = [_WEIGHTS.get(column.form) or min(max(column.width / 2, 5.5), 26) for column in columns]
    return Shown(
        table.name,
        table.title.of(language),
        [
            Column(parted(column.title.of(language)), column.form in _NUMBERS, round(100 * weight / sum(weights), 2))
            for column, weight in zip(columns, weights, strict=True)
        ],
        [[form.text(table.columns[place].form, row[place]) for place in places] for row in giving_way(rows[:ROWS_MAX])],
        max(0, len(rows) - ROWS_MAX),
    )


class _Cells(NamedTuple):
    """How cells are read on the page. A time of the show's first day needs no date."""

    zone: ZoneInfo
    day: dt.date

    def text(self, form: Form, value: Value) -> str:
        """The text of a cell."""
        if type(value) is Cell:
            form, value = value
        if value is None:
            return ""
        if isinstance(value, Money):
            digits = CURRENCY_DIGITS.get(value.currency, CURRENCY_DIGITS_DEFAULT)
            return f"{Decimal(value.minor).scaleb(-digits):,.{digits}f}"
        if form is Form.TIME and isinstance(value, int):
            at = local_time(value, self.zone)
            return at.strftime("%H:%M" if at.date() == self.day else "%m-%d %H:%M")
        if form is Form.SHARE and isinstance(value, int | float):
            return f"{value:.1%}"
        if form is Form.DECIMAL and isinstance(value, int | float):
            before, _, behind = f"{value:,.3f}".partition(".")
            return f"{before}.{behind.rstrip('0') or '0'}"
        return f"{value:,}" if isinstance(value, int) else str(value)


def _running_head(head: str, page: str) -> str:
    """The style of what stands on each printed page: which report it is, and the page's number."""
    return (
        f"@page{{@top-left{{content:{_css_text(head)}}}"
        f'@bottom-right{{content:{_css_text(page)} " " counter(page) " / " counter(pages)}}}}'
    )


def _css_text(text: str) -> str:
    """Text as a string of CSS, where nothing of it is anything but text."""
    escaped = re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", text)
    return f'"{escaped}"'


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("shelfcast.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _source(name: str) -> str:
    """A file beside the templates, as it is."""
    return (files("shelfcast.exports") / "templates" / name).read_text(encoding="utf-8")
