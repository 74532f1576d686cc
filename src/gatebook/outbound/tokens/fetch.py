"""An issuer's keys over HTTP: OpenID Connect Discovery 1.0, then its JWK Set. Blocking; call it in a thread.

An issuer is trusted to name its keys and nothing else: its answers are bounded in size and time, are not followed to
other places, and never reach an error text.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from gatebook.core.identity.strict_json import parse_object
from gatebook.outbound.tokens.jwks import VerificationKey, read_keys

DOCUMENT_BYTES = 512 * 1024
_PIECE_BYTES = 64 * 1024


class KeysUnreadable(Exception):
    """The issuer's keys could not be had. The text is for the log: which step failed, nothing that was received."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys of an issuer are. `timeout_seconds` bounds each of the two requests as a whole."""

    issuer: str
    discovery_url: str
    ca_file: Path | None
    timeout_seconds: float


def fetch_keys(source: KeySource) -> dict[str, VerificationKey]:
    """Give the issuer's keys by id. Raises KeysUnreadable."""
    with requests.Session() as session:
        # requests would send a password from ~/.netrc to a host named there; proxies of the environment are wanted.
        session.auth = _no_credentials
        discovery = _get(session, source, source.discovery_url, "discovery document")
        # Discovery section 4.3: must be identical. Otherwise one issuer's keys could be passed off as another's.
        if discovery.get("issuer") != source.issuer:
            raise KeysUnreadable("the discovery document names another issuer than the configured one")
        keys = _get(session, source, _keys_url(discovery, source), "key set")
    try:
        return read_keys(keys)
    except ValueError as error:
        raise KeysUnreadable(str(error)) from None


def is_safe_url(url: str, *, allow_loopback: bool) -> bool:
    """Tell whether keys may be read from the URL: https, or plain http to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return parts.scheme == "https" or (loopback and allow_loopback)


def _keys_url(discovery: dict[str, object], source: KeySource) -> str:
    url = discovery.get("jwks_uri")
    # An https issuer must not be able to turn us to plain http, nor to a service of this machine.
    loopback = urlsplit(source.discovery_url).scheme == "http"
    if not isinstance(url, str) or not is_safe_url(url, allow_loopback=loopback):
        raise KeysUnreadable("the discovery document has no https jwks_uri")
    return url


def _get(session: requests.Session, source: KeySource, url: str, what: str) -> dict[str, object]:
    deadline = time.monotonic() + source.timeout_seconds
    try:
        with session.get(
            url,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=source.timeout_seconds,
            allow_redirects=False,  # a redirect would let whoever answers choose where keys come from
            stream=True,
            verify=True if source.ca_file is None else str(source.ca_file),
        ) as response:
            if response.status_code != 200:
                raise KeysUnreadable(f"the {what} was answered with HTTP status {response.status_code}")
            return parse_object(_read(response, deadline, what))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise KeysUnreadable(f"the {what} could not be fetched ({type(error).__name__})") from None
    except ValueError:
        raise KeysUnreadable(f"the {what} is not a JSON object") from None


def _read(response: requests.Response, deadline: float, what: str) -> bytes:
    """Read the body as it comes: `timeout` bounds only the wait for each piece, so a trickle could last for hours."""
    pieces, size = [], 0
    while piece := response.raw.read1(_PIECE_BYTES, decode_content=False):
        pieces.append(piece)
        size += len(piece)
        if size > DOCUMENT_BYTES:
            raise KeysUnreadable(f"the {what} is larger than {DOCUMENT_BYTES} bytes")
        if time.monotonic() > deadline:
            raise KeysUnreadable(f"the {what} did not arrive in time")
    return b"".join(pieces)


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
