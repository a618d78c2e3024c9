"""Bearer tokens: minting, and verifying what a caller shows.

A token is a JWT with `sub`, `role`, `exp` and optionally `room` and `pool`, which narrow it. It is signed with
the shared secret (HS256), or by an identity service whose public keys the server was given (RS256, EdDSA).
Which algorithm a key verifies is fixed when the key is loaded and never taken from the token (RFC 8725 §3.1).
"""

from __future__ import annotations

import json
import math
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import jwt
import msgspec
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import HMACAlgorithm
from msgspec import Meta, Struct

from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.http.api.validation import explained
from shelfcast.protocol.access import Principal, Role, scope_of
from shelfcast.protocol.fields import Name, User
from shelfcast.settings import Settings

_log = structlog.get_logger(__name__)

SHARED_ALGORITHM = "HS256"
PUBLIC_ALGORITHMS = ("RS256", "EdDSA")
TOKEN_MAX_CHARACTERS = 8_192
RSA_KEY_MIN_BITS = 2_048
TTL_MAX_S = 366 * 24 * 3600
EXP_MAX_S = 253_402_300_799
"""The last second of the year 9999: a later `exp` is a mistake, and no clock here counts that far."""
KEYS_MAX = 32
"""Keys of a set at most: a token that names none of them is held against every one that fits."""

_REQUIRED_CLAIMS = ["exp", "sub", "role"]


class Claims(Struct, frozen=True, kw_only=True):
    """The claims the server reads; an identity service may add others, which mean nothing here."""

    sub: User
    role: Role
    exp: Annotated[int, Meta(ge=0, le=EXP_MAX_S)] | Annotated[float, Meta(ge=0, le=EXP_MAX_S)]
    room: Name | None = None
    pool: Name | None = None


_EXPECTED: dict[str, str] = {
    "sub": "printable text in Unicode, no space at either end, at most 128 characters",
    "role": "one of " + ", ".join(Role),
    "exp": "seconds since 1970, until the year 9999",
    "room": "lower-case letters, digits, - and _; at most 64",
    "pool": "lower-case letters, digits, - and _; at most 64",
}
"""What each claim has to be, in our own words: what a stranger wrote is never sent back, nor logged."""
_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.InvalidSignatureError, "no key of this server has signed it"),
    (jwt.InvalidAlgorithmError, "no key of this server verifies its algorithm and key id"),
    (jwt.ImmatureSignatureError, "its time has not come yet"),
)
_MALFORMED = "expected a JWT that a key of this server has signed"


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
        claims = self._claims(token)
        return Principal(
            role=claims.role,
            user=claims.sub,
            pools=scope_of(claims.pool),
            rooms=scope_of(claims.room),
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
        claims: dict[str, Any] = {"sub": user, "role": str(role), "exp": math.ceil(time.time()) + ttl_s}
        claims |= {name: value for name, value in (("room", room), ("pool", pool)) if value is not None}
        try:
            msgspec.convert(claims, Claims)
        except msgspec.ValidationError as error:
            raise explained(error) from None
        return jwt.encode(claims, self._secret, algorithm=SHARED_ALGORITHM)

    def _claims(self, token: str) -> Claims:
        try:
            claims = msgspec.convert(self._payload(token), Claims)
        except jwt.ExpiredSignatureError:
            raise InvalidInput("the token has expired", field="exp") from None
        except jwt.MissingRequiredClaimError as error:
            raise InvalidInput(f"the token has no {error.claim!r} claim", field=str(error.claim)) from None
        except jwt.PyJWTError as error:
            reason = next((text for kind, text in _REASONS if isinstance(error, kind)), _MALFORMED)
            raise InvalidInput(f"the token is not valid: {reason}", field="token") from None
        except msgspec.ValidationError as error:
            raise _wrong_claim(explained(error).field) from None
        except Exception:
            # A stranger's header and payload have been through somebody else's parsers: numbers without end, nesting
            # without end. Whatever they make of it, it is no token.
            raise InvalidInput(f"the token is not valid: {_MALFORMED}", field="token") from None
        if not _has_bytes(claims.sub):
            raise _wrong_claim("sub")
        return claims

    def _payload(self, token: str) -> dict[str, Any]:
        if self._shared is not None and not self._public:
            # One key: it is the one, or the token is not ours. Reading the header first would parse the token twice.
            return self._decode(token, self._shared)
        header = jwt.get_unverified_header(token)
        if header.get("alg") == SHARED_ALGORITHM:
            if self._shared is None:
                raise jwt.InvalidAlgorithmError("this server takes no HS256 tokens")
            return self._decode(token, self._shared)
        refusal: jwt.PyJWTError = jwt.InvalidAlgorithmError("no key fits")
        for key in self._fitting(header):
            try:
                return self._decode(token, key)
            except jwt.InvalidSignatureError as error:
                refusal = error
        raise refusal

    def _fitting(self, header: dict[str, Any]) -> Iterator[jwt.PyJWK]:
        """The keys that may have signed it: of the header's algorithm, and of its `kid` where both have one. An
        identity service may name none, or give one name to two keys while it exchanges them."""
        kid = header.get("kid")
        for key in self._public:
            if key.algorithm_name == header.get("alg") and (kid is None or key.key_id is None or key.key_id == kid):
                yield key

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


def _has_bytes(text: str) -> bool:
    """Whether UTF-8 can say it: JSON has escapes for half a character, which nothing here could write down again."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_claim(claim: str) -> InvalidInput:
    if claim not in _EXPECTED:
        return InvalidInput("the token's claims do not have the expected form", field="token")
    return InvalidInput(f"the token's {claim}: expected {_EXPECTED[claim]}", field=claim)


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
    if len(keys) > KEYS_MAX:
        raise ConfigError(f"token_public_key_file: expected at most {KEYS_MAX} keys in {path}, got {len(keys)}")
    return keys


def _from_jwks(raw: bytes) -> list[jwt.PyJWK]:
    """The keys of the set that verify signatures here. Any other, such as one of a kind that is new, is passed over
    with a warning: an identity service adds keys to its set as it likes."""
    keys: list[jwt.PyJWK] = []
    for place, entry in enumerate(json.loads(raw)["keys"]):
        try:
            keys.append(_from_jwk(entry))
        except (LookupError, ValueError, TypeError, AttributeError, UnsupportedAlgorithm, jwt.PyJWTError) as error:
            _log.warning("token_key.passed_over", key=place, reason=str(error) or type(error).__name__)
    return keys


def _from_jwk(entry: Any) -> jwt.PyJWK:
    """A key of a set. Raises one of many errors for one that is not ours to use: encryption keys, private keys, other
    algorithms."""
    if entry.get("use", "sig") != "sig":
        raise ValueError("its use is not to verify signatures")
    if "d" in entry:
        raise ValueError("it is a private key")
    if entry.get("kty") not in ("RSA", "OKP"):
        raise ValueError("only RSA and Ed25519 keys are supported")
    key = jwt.PyJWK(entry)
    if key.algorithm_name not in PUBLIC_ALGORITHMS:
        raise ValueError(f"only {' and '.join(PUBLIC_ALGORITHMS)} are supported")
    _check_strength(key.key)
    return key


def _check_strength(key: object) -> None:
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_KEY_MIN_BITS:
        raise ValueError(f"an RSA key needs at least {RSA_KEY_MIN_BITS} bits")


def _from_pem(raw: bytes) -> jwt.PyJWK:
    key = load_pem_public_key(raw)
    _check_strength(key)
    if isinstance(key, RSAPublicKey):
        return jwt.PyJWK(jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True), algorithm="RS256")
    if isinstance(key, Ed25519PublicKey):
        return jwt.PyJWK(jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True), algorithm="EdDSA")
    raise ValueError("only RSA and Ed25519 keys are supported")
