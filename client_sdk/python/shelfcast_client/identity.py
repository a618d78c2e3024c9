"""Whose token it is."""

from __future__ import annotations

import base64
import json


def user_of(token: str | None) -> str:
    """The user a token is of, unchecked (the server checks), or "" where it says none."""
    parts = (token or "").split(".")
    if len(parts) < 2:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return ""
    user = claims.get("sub") if isinstance(claims, dict) else None
    return user if isinstance(user, str) else ""
