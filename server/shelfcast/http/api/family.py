"""A family of definitions in a pool, each under its name: the routes that read, list and define them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from starlette.responses import Response

from shelfcast.http.api.access import Access
from shelfcast.http.api.bodies import DefinitionBody
from shelfcast.http.api.call import Call, answer, definition
from shelfcast.http.api.definitions import write_definition
from shelfcast.http.api.endpoint import Endpoint, Handler
from shelfcast.http.api.problems import ApiError
from shelfcast.protocol.codes import Code
from shelfcast.stock.book import StockBook
from shelfcast.stock.configuration import What

PUT_STATUSES = (HTTPStatus.OK, HTTPStatus.CREATED)
POOL_PATH = "/v1/pools/{pool}"


def put_status(existed: bool) -> int:
    """The status of a PUT: 201 where it made something, else 200."""
    return HTTPStatus.OK if existed else HTTPStatus.CREATED


@dataclass(frozen=True, kw_only=True)
class Several:
    """The list of a family: how all are read, by name, and the answer, whose one field is called `name`."""

    name: str
    page: type[Struct]
    read: Callable[[StockBook], Awaitable[Mapping[str, Struct]]]
    summary: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """`one` is the name of one, of the path's parameter, and of the field of `item` that names it; the other fields of
    `item` are the definition's. `path` is that of one, below the pool's.

    A family with a list tells whether a PUT has made one; without, every name has a definition, and `read` finds it.
    """

    tag: str
    what: What
    one: str
    path: str
    item: type[Struct]
    body: type[DefinitionBody]
    several: Several | None = None
    read: Callable[[StockBook, str], Awaitable[Struct]] | None = None
    access: Access = Access.CONTROL
    get_summary: str
    put_summary: str
    get_says: str
    put_says: str

    def endpoints(self) -> Iterator[Endpoint]:
        """The routes, in the order of the OpenAPI document."""
        several, of_one = self.several, POOL_PATH + self.path
        if several is not None:
            yield Endpoint(
                method="GET",
                path=f"{POOL_PATH}/{several.name}",
                summary=several.summary,
                tag=self.tag,
                handle=_named(partial(self._list, several), f"list_{several.name}", f"All {several.name} of the pool."),
                access=self.access,
                answer=several.page,
                codes=(Code.NOT_FOUND,),
            )
        yield Endpoint(
            method="GET",
            path=of_one,
            summary=self.get_summary,
            tag=self.tag,
            handle=_named(self._get, f"get_{self.one}", self.get_says),
            access=self.access,
            answer=self.item,
            revised=True,
            codes=(Code.NOT_FOUND,),
        )
        yield Endpoint(
            method="PUT",
            path=of_one,
            summary=self.put_summary,
            tag=self.tag,
            handle=_named(self._put, f"put_{self.one}", self.put_says),
            access=self.access,
            answer=self.item,
            statuses=PUT_STATUSES if several is not None else (HTTPStatus.OK,),
            body=self.body,
            body_optional=several is not None,
            revised=True,
            acts=True,
            codes=(Code.NOT_FOUND, Code.SHELF_FULL) if several is not None else (Code.NOT_FOUND,),
        )

    async def _list(self, several: Several, call: Call) -> Response:
        found = await several.read((await call.pool()).book)
        return answer(several.page(**{several.name: [self._item(name, found[name]) for name in sorted(found)]}))

    async def _get(self, call: Call) -> Response:
        name = call.path[self.one]
        return definition(self._item(name, await self._found((await call.pool()).book, name)))

    async def _put(self, call: Call) -> Response:
        book, name = (await call.pool()).book, call.path[self.one]
        existed = self.several is None or name in await self.several.read(book)
        await write_definition(book, call, self.what, name)
        return definition(self._item(name, await self._found(book, name)), status=put_status(existed))

    async def _found(self, book: StockBook, name: str) -> Struct:
        found = None
        if self.read is not None:
            found = await self.read(book, name)
        elif self.several is not None:
            found = (await self.several.read(book)).get(name)
        if found is None:
            raise ApiError(Code.NOT_FOUND, f"the pool has no {self.one} {name!r}", field=self.one)
        return found

    def _item(self, name: str, definition: Struct) -> Any:
        return self.item(**{self.one: name, **asdict(definition)})


def _named(handle: Handler, name: str, says: str) -> Handler:
    """The handler under the name and description that it has in the OpenAPI document."""

    async def handler(call: Call) -> Response:
        return await handle(call)

    handler.__name__, handler.__doc__ = name, says
    return handler
