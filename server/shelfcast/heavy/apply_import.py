"""An import is applied, as a job: its rows are written, step by step, and one that was begun is gone on with."""

from __future__ import annotations

import msgspec

from shelfcast.errors import InvalidInput
from shelfcast.heavy.kind import Work
from shelfcast.heavy.read_import import Of
from shelfcast.merchant.imports import KIND, ROWS_A_STEP, ImportRow, Into, rows_done, steps_of, write
from shelfcast.stock.actions import By
from shelfcast.stock.imports import APPLY, Imports, ImportState

REFERENCE_MAX = 128


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
        steps = steps_of(msgspec.json.decode(kept, type=list[ImportRow]))
        into = Into(found.room, By(found.action or found.id, found.applied_by, "", KIND), found.name[:REFERENCE_MAX])
        cursor = found.cursor
        while True:
            some = steps[cursor : cursor + ROWS_A_STEP]
            refused = await write(work.book, some, into)
            cursor += len(some)
            done, is_all = rows_done(steps, cursor), cursor >= len(steps)
            work.progress.say(done, found.of)
            if not await imports.step(work.job, found.id, cursor=cursor, done=done, refused=refused, is_all=is_all):
                return  # somebody else has it, or it was dropped
            if is_all:
                return
