"""Imports: a file is sent up, read by the process for heavy work, looked at, mended, and written into the pool."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from shelfcast.errors import InvalidInput
from shelfcast.http.api.access import Access, authorize
from shelfcast.http.api.bodies import Request
from shelfcast.http.api.call import Call, answer
from shelfcast.http.api.endpoint import Endpoint
from shelfcast.http.api.fields import Text
from shelfcast.http.api.jobs import check_room_for_job, job_full
from shelfcast.http.api.problems import ApiError
from shelfcast.http.api.query import Query
from shelfcast.http.routes.import_items import ImportItem, ImportList, item_of, shown
from shelfcast.http.routes.previews import (
    NAMES,
    Dates,
    Encoding,
    MeantRoom,
    Opening,
    digested,
    encoding_said,
)
from shelfcast.protocol.access import Act, Right
from shelfcast.protocol.codes import Code
from shelfcast.protocol.fields import Id, Name
from shelfcast.stock.book import StockBook
from shelfcast.stock.imports import Answer, Import, ImportKind, Imports, ImportState
from shelfcast.stock.jobs import Jobs

TAG = "imports"
READINGS_MAX = 1_000_000_000
Reading = Annotated[int, Meta(ge=1, le=READINGS_MAX)]
MeantChannel = Annotated[Name | None, Meta(description="the channel whose orders these are")]
MeantCount = Annotated[Id | None, Meta(description="the count sheet that is filled; a new one where it is left out")]
_OPTIONS = ("room", "opening", "encoding", "dates", "channel", "count")
_OF_KIND = {
    ImportKind.CATALOGUE: ("room", "opening"),
    ImportKind.COUNTS: ("count",),
    ImportKind.ORDERS: ("channel",),
}
"""What only one kind can be told."""


class NewImportQuery(Query, frozen=True, kw_only=True):
    """What the file is about, how it is meant, and what it is called. A catalogue may say `room` and `opening`, orders
    have to say `channel`, counts may say `count`."""

    kind: ImportKind = ImportKind.CATALOGUE

    room: MeantRoom = None
    opening: Opening = None
    encoding: Encoding = None
    dates: Dates = None
    channel: MeantChannel = None
    count: MeantCount = None
    name: Annotated[Text | None, Meta(description="the file's name, for people")] = None


class ImportQuery(Query, frozen=True, kw_only=True):
    """What of an import is asked for."""

    preview: Annotated[bool, Meta(description="false leaves the preview out, which is long")] = True


class ImportBody(Request, frozen=True, kw_only=True):
    """How the file is meant instead; what is left out stays as it is, and null says nothing of it."""

    room: MeantRoom | UnsetType = UNSET
    opening: Opening | UnsetType = UNSET
    encoding: Encoding | UnsetType = UNSET
    dates: Dates | UnsetType = UNSET
    channel: MeantChannel | UnsetType = UNSET
    count: MeantCount | UnsetType = UNSET


class ApplyBody(Request, frozen=True, kw_only=True):
    """Which reading of the file is meant: that of the preview that was looked at. Left out it is whichever it is."""

    reading: Reading | UnsetType = UNSET


async def post_import(call: Call) -> Response:
    """Send a catalogue, counts or another platform's orders as a CSV file or an XLSX workbook, to see what it would
    change before that is applied. Counts are an operator's.

    The file is read meanwhile: ask for the import until its state is no longer `reading`. The pool need not be there
    yet, nor the room: nothing is made before the import is applied.
    """
    jobs, query, upload = _jobs(call), call.query, call.upload
    _check_kind(call, query.kind)
    options = {name: getattr(query, name) or "" for name in _OPTIONS}
    options["encoding"] = encoding_said(query.encoding) or ""
    _check_options(query.kind, options)
    import_id = call.key() or secrets.token_hex(12)
    imports = Imports(jobs)
    await check_room_for_job(call, jobs)
    if await imports.get(import_id) is None:
        _check_room_for_import(call, await imports.all())
    assert upload is not None  # noqa: S101 - the endpoint has one
    digest = hashlib.sha256()
    kept = await jobs.keep_upload(digested(upload.pieces(), digest))
    name = query.name or NAMES[upload.media_type]
    options["kind"] = query.kind
    asked = msgspec.json.encode([digest.hexdigest(), name, options], order="sorted").decode()
    made, it = await imports.make(
        import_id, asked, name=name, upload=kept, options=options, made_by=call.principal.user
    )
    if it is None or it.upload != kept:
        await jobs.drop_upload(kept)
    if made is Answer.CONFLICT:
        raise ApiError(Code.ID_CONFLICT, "this key made another import", field="Idempotency-Key")
    if made is Answer.FULL:
        raise _full(call)
    place = f"/v1/pools/{quote(jobs.pool, safe='')}/imports/{quote(import_id, safe='')}"
    return answer(await shown(imports, _made(call, made, it)), status=HTTPStatus.CREATED, headers={"Location": place})


async def list_imports(call: Call) -> Response:
    """The imports of the pool that are kept."""
    return answer(ImportList(imports=[item_of(it) for it in await _imports(call).all()]))


async def get_import(call: Call) -> Response:
    """What an import would change, or how far it is."""
    imports = _imports(call)
    return answer(await shown(imports, _known(call, await imports.get(_id(call))), preview=call.query.preview))


async def patch_import(call: Call) -> Response:
    """Say how the file is meant, and have it read anew, against the pool as it is now.

    One that is being applied, or was, is 409 with the field `state`.
    """
    imports, body = _imports(call), call.body
    kind = _known(call, await imports.get(_id(call))).kind
    _check_kind(call, kind)
    given = {name: getattr(body, name) for name in _OPTIONS}
    said = {name: value or "" for name, value in given.items() if value is not UNSET}
    if "encoding" in said:
        said["encoding"] = encoding_said(body.encoding) or ""
    _check_options(kind, said, is_all=False)
    changed, it = await imports.change(_id(call), said, call.principal.user)
    if changed is Answer.STATE:
        raise _not_now("expected one that is not applied: send the file again")
    return answer(await shown(imports, _made(call, changed, it)))


async def delete_import(call: Call) -> Response:
    """Forget an import and its file, and stop it where it is being applied; what is written stays. Forgetting it twice
    is no error."""
    await _imports(call).drop(_id(call))
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def apply_import(call: Call) -> Response:
    """Write what was read: SKUs, opening stock, and where a room is named its shelf; lines of a count sheet; or orders
    of a channel. Rows with faults are left out.

    It goes on by itself: ask for the import until its state is no longer `applying`. Asked again while it goes on, or
    behind that, nothing more happens; one that `stopped` goes on. A row that somebody has changed since it was read is
    refused (STALE), and so is each that the book refuses; the others are written. All of a catalogue is one action.

    With the `reading` of the preview that was looked at nothing else is written: where somebody has had the file read
    otherwise since, it is STALE, and `current` is the import as it is now, without its preview.
    """
    imports, pool = _imports(call), await call.pool()
    it = _known(call, await imports.get(_id(call)))
    _check_kind(call, it.kind)
    if it.room and await pool.book.room_config(it.room) is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no room {it.room!r} yet: make it first", field="room")
    meant = 0 if call.body.reading is UNSET else call.body.reading
    begun, after = await imports.apply(
        _id(call), call.principal.user, action=await _free_action(pool.book, it), reading=meant
    )
    if begun is Answer.STALE and after is not None:
        raise _read_otherwise(after, meant)
    if begun is Answer.STATE:
        raise _not_now("expected one that is ready: it is being read, or cannot be read as it is meant")
    return answer(await shown(imports, _made(call, begun, after), preview=False), status=HTTPStatus.ACCEPTED)


# --- parts -------------------------------------------------------------------------------------------------


def _jobs(call: Call) -> Jobs:
    return call.services.pools.jobs(call.path["pool"])


def _imports(call: Call) -> Imports:
    return Imports(_jobs(call))


def _id(call: Call) -> str:
    return call.path["import"]


def _check_room_for_import(call: Call, kept: list[Import]) -> None:
    """Raises ApiError where as many are kept as may be: before a long file is sent for one more."""
    open_ = sum(it.state is not ImportState.APPLIED for it in kept)
    if open_ >= call.services.settings.imports_open_a_pool_max:
        raise _full(call)


def _full(call: Call) -> ApiError:
    most = call.services.settings.imports_open_a_pool_max
    detail = f"there may be {most:,} that are not applied, and there are: apply some, or delete them"
    return ApiError(Code.SHELF_FULL, detail, field="imports")


def _not_now(detail: str) -> ApiError:
    return ApiError(Code.BAD_MESSAGE, detail, field="state", status=HTTPStatus.CONFLICT)


def _read_otherwise(it: Import, meant: int) -> ApiError:
    detail = f"somebody has had the file read otherwise: this is reading {it.reading:,}, not {meant:,}; look at it anew"
    error = ApiError(Code.STALE, detail, field="reading", expected=meant)
    error.show_current(msgspec.to_builtins(item_of(it)), revision=it.reading)
    return error


async def _free_action(book: StockBook, it: Import) -> str:
    """The id of the action, and of the count sheet, that an import becomes: its own, where no other one has that."""
    is_free = await book.action(it.id) is None and (it.kind is not ImportKind.COUNTS or await book.count(it.id) is None)
    return it.id if is_free else secrets.token_hex(12)


def _check_kind(call: Call, kind: ImportKind) -> None:
    """Raises ApiError (403) where the caller enters no counts."""
    if kind is ImportKind.COUNTS:
        authorize(call.principal, Act(Right.DECIDE), pool=call.path["pool"])


def _check_options(kind: ImportKind, said: Mapping[str, str], *, is_all: bool = True) -> None:
    """Raises InvalidInput for what this kind cannot be told, and where orders are of no channel."""
    for other, names in _OF_KIND.items():
        for name in names:
            if other is not kind and said.get(name):
                raise InvalidInput(f"expected it of an import of kind {other} alone", field=name)
    if kind is ImportKind.ORDERS and not said.get("channel", "" if is_all else "left as it is"):
        raise InvalidInput("expected the channel whose orders these are", field="channel")


def _made(call: Call, made: Answer, it: Import | None) -> Import:
    """The import that was made or changed. Raises ApiError where there is none, or too many jobs are open."""
    if made is Answer.BUSY:
        raise job_full(call)
    return _known(call, it)


def _known(call: Call, it: Import | None) -> Import:
    if it is None:
        raise ApiError(Code.NOT_FOUND, f"the pool has no import {_id(call)!r}, or not any more", field="import")
    return it


# --- table -------------------------------------------------------------------------------------------------

_IMPORTS = "/v1/pools/{pool}/imports"
_IMPORT = _IMPORTS + "/{import}"

# fmt: off
ENDPOINTS = [
    Endpoint(method="POST", path=_IMPORTS, summary="Send a spreadsheet to import", tag=TAG, handle=post_import,
             access=Access.CONTROL, answer=ImportItem, query=NewImportQuery, upload=tuple(NAMES),
             statuses=(HTTPStatus.CREATED,), keyed=True,
             codes=(Code.ID_CONFLICT, Code.RATE_LIMITED, Code.SHELF_FULL)),
    Endpoint(method="GET", path=_IMPORTS, summary="List imports", tag=TAG, handle=list_imports,
             access=Access.CONTROL, answer=ImportList),
    Endpoint(method="GET", path=_IMPORT, summary="Read an import", tag=TAG, handle=get_import,
             access=Access.CONTROL, answer=ImportItem, query=ImportQuery, codes=(Code.NOT_FOUND,)),
    Endpoint(method="PATCH", path=_IMPORT, summary="Have an import read anew", tag=TAG, handle=patch_import,
             access=Access.CONTROL, answer=ImportItem, body=ImportBody, body_optional=True,
             codes=(Code.NOT_FOUND, Code.RATE_LIMITED), problems={409: "it is being applied, or was"}),
    Endpoint(method="DELETE", path=_IMPORT, summary="Forget an import", tag=TAG, handle=delete_import,
             access=Access.CONTROL, statuses=(HTTPStatus.NO_CONTENT,)),
    Endpoint(method="POST", path=_IMPORT + "/apply", summary="Apply an import", tag=TAG, handle=apply_import,
             access=Access.CONTROL, answer=ImportItem, statuses=(HTTPStatus.ACCEPTED,), body=ApplyBody,
             body_optional=True, codes=(Code.NOT_FOUND, Code.RATE_LIMITED, Code.STALE),
             problems={409: "it has not been read, or cannot be"}),
]
# fmt: on
