"""What commands print, in the letters that a terminal has: one that it lacks is spelled out, and is no reason to fail.

SKUs, titles and names of files are in the merchant's language; a terminal, a pipe or a service may know ASCII alone.
"""

from __future__ import annotations

import codecs
import io
import sys

SPELL_OUT = "shelfcast.spell_out"
"""Name of the error handler, as `str.encode` and text streams take one."""
LOOK_ALIKES = {
    "…": ".",
    "█": "#",
    "●": "*",
    "▶": ">",
    "−": "-",
    "–": "-",
    "\N{REPLACEMENT CHARACTER}": "?",
}
"""Our own signs, each in one character, so that a table stays in shape. Of others' text no character is guessed."""


def _spelled_out(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    spelled = (LOOK_ALIKES.get(each) or each.encode("ascii", "backslashreplace").decode() for each in lost)
    return "".join(spelled), error.end


codecs.register_error(SPELL_OUT, _spelled_out)


def spell_out_what_cannot_be_shown() -> None:
    """From now on standard output and error take any text; a `茶` that they cannot show is printed as `\\u8336`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=SPELL_OUT)


def fitting(text: str, encoding: str) -> str:
    """The text as a terminal of this encoding shows it: for tables, which measure it before it is written."""
    return text.encode(encoding, SPELL_OUT).decode(encoding)
