"""The shapes of an evening: what happens when. Times are for the full scale; `--pace` shortens what may be short."""

from __future__ import annotations

from plan import Phase

ARRIVE_S = 30.0
"""The issue's measure: everybody is there within half a minute."""
ARRIVING_SHARE = 26 / 30
"""The part of it in which connections are begun, evenly: the last must have time to open."""

PHASES: dict[str, list[Phase]] = {
    # A normal show: everybody there, a steady trickle of reservations, goods coming in.
    "steady": [
        Phase("arrive", ARRIVE_S),
        Phase("before", 15, feeding=True),
        Phase("evening", 60, selling=1.0, feeding=True),
        Phase("quiet", 5),
    ],
    # "This one is great": half a minute of arrivals, a moment of waiting, everybody at once, and the evening goes on.
    "spike": [
        Phase("arrive", ARRIVE_S, feeding=True),
        Phase("wait", 10, feeding=True),
        Phase("flash", 8, flash=True),
        Phase("after", 15, selling=0.3, feeding=True),
        Phase("quiet", 5),
    ],
    # A sale that opens at an instant for everybody who is there.
    "flash": [
        Phase("arrive", ARRIVE_S),
        Phase("wait", 5),
        Phase("flash", 10, flash=True),
        Phase("quiet", 5),
    ],
    # A worker dies in the middle of the evening: its viewers come back on the others, and nothing is lost.
    "reconnect": [
        Phase("arrive", ARRIVE_S),
        Phase("evening", 10, selling=0.3, feeding=True),
        Phase("storm", 30, selling=0.3, feeding=True, kill=True),
        Phase("evening again", 10, selling=0.3, feeding=True),
        Phase("quiet", 5),
    ],
    # The last unit is gone, and they go on asking.
    "soldout": [
        Phase("arrive", ARRIVE_S),
        Phase("flash", 8, flash=True),
        Phase("gone", 20, selling=1.0),
        Phase("quiet", 5),
    ],
}

SHORTEST_S = 1.0


def phases(shape: str, pace: float) -> list[Phase]:
    """The shape's phases, each `pace` times as quick."""
    return [
        Phase(
            name=phase.name,
            seconds=max(SHORTEST_S, phase.seconds / pace),
            selling=phase.selling,
            feeding=phase.feeding,
            flash=phase.flash,
            kill=phase.kill,
        )
        for phase in PHASES[shape]
    ]
