"""The names of the archive's objects. Everything of a pool is below its name; sequences are padded, so names sort.

<pool>/ledger/<stream>/<first>-<last>.jsonl.zst     entries of one ledger, by their numbers in it
<pool>/checkpoints/<pool's sequence>-<hash>.json.zst  what the fold of all entries up to there is; two runs at once
                                                    leave two
<pool>/shows/<show>/report-<state>.json.zst         its reports: provisional-<n> (continued so often), final
<pool>/shows/<show>/minutes/<part>.json.zst         what its pages showed, minute by minute (replay)
<pool>/days/<YYYY-MM-DD>.jsonl.zst                  a business day's totals by SKU
<pool>/slow-movers.json.zst                         the slow movers of the last week
"""

from __future__ import annotations

from typing import NamedTuple

from shelfcast.stock.records import Stream

_DIGITS = 15
_DIGEST_LETTERS = 12
_PART_ENDS = ".jsonl.zst"


class PartName(NamedTuple):
    """What the name of a ledger's part says: the numbers of its first and last entry."""

    stream: Stream
    first: int
    last: int


def ledger_folder(pool: str, stream: Stream) -> str:
    """Where the parts of a ledger are."""
    return f"{pool}/ledger/{stream}/"


def ledger_part(pool: str, stream: Stream, first: int, last: int) -> str:
    """A part of a ledger, by the numbers of its first and last entry."""
    return f"{ledger_folder(pool, stream)}{first:0{_DIGITS}d}-{last:0{_DIGITS}d}{_PART_ENDS}"


def part_of(pool: str, name: str) -> PartName | None:
    """What the name of a ledger's part says; None where it is another object's."""
    for stream in Stream:
        folder = ledger_folder(pool, stream)
        if name.startswith(folder) and name.endswith(_PART_ENDS):
            first, _, last = name.removeprefix(folder).removesuffix(_PART_ENDS).partition("-")
            if first.isdigit() and last.isdigit():
                return PartName(stream, int(first), int(last))
    return None


def checkpoint(pool: str, pool_seq: int, digest: str) -> str:
    """The checkpoint at a sequence of the pool, with the hash of its fold."""
    return f"{pool}/checkpoints/{pool_seq:0{_DIGITS}d}-{digest[:_DIGEST_LETTERS]}.json.zst"


def show_folder(pool: str, show: str) -> str:
    """Where everything of a show is."""
    return f"{pool}/shows/{show}/"


def report(pool: str, show: str, state: str, continued: int) -> str:
    """A report of a show: `state` is provisional or final. A show that went on gets another provisional one."""
    name = f"{state}-{continued}" if state == "provisional" else state
    return f"{show_folder(pool, show)}report-{name}.json.zst"


def minutes(pool: str, show: str, part: int) -> str:
    """A part of a show's minutes, counted from 0."""
    return f"{show_folder(pool, show)}minutes/{part:04d}.json.zst"


def day(pool: str, date: str) -> str:
    """A business day's totals; `date` is YYYY-MM-DD."""
    return f"{pool}/days/{date}.jsonl.zst"


def slow_movers(pool: str) -> str:
    """The slow movers that the last week ended with."""
    return f"{pool}/slow-movers.json.zst"
