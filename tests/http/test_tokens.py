from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from shelfcast.errors import ConfigError, InvalidInput
from shelfcast.http.api.auth import Tokens
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
        role=Role.HOST,
        user="王芳",
        pools=frozenset({"main"}),
        rooms=frozenset({"evening"}),
        expires_at_s=principal.expires_at_s,
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


HALF = "\ud800"
"""Half a character: JSON has an escape for it, UTF-8 has no bytes."""


def by_hand(header: Any, claims: str, secret: str = SECRET) -> str:
    """A token signed with the shared secret over any text at all."""
    parts = [json.dumps(header), claims]
    signed_part = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    mac = hmac.new(secret.encode(), signed_part.encode(), hashlib.sha256).digest()
    return f"{signed_part}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "HS256", "crit": [HALF]},
        {"alg": "HS256", "crit": [f"b64{HALF}"], "b64": False},
        {"alg": "HS256", "kid": HALF},
        {"alg": "HS256", "kid": [HALF]},
        {"alg": HALF},
        {"alg": "none", "typ": HALF},
        {"alg": "RS256", "kid": HALF},
        [HALF],
        HALF,
        7,
    ],
)
@pytest.mark.parametrize("keys", ["secret", "both"])
def test_a_header_of_half_characters_is_refused_in_our_own_words(
    tmp_path: Path, rsa_key: rsa.RSAPrivateKey, header: Any, keys: str
) -> None:
    (tmp_path / "key.pem").write_bytes(pem(rsa_key))
    file = str(tmp_path / "key.pem") if keys == "both" else ""
    tokens = Tokens(Settings(token_secret=SECRET, token_public_key_file=file))
    for token in (by_hand(header, json.dumps(CLAIMS), "another secret"), unsigned(header)):
        with pytest.raises(InvalidInput) as refused:
            tokens.verify(token)
        assert str(refused.value).isascii()


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        ({"sub": HALF}, "sub"),
        ({"sub": f"li{HALF}"}, "sub"),
        ({"sub": "\udfff"}, "sub"),
        ({"role": HALF}, None),
        ({"room": HALF}, "room"),
        ({"pool": HALF}, "pool"),
        ({"exp": 10**29}, "exp"),
        ({"exp": 1e29}, "exp"),
        ({"exp": 253_402_300_800}, "exp"),
        ({"exp": -1}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, None),
        ({"exp": float("inf")}, None),
        ({"exp": HALF}, None),
        ({"nbf": float("inf")}, None),
        ({"iat": float("inf")}, None),
        ({"nbf": HALF}, None),
        ({"iat": 10**400}, None),
        ({"sub": 7}, None),
        ({"sub": [HALF]}, None),
    ],
)
def test_absurd_claims_are_refused_in_our_own_words(tokens: Tokens, claims: dict[str, Any], field: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.verify(by_hand({"alg": "HS256"}, json.dumps(CLAIMS | claims)))
    assert str(refused.value).isascii()
    if field is not None:
        assert refused.value.field == field


def test_claims_without_end_are_refused(tokens: Tokens) -> None:
    deep = '{"sub": ' + "[" * 2_800 + "]" * 2_800 + "}"
    for claims in (deep, "[]", "7", '"text"', '{"exp": ' + "9" * 5_000 + "}"):
        with pytest.raises(InvalidInput):
            tokens.verify(by_hand({"alg": "HS256"}, claims))


@pytest.mark.parametrize("claim", ["sub", "role", "room", "pool", "exp"])
def test_what_a_stranger_wrote_is_not_sent_back(tokens: Tokens, claim: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        tokens.verify(by_hand({"alg": "HS256", "kid": "marker"}, json.dumps(CLAIMS | {claim: "marker\n"})))
    assert "marker" not in str(refused.value)


def key_set(path: Path, *keys: Any) -> Tokens:
    (path / "keys.json").write_text(json.dumps({"keys": keys}))
    return Tokens(Settings(token_public_key_file=str(path / "keys.json")))


def jwk(key: ed25519.Ed25519PrivateKey, **more: str) -> dict[str, Any]:
    return jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | more


def test_without_a_key_id_every_fitting_key_is_tried(tmp_path: Path) -> None:
    keys = [ed25519.Ed25519PrivateKey.generate() for _ in range(3)]
    tokens = key_set(tmp_path, *(jwk(key, kid=str(number)) for number, key in enumerate(keys)))
    for key in keys:
        assert tokens.verify(signed(CLAIMS, key, "EdDSA")).user == "wang"
    with pytest.raises(InvalidInput):
        tokens.verify(signed(CLAIMS, ed25519.Ed25519PrivateKey.generate(), "EdDSA"))


def test_of_two_keys_with_one_id_both_are_tried(tmp_path: Path) -> None:
    keys = [ed25519.Ed25519PrivateKey.generate() for _ in range(2)]
    tokens = key_set(tmp_path, *(jwk(key, kid="same") for key in keys))
    for key in keys:
        assert tokens.verify(signed(CLAIMS, key, "EdDSA", kid="same")).user == "wang"
    with pytest.raises(InvalidInput) as refused:
        tokens.verify(signed(CLAIMS | {"exp": 1}, keys[1], "EdDSA", kid="same"))
    assert refused.value.field == "exp"


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "RSA", "n": "AQ"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!!"},
        {"kty": "OKP", "crv": "X448", "x": "AAAA"},
        {"kty": "RSA", "alg": "RS1", "n": "AQ", "e": "AQAB"},
        {"kty": "RSA", "n": "AQ", "e": "AQAB", "use": "enc"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": "AAAA"},
        {"kty": "RSA", "alg": "PS256", "n": "AQAB", "e": "AQAB"},
        {"kty": ["RSA"]},
        {},
        "no key",
        None,
    ],
)
def test_an_odd_key_of_a_set_is_passed_over_with_a_warning(tmp_path: Path, odd: Any) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    with structlog.testing.capture_logs() as logged:
        tokens = key_set(tmp_path, odd, jwk(key, kid="good"))
    assert tokens.verify(signed(CLAIMS, key, "EdDSA", kid="good")).user == "wang"
    assert [(line["event"], line["key"]) for line in logged] == [("token_key.passed_over", 0)]


def test_a_weak_key_of_a_set_is_passed_over_and_nothing_but_odd_keys_is_no_set(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    row = jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True)
    with pytest.raises(ConfigError, match="no RS256 or EdDSA key"):
        key_set(tmp_path, row)
    tokens = key_set(tmp_path, row, jwk(ed25519.Ed25519PrivateKey.generate()))
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = signed(CLAIMS, weak, "RS256")
    with pytest.raises(InvalidInput):
        tokens.verify(token)


def test_a_set_of_too_many_keys_is_refused_at_the_start(tmp_path: Path) -> None:
    row = jwk(ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(ConfigError, match="at most"):
        key_set(tmp_path, *[row] * 33)
