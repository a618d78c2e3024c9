"""Writes the golden vectors: every message in both encodings, wrong input, and the table of codes.

    python tests/vectors/make.py

The server's codec makes them; every SDK must read what is from the server, and send what is from the client, exactly
so. A change of these files is a change of the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shelfcast.protocol import from_client, from_server, states
from shelfcast.protocol import pool_messages as pm
from shelfcast.protocol.access import Role
from shelfcast.protocol.codec import Encoding, encode
from shelfcast.protocol.codes import EXPLANATION, RETRY, Close, Code, Retry, may_reconnect

FOLDER = Path(__file__).parent
EVENING_MS = 1_763_750_400_000

FROM_SERVER: dict[str, from_server.ServerMessage] = {
    "snapshot of a live room": from_server.Snapshot(
        room="evening-show",
        title="An evening of tea 茶",
        epoch=3,
        seq=184_467,
        at_ms=EVENING_MS,
        status=states.RoomStatus.LIVE,
        demonstration=True,
        waitlist=True,
        spotlight="MUG-01",
        viewers=100_200,
        notice=from_server.StandingNotice(text="下一波 20:30 开抢", at_ms=EVENING_MS - 90_000),
        skus=[
            from_server.SkuView(
                sku="MUG-01",
                title="Mug, stoneware",
                price_minor=4_990,
                currency="CNY",
                available=30,
                held=4,
                level=states.Level.LAST,
                limit_per_user=2,
                opens_at_ms=EVENING_MS - 60_000,
                closes_at_ms=EVENING_MS + 3_600_000,
                link=3,
                waiting=1_204,
                image_url="https://cdn.example/mug-01.webp?w=480",
            ),
            from_server.SkuView(
                sku="BOWL-7",
                title="Bowl",
                price_minor=1_990,
                currency="CNY",
                available=12,
                held=0,
                level=states.Level.OK,
                image_url="/pictures/bowl.svg",
            ),
            from_server.SkuView(
                sku="茶具 六件套",
                title="青瓷茶具 🍵",
                price_minor=29_900,
                currency="CNY",
                available=0,
                held=0,
                level=states.Level.SOLD_OUT,
                next_batch_at_ms=EVENING_MS + 1_800_000,
            ),
        ],
    ),
    "snapshot of an empty room": from_server.Snapshot(
        room="r", epoch=0, seq=0, at_ms=0, status=states.RoomStatus.SCHEDULED, spotlight=None, viewers=0, skus=[]
    ),
    "snapshot with the largest whole numbers JSON carries": from_server.Snapshot(
        room="evening-show",
        epoch=2**53 - 1,
        seq=2**53 - 1,
        at_ms=2**53 - 1,
        status=states.RoomStatus.ENDED,
        spotlight=None,
        viewers=2**31,
        skus=[],
    ),
    "stock of one SKU": from_server.Stock(
        seq=184_468, at_ms=EVENING_MS + 12, rows=[("MUG-01", 29, 5, states.Level.LAST)]
    ),
    "stock at every level": from_server.Stock(
        seq=184_469,
        at_ms=EVENING_MS + 62,
        rows=[(f"SKU/{level.value}", 65_536 - place, place, level) for place, level in enumerate(states.Level)],
    ),
    **{
        f"banner {kind.value}": from_server.Banner(seq=184_470 + place, sku="MUG-01", kind=kind, left=place)
        for place, kind in enumerate(states.BannerKind)
    },
    "banner with the next opening": from_server.Banner(
        seq=184_480,
        sku="MUG-01",
        kind=states.BannerKind.BATCH_EXHAUSTED,
        left=0,
        opens_at_ms=EVENING_MS + 1_800_000,
    ),
    "sale with a window and a limit": from_server.Sale(
        sku="MUG-01",
        title="Mug, stoneware",
        price_minor=3_990,
        currency="CNY",
        limit_per_user=2,
        opens_at_ms=EVENING_MS,
        closes_at_ms=EVENING_MS + 600_000,
        link=999,
        image_url="/pictures/mug.svg",
    ),
    "sale while a batch waits that opens by hand": from_server.Sale(
        sku="MUG-01", title="Mug", price_minor=3_990, currency="CNY", next_batch_at_ms=0
    ),
    "sale without bounds": from_server.Sale(sku="MUG-01", title="", price_minor=0, currency="EUR"),
    "spotlight on a SKU": from_server.Spotlight(sku="MUG-01"),
    "spotlight on none": from_server.Spotlight(sku=None),
    **{f"status {status.value}": from_server.Status(status=status) for status in states.RoomStatus},
    "viewers": from_server.Viewers(viewers=12_345),
    "notice": from_server.Notice(text="下一波 20:30 开抢 — back at half past eight", at_ms=EVENING_MS),
    "notice that is taken back": from_server.Notice(text="", at_ms=EVENING_MS + 60_000),
    "me with one reservation of every state": from_server.Me(
        reservations=[
            from_server.Holding(
                id=f"r-{place}", sku="MUG-01", qty=place + 1, state=state, expires_at_ms=EVENING_MS + 300_000
            )
            for place, state in enumerate(states.ReservationState)
        ]
    ),
    "me without reservations": from_server.Me(reservations=[]),
    "me with an offer and two places": from_server.Me(
        reservations=[
            from_server.Holding(
                id="w7",
                sku="MUG-01",
                qty=1,
                state=states.ReservationState.ACTIVE,
                expires_at_ms=EVENING_MS + 90_000,
                offered=True,
            )
        ],
        waiting=[
            from_server.Place(id="w8", sku="茶具 六件套", qty=2, first=11, last=50),
            from_server.Place(id="w9", sku="BOWL-7", qty=1, first=1, last=10, stopped=Code.PAUSED),
        ],
    ),
    "reserved": from_server.Reserved(
        id="9f1c2a",
        sku="MUG-01",
        qty=2,
        state=states.ReservationState.ACTIVE,
        expires_at_ms=EVENING_MS + 300_000,
        seq=184_471,
        at_ms=EVENING_MS + 80,
    ),
    **{
        f"refused {code.value}": from_server.Refused(
            id="9f1c2a", code=code, message=EXPLANATION[code], retry=RETRY[code]
        )
        for code in Code
        if code is not Code.OK
    },
    "refused with a time": from_server.Refused(
        id="9f1c2a",
        code=Code.NOT_OPEN,
        message=EXPLANATION[Code.NOT_OPEN],
        retry=Retry.LATER,
        retry_after_ms=90_000,
        available=30,
    ),
    "refused for a field": from_server.Refused(
        id="9f1c2a",
        code=Code.ID_CONFLICT,
        message=EXPLANATION[Code.ID_CONFLICT],
        retry=Retry.CHANGED,
        field="qty",
    ),
    "cancelled": from_server.Cancelled(id="9f1c2a", sku="MUG-01", qty=2, seq=184_472),
    "confirmed": from_server.Confirmed(id="9f1c2a", sku="MUG-01", qty=2, seq=184_473),
    "expired": from_server.Expired(id="9f1c2a", sku="MUG-01", qty=2, seq=184_474),
    "waiting": from_server.Waiting(id="w7", sku="MUG-01", qty=2, first=5_001, last=10_000),
    **{
        f"waiting while the sale is {stopped.value}": from_server.Waiting(
            id="w7", sku="MUG-01", qty=1, first=1, last=10, stopped=stopped
        )
        for stopped in (Code.FROZEN, Code.PAUSED)
    },
    "offer": from_server.Offer(
        id="w7",
        sku="MUG-01",
        qty=2,
        asked=2,
        expires_at_ms=EVENING_MS + 90_000,
        seq=184_475,
        at_ms=EVENING_MS,
    ),
    "offer of fewer than were asked for": from_server.Offer(
        id="w7",
        sku="MUG-01",
        qty=1,
        asked=3,
        expires_at_ms=EVENING_MS + 90_000,
        seq=184_476,
        at_ms=EVENING_MS,
    ),
    "wait over by oneself": from_server.WaitOver(
        id="w7", sku="MUG-01", qty=2, code=Code.OK, message="you wait no more"
    ),
    **{
        f"wait over {code.value}": from_server.WaitOver(
            id="w7", sku="MUG-01", qty=2, code=code, message=EXPLANATION[code]
        )
        for code in (
            Code.SALE_ENDED,
            Code.FORBIDDEN,
            Code.LIMIT_PER_USER,
            Code.BLOCKED,
            Code.REVIEW,
            Code.ID_CONFLICT,
        )
    },
    "waitlist": from_server.Waitlist(rows=[("MUG-01", 1_204), ("茶具 六件套", 0)]),
    "answer": from_server.Answer(id="a1", sku="MUG-01", text="还剩最后 30 件", left=30, level=states.Level.LAST),
    "done": from_server.Done(id="o1"),
    "metrics": from_server.Metrics(
        at_ms=EVENING_MS,
        viewers=12_345,
        rows=[
            from_server.MetricRow(
                sku="MUG-01",
                remaining=30,
                held=4,
                offered=200,
                share_left=0.15,
                sold=166,
                units_a_minute=5.5,
                sold_out_in_minutes=5.4545,
                sell_through=0.83,
                waiting=1_204,
                sold_out_in_minutes_low=4.25,
                sold_out_in_minutes_high=7.5,
            ),
            from_server.MetricRow(
                sku="BOWL-02",
                remaining=80,
                held=0,
                offered=0,
                share_left=None,
                sold=0,
                units_a_minute=None,
                sold_out_in_minutes=None,
                sell_through=0.0,
            ),
        ],
    ),
    "alert that rings": from_server.Alert(
        id="evening-show.3:17",
        room="evening-show",
        show="evening-show.3",
        rule=states.AlertRule.SHARE_LEFT,
        sku="MUG-01",
        tier_percent=20,
        state=states.AlertState.FIRING,
        severity=states.Severity.WATCH,
        value=0.2,
        threshold=0.2,
        peak=0.2,
        remaining=40,
        offered=200,
        remaining_share=0.2,
        advice="watch the pace",
        actions=[
            from_server.AlertAction(
                id="release_elastic:3",
                sku="MUG-01",
                qty=50,
                source="elastic",
                target="pool",
                remaining_after=90,
                step=3,
                minutes_more=9,
            ),
            from_server.AlertAction(
                id="open_batch:second",
                sku="MUG-01",
                qty=30,
                source="batch:second",
                target="pool",
                batch="second",
                remaining_after=42,
                serves=25,
                done_by="王芳",
            ),
            from_server.AlertAction(id="spotlight", sku="茶具 六件套", remaining_after=12),
        ],
        since_ms=EVENING_MS,
        changed_at_ms=EVENING_MS,
        at_ms=EVENING_MS,
    ),
    **{
        f"alert {rule.value} {state.value}": from_server.Alert(
            id="evening-show.3:18",
            room="evening-show",
            show="evening-show.3",
            rule=rule,
            sku="" if rule is states.AlertRule.ACTIVE_SKU_RATE else "MUG-01",
            tier_percent=0,
            state=state,
            severity=severity,
            value=0.25,
            threshold=0.3,
            peak=0.125,
            remaining=1,
            offered=4,
            remaining_share=0.25,
            advice="show the items that have not sold yet",
            acknowledged_by="王芳",
            note="一会儿讲",
            snoozed_until_ms=EVENING_MS + 600_000,
            resolved_at_ms=EVENING_MS + 900_000,
            unsteady=True,
            since_ms=EVENING_MS - 60_000,
            changed_at_ms=EVENING_MS,
            at_ms=EVENING_MS - 60_000,
        )
        for rule, state, severity in [
            (states.AlertRule.SOLD_OUT_ETA, states.AlertState.FIRING, states.Severity.WARNING),
            (states.AlertRule.SELL_THROUGH, states.AlertState.ACKNOWLEDGED, states.Severity.CRITICAL),
            (states.AlertRule.ACTIVE_SKU_RATE, states.AlertState.RESOLVED, states.Severity.WATCH),
            (states.AlertRule.ELASTIC, states.AlertState.FIRING, states.Severity.WARNING),
        ]
    },
    "alert of no show": from_server.Alert(
        id="main:7",
        room="evening-show",
        show="",
        rule=states.AlertRule.GATE,
        sku="",
        tier_percent=0,
        state=states.AlertState.FIRING,
        severity=states.Severity.WARNING,
        value=3.0,
        threshold=60.0,
        peak=4.0,
        remaining=3,
        offered=28,
        remaining_share=0.107,
        advice="MUG-01: never counted, and 2 more",
        since_ms=EVENING_MS - 3_600_000,
        changed_at_ms=EVENING_MS,
        at_ms=EVENING_MS,
    ),
    "alert of no room": from_server.Alert(
        id="main:8",
        room="",
        show="",
        rule=states.AlertRule.SHORTAGE,
        sku="MUG-01",
        tier_percent=0,
        state=states.AlertState.FIRING,
        severity=states.Severity.CRITICAL,
        value=4.0,
        threshold=0.0,
        peak=4.0,
        remaining=6,
        offered=10,
        remaining_share=0.6,
        advice="4 units are promised and not there: receive some, substitute, or take orders back",
        since_ms=EVENING_MS,
        changed_at_ms=EVENING_MS,
        at_ms=EVENING_MS,
    ),
    "cue about a SKU": from_server.Cue(id="o1", text="say the last 30 now", sku="MUG-01", at_ms=EVENING_MS),
    "cue about nothing in particular": from_server.Cue(id="o2", text="slow down", at_ms=EVENING_MS),
    "acknowledged": from_server.Acknowledged(cue="o1", by="王芳", at_ms=EVENING_MS + 4_000),
    "alive": from_server.Alive(at_ms=EVENING_MS, next_ms=36_000),
    "error without an id": from_server.Error(code=Code.BAD_MESSAGE, message="Expected `object`, got `array`"),
    "error with an id and a time": from_server.Error(
        code=Code.RATE_LIMITED, message=EXPLANATION[Code.RATE_LIMITED], id="9f1c2a", retry_after_ms=1_000
    ),
    "draining": from_server.Draining(reconnect_after_ms=2_000),
}

FROM_CLIENT: dict[str, from_client.ClientMessage] = {
    "reserve": from_client.Reserve(id="9f1c2a", sku="MUG-01", qty=2),
    "reserve with the longest id, a spaced SKU and the most units": from_client.Reserve(
        id="aA0_.:~-" * 8, sku="茶具 六件套 🍵", qty=1_000_000
    ),
    "reserve that is sent again": from_client.Reserve(id="9f1c2a", sku="MUG-01", qty=2, again=True),
    "cancel": from_client.Cancel(id="9f1c2a"),
    "wait": from_client.Wait(id="w7", sku="MUG-01", qty=2),
    "decline": from_client.Decline(id="w7"),
    "ask": from_client.Ask(id="a1", sku="MUG-01"),
    "cue about a SKU": from_client.SayCue(id="o1", text="say the last 30 now", sku="MUG-01"),
    "cue about nothing in particular": from_client.SayCue(id="o1", text="慢一点"),
    "notice": from_client.SayNotice(id="o2", text="back at half past eight"),
    "notice that is taken back": from_client.SayNotice(id="o7", text=""),
    "acknowledge": from_client.Acknowledge(id="o8", cue="o1"),
    "acknowledge an alert": from_client.AcknowledgeAlert(id="o11", alert="evening-show.3:17", note="一会儿讲"),
    "acknowledge an alert without a note": from_client.AcknowledgeAlert(id="o11", alert="evening-show.3:17"),
    "snooze an alert": from_client.SnoozeAlert(id="o12", alert="evening-show.3:17", minutes=30),
    "spotlight on a SKU": from_client.SetSpotlight(id="o3", sku="MUG-01"),
    "spotlight on none": from_client.SetSpotlight(id="o3", sku=None),
    **{f"status {status.value}": from_client.SetStatus(id="o4", status=status) for status in states.RoomStatus},
    "status that goes on with the last show": from_client.SetStatus(
        id="o4", status=states.RoomStatus.LIVE, continue_show=True
    ),
    "freeze": from_client.SetFreeze(id="o5", sku="MUG-01", frozen=True, reason="wrong price on the card"),
    "unfreeze": from_client.SetFreeze(id="o6", sku="MUG-01", frozen=False),
    "freeze a room": from_client.FreezeRoom(id="o13", frozen=True, reason="smoke in the studio"),
    "thaw a room": from_client.FreezeRoom(id="o14", frozen=False),
    "undo": from_client.UndoAction(id="o9", action="o5"),
    "undo of an undo": from_client.UndoAction(id="o10", action="undo:o5"),
}

FROM_POOL: dict[str, pm.PoolMessage] = {
    "pool with all topics": pm.PoolSnapshot(
        pool="evening-stock", epoch=3, seq=184_467, at_ms=EVENING_MS, topics=list(pm.Topic)
    ),
    "pool with one topic": pm.PoolSnapshot(
        pool="p", epoch=2**53 - 1, seq=2**53 - 1, at_ms=2**53 - 1, topics=[pm.Topic.UNITS]
    ),
    "units of three SKUs": pm.Units(
        at_ms=EVENING_MS + 12,
        rows=[
            pm.UnitsRow(
                "MUG-01",
                184_468,
                65_536,
                200,
                30,
                False,
                [("live", 0, 4, 166, 0, 0), ("抖音", 80, 0, 1, 2, 3)],
                [("evening-show", 1_204), ("morning-show", 1)],
                20,
                150,
                3,
                [("second", "", 120, True), ("抖音-2", "抖音", 200, False)],
            ),
            pm.UnitsRow("茶具 六件套", 184_467, 0, 0, 0, True, []),
            pm.UnitsRow("BOWL-02", 0, 0, 0, 0, False, []),
        ],
    ),
    "units of none": pm.Units(at_ms=0, rows=[]),
    "people in rooms of every status": pm.People(
        at_ms=EVENING_MS,
        rows=[
            pm.PeopleRow(f"room-{place}", status, "MUG-01" if place else None, 100_200 * place)
            for place, status in enumerate(states.RoomStatus)
        ],
    ),
    "actions of the pool and of a room": pm.Actions(
        at_ms=EVENING_MS,
        rows=[
            pm.ActionRow(
                41,
                EVENING_MS - 9_000,
                "status",
                "evening",
                "evening",
                {"status": "live", "before": "paused"},
                "王芳",
                "o4",
            ),
            pm.ActionRow(42, EVENING_MS, "batch_opened", "", "second", {"skus": 3}, "", ""),
        ],
    ),
    "alerts that ring and are over": pm.Alerts(
        at_ms=EVENING_MS,
        rows=[message for message in FROM_SERVER.values() if isinstance(message, from_server.Alert)],
    ),
    "crew that comes and goes": pm.Crew(
        at_ms=EVENING_MS,
        rows=[
            pm.CrewRow("王芳", Role.OPERATOR, 2, EVENING_MS - 90_000),
            pm.CrewRow("erp", Role.SERVICE, 1, EVENING_MS),
            pm.CrewRow("li", Role.OPERATOR, 0, EVENING_MS - 60_000),
        ],
    ),
    "current": pm.Current(seq=184_468, at_ms=EVENING_MS + 14),
    "alive": from_server.Alive(at_ms=EVENING_MS, next_ms=6_000),
    "error: the values may be old": from_server.Error(
        code=Code.UNAVAILABLE, message="these values may be old: " + EXPLANATION[Code.UNAVAILABLE]
    ),
    "draining": from_server.Draining(reconnect_after_ms=2_000),
}

RESERVE = {"type": "reserve", "id": "9f1c2a", "sku": "MUG-01", "qty": 2}

INVALID: dict[str, tuple[Any, str]] = {
    "no map": ([1, 2], ""),
    "no type": ({"id": "9f1c2a"}, ""),
    "a type that is not text": ({**RESERVE, "type": 7}, "type"),
    "a type nobody knows": ({**RESERVE, "type": "steal"}, "type"),
    "a server's message": ({"type": "stock", "seq": 1, "at_ms": 1, "rows": []}, "type"),
    "a missing field": ({"type": "reserve", "id": "9f1c2a", "sku": "MUG-01"}, ""),
    "an id that is no text": ({**RESERVE, "id": 9}, "id"),
    "an empty id": ({**RESERVE, "id": ""}, "id"),
    "an id that is too long": ({**RESERVE, "id": "x" * 65}, "id"),
    "an id with a space": ({**RESERVE, "id": "9f 1c"}, "id"),
    "an id with a line end": ({**RESERVE, "id": "9f1c2a\n"}, "id"),
    "a SKU with a space in front": ({**RESERVE, "sku": " MUG-01"}, "sku"),
    "a SKU with a line end": ({**RESERVE, "sku": "MUG-01\n"}, "sku"),
    "a SKU with a control character": ({**RESERVE, "sku": "MUG\x0001"}, "sku"),
    "a SKU that is too long": ({**RESERVE, "sku": "x" * 129}, "sku"),
    "a SKU that is null": ({**RESERVE, "sku": None}, "sku"),
    "a quantity of 0": ({**RESERVE, "qty": 0}, "qty"),
    "a negative quantity": ({**RESERVE, "qty": -1}, "qty"),
    "a quantity above the most": ({**RESERVE, "qty": 1_000_001}, "qty"),
    "an again in text": ({**RESERVE, "again": "yes"}, "again"),
    "a quantity in text": ({**RESERVE, "qty": "2"}, "qty"),
    "a quantity and a half": ({**RESERVE, "qty": 1.5}, "qty"),
    "a quantity that is true": ({**RESERVE, "qty": True}, "qty"),
    "a quantity that is a list": ({**RESERVE, "qty": [2]}, "qty"),
    "a wait for nothing": ({"type": "wait", "id": "w7", "sku": "MUG-01", "qty": 0}, "qty"),
    "a wait without a SKU": ({"type": "wait", "id": "w7", "qty": 1}, ""),
    "a wait for a SKU that is a number": ({"type": "wait", "id": "w7", "sku": 7, "qty": 1}, "sku"),
    "a decline of what is no id": ({"type": "decline", "id": "w 7"}, "id"),
    "an empty cue": ({"type": "cue", "id": "o1", "text": ""}, "text"),
    "a notice that is too long": ({"type": "notice", "id": "o1", "text": "x" * 501}, "text"),
    "an acknowledgement of nothing": ({"type": "acknowledge", "id": "o1"}, ""),
    "an acknowledgement of what is no id": ({"type": "acknowledge", "id": "o1", "cue": "the first one"}, "cue"),
    "an alert that is no alert's id": ({"type": "acknowledge_alert", "id": "o1", "alert": "evening"}, "alert"),
    "a snooze of no time": ({"type": "snooze_alert", "id": "o1", "alert": "e.1:1", "minutes": 0}, "minutes"),
    "a snooze for too long": ({"type": "snooze_alert", "id": "o1", "alert": "e.1:1", "minutes": 31}, "minutes"),
    "a status nobody knows": ({"type": "status", "id": "o1", "status": "asleep"}, "status"),
    "a show to go on with in text": (
        {"type": "status", "id": "o1", "status": "live", "continue_show": "yes"},
        "continue_show",
    ),
    "a show to go on with that is a number": (
        {"type": "status", "id": "o1", "status": "live", "continue_show": 1},
        "continue_show",
    ),
    "a show to go on with that is null": (
        {"type": "status", "id": "o1", "status": "live", "continue_show": None},
        "continue_show",
    ),
    "frozen that is a number": ({"type": "freeze", "id": "o1", "sku": "MUG-01", "frozen": 1}, "frozen"),
    "a room's flag that is text": ({"type": "freeze_room", "id": "o1", "frozen": "yes"}, "frozen"),
    "a room's reason that is too long": (
        {"type": "freeze_room", "id": "o1", "frozen": True, "reason": "x" * 201},
        "reason",
    ),
    "a reason that is too long": (
        {"type": "freeze", "id": "o1", "sku": "MUG-01", "frozen": True, "reason": "x" * 201},
        "reason",
    ),
}
"""What a client must not send, and the field the answer names; "" where the message as a whole is wrong."""


def vectors(
    by_name: Mapping[str, from_server.ServerMessage | pm.PoolMessage | from_client.ClientMessage],
) -> list[dict[str, str]]:
    """Each message in both encodings."""
    return [
        {
            "name": name,
            "type": str(message.__struct_config__.tag),
            "json": encode(message, Encoding.JSON).decode(),
            "msgpack": encode(message, Encoding.MSGPACK).hex(),
        }
        for name, message in by_name.items()
    ]


def invalid() -> list[dict[str, Any]]:
    """Wrong messages of a client, in plain JSON; in MessagePack the same values are wrong too."""
    return [{"name": name, "message": message, "field": field} for name, (message, field) in INVALID.items()]


def codes() -> dict[str, Any]:
    """The answer codes and the close codes."""
    closes = sorted({*Close, *range(1000, 1016), 3000, 4000, 4400, 4499, 4500, 4999})
    return {
        "codes": {code.value: {"retry": RETRY[code].value, "explanation": EXPLANATION[code]} for code in Code},
        "closes": {each.name: each.value for each in Close},
        "may_reconnect": {str(int(code)): may_reconnect(code) for code in closes},
    }


def files() -> dict[str, str]:
    """File name → its text, as it must be."""
    contents = {
        "from_server.json": vectors(FROM_SERVER),
        "from_client.json": vectors(FROM_CLIENT),
        "from_pool.json": vectors(FROM_POOL),
        "invalid.json": invalid(),
        "codes.json": codes(),
    }
    return {name: json.dumps(value, ensure_ascii=False, indent=1) + "\n" for name, value in contents.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
