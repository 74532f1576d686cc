"""Google's token endpoint and IAM Credentials API on loopback, as strict as the real ones where it matters here."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

GATEWAY_ACCOUNT = "gatebook@acme.iam.gserviceaccount.com"


@cache
def account_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Google:
    """What was asked, and what to answer instead of the truth: (status, body) or a callable that gives them."""

    url: str = ""
    requests: int = 0
    grants: list[dict[str, object]] = field(default_factory=list)
    impersonations: list[dict[str, object]] = field(default_factory=list)
    instead: object = None
    before_answer: threading.Event | None = None
    lifetime_seconds: int = 3599

    def key_file(self, path: Path) -> Path:
        """Write the key file of the gateway's service account, as Google's console gives it."""
        pem = account_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key = {
            "type": "service_account",
            "project_id": "acme",
            "private_key_id": "k1",
            "private_key": pem.decode(),
            "client_email": GATEWAY_ACCOUNT,
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }
        path.write_text(json.dumps(key))
        return path

    def grant(self, form: dict[str, list[str]]) -> tuple[int, object]:
        """RFC 7523: a JWT signed with the account's key becomes an access token."""
        try:
            claims = jwt.decode(
                form["assertion"][0],
                account_key().public_key(),
                algorithms=["RS256"],
                audience="https://oauth2.googleapis.com/token",
                issuer=GATEWAY_ACCOUNT,
            )
        except jwt.PyJWTError as error:
            return 400, {"error": "invalid_grant", "error_description": f"Invalid JWT: {error}"}
        self.grants.append(claims)
        token = f"ya29.own-{len(self.grants)}"
        return 200, {"access_token": token, "expires_in": self.lifetime_seconds, "token_type": "Bearer"}

    def impersonate(self, account: str, authorization: str, body: dict[str, object]) -> tuple[int, object]:
        """iamcredentials.projects.serviceAccounts.generateAccessToken."""
        if not authorization.startswith("Bearer ya29.own-") or account.startswith("forbidden@"):
            text = f"Permission 'iam.serviceAccounts.getAccessToken' denied on {account}"
            return 403, {"error": {"code": 403, "message": text, "status": "PERMISSION_DENIED"}}
        self.impersonations.append({"account": account, **body})
        ends = datetime.now(UTC) + timedelta(seconds=self.lifetime_seconds)
        token = f"ya29.{account.partition('@')[0]}-{len(self.impersonations)}"
        return 200, {"accessToken": token, "expireTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}


@contextmanager
def fake_google() -> Iterator[Google]:
    google = Google()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            google.requests += 1
            if google.before_answer is not None:
                google.before_answer.wait(10)
            status, answer = google.instead or self.truth(body)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def truth(self, body: bytes) -> tuple[int, object]:
            if self.path == "/token":
                return google.grant(parse_qs(body.decode()))
            account = self.path.removeprefix("/v1/projects/-/serviceAccounts/").removesuffix(":generateAccessToken")
            return google.impersonate(account, self.headers["authorization"], json.loads(body))

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    google.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
