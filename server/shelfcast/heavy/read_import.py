"""An import is read, as a job: what its rows would do, kept beside it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.heavy.file_shown import Unread, to_the_end
from shelfcast.heavy.import_kinds import read_file
from shelfcast.heavy.kind import Work
from shelfcast.stock.imports import READ, Imports


class Of(Struct, frozen=True):
    """The parameters of a job about an import, by stock/library/imports.lua."""

    import_id: str = msgspec.field(name="import")


class ReadImport:
    """Reads the kept file anew and holds it against the pool; nothing is changed. Its progress counts SKUs read."""

    name = READ

    async def run(self, work: Work) -> None:
        """What was read is kept beside the import, as is why it could not be."""
        imports = Imports(work.jobs)
        found = await imports.get(msgspec.json.decode(work.job.parameters, type=Of).import_id)
        if found is None:
            raise InvalidInput("the import is not kept any more: send the file again")
        try:
            content = await work.jobs.upload(found.upload, work.settings.upload_max_bytes)
            read = await read_file(work, content, found)
        except Unread as unread:
            await imports.keep(work.job, found.id, "preview", msgspec.json.encode(unread.shown))
            await imports.found(work.job, found.id, fault=str(unread))
            raise unread.why from None
        rows, shown = await to_the_end(lambda: (msgspec.json.encode(read.rows), msgspec.json.encode(read.shown)))
        # What is lost is somebody else's, who keeps all of it anew.
        if await imports.keep(work.job, found.id, "rows", rows):
            await imports.keep(work.job, found.id, "preview", shown)
            await imports.found(work.job, found.id, of=len(read.rows))
