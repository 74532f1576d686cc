"""Key sets: which keys are taken, and which are passed over."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gatebook.issuer.keys import generate
from gatebook.outbound.tokens.jwks import KEYS, read_keys

GOOD = {algorithm: generate(algorithm).jwk() for algorithm in ("RS256", "ES256", "EdDSA")}
RSA = GOOD["RS256"]


def with_id(jwk: object) -> dict[str, object]:
    assert isinstance(jwk, dict)
    return {**jwk, "kid": "bad"}


PASSED_OVER = {
    "no id": {name: value for name, value in RSA.items() if name != "kid"},
    "id is a number": {**RSA, "kid": 7},
    "for encryption": {**RSA, "kid": "bad", "use": "enc"},
    "for signing only": {**RSA, "kid": "bad", "key_ops": ["sign"]},
    "operations are not a list": {**RSA, "kid": "bad", "key_ops": "verify"},
    "another algorithm": {**RSA, "kid": "bad", "alg": "PS256"},
    "private": {**RSA, "kid": "bad", "d": "AQAB"},
    "symmetric": {"kty": "oct", "kid": "bad", "k": "c2VjcmV0"},
    "unknown type": {"kty": "AKP", "kid": "bad"},
    "type is a list": {**RSA, "kid": "bad", "kty": ["RSA"]},
    "small RSA": with_id(
        RSAAlgorithm.to_jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key(), as_dict=True)
    ),
    "huge RSA": {**RSA, "kid": "bad", "n": "_" * 2000},
    "RSA without modulus": {"kty": "RSA", "kid": "bad", "e": "AQAB"},
    "RSA that is not base64": {**RSA, "kid": "bad", "n": "é"},
    "another curve": with_id(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True)),
    "point off the curve": {**GOOD["ES256"], "kid": "bad", "x": GOOD["ES256"]["y"]},
    "Ed448": with_id(OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True)),
    "Ed25519 that is too short": {**GOOD["EdDSA"], "kid": "bad", "x": "AAAA"},
    "not an object": "bad",
    "null": None,
}


def test_keys_are_taken_with_the_one_algorithm_that_they_fit() -> None:
    keys = read_keys({"keys": list(GOOD.values())})
    assert {key.algorithm: key.id for key in keys.values()} == {name: jwk["kid"] for name, jwk in GOOD.items()}
    bare = {name: value for name, value in RSA.items() if name not in ("alg", "use")}
    assert read_keys({"keys": [bare]})[RSA["kid"]].algorithm == "RS256"


@pytest.mark.parametrize("title", PASSED_OVER)
def test_unusable_key_is_passed_over(title: str) -> None:
    assert set(read_keys({"keys": [PASSED_OVER[title], GOOD["ES256"]]})) == {GOOD["ES256"]["kid"]}
    with pytest.raises(ValueError, match="no key"):
        read_keys({"keys": [PASSED_OVER[title]]})


def test_first_of_two_keys_with_one_id_counts() -> None:
    again = {**GOOD["ES256"], "kid": RSA["kid"]}
    assert read_keys({"keys": [RSA, again]})[RSA["kid"]].algorithm == "RS256"


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": []}, {"keys": [RSA] * (KEYS + 1)}])
def test_document_that_is_no_key_set(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="key"):
        read_keys(document)


def test_pyjwt_agrees_that_the_keys_are_good() -> None:
    assert {jwt.PyJWK(jwk).algorithm_name for jwk in GOOD.values()} == set(GOOD)
