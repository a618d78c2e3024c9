"""Writing definitions: PUT states the whole of one, PATCH merges into it (RFC 7396)."""

from __future__ import annotations

from typing import Any

import msgspec

from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call
from shelfcast.http.api.outcomes import passed
from shelfcast.merchant import definitions
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What
from shelfcast.stock.outcomes import Outcome

_NOT_CONFIGURATION = frozenset(
    {"sku", "opening", "opening_safety", "opening_elastic", "pool", "continue_show", "override", "units"}
)
"""Fields of bodies that say which thing is meant, or what is to happen besides."""


async def write_definition(
    book: StockBook,
    call: Call,
    what: What,
    key: str,
    *,
    parent: str = "",
    continues: bool = False,
    expected: int | None = None,
    override: str = "",
) -> Outcome:
    """Carry out a PUT or PATCH with the call's body, if the definition is as it is `expected` (None: as If-Match says);
    of a room, `continues` says that its last show is to go on, `override` why one may begin though its checklist
    fails. Raises ApiError."""
    body, by = call.body, call.by()
    expected = call.expected_revision() if expected is None else expected
    if call.request.method == "PATCH":
        outcome = await definitions.change(
            book,
            what,
            key,
            given(body),
            parent=parent,
            expected=expected,
            by=by,
            continues=continues,
            override=override,
        )
    else:
        fields = [name for name in body.__struct_fields__ if name not in _NOT_CONFIGURATION]
        outcome = await definitions.state(
            book, what, key, given(body), fields, parent=parent, expected=expected, by=by, override=override
        )
    call.note(await passed(book, outcome))
    return outcome


def given(body: DefinitionBody) -> dict[str, Any]:
    """The fields the body names; None is null, which sets the default."""
    return {
        name: value
        for name in body.__struct_fields__
        if name not in _NOT_CONFIGURATION and (value := getattr(body, name)) is not msgspec.UNSET
    }
