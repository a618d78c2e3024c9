"""The operator's words in a room, as the book keeps them (stock/library/words.lua)."""

from __future__ import annotations

from msgspec import Struct

CUES_MAX = 20
"""Cues of a room that nobody has acknowledged; beyond it the oldest is dropped. As many acknowledgements are kept."""


class KeptNotice(Struct, frozen=True):
    """What everybody reads; `id` is the request's."""

    id: str
    text: str
    at_ms: int


class KeptCue(Struct, frozen=True):
    """What the host is asked; `id` is the request's, `sku` empty where it is about none."""

    id: str
    text: str
    sku: str
    at_ms: int


class Acknowledgement(Struct, frozen=True):
    """Who has acknowledged a cue."""

    cue: str
    by: str
    at_ms: int


class NoticesAndCues(Struct, frozen=True, kw_only=True):
    """All of a room's. `cues` are those that nobody has acknowledged; both lists have the oldest first."""

    notice: KeptNotice | None = None
    cues: list[KeptCue] = []
    acknowledged: list[Acknowledgement] = []


class NoticesAndCuesEvent(Struct, array_like=True, frozen=True):
    """A room's words have changed; `notices_and_cues` is the whole of them now."""

    room: str
    notices_and_cues: NoticesAndCues
