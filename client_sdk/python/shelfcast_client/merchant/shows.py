"""Shows over the HTTP API: what they were, their alerts, what they refused, their minutes, and their own ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypedDict

from shelfcast_client.calls import Calls, below
from shelfcast_client.definitions import BULK_ROWS
from shelfcast_client.errors import UsageError
from shelfcast_client.records import (
    LedgerEntry,
    MinuteState,
    MoveDone,
    RefusedAttempts,
    RefusedCode,
    RefusedSku,
    SeriesHour,
    Show,
    ShowAlert,
    ShowAt,
    ShowRefusals,
    SkuAt,
    SkuMinute,
)
from shelfcast_client.requests import ALERT_ID, SNOOZE_MINUTES


class _Shows(TypedDict):
    shows: list[Show]
    next: int | None


class _Alerts(TypedDict):
    alerts: list[ShowAlert]


class _RefusalPage(TypedDict):
    codes: list[RefusedCode]
    lack_of_stock: RefusedAttempts
    skus: list[RefusedSku]
    next: str | None


class _Entries(TypedDict):
    show: str
    entries: list[LedgerEntry]
    next: int
    complete: bool


class Shows:
    """The part of a `Merchant` that reads shows and answers alerts. A show's id is `<room>.<n>`, an alert's
    `<show>:<k>`, or `<pool>:<k>` where it is about no show. What is read of a show that is not known (any more) raises
    ServerRefused with `field` "show"."""

    _calls: Calls
    _path: str

    async def shows(self, room: str) -> AsyncIterator[Show]:
        """The shows of a room, newest first, as far as they are kept."""
        query: dict[str, str | int] = {}
        while True:
            page = await self._calls.ask(_Shows, "GET", below("/v1/rooms", room, "shows"), query=query)
            for show in page["shows"]:
                yield show
            if page["next"] is None:
                return
            query["before"] = page["next"]

    async def show(self, show: str) -> Show | None:
        """One show, by its id; None where it is not known, or not any more."""
        return await self._calls.find(Show, "show", below("/v1/shows", show))

    # --- alerts

    async def alerts(self) -> list[ShowAlert]:
        """The alerts that stand in the pool, of all rooms that the token reaches, those about no show first."""
        return (await self._calls.ask(_Alerts, "GET", below(self._path, "alerts")))["alerts"]

    async def show_alerts(self, show: str) -> list[ShowAlert]:
        """The alerts of a show, those that are over included, in the order in which they rang."""
        return (await self._calls.ask(_Alerts, "GET", below("/v1/shows", show, "alerts")))["alerts"]

    async def acknowledge_alert(self, alert: str, note: str = "") -> ShowAlert:
        """Take note of an alert: it rings no more, unless it becomes graver. The first one's name and `note` (at most
        200 characters) stand."""
        return await self._calls.ask(ShowAlert, "POST", self._alert(alert, "acknowledge"), {"note": note})

    async def snooze_alert(self, alert: str, minutes: int = SNOOZE_MINUTES) -> ShowAlert:
        """Leave an alert aside for 1 to 30 minutes; then it rings again, if it still stands."""
        return await self._calls.ask(ShowAlert, "POST", self._alert(alert, "snooze"), {"minutes": minutes})

    async def act_on_alert(self, alert: str, action: str) -> MoveDone:
        """Carry out one of the alert's `actions`, by its id. It is done once, whoever asks and however often, and
        `undo` of the answer's `id` takes it back. Raises ServerRefused: NOT_FOUND where the alert has no such action
        (`field` "action"), INSUFFICIENT where the units are not there any more."""
        return await self._calls.ask(MoveDone, "POST", self._alert(alert, "act"), {"action": action})

    def _alert(self, alert: str, step: str) -> str:
        """The path of what is done about an alert. Raises UsageError for what is no alert's id."""
        if not isinstance(alert, str) or not ALERT_ID.fullmatch(alert):
            raise UsageError(f"alert: expected the id of an alert, as evening.3:17 or main:17, got {alert!r}")
        of = alert.rpartition(":")[0]
        above = below("/v1/shows", of) if "." in of else self._path
        return below(above, "alerts", alert, step)

    # --- what a show left behind

    async def refusals(self, show: str) -> ShowRefusals:
        """What a show's customers asked for and did not get, of all its SKUs. Nothing is there of a show that ended
        longer ago than refusals are kept."""
        query: dict[str, str | int] = {"limit": BULK_ROWS}
        skus: list[RefusedSku] = []
        while True:
            page = await self._calls.ask(_RefusalPage, "GET", below("/v1/shows", show, "refusals"), query=query)
            skus += page["skus"]
            if page["next"] is None:
                lack = page["lack_of_stock"]
                return ShowRefusals(show=show, codes=page["codes"], lack_of_stock=lack, skus=skus)
            query["after"] = page["next"]

    async def series(
        self, show: str, *, from_ms: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[SeriesHour]:
        """The minutes of a show, an hour at a time, from its first hour or the one of `from_ms` on; with `since_ms`
        those that begin then or later. To follow a show, ask with the last minute as both."""
        given = {"from_ms": from_ms, "since_ms": since_ms}
        query: dict[str, str | int] = {name: value for name, value in given.items() if value is not None}
        while True:
            hour: dict[str, Any] = await self._calls.ask(dict, "GET", below("/v1/shows", show, "series"), query=query)
            rows = [SkuMinute(*row[: len(SkuMinute._fields)]) for row in hour["skus"]]
            yield SeriesHour(show=hour["show"], skus=rows, minutes=hour["minutes"], next_from_ms=hour["next_from_ms"])
            if hour["next_from_ms"] is None:
                return
            query["from_ms"] = hour["next_from_ms"]

    async def show_at(self, show: str, minute: int, *, minutes: int = 1) -> ShowAt:
        """A show's pages at the end of a minute, counted from 0, and of up to `minutes` (15) from there on, as far as
        the quarter of an hour goes: minutes 0 to 14, 15 to 29 … Raises ServerRefused (`field` "minute") where it had no
        such minute, or none was kept, with what is there."""
        query: dict[str, str | int] = {"minute": minute, "minutes": minutes}
        found = await self._calls.ask(ShowAt, "GET", below("/v1/shows", show, "at"), query=query)
        for state in (found["state"], *found["changes"]):
            _name_units(state)
        return found

    async def show_entries(self, show: str, *, after: int = 0) -> AsyncIterator[LedgerEntry]:
        """The entries of both ledgers that are stamped with a show, in the order of the pool's sequence, behind `after`
        (a `pool_seq`). Their users are pseudonyms. They go on after its end, with what became of its orders."""
        complete = False
        while not complete:
            query: dict[str, str | int] = {"after": after, "limit": BULK_ROWS}
            page = await self._calls.ask(_Entries, "GET", below("/v1/shows", show, "entries"), query=query)
            for entry in page["entries"]:
                yield entry
            after, complete = page["next"], page["complete"]


def _name_units(state: MinuteState) -> None:
    rows: list[Any] = list(state["units"])
    state["units"] = [SkuAt(*row[: len(SkuAt._fields)]) for row in rows]
