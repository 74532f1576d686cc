"""The ports of the journey: what it needs from the world, each as small as its use. The comment is the contract."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gatebook.core.analysis.dry_run import DryRun
from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.analysis.second_opinion import SecondOpinion
from gatebook.core.belongings import Job, Learned
from gatebook.core.book.exchange import Exchange
from gatebook.core.book.records import Event, EventType, Promise, Refusal, Settlement
from gatebook.core.book.search import Search
from gatebook.core.identity.access_token import AccessToken
from gatebook.core.model import Call, Caller, Credential, Identity
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Tables, Usage
from gatebook.core.replies.facts import ReplyFacts
from gatebook.core.replies.promised import Promised


class Clock(Protocol):
    """The wall clock."""

    def now_microseconds(self) -> int:
        """Give the time in microseconds since the epoch, UTC."""
        ...


class Identifier(Protocol):
    """Verifies credentials. The only source of an Identity."""

    async def identify(self, credential: Credential | None) -> Identity:
        """Give what the credential proves.

        Raises Refused (TOKEN_*, GOOGLE_CREDENTIAL) or Unavailable (ISSUER_UNAVAILABLE).
        """
        ...


class TokenExchange(Protocol):
    """Gives out and explains Gatebook's own access tokens (RFC 8693, RFC 7662)."""

    async def exchange(self, credential: Credential) -> AccessToken:
        """Give an access token for an issuer's token; an access token cannot be exchanged again.

        Raises Refused (TOKEN_*, GOOGLE_CREDENTIAL) or Unavailable (ISSUER_UNAVAILABLE).
        """
        ...

    async def introspect(self, credential: Credential) -> Identity | None:
        """Give what a good access token of Gatebook's own stands for, None for any other text. Never raises."""
        ...


class Analyst(Protocol):
    """Reads what a Call touches."""

    async def understand(self, call: Call, caller: Caller) -> Footprint:
        """Give the footprint; what could not be understood is in it as Opaque. Schemas are read for this caller.

        Raises Refused (SQL_INVALID with the analyzer's message and position, TABLE_NOT_FOUND), Unavailable
        (ANALYZER_UNAVAILABLE) or UpstreamFailed (when schemas cannot be fetched).
        """
        ...

    async def known_tables(self, call: Call, caller: Caller, footprint: Footprint) -> Tables:
        """Give what classes of columns are told by, of those of the footprint's tables of which it can be had.

        The same object for the same footprint and facts. Raises UpstreamFailed.
        """
        ...

    def observe(self, call: Call, footprint: Footprint) -> None:
        """Note a forwarded Call, so that schemas which it may have changed are read afresh."""
        ...


class Policies(Protocol):
    """The policy in force, which may be another at any moment: a call asks once, and keeps to what it was given."""

    def current(self) -> Policy | None:
        """Give it; None where no documents are configured, and the built-in policy holds."""
        ...


class DryRuns(Protocol):
    """Asks upstream what a query would do, without running it."""

    async def dry_run(self, call: Call, caller: Caller) -> DryRun | None:
        """Give what it says, None for a call that runs no query.

        Raises Refused where upstream refuses the query, with its own words, UpstreamFailed, or Unavailable.
        """
        ...


class Meter(Protocol):
    """Counts what callers use, for the limits of the policy."""

    async def prepare(self, caller: Caller, now_microseconds: int, running_jobs: int | None) -> None:
        """Find out what must be asked of others before `usage` can tell; `running_jobs` is the limit, if there is one.

        Raises Unavailable (BOOK_UNAVAILABLE).
        """
        ...

    def usage(self, caller: Caller, now_microseconds: int) -> Usage:
        """Give what the caller used until now. Between this and `begin` nothing may be awaited."""
        ...

    def rows_given(self, call: Call, caller: Caller) -> int:
        """Give how many rows the caller has had of the job, or today of the table, whose rows the call asks for."""
        ...

    def begin(self, call: Call, caller: Caller, bytes_expected: int | None, now_microseconds: int) -> None:
        """Count a call that is about to be forwarded, as it is forwarded (`ceilings.capped`)."""
        ...

    def end(self, call: Call, caller: Caller, facts: ReplyFacts) -> None:
        """Take in what the reply shows of the caller's jobs."""
        ...


class Ownership(Protocol):
    """Who made which job, upload, session and result. Survives restarts. Caller keys are `Caller.key`."""

    async def job_owner(self, job: Job) -> str | None:
        """Give the key of the Caller that made the job (or the script that made it), None when that is not known."""
        ...

    async def job_owners(self, project: str, job_id: str) -> Mapping[str, str]:
        """Give who made the jobs of that id, by the locations of those that are known."""
        ...

    async def owns_table(self, caller_key: str, table: TableRef) -> bool:
        """Tell whether the Caller was given this anonymous result table.

        Several Callers may own one: upstream's query cache gives the same table to all who ask the same question.
        """
        ...

    async def upload_owner(self, upload_id: str) -> str | None:
        """Give the owner of a resumable upload."""
        ...

    async def session_owner(self, session_id: str) -> str | None:
        """Give the owner of a BigQuery session."""
        ...

    async def learn(self, learned: Learned) -> None:
        """Write down what a reply showed to be a Caller's; durable when it returns.

        The first owner of a job, upload or session stays its owner; tables gain owners.
        """
        ...


class Book(Protocol):
    """The append-only record. Each record is handed in when a method is called, and durable when the result is awaited.

    Awaiting raises Unavailable (BOOK_UNAVAILABLE) when it is not known to be durable. It may be done again, and a task
    that is cancelled meanwhile leaves the record to be written.
    """

    def promise(self, promise: Promise) -> Awaitable[None]:
        """Write down an intent; while it is not durable, nothing may be forwarded."""
        ...

    def settle(self, settlement: Settlement, learned: Learned | None = None) -> Awaitable[None]:
        """Write down how a call ended, and what its reply showed, in one commit.

        If it cannot be written, the promise stays open and is reported.
        """
        ...

    async def refuse(self, refusal: Refusal) -> str:
        """Return when the refusal is durable; gives the id of the record that tells of it. Raises Unavailable.

        Raises Refused (TOO_MANY_REFUSALS) when the caller is to hear that in place of its own refusal.
        """
        ...

    async def note(self, event: Event) -> None:
        """Return when the event is durable. Raises Unavailable."""
        ...

    async def promised(self, call_id: str) -> Promised | None:
        """Give the promise of a Call, None when the book has none that it can read. Raises Unavailable."""
        ...


class BookReader(Protocol):
    """The reading side of the book, as it was when it was opened; beside a running gateway, or without one."""

    @property
    def unreadable(self) -> Mapping[int, str]:
        """The entries met so far that are damaged or too new: their places, and why."""
        ...

    def search(self, search: Search) -> Iterator[Exchange]:
        """Give the Exchanges that a search finds, in its order."""
        ...

    def events(self, types: Collection[EventType], at_most: int) -> list[Event]:
        """Give the newest Events of these types, the newest first."""
        ...

    def ids(self, prefix: str, at_most: int) -> list[str]:
        """Give the ids of Calls that begin so, in order."""
        ...

    def exchange(self, call_id: str) -> Exchange | None:
        """Give the Exchange of a Call, None when the book has none."""
        ...

    def short_id(self, call_id: str) -> str:
        """Give the beginning of an id that no other id of the book has, for people to type."""
        ...

    def close(self) -> None:
        """Let go of the book."""
        ...


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """One HTTP request to BigQuery. `target` is the path and query string, already encoded.

    `headers` are the client's own that may go on; the upstream adapter adds host, credential and framing. `body` is
    whole bytes, a stream (sent chunked, or with `content_length` when known), or None.
    """

    verb: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | AsyncIterator[bytes] | None = None
    content_length: int | None = None
    repeatable: bool = False  # may be sent again after a connection failure without changing what it does


class UpstreamReply(Protocol):
    """One HTTP reply of BigQuery, its body still on the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]  # lower-case names, hop-by-hop headers taken out, content-encoding kept

    def arrived(self) -> bytes | None:
        """Give the body when all of it is here already, None when more is on its way. Read it so or by `chunks`."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Give the body as it comes, as sent (still compressed). Raises UpstreamFailed when it breaks off."""
        ...

    async def close(self) -> None:
        """Release the connection; when the body was not read to its end, upstream's work on it is cancelled."""
        ...


class Upstream(Protocol):
    """BigQuery, or the sandbox."""

    async def forward(self, request: UpstreamRequest, caller: Caller) -> UpstreamReply:
        """Send the request with the credential that stands for this caller; return when the reply's head is there.

        Raises UpstreamFailed, Unavailable (OVERLOADED), Refused (no credential stands for this caller, headers that
        HTTP does not allow, a body not as long as announced) and whatever the body's iterator raises. When it is
        cancelled, upstream's work is too.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What the door answers. The door must call `body.aclose()` when the client goes away before the end."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | AsyncGenerator[bytes, None] = field(repr=False)
    record: str | None = None  # that tells of the call, where it has none of its own


@dataclass(frozen=True, slots=True)
class Content:
    """What a request carries beside its document: rows, or a file. Read once; never kept.

    `chunks` raises Refused (BODY_MALFORMED, BODY_TOO_LARGE, REQUEST_TIMEOUT) when the client's body breaks off.
    """

    chunks: AsyncGenerator[bytes, None] = field(repr=False)
    media_type: str
    byte_count: int | None = None  # None when it is not known before the end
    row_count: int | None = None  # of tabledata.insertAll


@dataclass(frozen=True, slots=True)
class World:
    """Everything the journey needs from outside, joined in wiring.py. `public_url` is how clients reach the gateway."""

    identifier: Identifier
    analyst: Analyst
    policies: Policies
    dry_runs: DryRuns
    meter: Meter
    ownership: Ownership
    book: Book
    upstream: Upstream
    clock: Clock
    public_url: str
    second_opinion: SecondOpinion = SecondOpinion.NEVER
