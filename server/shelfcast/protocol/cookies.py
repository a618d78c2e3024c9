"""The two cookies of a browser that signs in: the session's, and the one that says that it has signed in before. Pure.

Their prefix `__Host-` binds them to this very host name: no other name can set one, and none is sent without TLS, but
for loopback, which browsers take for as safe.
"""

from __future__ import annotations

import hashlib
import re

SESSION_COOKIE = "__Host-shelfcast"
BROWSER_COOKIE = "__Host-shelfcast-browser"
"""Names a browser that has logged in by a password; it opens nothing, and is no session."""

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 bytes in base64url."""


def read_cookie(header: str, name: str) -> str:
    """The value of one of ours in a `Cookie` header (RFC 6265, 5.4); empty where there is none, or what is no value of
    ours, or two that differ."""
    found = {value for key, sign, value in (part.strip().partition("=") for part in header.split(";")) if key == name}
    value = found.pop() if len(found) == 1 else ""
    return value if _VALUE.fullmatch(value) else ""


def set_cookie(name: str, value: str, lasts_s: int) -> str:
    """A `Set-Cookie` header that scripts cannot read, and that is sent to this host's own pages alone. With no time to
    last the browser forgets it."""
    return f"{name}={value}; Path=/; Max-Age={max(0, lasts_s)}; Secure; HttpOnly; SameSite=Strict"


def digest_of(secret: str) -> str:
    """What is kept of a cookie's value, or of a link."""
    return hashlib.sha256(secret.encode()).hexdigest()
