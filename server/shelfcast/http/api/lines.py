"""Answers of one JSON object a line, page by page: what is followed from a position."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from shelfcast.http.api.call import Call

NDJSON_TYPE = "application/x-ndjson"

_encode_lines = msgspec.json.Encoder().encode_lines


def lines(call: Call, page: Sequence[object], *, full: bool, last: int) -> Response:
    """The page; a full one links to the next, which is the same request after `last`."""
    headers = {"Cache-Control": "no-store"}
    if full:
        following = call.request.url.include_query_params(after=last)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(_encode_lines(page), headers=headers, media_type=NDJSON_TYPE)
