"""What the client raises, in one tree. Sold out, refused, expired, unanswered are no errors: they are values.

ClientError
 ├── UsageError       the caller asked for something that cannot be: a wrong id, a quantity of 0, a room not entered
 ├── Rejected         the server will not let this client in (401, 403, 404 …); asking again cannot help
 ├── ClosedByServer   the server closed with a code that forbids connecting again (4500-4999)
 ├── Unreachable      no connection could be made within the time given
 │    └── ServerUnreachable   no answer came to a merchant's request, or none that says it was carried out
 ├── ServerRefused    the server answered a merchant's request with a problem
 │    ├── Archived    what was asked for has left the server's memory; the archive has it
 │    └── Stale       what was to be changed is at another revision than the `if_match` of the request
 ├── JobFailed        a job of the server's that was waited for ended without a result
 └── ProtocolError    what the server sent is not protocol v1
"""

from __future__ import annotations

from typing import Any

from shelfcast_client.codes import retry_of


class ClientError(Exception):
    """Any error this package raises on purpose."""


class UsageError(ClientError, ValueError):
    """The call cannot be right, whatever the server says; the message says what was expected."""


class Rejected(ClientError):
    """The server refused the connection for good: `status` is the HTTP status, the text is the server's own."""

    def __init__(self, status: int, message: str, *, code: str = "") -> None:
        super().__init__(f"refused with status {status}: {message}")
        self.status = status
        self.message = message
        self.code = code


class ClosedByServer(ClientError):
    """The server closed the connection with a code that says: do not come back."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed by the server with code {code}{': ' + reason if reason else ''}")
        self.code = code
        self.reason = reason


class Unreachable(ClientError):
    """The room could not be entered within the time given; the text is the last reason."""


class ServerUnreachable(Unreachable):
    """No answer came from the server, or none that says the request was carried out, however often it was asked."""


class ServerRefused(ClientError):
    """The server answered a request with a problem: it did not do what was asked, or not all of it.

    `status` is the HTTP status; `code` the answer code, empty where the answer is none of a Shelfcast server; `field`
    the part of the request that is wrong or stands against it; `retry` whether the same wish can succeed later;
    `retry_after_ms` when; `available` the units that there would be; `begin_after` where events that were asked for are
    not kept any more: after which one to begin; `count` the draft of a count that a move has become which one person
    may not stand for; `fails` how many items of a room's checklist fail, where its gate lets no show begin.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str = "",
        retry_after_ms: int | None = None,
        available: int | None = None,
        begin_after: int | None = None,
        count: str | None = None,
        fails: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fails = fails
        self.begin_after = begin_after
        self.count = count
        self.field = field
        self.retry = retry_of(code)
        self.retry_after_ms = retry_after_ms
        self.available = available

    def __str__(self) -> str:
        return super().__str__() + (f" (field {self.field})" if self.field else "")


class Stale(ServerRefused):
    """Somebody changed the definition meanwhile: it is at `revision` (None where there is none), not at the `expected`
    one that `if_match` gave, and is `current` now (None where there is none, or an older server does not say it).
    Nothing was written: decide again."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        expected: int | None,
        revision: int | None,
        current: dict[str, Any] | None = None,
        field: str = "",
    ) -> None:
        super().__init__(status, code, message, field=field)
        self.expected = expected
        self.revision = revision
        self.current = current


class Archived(ServerRefused):
    """Entries of a ledger that were asked for are in the archive alone: `archive` is the folder there that has them
    (None where the server does not say it), `begin_after` after which entry the server's own begin."""

    def __init__(self, status: int, code: str, message: str, *, archive: str | None, begin_after: int | None) -> None:
        super().__init__(status, code, message, begin_after=begin_after)
        self.archive = archive


class JobFailed(ClientError):
    """A job ended without a result: `state` is failed or cancelled, the text says why."""

    def __init__(self, job: str, state: str, reason: str) -> None:
        super().__init__(f"job {job}: {state}{': ' + reason if reason else ''}")
        self.job = job
        self.state = state


class ProtocolError(ClientError):
    """A frame is not a message of protocol v1; the text says where and what was expected."""
