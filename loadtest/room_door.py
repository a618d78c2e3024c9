"""What a room's door says before a crowd comes: whether it is there, who may come in, and what is on its shelf."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import jwt
from permission import Destination, Refused
from shelfcast.errors import ConfigError
from shelfcast.http.api.auth import Tokens
from shelfcast.protocol.access import ROLES, Right, Role
from shelfcast.settings import Settings
from stage import Minter

ANSWER_S = 10.0
VIEWERS, BUYERS, HOST, OPERATOR = "Viewers", "Buyers", "Host", "Operator"


class Door(NamedTuple):
    """A room that is open for a load."""

    address: str
    """The server's address that answers."""
    pool: str
    """Empty where the token does not tell."""
    skus: list[str]
    tokens: Minter
    viewer_token: str
    """What somebody who only watches needs: nothing, in most rooms."""
    users: frozenset[str]
    """Names of the users that can come."""
    pays: bool
    """Whether the payment service can come."""


class GivenToken:
    """The one token of `--token`, or none, for whoever asks."""

    def __init__(self, token: str) -> None:
        self.role = _role(token) if token else None
        self._token = token

    def mint(self, **_: object) -> str:
        """The token."""
        return self._token


def knock(where: Destination, room: str, *, secret: str, token: str) -> Door:
    """Ask for the room as a viewer and, where somebody can, as an operator. Raises Refused: what is missing."""
    if not room:
        raise Refused("--room (or SHELFCAST_ROOM): expected the name of a room, got nothing")
    path = f"/v1/rooms/{quote(room, safe='')}"
    given = GivenToken("" if secret else token)
    tokens: Minter = _minting(secret) if secret else given
    with _speaking(where) as http:
        viewer_token = ""
        seen = http.get(f"{path}/snapshot")
        if seen.status_code == httpx.codes.UNAUTHORIZED:
            viewer_token = tokens.mint(role=Role.VIEWER, user="viewer", room=room)
            if not viewer_token:
                raise Refused(f"room {room} takes nobody without a token: expected --secret or --token")
            seen = http.get(f"{path}/snapshot", headers=_bearer(viewer_token))
        snapshot = _body(seen)
        role = Role.OPERATOR if secret else given.role
        pool = ""
        if role in ROLES[Right.BACKSTAGE]:
            as_staff = _bearer(tokens.mint(role=Role.OPERATOR, user="load test"))
            pool = _body(http.get(path, headers=as_staff))["pool"]
    skus = [row["sku"] for row in snapshot["skus"]]
    if not skus:
        raise Refused(f"room {room} has nothing on its shelf: expected a SKU at least")
    users = _who_can(role, anybody_buys=bool(secret) or snapshot["demonstration"])
    return Door(_answering(where), pool, skus, tokens, viewer_token, users, bool(secret))


def trusted() -> ssl.SSLContext:
    """Certificates as the machine trusts them; SSL_CERT_FILE names others."""
    return ssl.create_default_context()


def _who_can(role: Role | None, *, anybody_buys: bool) -> frozenset[str]:
    users = {VIEWERS}
    if anybody_buys or role is Role.VIEWER:
        users.add(BUYERS)
    if role in ROLES[Right.BACKSTAGE]:
        users.add(HOST)
    if role in ROLES[Right.FREEZE]:
        users.add(OPERATOR)
    return frozenset(users)


def _minting(secret: str) -> Tokens:
    try:
        return Tokens(Settings(token_secret=secret))
    except ConfigError as error:
        raise Refused(f"--secret (or SHELFCAST_TOKEN_SECRET): {error}") from None


def _role(token: str) -> Role:
    """What the token says of itself; the server will see whether that is true."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return Role(claims["role"])
    except (jwt.PyJWTError, LookupError, ValueError):
        roles = ", ".join(Role)
        raise Refused(f"--token (or SHELFCAST_TOKEN): expected a JWT with one of the roles {roles}") from None


@contextmanager
def _speaking(where: Destination) -> Iterator[httpx.Client]:
    # A proxy between would be what is measured: none is used, whatever the environment says.
    with httpx.Client(base_url=where.url, verify=trusted(), trust_env=False, timeout=ANSWER_S) as http:
        try:
            yield http
        except httpx.TransportError as error:
            raise Refused(f"{where.url} does not answer: {str(error) or type(error).__name__}") from None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _body(response: httpx.Response) -> dict[str, Any]:
    """A good answer's body; any other's reason, as Refused."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    if response.status_code != httpx.codes.OK or not isinstance(body, dict):
        detail = body.get("detail") or body.get("title") if isinstance(body, dict) else None
        raise Refused(f"{response.url} answers {response.status_code}: {detail or response.reason_phrase}")
    return body


def _answering(where: Destination) -> str:
    """The first of the server's addresses at which somebody listens."""
    fault: OSError | None = None
    for address in where.addresses:
        try:
            socket.create_connection((address, where.port), ANSWER_S).close()
        except OSError as error:
            fault = error
        else:
            return address
    raise Refused(f"{where.url} does not answer: {fault}")
