"""A show's script: what is played when, and what has to come before what."""

from __future__ import annotations

from typing import Any

from shelfcast.commands.show_script import Does, Script, Supply, Turn, write
from shelfcast.stock.records import LedgerEntry
from shelfcast_client.records import MinuteState, Show, SkuAt

BEGAN_MS = 6_000_000
MINUTE_MS = 60_000


def show(length_ms: int = 10 * MINUTE_MS, history: list[tuple[str, int]] | None = None, **more: Any) -> Show:
    """A show that began at BEGAN_MS; `history` are statuses and when it took them, after its beginning."""
    ended = [("ended", length_ms)]
    rows = [("live", 0), *(history or []), *ended]
    said: dict[str, Any] = {
        "show": "evening.1",
        "started_at_ms": BEGAN_MS,
        "ended_at_ms": BEGAN_MS + length_ms,
        "history": [{"status": status, "at_ms": BEGAN_MS + at_ms, "actor": "wang"} for status, at_ms in rows],
        "spotlight": [],
        **more,
    }
    return said  # type: ignore[return-value]


def entries(*rows: tuple[int, str, str, int]) -> list[LedgerEntry]:
    """Entries of mugs: after how many ms, kind, reservation, units."""
    return [
        LedgerEntry(
            seq=n,
            pool_seq=n,
            at_ms=BEGAN_MS + at_ms,
            id=name,
            kind=kind,
            sku="mug",
            qty=qty,
            source="pool",
            target="held:live",
            channel="live",
            user=f"user-{name}",
            reference="",
            actor="",
            reason="",
            show="evening.1",
        )
        for n, (at_ms, kind, name, qty) in enumerate(rows, 1)
    ]


def minute(number: int, available: int, taken: int) -> MinuteState:
    said: dict[str, Any] = {
        "minute": number,
        "minute_ms": BEGAN_MS + number * MINUTE_MS,
        "units": [SkuAt("mug", available, 0, 0, taken, "ok", None)],
        "terms": [],
    }
    return said  # type: ignore[return-value]


def supplied(script: Script) -> list[tuple[int, int]]:
    return [(supply.at_ms, supply.qty) for supply in script.supplies]


def test_what_frees_units_is_numbered_and_awaited() -> None:
    ledger = entries(
        (10, "reserve", "a", 5), (20, "cancel", "a", 5), (30, "reserve", "b", 5), (40, "expire", "b", 5),
        (50, "reacquire", "b", 4), (60, "cancel_paid", "b", 1), (70, "reserve", "c", 1),
    )  # fmt: skip
    script = write(show(), ledger, [])
    assert supplied(script) == [(0, 5)]
    steps = {order.id: order.steps for order in script.orders}
    assert [(step.does, step.number, step.frees_before) for step in steps["a"]] == [
        (Does.TAKE, 0, 1),
        (Does.GIVE_UP, 1, 0),
    ]
    assert [(step.does, step.qty) for step in steps["b"]] == [
        (Does.TAKE, 5), (Does.GIVE_UP, 5), (Does.TAKE, 4), (Does.PAY, 4), (Does.RETURN, 1),
    ]  # fmt: skip
    assert [step.frees_before for step in steps["b"] if step.does is Does.TAKE] == [2, 3]
    assert [(step.number, step.frees_before) for step in steps["c"]] == [(3, 4)]
    assert script.sold == {"mug": 3}
    assert sum(order.sold for order in script.orders) == 3
    assert script.lines == 4


def test_an_order_of_several_places_is_one() -> None:
    [order] = write(
        show(), entries((10, "reserve", "a", 2), (10, "reserve", "a", 3), (20, "confirm", "a", 5)), []
    ).orders
    assert [(step.does, step.qty) for step in order.steps] == [(Does.TAKE, 5), (Does.PAY, 5)]


def test_goods_come_as_the_minutes_say_and_never_too_late() -> None:
    ledger = entries((10, "reserve", "a", 8), (MINUTE_MS + 5, "reserve", "b", 12))
    minutes = [minute(0, 2, 8), minute(1, 5, 20), minute(2, 5, 20)]
    script = write(show(), ledger, minutes)
    assert supplied(script) == [(0, 10), (MINUTE_MS, 15)]
    assert script.raised == {}
    [a, b] = script.orders
    assert (a.steps[0].frees_before, b.steps[0].frees_before) == (1, 2), "the goods of its minute come before it"
    short = write(show(), entries((10, "reserve", "a", 13)), minutes)
    assert supplied(short) == [(0, 13), (MINUTE_MS, 15)]
    assert short.raised == {"mug": 3}


def test_a_show_that_went_on_pauses_meanwhile() -> None:
    history = [("paused", 100), ("live", 200), ("ended", 300), ("live", 400)]
    spotlight = [
        {"sku": "mug", "from_ms": BEGAN_MS + 50, "to_ms": BEGAN_MS + 150},
        {"sku": "tea", "from_ms": BEGAN_MS + 150, "to_ms": BEGAN_MS + 250},
    ]
    ledger = entries((10, "reserve", "a", 1), (210, "reserve", "b", 1), (400, "reserve", "c", 1))
    script = write(show(history=history, spotlight=spotlight), ledger, [])
    assert script.turns == [
        Turn(50, None, "mug", 1),
        Turn(100, "paused", None, 1),  # type: ignore[arg-type]
        Turn(150, None, "tea", 1),
        Turn(200, "live", None, 1),  # type: ignore[arg-type]
        Turn(250, None, None, 2),
        Turn(300, "paused", None, 2),  # type: ignore[arg-type]
        Turn(400, "live", None, 2),  # type: ignore[arg-type]
    ]
    assert [order.steps[0].turns_before for order in script.orders] == [0, 4, 7]


def test_what_came_after_its_end_follows_at_once_and_what_is_not_played_is_counted() -> None:
    ledger = entries((10, "reserve", "a", 2), (20, "confirm", "a", 2), (86_400_000, "ship", "a", 1))
    ledger += entries((90_000_000, "cancel_paid", "a", 1))
    script = write(show(length_ms=5_000), ledger, [])
    assert [step.at_ms for step in script.orders[0].steps] == [10, 20, 5_000]
    assert script.left_out == {"ship": 1}
    assert [good.sku for good in script.goods] == ["mug"]
    assert script.supplies == [Supply(0, "mug", 2, 0)]
