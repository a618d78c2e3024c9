"""Which media type answers a request that says what it takes."""

from __future__ import annotations

import pytest
from shelfcast.http.api.negotiation import chosen

OFFERED = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ([], "application/json"),
        ([""], "application/json"),
        (["*/*"], "application/json"),
        (["text/csv"], "text/csv"),
        (["TEXT/CSV; charset=utf-8"], "text/csv"),
        (["text/*"], "text/csv"),
        (["text/csv;q=0.5, application/json;q=0.4"], "text/csv"),
        (["text/csv;q=0.4, application/json;q=0.5"], "application/json"),
        (["text/csv", "application/json"], "application/json"),
        (["*/*, text/csv;q=0.1"], "application/json"),
        (["*/*;q=0.1, text/csv"], "text/csv"),
        (["*/*, application/json;q=0"], "text/csv"),
        (["text/html, application/xhtml+xml, */*;q=0.8"], "application/json"),
        (["text/html"], None),
        (["text/csv;q=0"], None),
        (["*/*;q=0"], None),
        (["text/csv;q=wrong, application/json;q=0.1"], "application/json"),
        (["nonsense, text/csv"], "text/csv"),
        (["nonsense"], "application/json"),
        ([",".join(["text/html"] * 10_000)], None),
    ],
)
def test_accept(accept: list[str], expected: str | None) -> None:
    assert chosen(accept, OFFERED) == expected
