"""The journey's world in memory. Every part notes that it was called, and can be made to fail."""

import asyncio
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass, field

from gatebook.core.analysis.dry_run import DryRun
from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.belongings import Belongings, Job, Learned
from gatebook.core.book.records import Promise, Refusal, Settlement
from gatebook.core.model import Call, Caller, CallerKind, Credential, Identity, Provenance
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Tables, Usage
from gatebook.core.replies.facts import ReplyFacts
from gatebook.core.replies.promised import Promised
from gatebook.ports import UpstreamRequest, World

CALLER = Caller("https://issuer", "repo:acme/etl", CallerKind.WORKLOAD, "acme/etl")
IDENTITY = Identity(CALLER, Provenance(commit="abc", run="7"), 2_000_000_000)
FOOTPRINT = Footprint((Statement("SELECT", tables_read=(TableRef("p", "d", "t"),)),))
Events = list[str]


@dataclass
class FakeClock:
    now: int = 1_000_000

    def now_microseconds(self) -> int:
        self.now += 1
        return self.now


@dataclass
class FakeIdentifier:
    events: Events
    fault: BaseException | None = None

    async def identify(self, credential: Credential | None) -> Identity:
        self.events.append("identify")
        if self.fault:
            raise self.fault
        return IDENTITY


@dataclass
class FakeAnalyst:
    events: Events
    footprint: Footprint = FOOTPRINT
    fault: BaseException | None = None

    async def understand(self, call: Call, caller: Caller) -> Footprint:
        self.events.append("understand")
        if self.fault:
            raise self.fault
        return self.footprint

    async def known_tables(self, call: Call, caller: Caller, footprint: Footprint) -> Tables:
        self.events.append("known tables")
        return {}

    def observe(self, call: Call, footprint: Footprint) -> None:
        self.events.append("observe")


@dataclass
class FakeOwnership:
    events: Events
    jobs: dict[Job, str] = field(default_factory=dict)
    learned: list[Belongings] = field(default_factory=list)
    fault: BaseException | None = None

    async def job_owner(self, job: Job) -> str | None:
        return self.jobs.get(job)

    async def job_owners(self, project: str, job_id: str) -> dict[str, str]:
        return {job.location: owner for job, owner in self.jobs.items() if (job.project, job.id) == (project, job_id)}

    async def owns_table(self, caller_key: str, table: TableRef) -> bool:
        return any(table in facts.tables for facts in self.learned)

    async def upload_owner(self, upload_id: str) -> str | None:
        return next((CALLER.key for facts in self.learned if upload_id in facts.uploads), None)

    async def session_owner(self, session_id: str) -> str | None:
        return None

    async def learn(self, learned: Learned) -> None:
        if self.fault:
            raise self.fault
        self.note(learned)

    def note(self, learned: Learned) -> None:
        self.learned.append(learned.facts)
        self.jobs.update(dict.fromkeys(learned.facts.jobs, learned.caller.key))
        self.events.append("learn")


@dataclass
class FakeBook:
    events: Events
    promises: list[Promise] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    fault: BaseException | None = None
    settle_fault: BaseException | None = None
    ownership: FakeOwnership | None = None
    disk: asyncio.Event | None = None  # settlements are durable when it is set

    def promise(self, promise: Promise) -> "HandedIn":
        if not self.fault:
            self.promises.append(promise)
            self.events.append("promise")
        return HandedIn(self.fault)

    def settle(self, settlement: Settlement, learned: Learned | None = None) -> "HandedIn":
        if not self.settle_fault:
            self.settlements.append(settlement)
            self.events.append(f"settle {settlement.outcome.ending}")
            if learned is not None and self.ownership is not None:
                self.ownership.note(learned)
        return HandedIn(self.settle_fault, self.disk)

    async def promised(self, call_id: str) -> Promised | None:
        settlement = next((one for one in self.settlements if one.call_id == call_id), None)
        return next((Promised(one, settlement) for one in self.promises if one.call.id == call_id), None)

    async def refuse(self, refusal: Refusal) -> str:
        if self.fault:
            raise self.fault
        self.refusals.append(refusal)
        self.events.append("refuse")
        return refusal.call.id


@dataclass
class HandedIn:
    """What the book gives for a record: may be awaited again and again."""

    fault: BaseException | None
    disk: asyncio.Event | None = None

    def __await__(self) -> Generator[object, None, None]:
        if self.disk is not None:
            yield from self.disk.wait().__await__()
        if self.fault:
            raise self.fault


@dataclass
class FakePolicies:
    events: Events
    policy: Policy | None = None

    def current(self) -> Policy | None:
        return self.policy


@dataclass
class FakeDryRuns:
    events: Events
    answer: DryRun | None = None
    fault: BaseException | None = None

    async def dry_run(self, call: Call, caller: Caller) -> DryRun | None:
        self.events.append("dry run")
        if self.fault:
            raise self.fault
        return self.answer


@dataclass
class FakeMeter:
    events: Events
    used: Usage = field(default_factory=Usage)
    rows: int = 0
    begun: list[Call] = field(default_factory=list)
    ended: list[ReplyFacts] = field(default_factory=list)

    async def prepare(self, caller: Caller, now_microseconds: int, running_jobs: int | None) -> None:
        self.events.append("meter")

    def usage(self, caller: Caller, now_microseconds: int) -> Usage:
        return self.used

    def rows_given(self, call: Call, caller: Caller) -> int:
        return self.rows

    def begin(self, call: Call, caller: Caller, bytes_expected: int | None, now_microseconds: int) -> None:
        self.begun.append(call)

    def end(self, call: Call, caller: Caller, facts: ReplyFacts) -> None:
        self.ended.append(facts)


@dataclass
class FakeReply:
    events: Events
    pieces: list[bytes | BaseException]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    at_once: bool = False

    def arrived(self) -> bytes | None:
        return b"".join(piece for piece in self.pieces if isinstance(piece, bytes)) if self.at_once else None

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    async def close(self) -> None:
        self.events.append("close")


@dataclass
class FakeUpstream:
    events: Events
    reply: FakeReply
    requests: list[UpstreamRequest] = field(default_factory=list)
    fault: BaseException | None = None

    async def forward(self, request: UpstreamRequest, caller: Caller) -> FakeReply:
        self.events.append("forward")
        self.requests.append(request)
        if self.fault:
            raise self.fault
        return self.reply


class FakeWorld:
    """All of it, and the World made of it."""

    def __init__(self, *pieces: bytes | BaseException, status: int = 200) -> None:
        self.events: Events = []
        self.identifier = FakeIdentifier(self.events)
        self.analyst = FakeAnalyst(self.events)
        self.policies = FakePolicies(self.events)
        self.dry_runs = FakeDryRuns(self.events)
        self.meter = FakeMeter(self.events)
        self.ownership = FakeOwnership(self.events)
        self.book = FakeBook(self.events, ownership=self.ownership)
        self.reply = FakeReply(self.events, list(pieces), status)
        self.upstream = FakeUpstream(self.events, self.reply)
        self.world = World(
            self.identifier,
            self.analyst,
            self.policies,
            self.dry_runs,
            self.meter,
            self.ownership,
            self.book,
            self.upstream,
            FakeClock(),
            "http://gate.test",
        )
