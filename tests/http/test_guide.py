"""docs/http-api.md names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shelfcast.http.api.access import Access
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.application import ENDPOINTS
from shelfcast.http.routes.moves import MoveName

GUIDE = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")
WHO = {
    Access.PUBLIC: "anybody",
    Access.GUEST: "guest",
    Access.OWNER: "owner",
    Access.STAFF: "staff",
    Access.CONTROL: "control",
    Access.CREW: "crew",
    Access.OPERATOR: "operator",
    Access.COUNTER: "counter",
    Access.RECEIVER: "receiver",
    Access.SIGNER: "signer",
    Access.ADMIN: "admin, server",
    Access.SESSION: "session",
}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_every_route_is_in_the_guide_with_who_may_call_it(endpoint: Endpoint) -> None:
    path = endpoint.path.replace(":path}", "}")
    who = WHO[endpoint.access] + (", scope" if endpoint.filtered else "") + (", object" if endpoint.finds else "")
    # Whether one below a room is about the pool's stock, no field of it says: test_reach.py asks it.
    marks = ("", ", pool") if "{room}" in path else ("",)
    assert any(f"| `{endpoint.method} {path}` | {who}{mark} | {endpoint.summary} |" in GUIDE for mark in marks)


def test_the_guide_names_no_route_that_is_not_there() -> None:
    assert len(re.findall(r"^\| `[A-Z]+ /", GUIDE, re.MULTILINE)) == len(ENDPOINTS)


@pytest.mark.parametrize("kind", list(MoveName))
def test_every_move_is_in_the_guide(kind: MoveName) -> None:
    assert f"`{kind}`" in GUIDE
