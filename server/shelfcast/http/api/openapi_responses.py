"""What an endpoint answers, as the OpenAPI document says it: its own statuses, and every problem."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import ACTION_HEADER, ETAG_PATTERN, JSON_TYPE
from shelfcast.http.api.edge import BY_ADDRESS
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.problems import PROBLEM_TYPE, STATUS, Problem
from shelfcast.protocol.codes import EXPLANATION, Code

Json = dict[str, Any]

_ETAG: Json = {
    "description": "The definition's revision, quoted.",
    "schema": {"type": "string", "pattern": f"^{ETAG_PATTERN}$"},
}
_ACTION: Json = {
    "description": "The id of the action that this write made; absent where it changed nothing.",
    "schema": {"type": "string"},
}
_TEXTS = EXPLANATION | {
    Code.RATE_LIMITED: "too many of these at once; wait for `Retry-After` seconds",
    Code.FORBIDDEN: "the token's role or scope does not cover this",
    Code.BAD_MESSAGE: "the path, the query or the body does not have the expected form; `field` names the part",
}
_BODY_STATUSES = {
    400: "The body is no JSON, or ended early.",
    413: "The body is larger than the server's body_max_bytes.",
    415: f"The body is not {JSON_TYPE}.",
}


def responses(endpoint: Endpoint, schema_of: dict[str, Json]) -> Json:
    """Status → what is answered with it; `schema_of` has the schema of each type, by its `repr`."""
    responses: Json = {}
    for status in endpoint.statuses:
        response: Json = {"description": status.phrase}
        if status in endpoint.other_answers:
            response["content"] = {JSON_TYPE: {"schema": schema_of[repr(endpoint.other_answers[status])]}}
        elif endpoint.answer is not None:
            response["content"] = {endpoint.media_type: {"schema": schema_of[repr(endpoint.answer)]}} | {
                media_type: {"schema": {"type": "string"}} for media_type in endpoint.also
            }
            if endpoint.revised:
                response["headers"] = {"ETag": _ETAG}
        if endpoint.acts:
            response.setdefault("headers", {})[ACTION_HEADER] = _ACTION
        responses[str(int(status))] = response
    problem = {PROBLEM_TYPE: {"schema": schema_of[repr(Problem)]}}
    for number, text in sorted(_problems(endpoint).items()):
        responses.setdefault(str(number), {"description": text, "content": problem})
    return responses


def _problems(endpoint: Endpoint) -> dict[int, str]:
    """Every problem an endpoint can answer with: status → what it means there."""
    texts: dict[int, list[str]] = {}
    codes = [*endpoint.codes]
    if endpoint.access is not Access.PUBLIC:
        codes += [Code.UNAVAILABLE, Code.FORBIDDEN]
        texts[HTTPStatus.UNAUTHORIZED] = [
            "The token is missing, malformed, expired or wrongly signed; or the session has ended."
        ]
    if endpoint.body is not None:
        codes += [Code.OVERLOADED]
        texts.update({status: [text] for status, text in _BODY_STATUSES.items()})
    if endpoint.also:
        texts[HTTPStatus.NOT_ACCEPTABLE] = ["The Accept header takes none of the answer's media types."]
    if endpoint.upload:
        codes += [Code.OVERLOADED]
        texts[400] = ["The file ended early."]
        texts[408] = ["The file did not come within the server's upload_timeout_ms."]
        texts[413] = ["The file is larger than the server's upload_max_bytes."]
        types = endpoint.upload if endpoint.body is None else (JSON_TYPE, *endpoint.upload)
        texts[415] = [f"The file is none of {', '.join(types)}, or has a content encoding."]
    if endpoint.path not in BY_ADDRESS:
        texts[HTTPStatus.MISDIRECTED_REQUEST] = ["The server goes by other host names (`hosts`) than the request's."]
    if HTTPStatus.SWITCHING_PROTOCOLS in endpoint.statuses:
        texts[HTTPStatus.UPGRADE_REQUIRED] = ["The request asks for no upgrade to a WebSocket."]
    if endpoint.conditional:
        codes += [Code.STALE]
    codes += [Code.BAD_MESSAGE]
    for code in sorted(set(codes)):
        texts.setdefault(STATUS[code], []).append(f"{code}: {_TEXTS[code]}.")
    for status, text in endpoint.problems.items():
        texts.setdefault(status, []).append(text)
    texts[HTTPStatus.INTERNAL_SERVER_ERROR] = ["The server failed; its log says how."]
    return {int(status): " ".join(lines) for status, lines in texts.items()}
