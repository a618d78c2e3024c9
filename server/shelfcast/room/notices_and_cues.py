"""What is told of the operator's words when they have changed. Pure."""

from __future__ import annotations

from shelfcast.protocol.messages import Acknowledged, Cue, Notice, ServerMessage, StandingNotice
from shelfcast.stock.notices_and_cues import KeptCue, NoticesAndCues


def standing_notice(words: NoticesAndCues) -> StandingNotice | None:
    """The notice as a snapshot shows it."""
    notice = words.notice
    return None if notice is None else StandingNotice(text=notice.text, at_ms=notice.at_ms)


def cue(kept: KeptCue) -> Cue:
    """A cue as those backstage hear it."""
    return Cue(id=kept.id, text=kept.text, sku=kept.sku or None, at_ms=kept.at_ms)


def news_for_everybody(former: NoticesAndCues, words: NoticesAndCues, at_ms: int) -> list[ServerMessage]:
    """The notice, where it is another; one without text at `at_ms` where it was taken back."""
    if words.notice == former.notice:
        return []
    if words.notice is None:
        return [Notice(text="", at_ms=at_ms)]
    return [Notice(text=words.notice.text, at_ms=words.notice.at_ms)]


def news_for_backstage(former: NoticesAndCues, words: NoticesAndCues) -> list[ServerMessage]:
    """Cues that are new, and acknowledgements that are."""
    known_cues = {kept.id for kept in former.cues}
    known_acknowledged = {kept.cue for kept in former.acknowledged}
    return [
        *[cue(kept) for kept in words.cues if kept.id not in known_cues],
        *[
            Acknowledged(cue=kept.cue, by=kept.by, at_ms=kept.at_ms)
            for kept in words.acknowledged
            if kept.cue not in known_acknowledged
        ],
    ]
