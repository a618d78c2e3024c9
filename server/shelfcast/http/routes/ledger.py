"""Routes of what happened to units: searching both ledgers, and the story of a reservation."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from shelfcast.errors import EntriesArchived, InvalidInput
from shelfcast.http.api.access import Access
from shelfcast.http.api.call import Call, Finder, Found, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.family import POOL_PATH
from shelfcast.http.api.query import PageLimit, Query
from shelfcast.merchant import ledger as use_cases
from shelfcast.protocol.access import Owner
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Millis, Sku, User
from shelfcast.stock.reading.search import Wanted
from shelfcast.stock.reading.story import Story
from shelfcast.stock.records import LedgerEntry, Reservation, Stream

Kind = Annotated[str, Meta(pattern=r"^[a-z_]{1,32}$(?!\n)", description="a kind of entry, such as reserve or receive")]
NonEmpty = Annotated[str, Meta(min_length=1, max_length=200)]


class SearchQuery(Query, frozen=True, kw_only=True):
    """What an entry has to be like; what is left out says nothing. `order` is the reference of an entry or the id of an
    order, `actor` who did it, or on whose behalf. Times are when it was made, both ends included."""

    sku: Sku | None = None
    user: User | None = None
    reservation: Id | None = None
    order: NonEmpty | None = None
    actor: NonEmpty | None = None
    kind: Kind | None = None
    from_ms: Millis | None = None
    to_ms: Millis | None = None
    before: Annotated[int, Meta(ge=1, description="`next` of the answer to go on with")] | None = None
    limit: PageLimit = 100


class LedgerPage(Struct, frozen=True, kw_only=True):
    """Entries of both ledgers that fit, newest first. `complete` says that nothing older remains to be looked at; else
    `next` is the `before` to go on with. A page may be short of its limit, or empty, and not be complete. Entries up to
    the pool's sequence `archived_through` may fit, too: they have left the engine, and the archive has them. It is null
    where there are none of the time that was asked for, and before the page is complete."""

    entries: list[LedgerEntry]
    next: int | None
    complete: bool
    archived_through: int | None


class StoryQuery(Query, frozen=True, kw_only=True):
    """`near` is the `pool_seq` of any entry of the reservation, which makes it quick to find; `after` asks for what
    came after that sequence alone."""

    near: Annotated[int, Meta(ge=1, description="the `pool_seq` of any entry of it")] | None = None
    after: Annotated[int, Meta(ge=1, description="`next` of the answer to go on with")] | None = None


class ReservationStory(Struct, frozen=True, kw_only=True):
    """All that happened to a reservation: its record, null where it is not kept any more, and its entries of both
    ledgers, oldest first. That a payment has begun leaves none: it moves no unit.

    Where they are not `complete`, later ones are to be asked for with `next`; where that is null, the first ones were
    not found: a search of the ledger goes on from there. Where they have left the engine, `archived_through` is the
    pool's sequence up to which entries did.
    """

    reservation: Reservation | None
    steps: list[LedgerEntry]
    next: int | None
    complete: bool
    archived_through: int | None


TAG = "ledger"


async def search_ledger(call: Call) -> Response:
    """Search both ledgers, newest first. One request looks through at most `ledger_search_max` entries."""
    book, query, limit = (await call.pool()).book, call.query, call.page_limit()
    if None not in (query.from_ms, query.to_ms) and query.from_ms > query.to_ms:
        raise InvalidInput("expected a time that is not before from_ms", field="to_ms")
    said = {name: value for name in Wanted.__struct_fields__ if (value := getattr(query, name)) is not None}
    page = await book.search_ledger(
        Wanted(**said),
        limit=limit,
        look_max=call.services.settings.ledger_search_max,
        before=query.before or 0,
        from_ms=query.from_ms,
        to_ms=query.to_ms,
    )
    return answer(
        LedgerPage(
            entries=page.entries,
            next=page.next,
            complete=page.next is None,
            archived_through=page.archived_through,
        )
    )


async def get_story(call: Call) -> Response:
    """Read what happened to a reservation, also where its record is not kept any more: then from the ledger alone.

    Where nothing of it is found, but entries have left the engine, the answer is 410."""
    story: Story = await call.found()
    if story.archived_through is not None and story.record is None and not story.steps and not call.query.after:
        book = (await call.pool()).book
        cut = await book.cut()
        raise EntriesArchived(book.pool, Stream.STOCK, cut.ledger, cut.seq)
    return answer(
        ReservationStory(
            reservation=story.record,
            steps=story.steps,
            next=story.next,
            complete=story.complete,
            archived_through=story.archived_through,
        )
    )


async def _find(call: Call) -> Found | None:
    book, query = (await call.pool()).book, call.query
    near, after = query.near or 0, query.after or 0
    story = await use_cases.story(book, call.path["id"], call.services.settings, near=near, after=after)
    whose = story.record or next(iter(story.steps), None)
    if whose is None:
        # Behind what was told before may be no step, and no record that says whose it was: then it is the pool's.
        # So it is of one that may be in the archive.
        is_the_pools = after or story.archived_through is not None
        return Found(story, Owner(pool=book.pool)) if is_the_pools else None
    return Found(story, Owner(pool=book.pool, room=whose.room, user=whose.user))


_FINDER = Finder("reservation", "id", _find)

# fmt: off
ENDPOINTS = [
    Endpoint(method="GET", path=POOL_PATH + "/ledger/search", summary="Search the ledger", tag=TAG,
             handle=search_ledger, access=Access.CONTROL, answer=LedgerPage, query=SearchQuery,
             codes=(Code.NOT_FOUND,)),
    Endpoint(method="GET", path=POOL_PATH + "/reservations/{id}/story", summary="Read the story of a reservation",
             tag=TAG, handle=get_story, access=Access.CONTROL, answer=ReservationStory, query=StoryQuery, finds=_FINDER,
             codes=(Code.NOT_FOUND, Code.ARCHIVED)),
]
# fmt: on
