"""What the sockets' side of HTTP offers to its application, in a request's ASGI scope."""

from __future__ import annotations

MORE_TIME = "shelfcast.more_time"
"""Name of an extension, whose `give` takes milliseconds. A request must otherwise have come whole within
`handshake_timeout_ms`; who is known and sends a file may be given longer."""
