"""Answers that are read page by page, each linking to the next: what is followed from a position."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from shelfcast.http.api.call import NDJSON_TYPE, Call

encode_lines = msgspec.json.Encoder().encode_lines


def lines(call: Call, rows: Sequence[object], *, full: bool, last: int) -> Response:
    """A page of one JSON object a line."""
    return page(call, encode_lines(rows), NDJSON_TYPE, full=full, last=last)


def page(call: Call, content: bytes, media_type: str, *, full: bool, last: int) -> Response:
    """A page; a full one links to the next, which is the same request after `last`."""
    headers = {"Cache-Control": "no-store"}
    if full:
        following = call.request.url.include_query_params(after=last)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(content, headers=headers, media_type=media_type)
