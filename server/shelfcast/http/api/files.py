"""Answers that are files: what they are called where they are saved."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta
from starlette.responses import Response

from shelfcast.exports.paged_workbook import TemporaryFile
from shelfcast.http.api.call import CSV_TYPE, JSON_TYPE, Call
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.sheets.columns import Language
from shelfcast.sheets.workbooks import XLSX_TYPE

HTML_TYPE = "text/html"
FILE_NAME_MAX = 120
"""Characters of a file's name, before its ending."""
ENDINGS = {CSV_TYPE: ".csv", XLSX_TYPE: ".xlsx", HTML_TYPE: ".html", JSON_TYPE: ".json"}
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|;%\s]+')
_ATTRIBUTE_SAFE = "!#$&+-.^_`|~"
"""Besides letters and digits: RFC 8187, attr-char."""

LanguageSaid = Annotated[Language, Meta(description="of the columns' names and of words in cells")]
NamesSaid = Annotated[Language | None, Meta(description="of the columns' names; left out, they are those of the API")]


def disposition(name: str, media_type: str, *, kind: str = "attachment") -> dict[str, str]:
    """The header that says what a file is called where it is saved (RFC 6266): in ASCII for old programs, and as it
    is. `name` comes without an ending."""
    whole = _UNFIT.sub(" ", unicodedata.normalize("NFC", name)).strip(" .")[:FILE_NAME_MAX] or "shelfcast"
    ending = ENDINGS[media_type]
    plain = " ".join(whole.encode("ascii", "ignore").decode().split()).strip(" .") or "shelfcast"
    exact = quote(whole + ending, safe=_ATTRIBUTE_SAFE)
    return {"Content-Disposition": f"{kind}; filename=\"{plain}{ending}\"; filename*=UTF-8''{exact}"}


async def written_file(call: Call, write: Callable[[Path], Awaitable[None]], name: str) -> Response:
    """The workbook that `write` makes. Raises ApiError (OVERLOADED) where as many answers are being made as may be."""
    places = call.services.streams
    if places.locked():
        raise ApiError(Code.OVERLOADED, "as many answers as may be are being made (streams_at_once_max)")
    async with places:
        with TemporaryFile() as file:
            await write(file)
            content = file.read_bytes()
    headers = {"Cache-Control": "no-store", **disposition(name, XLSX_TYPE)}
    return Response(content, media_type=XLSX_TYPE, headers=headers)
