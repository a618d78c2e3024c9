"""The OpenAPI 3.1 document, made of the same endpoints and structs that route and validate requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from inspect import cleandoc
from typing import Any

import msgspec
import msgspec.inspect
from msgspec import NODEFAULT
from msgspec.structs import fields

from shelfcast.http.api.access import Access
from shelfcast.http.api.call import ETAG_PATTERN, JSON_TYPE, KEY_HEADER, MATCH_HEADER, PATH_TYPES
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.openapi_responses import Json, responses
from shelfcast.http.api.problems import Problem
from shelfcast.http.api.query import Query
from shelfcast.protocol.access import TOKEN_HEADER, Role
from shelfcast.protocol.cookies import SESSION_COOKIE
from shelfcast.protocol.fields import Id

DESCRIPTION = """\
Realtime stock server for live-shopping rooms. Counts are whole units, money is in minor units of its currency,
times are milliseconds since 1970 on the engine's clock. Errors are RFC 9457 problem details whose `code` is that of
the socket protocol. Unknown fields and parameters are refused. The guide to this API is docs/http-api.md.
"""
TAGS = {
    "pools": "A merchant's central stock: catalogue, channels, users.",
    "batches": "Units for a window of the evening, and lots that are put on sale by hand.",
    "imports": "Catalogues in files: sent up, looked at, mended, and written into a pool.",
    "actions": "What operators did, and undoing it.",
    "allocation": "Proposals to move units between channels to where they are sold.",
    "receipts": "Goods that arrive, their lots, what an ERP says is there, and refunds that were asked for.",
    "moves": "Moving units, and the ledger that says where each came from and went.",
    "counts": "Count sheets: what people found of the stock, what differs from the book, and who stands for it.",
    "emergencies": "Stopping sales at once, and letting them go on.",
    "reservations": "What became of a reservation after it was made on the socket.",
    "rooms": "Live rooms: the show, its shelf, what viewers see.",
    "jobs": "Heavy work that goes on beside the server: made by one request, asked about by others.",
    "archive": "Where the ledger's older entries are, and what else is kept when a show is over.",
    "accounts": "People who sign in, and their sessions.",
    "server": "The process itself.",
}
_IF_MATCH: Json = {
    "type": "string",
    "pattern": rf"^(\*|{ETAG_PATTERN})$",
    "description": "the ETag of the definition as it was read; where it is at another revision nothing is written",
}
_REF = "#/components/schemas/{name}"


def document(endpoints: Sequence[Endpoint]) -> Json:
    """The whole document."""
    kinds = list(_kinds(endpoints))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    _require_what_is_always_said(endpoints, components)
    schema_of = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        path = endpoint.path.replace(":path}", "}")
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shelfcast",
            "version": version("shelfcast"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": f"Claims: sub, role ({', '.join(Role)}), exp, and room or pool to narrow it. "
                    "A requirement here lists the roles that may call; docs/access.md says what each reaches.",
                },
                "page": {
                    "type": "apiKey",
                    "in": "header",
                    "name": TOKEN_HEADER,
                    "description": "The same token, beside the Authorization that a proxy asks for.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": SESSION_COOKIE,
                    "description": "The cookie of POST /v1/session, for pages of this server. A token wins over it. A "
                    "write needs the Origin of a page of this server or of `allowed_origins` besides.",
                },
            },
        },
    }


def _require_what_is_always_said(endpoints: Iterable[Endpoint], components: dict[str, Json]) -> None:
    """An answer says all its fields, those with defaults too, unless its struct leaves defaults out or the field is one
    that may be UNSET: they are required of whatever no request has."""
    asked = set(_struct_types(endpoint.body for endpoint in endpoints if endpoint.body is not None))
    answers = (kind for each in endpoints for kind in (each.answer, *each.other_answers.values()) if kind is not None)
    for kind in set(_struct_types(answers)) - asked:
        schema = components.get(kind.__name__)
        if schema is not None and "properties" in schema and not kind.__struct_config__.omit_defaults:
            left_out = {field.encode_name for field in fields(kind) if field.default is msgspec.UNSET}
            schema["required"] = [name for name in schema["properties"] if name not in left_out]


def _struct_types(kinds: Iterable[Any]) -> Iterator[type[msgspec.Struct]]:
    """The structs that these types are made of."""
    waiting: list[Any] = list(msgspec.inspect.multi_type_info(kinds))
    seen: set[type] = set()
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in seen:
                continue
            seen.add(info.cls)
            yield info.cls
            waiting += [field.type for field in info.fields]
        elif isinstance(info, msgspec.inspect.UnionType):
            waiting += info.types
        elif isinstance(info, msgspec.inspect.Metadata):
            waiting.append(info.type)
        elif isinstance(info, msgspec.inspect.DictType):
            waiting += [info.key_type, info.value_type]
        elif isinstance(info, msgspec.inspect.TupleType):
            waiting += info.item_types
        elif isinstance(info, msgspec.inspect.CollectionType):
            waiting.append(info.item_type)


def path_names(path: str) -> list[str]:
    """The parameters of a path, in order."""
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]


def _kinds(endpoints: Iterable[Endpoint]) -> Iterator[Any]:
    """Every type the document needs a schema of."""
    yield Problem
    yield Id
    yield from PATH_TYPES.values()
    for endpoint in endpoints:
        kinds = (endpoint.body, endpoint.answer, *endpoint.other_answers.values())
        yield from (kind for kind in kinds if kind is not None)
        yield from (field.type for field in fields(endpoint.query))


def _operation(endpoint: Endpoint, schema_of: dict[str, Json]) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": _unwrapped(endpoint.handle.__doc__),
        "tags": [endpoint.tag],
        "security": _security(endpoint.access),
        "responses": responses(endpoint, schema_of),
    }
    parameters = list(_parameters(endpoint, schema_of))
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {JSON_TYPE: {"schema": schema_of[repr(endpoint.body)]}},
        }
    if endpoint.upload:
        file = {"type": "string", "format": "binary"}
        body = operation.setdefault("requestBody", {"content": {}})
        body["required"] = True
        body["content"] |= {media_type: {"schema": file} for media_type in endpoint.upload}
    return operation


def _security(access: Access) -> list[Json]:
    if access is Access.PUBLIC:
        return []
    if access is Access.SESSION:
        return [{"session": sorted(access.roles)}]
    ways: list[Json] = [{way: sorted(access.roles)} for way in ("page", "bearer", "session")]
    return [{}, *ways] if access is Access.GUEST else ways


def _parameters(endpoint: Endpoint, schema_of: dict[str, Json]) -> Iterator[Json]:
    for name in path_names(endpoint.path):
        schema = schema_of[repr(PATH_TYPES[name])]
        yield _parameter(name, "path", schema, required=True)
    yield from _query_parameters(endpoint.query, schema_of)
    if endpoint.keyed:
        schema = schema_of[repr(Id)] | {"description": "makes the write happen once; the body's id does the same"}
        yield _parameter(KEY_HEADER, "header", schema, required=False)
    elif endpoint.acts and endpoint.path.count("{action}") == 0:
        schema = schema_of[repr(Id)] | {"description": "the id of the action; without one the server makes one"}
        yield _parameter(KEY_HEADER, "header", schema, required=False)
    if endpoint.conditional:
        yield _parameter(MATCH_HEADER, "header", _IF_MATCH, required=False)


def _query_parameters(query: type[Query], schema_of: dict[str, Json]) -> Iterator[Json]:
    for field in fields(query):
        schema = dict(schema_of[repr(field.type)])
        if "anyOf" in schema:  # a parameter is left out rather than null
            choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
            schema = {"anyOf": choices} if len(choices) > 1 else choices[0]
        if field.default not in (NODEFAULT, None):
            schema = {**schema, "default": msgspec.to_builtins(field.default)}
        yield _parameter(field.name, "query", schema, required=field.required)


def _parameter(name: str, place: str, schema: Json, *, required: bool) -> Json:
    parameter: Json = {"name": name, "in": place, "required": required, "schema": schema}
    if "description" in schema:
        parameter["description"] = schema["description"]
    return parameter


def _unwrapped(text: str | None) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (text or "").split("\n\n"))
