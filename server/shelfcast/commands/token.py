"""`shelfcast token`: print a token."""

from __future__ import annotations

import click

from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import Role
from shelfcast.settings import Settings


def run(settings: Settings, *, role: str, user: str, room: str | None, pool: str | None, ttl_s: int) -> int:
    """Print a token alone on one line, so that a shell can keep it. Raises ConfigError for a wrong claim."""
    try:
        token = Tokens(settings).mint(role=Role(role), user=user, room=room, pool=pool, ttl_s=ttl_s)
    except InvalidInput as error:
        raise ConfigError(f"--{'user' if error.field == 'sub' else error.field.removesuffix('_s')}: {error}") from None
    click.echo(token)
    return 0
