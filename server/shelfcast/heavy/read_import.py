"""An import is read, as a job: what its rows would do, kept beside it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.heavy.catalogue_file import Meant, Read, Unread, read_catalogue_file, to_the_end
from shelfcast.heavy.kind import Work
from shelfcast.sheets.times import DateOrder
from shelfcast.stock.imports import READ, Import, Imports


class Of(Struct, frozen=True):
    """The parameters of a job about an import, by stock/library/imports.lua."""

    import_id: str = msgspec.field(name="import")


class ReadImport:
    """Reads the kept file anew and holds it against the pool's catalogue; nothing is changed. Its progress counts SKUs
    read."""

    name = READ

    async def run(self, work: Work) -> None:
        """What was read is kept beside the import, as is why it could not be."""
        imports = Imports(work.jobs)
        found = await imports.get(msgspec.json.decode(work.job.parameters, type=Of).import_id)
        if found is None:
            raise InvalidInput("the import is not kept any more: send the file again")
        try:
            read = await self._read(work, found)
        except Unread as unread:
            await imports.keep(work.job, found.id, "preview", msgspec.json.encode(unread.shown))
            await imports.found(work.job, found.id, fault=str(unread))
            raise unread.why from None
        rows, shown = await to_the_end(lambda: (msgspec.json.encode(read.rows), msgspec.json.encode(read.shown)))
        # What is lost is somebody else's, who keeps all of it anew.
        if await imports.keep(work.job, found.id, "rows", rows):
            await imports.keep(work.job, found.id, "preview", shown)
            await imports.found(work.job, found.id, of=len(read.rows))

    async def _read(self, work: Work, found: Import) -> Read:
        meant = Meant(
            name=found.name,
            room=found.room or None,
            opening=found.opening or None,
            encoding=found.encoding or None,
            dates=DateOrder(found.dates) if found.dates else None,
        )
        content = await work.jobs.upload(found.upload, work.settings.upload_max_bytes)
        return await read_catalogue_file(work, content, meant)
