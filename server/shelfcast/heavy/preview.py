"""What a catalogue in a file would change, as a job: `shelfcast import --preview` without the command."""

from __future__ import annotations

from typing import Any

import msgspec

from shelfcast.heavy.catalogue_file import Meant, read_catalogue_file
from shelfcast.heavy.file_shown import Unread
from shelfcast.heavy.kind import Work


class Options(Meant, frozen=True, kw_only=True):
    """How the file is meant."""

    sha256: str = ""
    """Of the file: another one is another job."""


class Preview:
    """Reads the file and holds it against the pool's catalogue; nothing is changed. Its progress counts SKUs read."""

    name = "preview"

    async def run(self, work: Work) -> dict[str, Any]:
        """What each row would do: see `http.routes.previews`."""
        options = msgspec.json.decode(work.job.parameters, type=Options)
        content = await work.jobs.upload(work.job.upload, work.settings.upload_max_bytes)
        try:
            return (await read_catalogue_file(work, content, options)).shown
        except Unread as unread:
            raise unread.why from None
