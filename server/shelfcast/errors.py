"""The faults of the server, in one tree.

ShelfcastError
 ├── InvalidInput        something from outside does not have the form it must have
 ├── ConfigError         a setting is missing or wrong; the command ends with exit code 2
 ├── ArchiveError        the archive of what is finished
 │    ├── ArchiveUnavailable  cannot be reached, or did not answer in time
 │    └── ArchiveDamaged      what is read back is not what was written
 ├── EntriesArchived     entries of a ledger that were asked for have left the engine; the archive has them
 └── EngineError         the engine (Valkey or Redis)
      ├── EngineUnavailable   cannot be reached, or did not answer in time
      ├── EngineRefused       is reachable but unfit: too old, not durable, its data folder has another owner
      └── LibraryFault        a function of the library raised an error: a defect, never a refusal

Expected outcomes (sold out, a duplicate, an expired hold) are no exceptions: they are values with a code
from `shelfcast.protocol.codes`.
"""

from __future__ import annotations


class ShelfcastError(Exception):
    """Any fault the server raises on purpose."""


class InvalidInput(ShelfcastError):
    """Input from outside has the wrong form; `field` names the part, the message says what was expected."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ConfigError(ShelfcastError):
    """A setting is missing, malformed or contradicts another one."""


class ArchiveError(ShelfcastError):
    """Any fault of the archive."""


class ArchiveUnavailable(ArchiveError):
    """The archive cannot be reached or did not answer in time; what was to be written may or may not be there."""


class ArchiveDamaged(ArchiveError):
    """What the archive has is not what was written; the message names the object, and nothing is taken out of the
    engine because of it."""


class EntriesArchived(ShelfcastError):
    """Entries that were asked for are in the archive alone. `stream` is their ledger, `through` the number in it of the
    last entry that left the engine, `through_seq` the pool's sequence up to which entries did."""

    def __init__(self, pool: str, stream: str, through: int, through_seq: int, *, hint: str = "") -> None:
        super().__init__(
            f"entries of pool {pool} up to sequence {through_seq} ({stream} {through}) are in the archive, and not in "
            "the engine any more" + (f": {hint}" if hint else "")
        )
        self.pool = pool
        self.stream = stream
        self.through = through
        self.through_seq = through_seq


class EngineError(ShelfcastError):
    """Any fault of the engine."""


class EngineUnavailable(EngineError):
    """The engine cannot be reached or did not answer in time; what was asked may or may not have happened."""


class EngineRefused(EngineError):
    """The engine can be reached but must not be used as it is; the message says what to mend."""


class LibraryFault(EngineError):
    """A function of the library raised an error: nothing of its batch was written."""
