"""An import is applied, as a job: its rows are written, step by step, and one that was begun is gone on with."""

from __future__ import annotations

import asyncio
from time import perf_counter

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.heavy.file_shown import to_the_end
from shelfcast.heavy.import_kinds import writing
from shelfcast.heavy.kind import Work
from shelfcast.heavy.read_import import Of
from shelfcast.stock.imports import APPLY, Imports, ImportState


class ApplyImport:
    """Writes the rows that an import has read, and leaves out those that the book refuses. Its progress counts rows."""

    name = APPLY

    async def run(self, work: Work) -> None:
        """How far it is and what was refused stand beside the import after each step."""
        imports = Imports(work.jobs)
        found = await imports.get(msgspec.json.decode(work.job.parameters, type=Of).import_id)
        if found is not None and found.state is ImportState.APPLIED:
            return
        kept = None if found is None else await imports.rows(found.id)
        if found is None or kept is None:
            raise InvalidInput("the import is not kept any more: send the file again")
        it = await to_the_end(lambda: writing(work, found, kept))
        cursor = found.cursor
        while True:
            begun = perf_counter()
            last = min(cursor + it.steps_a_time, it.count)
            refused = await it.write(cursor, last)
            cursor = last
            done, is_all = it.rows_done(cursor), cursor >= it.count
            work.progress.say(done, found.of)
            if not await imports.step(work.job, found.id, cursor=cursor, done=done, refused=refused, is_all=is_all):
                return  # somebody else has it, or it was dropped
            if is_all:
                return
            # The book is everybody's: between two steps those who buy have it as long as the step had.
            await asyncio.sleep(perf_counter() - begun)
