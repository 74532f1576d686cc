"""Where upstream is and how long it may take: the values every connection to it shares."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gatebook.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds on one exchange and on the pool, in seconds.

    `reply_seconds` runs from the last byte of the request to the end of the reply's head, `idle_seconds` between two
    pieces in either direction, `keep_alive_seconds` while a connection waits unused, `queue_seconds` while a call waits
    for a free connection.
    """

    connect_seconds: float = 10.0
    reply_seconds: float = 300.0
    idle_seconds: float = 120.0
    keep_alive_seconds: float = 50.0
    queue_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One origin. `authority` is the Host header; `tls` is None for plain HTTP."""

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, url: str, ca_file: Path | None = None) -> "Endpoint":
        """Read an http(s) origin; `ca_file` replaces the system's certificate authorities. Raises SettingsError."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not parts.netloc.isascii():
            raise SettingsError("upstream.endpoint: must be an http(s) URL without a path")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        tls = _tls_context(ca_file) if parts.scheme == "https" else None
        return cls(parts.hostname, port, parts.netloc.rpartition("@")[2], tls)


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"upstream.ca_file: {ca_file} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
