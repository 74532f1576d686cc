"""Where the parts are joined: settings in, a running gateway out. Nothing else knows how the ports are filled."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from gatebook.bounded import BoundedBook
from gatebook.core.book.records import Event, EventType
from gatebook.core.counting import Bounds
from gatebook.errors import Fault, Reason, Unavailable
from gatebook.googlesql.pool import AnalyzerPool
from gatebook.inbound.rest.app import Door, Form
from gatebook.inbound.rest.ids import call_id
from gatebook.inbound.rest.server import base_url, listening, serving
from gatebook.inbound.sts import TokenEndpoint
from gatebook.inbound.sts.answers import fault as fault_answer
from gatebook.issuing import record_issuance
from gatebook.journey import refused, travel
from gatebook.outbound.analyst import SqlAnalyst
from gatebook.outbound.clock import SystemClock
from gatebook.outbound.dry_runs import UpstreamDryRuns
from gatebook.outbound.meter import UpstreamMeter
from gatebook.outbound.policy_in_force import NoDocuments, PolicyInForce
from gatebook.outbound.schemas import Schemas
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.sqlite_reader import SqliteReader, bytes_used_since
from gatebook.outbound.stores.sqlite_store import SqliteStore
from gatebook.outbound.tokens import Tokens, open_signing_keys
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream_schemas import UpstreamSchemas
from gatebook.own_record import own_record
from gatebook.ports import Book, BookReader, Policies, Reply, World
from gatebook.settings import Policy as PolicySettings
from gatebook.settings import Settings

_log = logging.getLogger(__name__)


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[str]:
    """Run the gateway while the context lasts; gives its public URL once clients may connect.

    Raises SettingsError, PolicyError, StoreError, EngineUnavailable or OSError when it cannot start.
    """
    async with AsyncExitStack() as stack:
        opened = listening(settings.listen)
        stack.callback(opened.close)
        public_url = (settings.listen.public_url or base_url(settings.listen, opened)).rstrip("/")
        world, tokens = await open_world(settings, public_url, stack)
        door = _door(settings, world, tokens)
        await stack.enter_async_context(serving(door, opened, settings.listen, settings.limits))
        yield public_url


async def open_world(settings: Settings, public_url: str, stack: AsyncExitStack) -> tuple[World, Tokens]:
    """Open everything that the journey needs; the stack closes it. Raises as `gateway` does."""
    clock = SystemClock()
    store = SqliteStore.open(settings.data_directory, clock)
    stack.push_async_callback(store.close)
    keys = open_signing_keys(settings.data_directory, clock.now_microseconds() // 1_000_000)
    token_bytes = settings.limits.token_bytes
    tokens = Tokens(settings.identity, keys, clock, public_url=public_url, token_bytes=token_bytes)
    upstream = await asyncio.to_thread(HttpUpstream.from_settings, settings.upstream)
    stack.push_async_callback(upstream.close)
    analysis = settings.analysis
    memory_bytes = analysis.memory_limit_mebibytes * 1024 * 1024
    pool = await stack.enter_async_context(AnalyzerPool(analysis.workers, analysis.time_limit_seconds, memory_bytes))
    analyst = SqlAnalyst(
        pool, Schemas(UpstreamSchemas(upstream), analysis.schema_fresh_seconds), analysis.cache_entries
    )
    limits = settings.limits
    bounds = Bounds(limits.refusals_in_full, limits.refusals_in_full_together, limits.refusals_answered)
    book = BoundedBook(store.book, clock, bounds)
    stack.push_async_callback(book.close)
    policies = await _policies(settings.policy, book, clock, stack)
    world = World(
        identifier=tokens,
        analyst=analyst,
        policies=policies,
        dry_runs=UpstreamDryRuns(upstream, analysis.schema_fresh_seconds),
        meter=UpstreamMeter(upstream, partial(bytes_used_since, settings.data_directory)),
        ownership=store.ownership,
        book=book,
        upstream=upstream,
        clock=clock,
        public_url=public_url,
        second_opinion=settings.policy.second_opinion,
    )
    return world, tokens


async def _policies(settings: PolicySettings, book: Book, clock: SystemClock, stack: AsyncExitStack) -> Policies:
    """Read the policy, and look after its files while the gateway runs. Raises PolicyError."""
    if not settings.files:
        _log.warning("no policy files are set: every verified caller may do whatever is understood (docs/policy.md)")
        return NoDocuments()

    async def note(kind: EventType, facts: Mapping[str, str]) -> None:
        now = clock.now_microseconds()
        await book.note(Event(call_id(now), kind, facts, now))

    policies = PolicyInForce(settings.files, note)
    await policies.begin()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, policies.look_again)
    stack.callback(loop.remove_signal_handler, signal.SIGHUP)
    watching = asyncio.create_task(policies.watch(settings.watch_seconds))
    stack.callback(watching.cancel)
    return policies


def _door(settings: Settings, world: World, tokens: Tokens) -> Door:
    endpoint = TokenEndpoint(
        tokens,
        audience=settings.identity.audience,
        public_url=world.public_url,
        token_bytes=settings.limits.token_bytes,
    )

    async def exchange(form: Form) -> Reply:
        answer = await endpoint.handle("POST", form.path, {"content-type": form.content_type}, form.body)
        if answer.issuance is None:
            return answer.reply
        try:
            record = await record_issuance(form.call, answer.issuance, answer.reply.status, world)
        except Fault as fault:
            return replace(fault_answer(fault), record=fault.record)
        return replace(answer.reply, record=record)

    def open_book() -> BookReader:
        try:
            return SqliteReader.open(settings.data_directory)
        except StoreError as error:
            raise Unavailable(Reason.BOOK_UNAVAILABLE, "Gatebook cannot read its records just now.") from error

    return Door(
        travel=partial(travel, world=world),
        admit=world.identifier.identify,
        refuse=partial(refused, world=world),
        exchange=exchange,
        own_record=partial(own_record, identifier=world.identifier, open_book=open_book),
        ready=lambda: True,
        clock=world.clock,
        limits=settings.limits,
        public_url=world.public_url,
    )
