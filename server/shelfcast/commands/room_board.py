"""How a watched room looks in a terminal, and as plain lines. No I/O: what is known goes in, text comes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from shelfcast_client import (
    Acknowledged,
    Alert,
    AlertRule,
    AlertState,
    Banner,
    BannerKind,
    Cue,
    Draining,
    Error,
    Event,
    Level,
    Notice,
    Room,
    RoomStatus,
    Sale,
    SkuState,
    Snapshot,
    Spotlight,
    State,
    StateChange,
    Status,
    Stock,
    Waitlist,
)

from shelfcast.commands.letters import fitting

LINES_KEPT = 6
"""Banners and notices shown under the table."""
ROWS_AROUND_THE_TABLE = 7
ROWS_AT_LEAST = 3
BAR_CELLS = 12
NOT_CURRENT = "bright_black"

LEVEL_STYLES: Mapping[str, str] = {
    Level.OK: "green",
    Level.LOW: "yellow",
    Level.LOWER: "dark_orange",
    Level.LAST: "bold red",
    Level.ALL_HELD: "bold magenta",
    Level.SOLD_OUT: "white on red",
    Level.FROZEN: "cyan",
}
STATE_STYLES = {State.CONNECTED: "green", State.CONNECTING: "yellow", State.DISCONNECTED: "bold yellow"}
STATUS_STYLES: Mapping[str, str] = {RoomStatus.LIVE: "bold green", RoomStatus.PAUSED: "bold yellow"}
BANNERS: Mapping[str, str] = {
    BannerKind.LAST_N: "last {left} left",
    BannerKind.ALL_HELD: "all in checkouts",
    BannerKind.SOLD_OUT: "sold out",
    BannerKind.BACK_IN_STOCK: "back in stock, {left} left",
    BannerKind.SALE_OPEN: "the sale is open, {left} left",
    BannerKind.BATCH_OPEN: "a new batch is open, {left} left",
    BannerKind.BATCH_EXHAUSTED: "this batch is sold, another one comes",
}


def printable(text: str) -> str:
    """Text from a server, without what could command a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)


def price(state: SkuState) -> str:
    """The price with its currency; minor units are shown as hundredths."""
    return f"{state.price_minor / 100:,.2f} {printable(state.currency)}"


def window(state: SkuState, now_ms: int | None) -> str:
    """What the sale window says now: a countdown to its beginning or its end, or nothing."""
    if now_ms is None:
        return ""
    if state.opens_at_ms is not None and now_ms < state.opens_at_ms:
        return f"opens in {_countdown(state.opens_at_ms - now_ms)}"
    if state.closes_at_ms is None:
        return ""
    return f"closes in {_countdown(state.closes_at_ms - now_ms)}" if now_ms < state.closes_at_ms else "closed"


def _countdown(milliseconds: int) -> str:
    return str(timedelta(seconds=-(-milliseconds // 1000)))


def line_of(event: Event) -> str | None:
    """One line for an event that people read; None for those that only change numbers."""
    words = _LINES.get(type(event))
    return None if words is None else printable(words(event))


def _banner_line(banner: Banner) -> str:
    words = BANNERS.get(banner.kind, banner.kind)
    return f"{banner.sku}: {words.format(left=banner.left)}"


def _alert_line(alert: Alert) -> str:
    about = f"{alert.sku or 'the show'} {_what(alert)}"
    if alert.state == AlertState.RESOLVED:
        return f"alert over: {about}"
    if alert.state == AlertState.ACKNOWLEDGED:
        return f"alert noted by {alert.acknowledged_by}: {about}"
    return f"alert: {about}: {alert.advice}{_served(alert)}"


def _served(alert: Alert) -> str:
    """Whom the first of what answers an alert would serve that waits; empty where nobody does, and where the advice
    says it."""
    asks = alert.rule == AlertRule.ELASTIC
    first = next((action for action in alert.actions if action.serves and action.qty and not asks), None)
    return "" if first is None else f"; {first.qty:,} more serve {first.serves:,} who wait"


def _what(alert: Alert) -> str:
    """What an alert says; of a rule that is not known here, its name."""
    match alert.rule:
        case AlertRule.SHARE_LEFT:
            return f"at or under {alert.tier_percent} %, {alert.remaining:,} left"
        case AlertRule.SOLD_OUT_ETA:
            return f"sold out in about {alert.value:.0f} minutes, {alert.remaining:,} left"
        case AlertRule.SELL_THROUGH:
            return f"{alert.value:.0%} sold, {alert.remaining:,} left"
        case AlertRule.ACTIVE_SKU_RATE:
            return f"has sold {alert.value:.0%} of its SKUs"
        case AlertRule.ELASTIC:
            return f"needs its reserve, {alert.remaining:,} left"
        case AlertRule.GATE:
            return f"{alert.value:.0f} checks fail, {alert.threshold:.0f} minutes before the planned start"
        case AlertRule.SHORTAGE:
            return f"{alert.value:.0f} units are promised and not there"
        case rule:
            return str(rule)


def state_line(change: StateChange) -> str:
    """What happened to the connection."""
    words = str(change.state)
    if change.reason:
        words += f": {change.reason}"
    if change.retry_in_s is not None:
        words += f"; next attempt in {change.retry_in_s:.1f} s"
    return printable(words)


_LINES: Mapping[type, Callable[[Any], str]] = {
    Banner: _banner_line,
    Alert: _alert_line,
    Notice: lambda notice: f"notice: {notice.text}" if notice.text else "the notice is taken back",
    Cue: lambda cue: f"cue: {cue.text}" + (f" ({cue.sku})" if cue.sku else ""),
    Acknowledged: lambda settled: f"cue {settled.cue} acknowledged by {settled.by}",
    Status: lambda status: f"the room is {status.status}",
    Spotlight: lambda spotlight: f"spotlight: {spotlight.sku or 'none'}",
    Sale: lambda sale: f"{sale.sku}: new terms",
    Error: lambda error: f"error {error.code}: {error.message}",
    Draining: lambda draining: f"the server is stopping; back in about {draining.reconnect_after_ms / 1000:g} s",
    StateChange: state_line,
}


@dataclass
class Board:
    """What the table needs besides the room itself: recent lines and recent changes."""

    lines: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    encoding: str = "utf-8"
    """The terminal's."""
    connection: StateChange = field(default_factory=lambda: StateChange(state=State.CONNECTING))
    _touched: dict[str, int] = field(default_factory=dict)

    def take(self, event: Event, room: Room) -> None:
        """Note an event of the room."""
        if isinstance(event, StateChange):
            self.connection = event
        elif isinstance(event, Stock):
            self._touched.update({row.sku: event.seq for row in event.rows})
        line = line_of(event)
        if line is not None and not isinstance(event, StateChange):
            self.lines.append((clock_time(room), line))

    def render(self, room: Room, height: int) -> RenderableType:
        """The whole screen."""
        lines = [self._text(f"{at}  {line}", style="bold" if room.current else NOT_CURRENT) for at, line in self.lines]
        return Group(self._header(room), self._table(room, height - ROWS_AROUND_THE_TABLE - len(lines)), *lines)

    def _header(self, room: Room) -> Text:
        change = self.connection if self.connection.state is room.state else StateChange(state=room.state)
        style = STATE_STYLES.get(change.state, "bold red")
        header = Text(no_wrap=True, overflow="ellipsis")
        header.append(self._fit(f" {printable(str(room.status)).upper()} "), STATUS_STYLES.get(room.status, "bold"))
        header.append(f" {room.viewers:,} viewers   {clock_time(room)}   ")
        header.append(self._fit(f"● {state_line(change)}"), style)
        if not room.current:
            header.append("   last known counts", NOT_CURRENT)
        return header

    def _table(self, room: Room, rows_max: int) -> Table:
        shown = list(self._shown(room, max(ROWS_AT_LEAST, rows_max)))
        left_out = len(room.stock) - len(shown)
        table = Table(
            style="" if room.current else NOT_CURRENT,
            row_styles=["" if room.current else NOT_CURRENT],
            expand=True,
            caption=f"and {left_out:,} more SKUs; here are those that changed last" if left_out else None,
        )
        table.add_column("", width=1)
        table.add_column("SKU", no_wrap=True, max_width=24)
        table.add_column("title", no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column("price", justify="right", no_wrap=True)
        table.add_column("left", justify="right", no_wrap=True)
        table.add_column("", width=BAR_CELLS)
        table.add_column("held", justify="right", no_wrap=True)
        if room.waitlist:
            table.add_column("wait", justify="right", no_wrap=True)
        table.add_column("level", no_wrap=True)
        table.add_column("window", no_wrap=True)
        for state in shown:
            table.add_row(*self._cells(state, room))
        return table

    def _shown(self, room: Room, rows_max: int) -> Iterator[SkuState]:
        """All SKUs where they fit; else the spotlight and those that changed last, in the room's order."""
        chosen = set(room.stock)
        if len(chosen) > rows_max:
            ranked = sorted(room.stock, key=lambda sku: (sku != room.spotlight, -self._touched.get(sku, 0)))
            chosen = set(ranked[:rows_max])
        return (state for sku, state in room.stock.items() if sku in chosen)

    def _cells(self, state: SkuState, room: Room) -> list[Text]:
        style = LEVEL_STYLES.get(state.level, "") if room.current else ""
        # What was offered in the show the server says, backstage alone; nothing is guessed without.
        row = room.metrics.get(state.sku)
        offered = row.offered if row is not None else 0
        filled = min(BAR_CELLS, -(-state.available * BAR_CELLS // offered)) if offered > 0 else 0
        return [
            self._text("▶" if state.sku == room.spotlight else "", "bold"),
            self._text(printable(state.sku)),
            self._text(printable(state.title)),
            self._text(price(state)),
            Text(f"{state.available:,}", style),
            self._text("█" * filled, style),
            Text(f"{state.held:,}"),
            *([Text(f"{state.waiting:,}" if state.waiting else "")] if room.waitlist else []),
            self._text(printable(str(state.level)).replace("_", " "), style),
            Text(window(state, room.server_now_ms())),
        ]

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._fit(text), style)

    def _fit(self, text: str) -> str:
        return fitting(text, self.encoding)


def clock_time(room: Room) -> str:
    """The server's time of day, in this machine's zone."""
    now_ms = room.server_now_ms()
    return "--:--:--" if now_ms is None else f"{datetime.fromtimestamp(now_ms / 1000).astimezone():%H:%M:%S}"


def plain_lines(event: Event, room: Room, shown: dict[str, tuple[int, int, str]]) -> Iterator[str]:
    """An event as lines for a file or a pipe. `shown` remembers what was printed of each SKU, so that a snapshot
    after a reconnect prints only what is different."""
    at = clock_time(room)
    if isinstance(event, Snapshot):
        yield f"{at} snapshot: {room.status}, {room.viewers} viewers, {len(room.stock)} SKUs, seq {event.seq}"
    if isinstance(event, Stock | Snapshot):
        changed = [row.sku for row in event.rows] if isinstance(event, Stock) else list(room.stock)
        for sku in changed:
            state = room.stock.get(sku)
            if state is None or shown.get(sku) == (state.available, state.held, str(state.level)):
                continue
            shown[sku] = (state.available, state.held, str(state.level))
            yield f"{at} {printable(sku)}: {state.available} left, {state.held} held, {printable(str(state.level))}"
    if isinstance(event, Waitlist):
        for sku, people in event.rows:
            yield f"{at} {printable(sku)}: {people} wait"
    line = line_of(event)
    if line is not None:
        yield f"{at} {line}"
