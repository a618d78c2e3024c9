"""Holds what an application answers against what its OpenAPI document says it answers."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from shelfcast.http.api.openapi import document
from shelfcast.http.application import ENDPOINTS
from starlette.routing import compile_path


@cache
def api_document() -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(json.dumps(document(ENDPOINTS)))
    return decoded


def assert_documented(response: httpx.Response) -> None:
    """The status is one the document lists, with that media type, and the body has the form it gives."""
    method, path = response.request.method, response.request.url.path
    # The first path that matches decides, as in the application: a SKU's may match others that stand below it.
    raw = response.request.url.raw_path.decode().partition("?")[0]
    paths = sorted((e.path for e in ENDPOINTS), key=lambda each: ":path}/" not in each)
    template = next((each for each in paths if _pattern(each).match(path) and _ends(each, raw)), None)
    if template is None or not any((e.method, e.path) == (method, template) for e in ENDPOINTS):
        assert response.status_code in (200, 404, 405, 426), "only unknown paths and methods are not in the document"
        return
    operation = api_document()["paths"][template.replace(":path}", "}")][method.lower()]
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"{method} {template} does not document {response.status_code}: {response.text}"
    if "content" not in documented:
        assert not response.content
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in documented["content"]
    for value in _values(response, media_type):
        _validator(json.dumps(documented["content"][media_type]["schema"])).validate(value)


def _ends(template: str, raw: str) -> bool:
    """Of what stands below a name that may have slashes: whether its own part comes as such, not within the name."""
    ending = template.rpartition(":path}/")[2]
    return ending == template or raw.endswith(f"/{ending}")


@cache
def _pattern(path: str) -> Any:
    return compile_path(path)[0]


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": api_document()["components"]})


def _values(response: httpx.Response, media_type: str) -> list[Any]:
    if media_type == "application/x-ndjson":
        return [json.loads(line) for line in response.text.splitlines()]
    return [response.json() if media_type.endswith("json") else response.text]
