from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.http.auth import Tokens
from shelfcast.protocol.access import Principal, Role
from shelfcast.settings import Settings

SECRET = "a secret of these tests, longer than 32 bytes"
CLAIMS: dict[str, Any] = {"sub": "wang", "role": "operator", "exp": 4_102_444_800}


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(Settings(token_secret=SECRET))


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> bytes:
    encoded: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def signed(claims: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key, algorithm, headers=headers)


def test_a_minted_token_says_who_it_is_for(tokens: Tokens) -> None:
    token = tokens.mint(role=Role.HOST, user="王芳", room="evening", pool="main", ttl_s=60)
    principal = tokens.verify(token)
    assert principal == Principal(
        role=Role.HOST, user="王芳", room="evening", pool="main", expires_at_s=principal.expires_at_s
    )
    assert 0 < principal.expires_at_s - time.time() <= 61


def test_claims_of_other_systems_do_no_harm(tokens: Tokens) -> None:
    token = signed(CLAIMS | {"iat": 1_700_000_000, "aud": "somebody else", "iss": "login", "email": "a@b"})
    assert tokens.verify(token).user == "wang"


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"sub": "wang", "role": "operator"}, "exp"),
        ({"exp": 4_102_444_800, "role": "operator"}, "sub"),
        ({"exp": 4_102_444_800, "sub": "wang"}, "role"),
        (CLAIMS | {"role": "king"}, "role"),
        (CLAIMS | {"sub": ""}, "sub"),
        (CLAIMS | {"sub": "wang\n"}, "sub"),
        (CLAIMS | {"room": "No Such Name"}, "room"),
        (CLAIMS | {"pool": 7}, "pool"),
        (CLAIMS | {"exp": int(time.time()) - 60}, "exp"),
    ],
)
def test_wrong_claims_are_refused_by_name(tokens: Tokens, claims: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.verify(signed(claims))
    assert refused.value.field == field


def test_a_token_within_the_leeway_still_counts(tokens: Tokens) -> None:
    assert tokens.verify(signed(CLAIMS | {"exp": int(time.time()) - 2})).user == "wang"


def unsigned(header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, CLAIMS)]
    return ".".join([*parts, ""])


@pytest.mark.parametrize(
    "token",
    [
        unsigned({"alg": "none", "typ": "JWT"}),
        unsigned({"alg": "None"}),
        unsigned({"typ": "JWT"}),
        unsigned({"alg": "HS256"}),
        unsigned({"alg": ["HS256"]}),
        signed(CLAIMS, "another secret that is also long enough"),
        signed(CLAIMS, SECRET + SECRET, "HS512"),
        signed(CLAIMS)[:-2],
        "a.b.c",
        "not a token",
        "",
        "é.é.é",
        "x" * 10_000,
    ],
)
def test_a_token_nobody_signed_for_us_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(InvalidInput):
        tokens.verify(token)


def test_an_rsa_key_verifies_rs256_and_nothing_else(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    (tmp_path / "key.pem").write_bytes(pem(rsa_key))
    tokens = Tokens(Settings(token_public_key_file=str(tmp_path / "key.pem")))
    assert tokens.verify(signed(CLAIMS, rsa_key, "RS256")).role is Role.OPERATOR
    with pytest.raises(InvalidInput):
        tokens.verify(signed(CLAIMS, rsa_key, "PS256"))
    with pytest.raises(InvalidInput):
        tokens.verify(signed(CLAIMS))


def test_a_public_key_is_no_secret(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """Algorithm confusion: HS256 signed with the text of the public key."""
    public = pem(rsa_key)
    (tmp_path / "key.pem").write_bytes(public)
    settings = Settings(token_secret=SECRET, token_public_key_file=str(tmp_path / "key.pem"))
    import hashlib
    import hmac

    head = unsigned({"alg": "HS256", "typ": "JWT"}).rstrip(".")
    mac = base64.urlsafe_b64encode(hmac.new(public, head.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    with pytest.raises(InvalidInput):
        Tokens(settings).verify(f"{head}.{mac}")


def test_an_ed25519_key_verifies_eddsa(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_bytes(pem(key))
    tokens = Tokens(Settings(token_public_key_file=str(tmp_path / "key.pem")))
    assert tokens.verify(signed(CLAIMS, key, "EdDSA")).user == "wang"


def test_a_key_set_is_chosen_from_by_key_id(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    rs = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True) | {"kid": "old", "use": "sig"}
    ed = jwt.algorithms.OKPAlgorithm.to_jwk(other.public_key(), as_dict=True) | {"kid": "new"}
    encryption = rs | {"kid": "sealed", "use": "enc"}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [encryption, rs, ed]}))
    tokens = Tokens(Settings(token_public_key_file=str(tmp_path / "keys.json")))
    assert tokens.verify(signed(CLAIMS, rsa_key, "RS256", kid="old")).user == "wang"
    assert tokens.verify(signed(CLAIMS, other, "EdDSA", kid="new")).user == "wang"
    for kid in ("sealed", "new", "unknown"):
        with pytest.raises(InvalidInput):
            tokens.verify(signed(CLAIMS, rsa_key, "RS256", kid=kid))


@pytest.mark.parametrize("content", [b"", b"no key", b"{}", b'{"keys": []}', b'{"keys": 3}', b"[]"])
@pytest.mark.parametrize("name", ["key.pem", "keys.json"])
def test_a_key_file_that_is_none_is_refused_at_the_start(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match="token_public_key_file"):
        Tokens(Settings(token_public_key_file=str(tmp_path / name)))


def test_weak_and_foreign_keys_are_refused_at_the_start(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for key in (weak, ec.generate_private_key(ec.SECP256R1())):
        (tmp_path / "key.pem").write_bytes(pem(key))
        with pytest.raises(ConfigError):
            Tokens(Settings(token_public_key_file=str(tmp_path / "key.pem")))
    with pytest.raises(ConfigError, match="cannot read"):
        Tokens(Settings(token_public_key_file=str(tmp_path / "missing.pem")))


def test_minting_needs_a_secret_and_true_claims(tokens: Tokens) -> None:
    with pytest.raises(ConfigError):
        Tokens(Settings()).mint(role=Role.VIEWER, user="li")
    assert not Tokens(Settings()).can_verify
    with pytest.raises(InvalidInput, match="lifetime"):
        tokens.mint(role=Role.VIEWER, user="li", ttl_s=0)
    with pytest.raises(InvalidInput) as refused:
        tokens.mint(role=Role.VIEWER, user=" li")
    assert refused.value.field == "sub"
