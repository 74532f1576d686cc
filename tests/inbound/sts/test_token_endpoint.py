"""Requests to the token endpoint, as text, and what each is answered with."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.identity.access_token import AccessToken
from gatebook.core.identity.issuance import Issuance
from gatebook.core.model import Caller, CallerKind, Credential, Identity, Provenance
from gatebook.errors import Fault, Reason, Refused, Unavailable
from gatebook.inbound.sts import TokenEndpoint
from gatebook.inbound.sts.answers import Answer
from gatebook.inbound.sts.exchange_request import ACCESS_TOKEN_TYPE, GRANT_TYPE

AUDIENCE, PUBLIC_URL = "https://gatebook.example", "http://127.0.0.1:8080"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
IDENTITY = Identity(Caller("https://i", "s", CallerKind.GITLAB_CI, "acme/etl"), Provenance(commit="c"), 9000)
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
GOOD = {
    "grant_type": GRANT_TYPE,
    "audience": AUDIENCE,
    "scope": "https://www.googleapis.com/auth/cloud-platform",
    "requested_token_type": ACCESS_TOKEN_TYPE,
    "subject_token": "the-subject-token",
    "subject_token_type": JWT_TYPE,
}
GOOD_JSON = {
    "audience": AUDIENCE,
    "grantType": GRANT_TYPE,
    "requestedTokenType": ACCESS_TOKEN_TYPE,
    "scope": "https://www.googleapis.com/auth/cloud-platform",
    "subjectTokenType": JWT_TYPE,
    "subjectToken": "the-subject-token",
}


class Exchange:
    """Exchanges one token, explains another, and can be told to fail."""

    def __init__(self, failure: Fault | None = None) -> None:
        self.failure = failure
        self.asked: list[str] = []

    async def exchange(self, credential: Credential) -> AccessToken:
        self.asked.append(credential.text)
        if self.failure:
            raise self.failure
        return AccessToken("the-access-token", "jti-1", IDENTITY, 3600)

    async def introspect(self, credential: Credential) -> Identity | None:
        return IDENTITY if credential.text == "the-access-token" else None


def handle(
    body: bytes | dict[str, str],
    headers: dict[str, str] | None = None,
    method: str = "POST",
    path: str = "/v1/token",
    exchange: Exchange | None = None,
) -> Answer:
    endpoint = TokenEndpoint(exchange or Exchange(), audience=AUDIENCE, public_url=PUBLIC_URL, token_bytes=16384)
    octets = body if isinstance(body, bytes) else urlencode(body).encode()
    return asyncio.run(endpoint.handle(method, path, FORM if headers is None else headers, octets))


def document(answer: Answer) -> dict[str, Any]:
    assert isinstance(answer.reply.body, bytes)
    headers = dict(answer.reply.headers)
    assert headers["content-type"].startswith("application/json")
    assert headers["cache-control"] == "no-store"
    value: dict[str, Any] = json.loads(answer.reply.body)
    return value


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (urlencode(GOOD).encode(), FORM),
        (urlencode(GOOD).encode(), {"content-type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}),
        (urlencode({**GOOD, "audience": ""}).encode(), FORM),
        (urlencode({**GOOD, "audience": PUBLIC_URL}).encode(), FORM),
        (urlencode({**GOOD, "audience": "//iam.googleapis.com/projects/1/locations/global/x"}).encode(), FORM),
        (urlencode({**GOOD, "resource": AUDIENCE}).encode(), FORM),
        (urlencode({**GOOD, "requested_token_type": ""}).encode(), FORM),
        (urlencode({**GOOD, "subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}).encode(), FORM),
        (urlencode({**GOOD, "options": "{}", "unknown": "1"}).encode(), FORM),
        (urlencode({**GOOD, "client_id": "x"}).encode(), {**FORM, "authorization": "Basic Zm9vOmJhcg=="}),
        (json.dumps(GOOD_JSON).encode(), JSON),
        (json.dumps({**GOOD_JSON, "more": [1]}).encode(), {"content-type": "application/json; charset=utf-8"}),
    ],
)
def test_exchange(body: bytes, headers: dict[str, str]) -> None:
    exchange = Exchange()
    answer = handle(body, headers, exchange=exchange)
    assert answer.reply.status == 200
    assert document(answer) == {
        "access_token": "the-access-token",
        "issued_token_type": ACCESS_TOKEN_TYPE,
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    assert exchange.asked == ["the-subject-token"]
    assert answer.issuance == Issuance(IDENTITY, "jti-1", 9000)


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in GOOD.items() if key != name}


REFUSED: dict[str, tuple[bytes | dict[str, str], dict[str, str], int, str]] = {
    "empty": (b"", FORM, 400, "invalid_request"),
    "no grant type": (without("grant_type"), FORM, 400, "invalid_request"),
    "empty grant type": ({**GOOD, "grant_type": ""}, FORM, 400, "invalid_request"),
    "password grant": ({**GOOD, "grant_type": "password"}, FORM, 400, "unsupported_grant_type"),
    "key grant": (
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, FORM, 400,
        "unsupported_grant_type"),
    "refresh grant": ({"grant_type": "refresh_token", "refresh_token": "x"}, FORM, 400, "unsupported_grant_type"),
    "no subject token": (without("subject_token"), FORM, 400, "invalid_request"),
    "no subject token type": (without("subject_token_type"), FORM, 400, "invalid_request"),
    "access token as subject": ({**GOOD, "subject_token_type": ACCESS_TOKEN_TYPE}, FORM, 400, "invalid_request"),
    "SAML": ({**GOOD, "subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, FORM, 400, "invalid_request"),
    "AWS": (
        {**GOOD, "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request"}, FORM, 400, "invalid_request"),
    "refresh token wanted": (
        {**GOOD, "requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, FORM, 400,
        "invalid_request"),
    "identity token wanted": (
        {**GOOD, "requested_token_type": "urn:ietf:params:oauth:token-type:id_token"}, FORM, 400, "invalid_request"),
    "delegation": ({**GOOD, "actor_token": "x"}, FORM, 400, "invalid_request"),
    "other audience": ({**GOOD, "audience": "https://elsewhere.example"}, FORM, 400, "invalid_target"),
    "other resource": ({**GOOD, "resource": "https://bigquery.googleapis.com"}, FORM, 400, "invalid_target"),
    "audience that begins as ours": ({**GOOD, "audience": AUDIENCE + ".evil.example"}, FORM, 400, "invalid_target"),
    "twice": (urlencode(GOOD).encode() + b"&subject_token=other", FORM, 400, "invalid_request"),
    "twice, once empty": (urlencode(GOOD).encode() + b"&audience=", FORM, 400, "invalid_request"),
    "not a form": (b"hello", FORM, 400, "invalid_request"),
    "not ASCII": (b"grant_type=\xff", FORM, 400, "invalid_request"),
    "not UTF-8 within": (b"grant_type=%ff", FORM, 400, "invalid_request"),
    "too many": (b"&".join(b"p%d=1" % number for number in range(100)), FORM, 400, "invalid_request"),
    "too large": (b"subject_token=" + b"x" * 30000, FORM, 413, "invalid_request"),
    "no content type": (GOOD, {}, 415, "invalid_request"),
    "multipart": (GOOD, {"content-type": "multipart/form-data; boundary=x"}, 415, "invalid_request"),
    "text": (GOOD, {"content-type": "text/plain"}, 415, "invalid_request"),
    "form that says JSON": (GOOD, JSON, 400, "invalid_request"),
    "JSON list": (b"[]", JSON, 400, "invalid_request"),
    "JSON twice": (json.dumps(GOOD_JSON).encode()[:-1] + b', "subjectToken": "b"}', JSON, 400, "invalid_request"),
    "JSON of numbers": (json.dumps({**GOOD_JSON, "subjectToken": 7}).encode(), JSON, 400, "invalid_request"),
    "JSON of nulls": (json.dumps({**GOOD_JSON, "audience": None}).encode(), JSON, 400, "invalid_request"),
    "JSON with snakes": (json.dumps(GOOD).encode(), JSON, 400, "invalid_request"),
}  # fmt: skip


@pytest.mark.parametrize("title", REFUSED)
def test_refused_request(title: str) -> None:
    body, headers, status, code = REFUSED[title]
    exchange = Exchange()
    answer = handle(body, headers, exchange=exchange)
    told = document(answer)
    assert (answer.reply.status, told["error"]) == (status, code)
    assert told.keys() == {"error", "error_description"}
    assert "the-subject-token" not in told["error_description"]
    assert exchange.asked == []
    assert answer.issuance is not None
    assert answer.issuance.identity is None
    assert isinstance(answer.issuance.reason, Reason)


def test_audience_that_is_refused_is_answered_with_the_right_one() -> None:
    description = document(handle({**GOOD, "audience": "https://elsewhere.example"}))["error_description"]
    assert PUBLIC_URL in description or AUDIENCE in description
    assert "elsewhere" not in description


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_an_answer(reason: Reason) -> None:
    kind = Unavailable if reason == Reason.ISSUER_UNAVAILABLE else Refused
    answer = handle(GOOD, exchange=Exchange(kind(reason, 'say "this" \\ that é\n')))
    assert document(answer)["error_description"] == "say 'this' ' that ''"
    statuses = {
        "issuer_unavailable": 503,
        "book_unavailable": 503,
        "body_too_large": 413,
        "content_type": 415,
        "too_many_refusals": 429,
    }
    assert answer.reply.status == statuses.get(reason, 400)
    assert answer.issuance == Issuance(reason=reason, message='say "this" \\ that é\n')
    assert (("retry-after", "5") in answer.reply.headers) is (answer.reply.status == 503)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS", "post"])
@pytest.mark.parametrize("path", ["/v1/token", "/v1/introspect"])
def test_other_methods(method: str, path: str) -> None:
    answer = handle(GOOD, method=method, path=path)
    assert answer.reply.status == 405
    assert ("allow", "POST") in answer.reply.headers


@pytest.mark.parametrize("path", ["/", "/v1/token/", "/v1/Token", "/v2/token", "/v1/revoke"])
def test_other_paths(path: str) -> None:
    assert handle(GOOD, path=path).reply.status == 404


def test_introspection_of_our_token() -> None:
    body = {"token": "the-access-token", "token_type_hint": ACCESS_TOKEN_TYPE}
    answer = handle(body, {**FORM, "authorization": "Basic x"}, path="/v1/introspect")
    assert document(answer) == {
        "active": True,
        "username": "acme/etl",
        "client_id": "acme/etl",
        "sub": "https://i s",
        "iss": PUBLIC_URL,
        "aud": AUDIENCE,
        "exp": 9000,
        "token_type": "Bearer",
    }
    assert answer.issuance is None


def test_introspection_of_anything_else() -> None:
    answer = handle({"token": "another"}, path="/v1/introspect")
    assert (answer.reply.status, document(answer)) == (200, {"active": False})
    for body in ({}, {"token": ""}):
        assert handle(body, path="/v1/introspect").reply.status == 400


@given(st.binary(max_size=300), st.sampled_from([FORM, JSON, {}]), st.sampled_from(["/v1/token", "/v1/introspect"]))
def test_any_body_is_answered(body: bytes, headers: dict[str, str], path: str) -> None:
    assert handle(body, headers, path=path).reply.status in (200, 400, 415)
