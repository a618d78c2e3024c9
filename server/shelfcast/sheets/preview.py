"""What a catalogue would change, row by row, before anything is applied. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from shelfcast.insight.reserves import NOTHING, Reserves, Shares, reserves
from shelfcast.sheets.catalogue import BY_NAME, COLUMNS, OPENING, TIMES, ZONE, Article, Catalogue
from shelfcast.sheets.table import quoted
from shelfcast.sheets.times import shown_moment
from shelfcast.sheets.values import CURRENCY, price_text

SAFETY_UNITS = "safety_units"
"""A SKU's own safety buffer."""
LISTED = "position"
"""The place of a row on the room's shelf: the file's order."""
_COLUMN_OF = {(column.part, column.key): column.name for column in COLUMNS if column.part}
_NONE = "none"
_TIMES = {BY_NAME[name].key for name in TIMES}
_ASIDE = {"safety": "into the safety buffer", "elastic": "into the elastic reserve"}


class Verdict(StrEnum):
    """What a row does to the SKU that it names."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Change(NamedTuple):
    """One value of a SKU, by the name of its column, as a person reads it."""

    column: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.column} {self.before} → {self.after}"


@dataclass(frozen=True)
class RowPreview:
    """What one row would do to the SKU, which is called `title` then. `receives` are units of opening stock that would
    come in, of which some are `set_aside`; `kept_back` those that would not, because the pool has held units of the SKU
    before."""

    line: int
    sku: str
    title: str
    verdict: Verdict
    changes: tuple[Change, ...]
    receives: int
    kept_back: int
    set_aside: Reserves = NOTHING

    def __str__(self) -> str:
        parts = [str(change) for change in self.changes]
        if self.receives:
            aside = [f"{units:,} of them {_ASIDE[place]}" for place, units in self.set_aside._asdict().items() if units]
            parts.append(", ".join([f"receives {self.receives:,}", *aside]))
        if self.kept_back:
            parts.append(f"{OPENING} {self.kept_back:,} not received again")
        said = ": " + ", ".join(parts) if parts else ""
        return f"line {self.line}, {quoted(self.sku, bare=True)}: {self.verdict}{said}"


def preview(
    catalogue: Catalogue,
    present: Mapping[str, Mapping[str, Any]],
    listed: Mapping[str, Mapping[str, Any]] | None = None,
    shares: Shares = Shares(),  # noqa: B008 - it is immutable
    zone: str = ZONE,
) -> list[RowPreview]:
    """What each article of the catalogue would change, in the order of the file. `shares` are what the pool sets aside
    of opening stock; times are shown by the clocks of `zone`.

    `present` is the pool's catalogue by SKU, each as the HTTP API reads it (`PoolSku`: what the catalogue says, and
    `buckets`); `listed` the room's shelf (`RoomSku`), None where the import is into no room. Fields that the file does
    not give stay as they are, and are no change.
    """
    return [
        _row(
            article,
            present.get(article.sku),
            listed.get(article.sku, {}) if listed is not None else None,
            position,
            shares,
            zone,
        )
        for position, article in enumerate(catalogue.articles, start=1)
    ]


def has_history(sku: Mapping[str, Any] | None) -> bool:
    """Whether the pool has held units of a SKU (`PoolSku`): opening stock is then not received again."""
    return sku is not None and any(sku["buckets"].values())


def summary(rows: Sequence[RowPreview]) -> str:
    """How many rows are new, changed (and in what) and the same, as one line."""
    verdicts = Counter(row.verdict for row in rows)
    columns = Counter(change.column for row in rows if row.verdict is Verdict.CHANGED for change in row.changes)
    in_what = f" ({', '.join(f'{name} {count:,}' for name, count in columns.items())})" if columns else ""
    return (
        f"{verdicts[Verdict.NEW]:,} new, {verdicts[Verdict.CHANGED]:,} changed{in_what}, "
        f"{verdicts[Verdict.SAME]:,} the same"
    )


def _row(
    article: Article,
    present: Mapping[str, Any] | None,
    listed: Mapping[str, Any] | None,
    position: int,
    shares: Shares,
    zone: str,
) -> RowPreview:
    again = has_history(present)
    receives, kept_back = (0, article.opening) if again else (article.opening, 0)
    own = article.config.get(SAFETY_UNITS, (present or {}).get(SAFETY_UNITS))
    aside = reserves(receives, shares, safety_units=own)
    title = article.config.get("title", (present or {}).get("title", ""))
    if present is None:
        return RowPreview(article.line, article.sku, title, Verdict.NEW, (), receives, kept_back, aside)
    changes = list(_differences("config", article.config, present, zone))
    if listed is not None:
        terms = {**article.listing, LISTED: position}
        changes += _differences("listing", terms, listed, zone) if listed else [Change(LISTED, _NONE, str(position))]
    verdict = Verdict.CHANGED if changes or receives else Verdict.SAME
    return RowPreview(article.line, article.sku, title, verdict, tuple(changes), receives, kept_back, aside)


def _differences(part: str, given: Mapping[str, Any], present: Mapping[str, Any], zone: str) -> Iterator[Change]:
    for key, value in given.items():
        if value != present.get(key):
            column = _COLUMN_OF.get((part, key), key)
            yield Change(column, _shown(key, present, zone), _shown(key, {**present, **given}, zone))


def _shown(key: str, values: Mapping[str, Any], zone: str) -> str:
    value = values.get(key)
    if value is None or value in ("", []):
        return _NONE
    if isinstance(value, list):
        return quoted(", ".join(value))
    if key in _TIMES:
        return shown_moment(value, zone)
    if key == "price_minor":
        return price_text(value, values.get("currency", CURRENCY))
    return quoted(value) if isinstance(value, str) else f"{value:,}"
