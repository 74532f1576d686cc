"""The issuer over HTTP, verified by a client that knows nothing of it but OpenID Connect."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests

from gatebook.issuer import Failure, Flaw, ServedIssuer
from gatebook.issuer.shapes import SHAPES

AUDIENCE = "https://gatebook.example"


@pytest.fixture(scope="module")
def served() -> Iterator[ServedIssuer]:
    with ServedIssuer(algorithms=("RS256", "ES256", "EdDSA")) as running:
        yield running


def get(served: ServedIssuer, path: str, **options: Any) -> requests.Response:
    return requests.get(f"{served.issuer.url}{path}", timeout=10, **options)


def post(served: ServedIssuer, path: str, document: object = None, **options: Any) -> requests.Response:
    return requests.post(f"{served.issuer.url}{path}", json=document, timeout=10, **options)


def verified(served: ServedIssuer, token: str) -> dict[str, Any]:
    discovery = get(served, "/.well-known/openid-configuration").json()
    assert discovery["issuer"] == served.issuer.url
    algorithms = discovery["id_token_signing_alg_values_supported"]
    key = jwt.PyJWKClient(discovery["jwks_uri"], cache_jwk_set=False).get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=algorithms, audience=AUDIENCE, issuer=served.issuer.url,
        options={"require": ["exp", "iat", "nbf", "jti", "sub"]},
    )  # fmt: skip
    return claims


@pytest.mark.parametrize("kind", SHAPES)
def test_tokens_of_each_kind_verify(kind: str, served: ServedIssuer) -> None:
    reply = post(served, "/mint", {"kind": kind, "audience": AUDIENCE})
    claims = verified(served, reply.json()["token"])
    assert claims["exp"] - claims["iat"] == 300
    assert SHAPES[kind]().items() <= claims.items()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_tokens_of_each_algorithm_verify(algorithm: str, served: ServedIssuer) -> None:
    token = post(served, "/mint", {"audience": AUDIENCE, "algorithm": algorithm}).json()["token"]
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    verified(served, token)


def test_claims_can_be_changed_and_taken_out(served: ServedIssuer) -> None:
    body = {"audience": AUDIENCE, "claims": {"ref": "refs/heads/dev", "actor": None}, "lifetime_seconds": 60}
    claims = verified(served, post(served, "/mint", body).json()["token"])
    assert claims["ref"] == "refs/heads/dev"
    assert "actor" not in claims
    assert claims["exp"] - claims["iat"] == 60


@pytest.mark.parametrize("flaw", Flaw)
def test_flawed_tokens_do_not_verify(flaw: Flaw, served: ServedIssuer) -> None:
    token = post(served, "/mint", {"audience": AUDIENCE, "flaw": flaw}).json()["token"]
    with pytest.raises(jwt.PyJWTError):
        verified(served, token)


def test_rotation_keeps_the_previous_keys_for_one_round(served: ServedIssuer) -> None:
    token = served.issuer.mint(audience=AUDIENCE)
    post(served, "/rotate")
    verified(served, token)
    assert len(get(served, "/.well-known/jwks").json()["keys"]) == 6
    post(served, "/rotate")
    with pytest.raises(jwt.PyJWTError):
        verified(served, token)


def test_key_set_holds_no_private_parts(served: ServedIssuer) -> None:
    for key in get(served, "/.well-known/jwks").json()["keys"]:
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}


def test_job_asks_for_its_tokens_as_on_github(served: ServedIssuer) -> None:
    job = post(served, "/actions/jobs", {"claims": {"run_id": "42"}}).json()
    url = f"{job['request_url']}&audience={AUDIENCE}"
    reply = requests.get(url, headers={"Authorization": f"Bearer {job['request_token']}"}, timeout=10)
    assert verified(served, reply.json()["value"])["run_id"] == "42"
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {job['request_token']}"}):
        assert requests.get(url, headers=header, timeout=10).status_code == 401


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"audience": 7},
        {"audience": AUDIENCE, "kind": "person"},
        {"audience": AUDIENCE, "algorithm": "HS256"},
        {"audience": AUDIENCE, "flaw": "scratched"},
        {"audience": AUDIENCE, "more": 1},
    ],
)
def test_mistakes_are_answered(document: object, served: ServedIssuer) -> None:
    reply = post(served, "/mint", document)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_web_pages_cannot_mint(served: ServedIssuer) -> None:
    for path in ("/mint", "/rotate", "/actions/jobs", "/fail"):
        assert post(served, path, {"audience": AUDIENCE}, headers={"Origin": "https://evil.example"}).status_code == 403


def test_failures_can_be_switched_on_and_off(served: ServedIssuer) -> None:
    post(served, "/fail", {"failure": Failure.ERROR})
    assert get(served, "/.well-known/jwks").status_code == 500
    post(served, "/fail", {"failure": Failure.NONE})
    assert get(served, "/.well-known/jwks").status_code == 200


def test_issuer_that_stops_comes_back_at_the_same_address() -> None:
    with ServedIssuer(algorithms=("EdDSA",)) as served:
        served.stop()
        with pytest.raises(requests.ConnectionError):
            get(served, "/.well-known/jwks")
        served.start()
        assert get(served, "/.well-known/jwks").status_code == 200


def test_command_serves_until_it_is_interrupted() -> None:
    program = "from gatebook.issuer.command import issuer_command; issuer_command()"
    arguments = [sys.executable, "-uc", program, "--port", "0", "--algorithm", "EdDSA", "--rotate-seconds", "3600"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        reply = requests.post(f"{url}/mint", json={"kind": "gitlab_ci", "audience": AUDIENCE}, timeout=10)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert jwt.decode(reply.json()["token"], options={"verify_signature": False})["iss"] == url
