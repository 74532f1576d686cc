"""Google's own credentials library, its external accounts pointed at the token endpoint over real HTTP."""

import asyncio
import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google.auth
import pytest
import requests
import uvicorn
from google.auth import identity_pool
from google.auth.exceptions import OAuthError
from google.auth.transport.requests import Request

from gatebook.core.identity.issuance import Issuance
from gatebook.core.model import Credential, Identity
from gatebook.errors import Reason
from gatebook.inbound.sts import TokenEndpoint
from gatebook.issuer import Failure, Flaw, ServedIssuer
from gatebook.outbound.tokens import Tokens, open_signing_keys
from gatebook.settings import Identity as IdentitySettings
from gatebook.settings import Issuer as IssuerSettings

# These tests write the configuration themselves, which is what the warning asks for.
pytestmark = pytest.mark.filterwarnings("ignore:The load_credentials_from_dict method:DeprecationWarning")

AUDIENCE = "https://gatebook.example"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


class RealClock:
    def now_microseconds(self) -> int:
        return int(time.time() * 1_000_000)


@dataclass
class Gateway:
    """The token endpoint behind a real server, and what it would have told the book."""

    url: str
    tokens: Tokens
    issuances: list[Issuance]

    def identify(self, text: str) -> Identity:
        return asyncio.run(self.tokens.identify(Credential(text)))


@pytest.fixture(scope="module")
def served() -> Iterator[ServedIssuer]:
    with ServedIssuer() as running:
        yield running


@pytest.fixture
def gateway(served: ServedIssuer, tmp_path: Path) -> Iterator[Gateway]:
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    issuer = IssuerSettings(issuer=served.issuer.url, kind="github_actions", require={"repository_id": "20230117"})
    settings = IdentitySettings(audience=AUDIENCE, issuers=(issuer,), request_timeout_seconds=1.0)
    signing_keys = open_signing_keys(tmp_path, int(time.time()))
    tokens = Tokens(settings, signing_keys, RealClock(), public_url=url, token_bytes=16384)
    issuances: list[Issuance] = []
    endpoint = TokenEndpoint(tokens, audience=AUDIENCE, public_url=url, token_bytes=16384)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        answer = await endpoint.handle(scope["method"], scope["path"], headers, body)
        if answer.issuance:
            issuances.append(answer.issuance)
        encoded = [(name.encode(), value.encode()) for name, value in answer.reply.headers]
        await send({"type": "http.response.start", "status": answer.reply.status, "headers": encoded})
        await send({"type": "http.response.body", "body": answer.reply.body})

    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Gateway(url, tokens, issuances)
    server.should_exit = server.force_exit = True
    thread.join(10)
    served.issuer.failure = Failure.NONE


def configuration(gateway: Gateway, source: dict[str, Any], **changes: str) -> dict[str, Any]:
    return {
        "type": "external_account",
        "audience": AUDIENCE,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{gateway.url}/v1/token",
        "token_info_url": f"{gateway.url}/v1/introspect",
        "credential_source": source,
        **changes,
    }


def credentials(gateway: Gateway, source: dict[str, Any]) -> Any:
    return google.auth.load_credentials_from_dict(configuration(gateway, source), scopes=SCOPES)[0]


def file_source(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "token"
    path.write_text(text)
    return {"file": str(path)}


def test_token_from_a_file(gateway: Gateway, served: ServedIssuer, tmp_path: Path) -> None:
    found = credentials(gateway, file_source(tmp_path, served.issuer.mint(audience=AUDIENCE)))
    found.refresh(Request())
    identity = gateway.identify(found.token)
    assert identity.caller.name == "acme/warehouse-etl:nightly.yml"
    assert identity.attested.run == "7201"
    # google-auth refreshes 225 s before the end: a shorter life would mean an exchange for every call
    assert found.expiry - dt.datetime.now(dt.UTC).replace(tzinfo=None) > dt.timedelta(seconds=3000)
    assert found.valid
    assert [issuance.identity for issuance in gateway.issuances] == [identity]


def test_token_from_the_url_of_a_github_job(gateway: Gateway, served: ServedIssuer) -> None:
    source = {
        "url": f"{served.issuer.url}/actions/token?api-version=2.0&audience={AUDIENCE}",
        "headers": {"Authorization": f"Bearer {served.issuer.start_job({'run_id': '9001'})}"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    }
    found = credentials(gateway, source)
    found.refresh(Request())
    first = found.token
    found.refresh(Request())  # a fresh subject token each time, so long jobs can go on
    assert found.token != first
    assert gateway.identify(found.token).attested.run == "9001"


def test_identity_token_type_and_pool_shaped_audience(gateway: Gateway, served: ServedIssuer, tmp_path: Path) -> None:
    info = configuration(
        gateway,
        file_source(tmp_path, served.issuer.mint(audience=AUDIENCE)),
        subject_token_type="urn:ietf:params:oauth:token-type:id_token",
        audience="//iam.gatebook.example/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        universe_domain="gatebook.example",
    )
    # google.auth.load_credentials_from_dict would take such an audience for Google's, and show our token to
    # cloudresourcemanager to learn the project's name.
    found = identity_pool.Credentials.from_info(info, scopes=SCOPES)
    found.refresh(Request())
    assert gateway.identify(found.token).caller.issuer == served.issuer.url


@pytest.mark.parametrize(
    ("flaw", "said", "reason"),
    [
        (Flaw.EXPIRED, "expired", Reason.TOKEN_EXPIRED),
        (Flaw.WRONG_AUDIENCE, f"one audience {AUDIENCE}", Reason.TOKEN_AUDIENCE),
        (Flaw.BAD_SIGNATURE, "signature", Reason.TOKEN_SIGNATURE),
        (Flaw.UNSIGNED, "RS256, ES256 or EdDSA", Reason.TOKEN_ALGORITHM),
    ],
)
def test_google_auth_shows_why_a_token_is_refused(
    flaw: Flaw, said: str, reason: Reason, gateway: Gateway, served: ServedIssuer, tmp_path: Path
) -> None:
    text = served.issuer.mint_flawed(flaw, audience=AUDIENCE)
    with pytest.raises(OAuthError, match=said) as error:
        credentials(gateway, file_source(tmp_path, text)).refresh(Request())
    assert text not in str(error.value)
    assert [(issuance.identity, issuance.reason) for issuance in gateway.issuances] == [(None, reason)]


def test_issuer_that_is_down_is_no_fault_of_the_caller(gateway: Gateway, served: ServedIssuer, tmp_path: Path) -> None:
    served.issuer.failure = Failure.ERROR
    with pytest.raises(OAuthError, match="temporarily_unavailable"):
        credentials(gateway, file_source(tmp_path, served.issuer.mint(audience=AUDIENCE))).refresh(Request())


def test_access_token_cannot_be_exchanged_to_prolong_it(gateway: Gateway, served: ServedIssuer, tmp_path: Path) -> None:
    found = credentials(gateway, file_source(tmp_path, served.issuer.mint(audience=AUDIENCE)))
    found.refresh(Request())
    with pytest.raises(OAuthError, match="cannot be exchanged"):
        credentials(gateway, file_source(tmp_path, found.token)).refresh(Request())


def test_json_as_google_github_actions_posts_it(gateway: Gateway, served: ServedIssuer) -> None:
    body = {
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
        "subjectToken": served.issuer.mint(audience=AUDIENCE),
    }
    reply = requests.post(f"{gateway.url}/v1/token", json=body, timeout=10).json()
    assert gateway.identify(reply["access_token"]).caller.issuer == served.issuer.url


def test_introspection_as_gcloud_asks_for_it(gateway: Gateway, served: ServedIssuer, tmp_path: Path) -> None:
    subject = served.issuer.mint(audience=AUDIENCE)
    found = credentials(gateway, file_source(tmp_path, subject))
    found.refresh(Request())

    def introspect(text: str) -> Any:
        form = {"token": text, "token_type_hint": "urn:ietf:params:oauth:token-type:access_token"}
        url = f"{gateway.url}/v1/introspect"
        return requests.post(url, data=form, auth=("client", "secret"), timeout=10).json()

    shown = introspect(found.token)
    assert (shown["active"], shown["username"]) == (True, "acme/warehouse-etl:nightly.yml")
    assert introspect(subject) == introspect("garbage") == {"active": False}
