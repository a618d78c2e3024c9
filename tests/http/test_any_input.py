"""Whatever is sent, the answer is a documented one, and the book stays sound."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_conformance import api_document
from shelfcast.http.application import ENDPOINTS

SCHEMAS = api_document()["components"]["schemas"]
WRITES = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]
NAMES = st.sampled_from(
    ["main", "live", "evening", "mug", "cup", "r1", "r2", "pool", "supplier", "channel:live", "é b"]
)
SCALARS = st.one_of(
    NAMES,
    st.none(),
    st.booleans(),
    st.integers(-3, 120),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(
        ["shared", "dedicated", "paused", "receive", "carve", "count", "freeze", "quota", "CNY", "blocked"]
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    """A write endpoint, a path of names that may exist, and a body of its fields with values that may be right."""
    endpoint = draw(st.sampled_from(WRITES))
    path = endpoint.path.replace(":path}", "}")
    right = {"pool": "main", "channel": "live", "room": "evening", "sku": "mug", "id": "r1", "batch": "b", "user": "li"}
    right |= {"count": "m1", "line": "1"}
    for name, value in right.items():
        if f"{{{name}}}" in path:
            chosen = draw(st.sampled_from([value, value, value, "none"]))
            path = path.replace(f"{{{name}}}", chosen)
    assert endpoint.body is not None
    properties = SCHEMAS[endpoint.body.__name__]["properties"]
    fields = draw(st.lists(st.sampled_from([*properties, "unknown"]), unique=True, max_size=len(properties)))
    body: Any = {field: draw(_value(properties.get(field, {}))) for field in fields}
    if endpoint.keyed and draw(st.booleans()):
        body["id"] = draw(st.sampled_from(["m1", "m2", "m3"]))
    return endpoint.method, path, draw(st.sampled_from([body, body, body, [body], "text", 7]))


def _value(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema.get("type") != "array" or "$ref" not in schema.get("items", {}):
        return st.one_of(SCALARS, st.lists(SCALARS, max_size=2))
    row = SCHEMAS[schema["items"]["$ref"].rpartition("/")[2]]["properties"]
    return st.lists(st.dictionaries(st.sampled_from(list(row)), SCALARS, max_size=4), max_size=3)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(request=requests())
async def test_no_body_surprises_the_server(shop: Any, request: tuple[str, str, Any]) -> None:
    method, path, body = request
    response = await shop.call(method, path, body)
    assert response.status_code < 500, (request, response.text)
    assert (await shop.ok("GET", "/v1/pools/main/audit"))["ok"], request


async def test_a_lone_surrogate_is_no_text(shop: Any) -> None:
    headers = shop.as_("operator") | {"Content-Type": "application/json"}
    response = await shop.http.put("/v1/pools/main/skus/mug", content=b'{"title": "\\ud800"}', headers=headers)
    assert response.status_code in (400, 422), response.text
