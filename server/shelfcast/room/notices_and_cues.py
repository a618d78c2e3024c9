"""What is told of the notice and the cues when they have changed. Pure."""

from __future__ import annotations

from shelfcast.protocol.from_server import Acknowledged, Cue, Notice, ServerMessage, StandingNotice
from shelfcast.stock.notices_and_cues import KeptCue, NoticesAndCues


def standing_notice(now: NoticesAndCues) -> StandingNotice | None:
    """The notice as a snapshot shows it."""
    notice = now.notice
    return None if notice is None else StandingNotice(text=notice.text, at_ms=notice.at_ms)


def cue(kept: KeptCue) -> Cue:
    """A cue as those backstage hear it."""
    return Cue(id=kept.id, text=kept.text, sku=kept.sku or None, at_ms=kept.at_ms)


def news_for_everybody(former: NoticesAndCues, now: NoticesAndCues, at_ms: int) -> list[ServerMessage]:
    """The notice, where it is another; one without text at `at_ms` where it was taken back."""
    if now.notice == former.notice:
        return []
    if now.notice is None:
        return [Notice(text="", at_ms=at_ms)]
    return [Notice(text=now.notice.text, at_ms=now.notice.at_ms)]


def news_for_backstage(former: NoticesAndCues, now: NoticesAndCues) -> list[ServerMessage]:
    """Cues that are new, and acknowledgements that are."""
    known_cues = {kept.id for kept in former.cues}
    known_acknowledged = {kept.cue for kept in former.acknowledged}
    return [
        *[cue(kept) for kept in now.cues if kept.id not in known_cues],
        *[
            Acknowledged(cue=kept.cue, by=kept.by, at_ms=kept.at_ms)
            for kept in now.acknowledged
            if kept.cue not in known_acknowledged
        ],
    ]
