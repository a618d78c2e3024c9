"""What a setting is for, said beside its type and default. `--help` and docs/operations.md are made of it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(gt=0, le=1)]


def about(text: str, *, more: str = "", beyond: str = "") -> Meta:
    """The annotation that describes a setting.

    `text` is plain, a sentence or two, for `--help` and the document. `more` (sentences) and `beyond` (a clause: what
    happens at the limit) are Markdown, for the document alone. Units end the setting's name and are not repeated.
    """
    return Meta(description=text, extra={"more": more, "beyond": beyond})
