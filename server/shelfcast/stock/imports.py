"""Imports of a pool: files that somebody has sent up, what they would change, and how far that has been written.

They are kept in the engine (stock/library/imports.lua), so that every process can answer about one, and a successor can
go on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum

import msgspec
import zstandard
from msgspec import Struct

from shelfcast.errors import InvalidInput
from shelfcast.stock import library
from shelfcast.stock.jobs import Job, Jobs

READ = "read_import"
APPLY = "import"
"""The kinds of its jobs, as in stock/library/imports.lua."""
REFUSED_LISTED_MAX = 1_000
"""Refused rows that are told, and no more than the engine keeps; all are counted."""
PIECE_BYTES = 262_144
COMPRESSION_LEVEL = 3


class ImportKind(StrEnum):
    """What a file is about."""

    CATALOGUE = "catalogue"
    COUNTS = "counts"
    ORDERS = "orders"


class ImportState(StrEnum):
    """Where an import stands."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"
    """It cannot be read as it is said to be meant."""
    APPLYING = "applying"
    APPLIED = "applied"
    STOPPED = "stopped"
    """It was applied in part; the next apply goes on."""


class Import(Struct, frozen=True, kw_only=True):
    """An import as the engine keeps it. Of the rows to write `done` of `of` are written or refused; `cursor` is how far
    that is in steps. `reading` counts how often the file was read, and says which preview is meant. `action` is the
    id of the action that writes it. `room`, `opening`, `encoding` and `dates` are empty where nothing is said.

    Orders are those of `channel`; counts are entered on the sheet `count`, or, where that is empty, on one that is made
    under the id `action`."""

    id: str
    kind: ImportKind = ImportKind.CATALOGUE
    name: str
    state: ImportState
    reason: str = ""
    room: str
    opening: str
    encoding: str
    dates: str
    channel: str = ""
    count: str = ""
    made_by: str
    applied_by: str = ""
    made_at_ms: int
    expires_at_ms: int
    upload: str
    cursor: int
    done: int
    of: int
    refused_count: int
    reading: int = 1
    action: str = ""


class RefusedImportRow(Struct, frozen=True, kw_only=True):
    """A row that was not written, or not all of it, and why."""

    line: int
    sku: str
    code: str
    reason: str


class Answer(StrEnum):
    """What became of a wish about an import."""

    MADE = "made"
    SAME = "same"
    CONFLICT = "conflict"
    FULL = "full"
    BUSY = "busy"
    """As many jobs as may be are open."""
    GONE = "gone"
    STALE = "stale"
    """It is read otherwise by now."""
    STATE = "state"
    """Not in the state that it is in."""


class _Answered(Struct, array_like=True, frozen=True):
    answer: Answer
    it: Import | None = None


_decode_answer = msgspec.msgpack.Decoder(_Answered).decode
_decode_word = msgspec.msgpack.Decoder(tuple[str]).decode
_decode_imports = msgspec.msgpack.Decoder(list[Import]).decode


class Imports:
    """The imports of one pool, which need not be there yet. Every method raises EngineError."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._engine = jobs.engine
        self._settings = jobs.settings

    # --- whoever imports --------------------------------------------------------------------------------------------

    async def make(
        self, import_id: str, asked: str, *, name: str, upload: str, options: Mapping[str, str], made_by: str
    ) -> tuple[Answer, Import | None]:
        """Make an import of a file that is kept, once an id: `asked` says what for. It is then read."""
        record = {"name": name, "upload": upload, "made_by": made_by, "applied_by": "", "reason": "", **options}
        settings = self._settings
        bounds = (settings.imports_open_a_pool_max, settings.import_kept_ms, *self._job_bounds())
        return await self._asked("make", import_id, asked, msgspec.msgpack.encode(record), *bounds)

    async def change(self, import_id: str, options: Mapping[str, str], asked_by: str) -> tuple[Answer, Import | None]:
        """Have the file read anew, as these options say."""
        said = msgspec.msgpack.encode(options)
        return await self._asked(
            "change", import_id, said, asked_by, self._settings.import_kept_ms, *self._job_bounds()
        )

    async def apply(
        self, import_id: str, asked_by: str, *, action: str, reading: int = 0
    ) -> tuple[Answer, Import | None]:
        """Have what was read as `reading` (0: whichever it is) applied, or go on with that. One that is applied for the
        first time is the action of this id."""
        kept_ms = self._settings.import_kept_ms
        return await self._asked("apply", import_id, reading, action, asked_by, kept_ms, *self._job_bounds())

    async def drop(self, import_id: str) -> bool:
        """Forget it; False where it was not there. What it has written stays."""
        return _decode_word(await self._do("drop", import_id, self._settings.job_kept_ms))[0] != Answer.GONE

    async def get(self, import_id: str) -> Import | None:
        """One import; None where it is not known, or not any more."""
        found = _decode_imports(await self._do("get", import_id))
        return found[0] if found else None

    async def all(self) -> list[Import]:
        """Those that are kept, the oldest first."""
        return _decode_imports(await self._do("list"))

    async def preview(self, import_id: str) -> msgspec.Raw | None:
        """What was read of it, as JSON; None where that has not been read."""
        text = await self._kept(import_id, "preview")
        return None if text is None else msgspec.Raw(text)

    async def refused(self, import_id: str) -> list[RefusedImportRow]:
        """The first rows that were refused."""
        flat: list[bytes] = await self._engine.command("HGETALL", self._key(import_id, "refused"), key=self._jobs.base)
        steps = sorted((int(cursor), rows) for cursor, rows in zip(flat[::2], flat[1::2], strict=True))
        found: list[RefusedImportRow] = []
        for _, rows in steps:
            if len(found) < REFUSED_LISTED_MAX:
                found += msgspec.json.decode(rows, type=list[RefusedImportRow])
        return found[:REFUSED_LISTED_MAX]

    # --- whoever reads or applies it --------------------------------------------------------------------------------

    async def rows(self, import_id: str) -> bytes | None:
        """The rows to write, as they were kept."""
        return await self._kept(import_id, "rows")

    async def keep(self, job: Job, import_id: str, what: str, text: bytes) -> bool:
        """Keep `rows` or the `preview` of it; False where the job is somebody else's by now.

        Raises InvalidInput where they are longer, compressed, than they may be.
        """
        longest = self._settings.job_result_max_bytes
        if len(text) > longest:
            raise InvalidInput(f"what it says has {len(text):,} bytes, and may have {longest:,} (job_result_max_bytes)")
        packed = await asyncio.to_thread(zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress, text)
        most = self._settings.import_packed_max_bytes
        if len(packed) > most:
            said = f"what it says takes {len(packed):,} bytes, and may take {most:,} (import_packed_max_bytes)"
            raise InvalidInput(f"{said}: import it in parts")
        for number, at in enumerate(range(0, len(packed), PIECE_BYTES)):
            piece = packed[at : at + PIECE_BYTES]
            if not await self._own("keep", job, import_id, what, number, piece, self._settings.import_kept_ms):
                return False
        return True

    async def found(self, job: Job, import_id: str, *, of: int = 0, fault: str = "") -> bool:
        """It has been read: there are so many rows to write, or a fault; False as in `keep`."""
        state = ImportState.FAILED if fault else ImportState.READY
        return await self._own("found", job, import_id, state, fault, of, self._settings.import_kept_ms)

    async def step(
        self, job: Job, import_id: str, *, cursor: int, done: int, refused: list[RefusedImportRow], is_all: bool
    ) -> bool:
        """So far it has been applied; False as in `keep`."""
        text, kept_ms = msgspec.json.encode(refused), self._settings.import_kept_ms
        return await self._own("step", job, import_id, cursor, done, text, len(refused), kept_ms, int(is_all))

    async def _kept(self, import_id: str, what: str) -> bytes | None:
        flat: list[bytes] = await self._engine.command("HGETALL", self._key(import_id, what), key=self._jobs.base)
        if not flat:
            return None
        pieces = dict(zip(map(int, flat[::2]), flat[1::2], strict=True))
        packed = b"".join(pieces[number] for number in sorted(pieces))
        return await asyncio.to_thread(zstandard.ZstdDecompressor().decompress, packed)

    async def _asked(self, action: str, *args: str | int | bytes) -> tuple[Answer, Import | None]:
        answered = _decode_answer(await self._do(action, *args))
        if answered.answer in (Answer.MADE, Answer.SAME):
            await self._jobs.announce()
        return answered.answer, answered.it

    async def _own(self, action: str, job: Job, import_id: str, *args: str | int | bytes) -> bool:
        return _decode_word(await self._do(action, import_id, job.id, job.fence, *args))[0] == "go"

    async def _do(self, action: str, *args: str | int | bytes) -> bytes:
        return await self._engine.call(library.IMPORT, self._jobs.base, action, *args)

    def _job_bounds(self) -> tuple[int, int]:
        return self._settings.jobs_open_a_pool_max, self._settings.jobs_kept_a_pool_max

    def _key(self, import_id: str, what: str) -> str:
        return f"{self._jobs.base}:import:{import_id}:{what}"
