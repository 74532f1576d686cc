"""One frozen tree of settings, read once from a TOML file. Unknown keys and bad values fail, by name and line."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from gatebook.core.analysis.second_opinion import SecondOpinion
from gatebook.core.identity.workload import PROVENANCE_FIELDS

Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
IssuerKind = Literal["github_actions", "gitlab_ci", "kubernetes", "google_service_account", "workload"]


class SettingsError(Exception):
    """The settings cannot be used. The text names the file, the line where it is known, and the key."""


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the settings file: frozen, and strict about its keys."""


class Listen(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the REST door listens. TLS when certificate and private key are given."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    public_url: str | None = None  # how clients reach the gateway; default: built from host and port
    certificate_file: Path | None = None
    private_key_file: Path | None = None


class Limits(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds on what one client may make the gateway hold or wait for."""

    header_bytes: Positive = 32 * 1024  # request line and headers together
    document_bytes: Positive = 10 * 1024 * 1024  # a JSON body that is read whole
    token_bytes: Positive = 16 * 1024
    header_seconds: Seconds = 20.0  # until a new connection's, or a begun request's, headers are complete
    body_idle_seconds: Seconds = 60.0  # between two pieces of a streamed body; for the whole of a JSON document
    write_idle_seconds: Seconds = 120.0  # a client that does not read its reply
    concurrent_calls: Positive = 512
    drain_seconds: Seconds = 20.0  # how long calls in flight may finish at shutdown
    refusals_in_full: Positive = 100  # without a proven caller, of one address in a minute; others are counted
    refusals_in_full_together: Positive = 1000  # the same, of all addresses
    refusals_answered: Positive = 10_000  # of one address in a minute; beyond that they are answered with 429


class Issuer(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An OIDC issuer whose tokens prove callers, and what its claims must be."""

    issuer: str
    kind: IssuerKind
    audiences: tuple[str, ...] = ()  # default: the gateway's own audience
    algorithms: tuple[Literal["RS256", "ES256", "EdDSA"], ...] = ("RS256", "ES256", "EdDSA")
    discovery_url: str | None = None  # default: {issuer}/.well-known/openid-configuration
    require: dict[str, str | tuple[str, ...]] = {}  # claim name -> the value (or one of the values) it must have
    claims: dict[str, str] = {}  # kind "workload": provenance field -> claim name
    subject_claims: tuple[str, ...] = ("sub",)  # kind "workload": the claims that name the caller
    ca_file: Path | None = None


class Identity(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may call, and the gateway's own access tokens."""

    audience: str  # what callers' tokens must name, e.g. https://gatebook.example.com
    issuers: tuple[Issuer, ...]
    leeway_seconds: Annotated[int, Meta(ge=0, le=120)] = 30
    access_token_seconds: Annotated[int, Meta(ge=240, le=43200)] = 3600  # clients refresh 225 s before the end
    keys_cool_down_seconds: Seconds = 60.0  # the least time between two readings of an issuer's keys
    keys_fresh_seconds: Seconds = 3600.0
    keys_stale_seconds: Seconds = 86400.0  # how long known keys serve while the issuer is down
    request_timeout_seconds: Seconds = 10.0


class Upstream(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The BigQuery endpoint, and the credential that Gatebook uses there."""

    endpoint: str = "https://bigquery.googleapis.com"
    credential: Literal["application_default", "key_file", "none"] = "application_default"
    key_file: Path | None = None
    impersonate: str | None = None  # service account for every caller
    impersonate_by_caller: dict[str, str] = {}  # caller key ("issuer subject", as the book shows it) -> service account
    ca_file: Path | None = None
    connections: Positive = 256
    connect_seconds: Seconds = 10.0
    reply_seconds: Seconds = 300.0  # until the head of the reply
    idle_seconds: Seconds = 120.0  # between two pieces of a reply


class Analysis(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Google's analyzer: worker processes and their limits, and how long schemas are believed."""

    workers: Positive = 1
    time_limit_seconds: Seconds = 2.0
    memory_limit_mebibytes: Positive = 1024
    cache_entries: Positive = 4096
    schema_fresh_seconds: Seconds = 60.0


class Policy(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What callers may do. Without `files` the built-in policy holds (docs/policy.md)."""

    files: tuple[Path, ...] = ()  # files, or directories of YAML files
    watch_seconds: Seconds = 2.0  # how often they are looked at; SIGHUP looks at once
    second_opinion: SecondOpinion = SecondOpinion.AT_STAKE  # when BigQuery is asked what a query touches


class Settings(Section, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything `gatebook serve` needs."""

    data_directory: Path  # the book, keys and ownership; made private (0700)
    identity: Identity
    listen: Listen = Listen()
    limits: Limits = Limits()
    upstream: Upstream = Upstream()
    analysis: Analysis = Analysis()
    policy: Policy = Policy()

    @property
    def public_url(self) -> str:
        """How clients reach the gateway, without a trailing slash."""
        scheme = "https" if self.listen.certificate_file else "http"
        return (self.listen.public_url or f"{scheme}://{self.listen.host}:{self.listen.port}").rstrip("/")


def read_settings(path: Path) -> Settings:
    """Read and check a settings file; relative paths in it are relative to it. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    try:
        settings = msgspec.convert(table, Settings, dec_hook=_decode_path(path.parent))
    except msgspec.ValidationError as error:
        raise SettingsError(_located(path, text, str(error))) from error
    for key, problem in _contradictions(settings):
        raise SettingsError(f"{path}{_line_of(text, key)}: {key}: {problem}")
    return settings


def effective(settings: Settings) -> dict[str, Any]:
    """Give the settings as plain data for printing. Settings hold paths to secrets, never secrets."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=str)
    return plain


def _decode_path(directory: Path) -> Any:
    def decode(kind: type, value: object) -> object:
        if kind is Path and isinstance(value, str):
            return directory / Path(value).expanduser()
        raise NotImplementedError(f"cannot read a {kind.__name__}")

    return decode


def _contradictions(settings: Settings) -> list[tuple[str, str]]:
    listen, identity, upstream = settings.listen, settings.identity, settings.upstream
    checks = [
        ("identity.issuers", "at least one issuer is needed, or nobody can call", not identity.issuers),
        ("identity.audience", "must not be empty", not identity.audience.strip()),
        ("listen.private_key_file", "certificate_file and private_key_file go together",
         (listen.certificate_file is None) != (listen.private_key_file is None)),
        ("upstream.key_file", "credential = \"key_file\" needs key_file, and only it does",
         (upstream.credential == "key_file") != (upstream.key_file is not None)),
        ("upstream.endpoint", "must be an http(s) URL without a path", not _is_origin(upstream.endpoint)),
        ("upstream.credential", "Google's endpoint needs a credential",
         upstream.credential == "none" and upstream.endpoint.endswith("googleapis.com")),
        ("upstream.impersonate", "impersonation needs a credential to start from",
         upstream.credential == "none" and bool(upstream.impersonate or upstream.impersonate_by_caller)),
    ]  # fmt: skip
    found = [(key, problem) for key, problem, wrong in checks if wrong]
    names = [issuer.issuer for issuer in identity.issuers]
    if len(set(names)) != len(names):
        found.append(("identity.issuers", "an issuer is listed twice"))
    found += [
        ("identity.issuers", f"{i.issuer}: {problem}") for i in identity.issuers for problem in _issuer_problems(i)
    ]
    return found


def _issuer_problems(issuer: Issuer) -> list[str]:
    checks = [
        ("must be an https URL (http only on loopback)", not _is_safe_url(issuer.issuer)),
        ("discovery_url must be an https URL (http only on loopback)",
         issuer.discovery_url is not None and not _is_safe_url(issuer.discovery_url)),
        ("algorithms must not be empty", not issuer.algorithms),
        (f"claims may name {', '.join(sorted(PROVENANCE_FIELDS))}", not issuer.claims.keys() <= PROVENANCE_FIELDS),
        ("claims and subject_claims are for kind \"workload\"",
         issuer.kind != "workload" and (bool(issuer.claims) or issuer.subject_claims != ("sub",))),
        ("subject_claims must not be empty", not issuer.subject_claims),
        ("require must say which of this issuer's workloads may call", not issuer.require),
        ("require holds an empty list, which nothing can meet",
         any(not value for value in issuer.require.values())),
    ]  # fmt: skip
    return [problem for problem, wrong in checks if wrong]


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/") and not parts.query


def _is_safe_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _located(path: Path, text: str, problem: str) -> str:
    """Turn msgspec's "... - at `$.listen.port`" into file, line, key and problem."""
    unknown = re.fullmatch(
        r"Object contains unknown field `(?P<field>[^`]+)`(?: - at `\$\.?(?P<path>[^`]*)`)?", problem
    )
    if unknown:
        key = ".".join(part for part in (unknown["path"], unknown["field"]) if part)
        return f"{path}{_line_of(text, key)}: {key}: unknown key"
    match = re.fullmatch(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?", problem, re.DOTALL)
    key = (match["path"] or "") if match else ""
    what = match["what"] if match else problem
    return f"{path}{_line_of(text, key)}: {key or 'settings'}: {what}"


def _line_of(text: str, key: str) -> str:
    """Find the line of a dotted key: its own line in its table, else the table's header; "" when neither is there."""
    names = [re.sub(r"\[.*?\]", "", part) for part in key.split(".") if part]
    if not names:
        return ""
    table, line_of_table = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            table = header[1].replace('"', "")
            line_of_table = number if table == ".".join(names[: table.count(".") + 1]) else line_of_table
        name = re.match(r"\s*\"?([\w-]+)\"?\s*[.=]", line)
        if name and ".".join(part for part in (table, name[1]) if part) == ".".join(names):
            return f":{number}"
    return f":{line_of_table}" if line_of_table else ""
