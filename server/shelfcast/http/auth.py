"""Bearer tokens: minting, and verifying what a caller shows.

A token is a JWT with `sub`, `role`, `exp` and optionally `room` and `pool`, which narrow it. It is signed with
the shared secret (HS256), or by an identity service whose public keys the server was given (RS256, EdDSA).
Which algorithm a key verifies is fixed when the key is loaded and never taken from the token (RFC 8725 §3.1).
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Annotated, Any

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import HMACAlgorithm
from msgspec import Meta, Struct

from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.http.validation import explained
from shelfcast.protocol.access import Principal, Role
from shelfcast.protocol.messages import Name, User
from shelfcast.settings import Settings

SHARED_ALGORITHM = "HS256"
PUBLIC_ALGORITHMS = ("RS256", "EdDSA")
TOKEN_MAX_CHARACTERS = 8_192
RSA_KEY_MIN_BITS = 2_048
TTL_MAX_S = 366 * 24 * 3600

_REQUIRED_CLAIMS = ["exp", "sub", "role"]


class Claims(Struct, frozen=True, kw_only=True):
    """The claims the server reads; an identity service may add others, which mean nothing here."""

    sub: User
    role: Role
    exp: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
    room: Name | None = None
    pool: Name | None = None


class Tokens:
    """Verifies tokens with the keys of the settings, and mints them with the shared secret.

    Raises ConfigError when a key file cannot be used. A server with neither a secret nor a key verifies nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.token_secret
        self._shared = _shared_key(settings.token_secret) if settings.token_secret else None
        self._leeway_s = settings.token_leeway_ms / 1000
        self._public = _public_keys(Path(settings.token_public_key_file)) if settings.token_public_key_file else []

    @property
    def can_verify(self) -> bool:
        """Whether any key is configured."""
        return bool(self._secret or self._public)

    @property
    def can_mint(self) -> bool:
        """Whether there is a secret to sign with; public keys only verify."""
        return bool(self._secret)

    def verify(self, token: str) -> Principal:
        """Who shows this token. Raises InvalidInput (an HTTP 401) that says what is wrong with it."""
        if len(token) > TOKEN_MAX_CHARACTERS:
            raise InvalidInput(f"the token is longer than {TOKEN_MAX_CHARACTERS} characters", field="token")
        try:
            payload = self._payload(token)
        except jwt.ExpiredSignatureError:
            raise InvalidInput("the token has expired", field="exp") from None
        except jwt.MissingRequiredClaimError as error:
            raise InvalidInput(f"the token has no {error.claim!r} claim", field=str(error.claim)) from None
        except jwt.InvalidTokenError as error:
            raise InvalidInput(f"the token is not valid: {error}", field="token") from None
        try:
            claims = msgspec.convert(payload, Claims)
        except msgspec.ValidationError as error:
            wrong = explained(error)
            raise InvalidInput(f"the token's {wrong.field}: {wrong}", field=wrong.field) from None
        return Principal(
            role=claims.role,
            user=claims.sub,
            room=claims.room,
            pool=claims.pool,
            expires_at_s=int(claims.exp),
        )

    def mint(
        self, *, role: Role, user: str, room: str | None = None, pool: str | None = None, ttl_s: int = 12 * 3600
    ) -> str:
        """A token signed with the shared secret, valid from now for `ttl_s` seconds.

        Raises ConfigError without a secret, InvalidInput for claims that `verify` would refuse.
        """
        if not self._secret:
            raise ConfigError("a token secret is needed to mint tokens: set --token-secret or SHELFCAST_TOKEN_SECRET")
        if not 1 <= ttl_s <= TTL_MAX_S:
            raise InvalidInput(f"expected a lifetime of 1 to {TTL_MAX_S} seconds, got {ttl_s}", field="ttl_s")
        claims: dict[str, Any] = {"sub": user, "role": str(role), "exp": int(time.time()) + ttl_s}
        claims |= {name: value for name, value in (("room", room), ("pool", pool)) if value is not None}
        try:
            msgspec.convert(claims, Claims)
        except msgspec.ValidationError as error:
            raise explained(error) from None
        return jwt.encode(claims, self._secret, algorithm=SHARED_ALGORITHM)

    def _payload(self, token: str) -> dict[str, Any]:
        if self._shared is not None and not self._public:
            # One key: it is the one, or the token is not ours. Reading the header first would parse the token twice.
            return self._decode(token, self._shared)
        header = jwt.get_unverified_header(token)
        if header.get("alg") == SHARED_ALGORITHM:
            if self._shared is None:
                raise jwt.InvalidAlgorithmError("this server takes no HS256 tokens")
            return self._decode(token, self._shared)
        return self._decode(token, self._public_key(header))

    def _public_key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """The key the header names: by `kid` where both have one, and always of the header's algorithm."""
        kid = header.get("kid")
        for key in self._public:
            if key.algorithm_name == header.get("alg") and (kid is None or key.key_id is None or key.key_id == kid):
                return key
        raise jwt.InvalidAlgorithmError("no key of this server verifies its algorithm and key id")

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        # The audience is not checked: a token's reach is its role, room and pool.
        payload: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            leeway=self._leeway_s,
            options={"require": _REQUIRED_CLAIMS, "verify_aud": False},
        )
        return payload


class _CheckedSecret(HMACAlgorithm):
    """HMAC with a secret that `_shared_key` has checked. PyJWT would look anew at every token whether the secret is
    not some public key in disguise, which is a good part of a handshake's time."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key


def _shared_key(secret: str) -> jwt.PyJWK:
    """The shared secret as a key of HS256 alone. Raises ConfigError for one that is no secret (a public key)."""
    try:
        raw = HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except jwt.InvalidKeyError as error:
        raise ConfigError(f"token_secret: {error}") from None
    key = jwt.PyJWK({"kty": "oct", "k": urlsafe_b64encode(raw).decode().rstrip("=")}, SHARED_ALGORITHM)
    key.Algorithm = _CheckedSecret(HMACAlgorithm.SHA256)
    return key


def _public_keys(path: Path) -> list[jwt.PyJWK]:
    """The keys of a PEM file (one key) or a JWKS file (`*.json`). Raises ConfigError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"token_public_key_file: cannot read {path}: {error.strerror}") from None
    try:
        keys = _from_jwks(raw) if path.suffix == ".json" else [_from_pem(raw)]
    except (LookupError, ValueError, TypeError, AttributeError, UnsupportedAlgorithm, jwt.PyJWTError) as error:
        raise ConfigError(
            f"token_public_key_file: expected a PEM public key or a JWKS (*.json) in {path}: {error}"
        ) from None
    if not keys:
        raise ConfigError(f"token_public_key_file: no {' or '.join(PUBLIC_ALGORITHMS)} key in {path}")
    for key in keys:
        if isinstance(key.key, RSAPublicKey) and key.key.key_size < RSA_KEY_MIN_BITS:
            raise ConfigError(f"token_public_key_file: an RSA key needs at least {RSA_KEY_MIN_BITS} bits")
    return keys


def _from_jwks(raw: bytes) -> list[jwt.PyJWK]:
    """Signature keys of the set; encryption keys, other algorithms and private keys are not ours to use."""
    wanted = [entry for entry in json.loads(raw)["keys"] if entry.get("use", "sig") == "sig" and "d" not in entry]
    keys = [jwt.PyJWK(entry) for entry in wanted if entry.get("kty") in ("RSA", "OKP")]
    return [key for key in keys if key.algorithm_name in PUBLIC_ALGORITHMS]


def _from_pem(raw: bytes) -> jwt.PyJWK:
    key = load_pem_public_key(raw)
    if isinstance(key, RSAPublicKey):
        return jwt.PyJWK(jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True), algorithm="RS256")
    if isinstance(key, Ed25519PublicKey):
        return jwt.PyJWK(jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True), algorithm="EdDSA")
    raise ValueError("only RSA and Ed25519 keys are supported")
