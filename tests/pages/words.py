"""What the pages call things, in a language: the same files that the pages are built of."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

_SRC = Path(__file__).parents[2] / "server" / "web" / "src"
CONSOLE = ("shared", "staff", "console/*", "console/shell/since")
"""Where the words of the console lie."""
VIEWER = ("shared", "viewer")
_PLACE = re.compile(r"\{\{\w+\}\}")


class Words:
    """The words of a page in `language`, by their keys."""

    def __init__(self, language: str, folders: Sequence[str] = CONSOLE) -> None:
        self.language = language
        self._words: dict[str, str] = {}
        for folder in folders:
            for file in sorted(_SRC.glob(f"{folder}/{language}.json")):
                self._words |= json.loads(file.read_text(encoding="utf-8"))

    def __call__(self, key: str, **values: object) -> str:
        """What stands on the page, with these values in it."""
        text = self._words[key]
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", str(value))
        assert not _PLACE.search(text), f"{key}: {text}"
        return text

    def like(self, key: str, **values: object) -> re.Pattern[str]:
        """What stands on the page, whatever is in it beside these values."""
        text = self._words[key]
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", str(value))
        return re.compile(".+".join(re.escape(part) for part in _PLACE.split(text)))
