"""The Ownership port on SQLite: written with the book's batches, read through a bounded cache."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job, Learned
from gatebook.outbound.stores.sqlite_frames import Claim
from gatebook.outbound.stores.sqlite_lookup import SqliteLookup
from gatebook.outbound.stores.sqlite_writer import Owners, Writer

_encoder = msgspec.json.Encoder()
_CACHE_ENTRIES = 16384

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_OWNER = "SELECT owner FROM owners WHERE kind = ? AND name = ?"
_OWNERS_BETWEEN = "SELECT name, owner FROM owners WHERE kind = 'job' AND name > ? AND name < ?"
_OWNS_TABLE = "SELECT owner FROM table_owners WHERE name = ? AND owner = ?"


class OwnersCache:
    """Who owns what, as far as it was written or asked for of late: the most recent of each kind."""

    def __init__(self) -> None:
        self.owners: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.tables: OrderedDict[tuple[str, str], None] = OrderedDict()

    def note(self, claims: Sequence[Claim], others: Owners) -> None:
        """Note claims that are written; `others` had some of it already."""
        for claim in claims:
            if claim.kind == "table":
                keep(self.tables, (claim.name, claim.owner), None)
            else:
                key = (claim.kind, claim.name)
                keep(self.owners, key, others.get(key, claim.owner))

    def knows(self, claim: Claim) -> bool:
        """Tell whether a claim would change nothing."""
        if claim.kind == "table":
            return (claim.name, claim.owner) in self.tables
        return (claim.kind, claim.name) in self.owners


def keep(cache: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Put something into a cache as its most recent; the oldest goes when there are too many."""
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > _CACHE_ENTRIES:
        cache.popitem(last=False)


class SqliteOwnership:
    """Implements `ports.Ownership`. What is not known is not cached: it may be learnt at any moment."""

    def __init__(self, writer: Writer, cache: OwnersCache, lookup: SqliteLookup) -> None:
        self._writer = writer
        self._cache = cache
        self._lookup = lookup

    async def job_owner(self, job: Job) -> str | None:
        """Give the key of the Caller that made the job. Raises Unavailable."""
        return await self._owner("job", _job_name(job))

    async def job_owners(self, project: str, job_id: str) -> Mapping[str, str]:
        """Give who made the jobs of that id, by location. Raises Unavailable."""
        beginning = _name(project, job_id).removesuffix("]")
        rows = await self._lookup.rows(_OWNERS_BETWEEN, (f"{beginning},", f"{beginning}-"))  # "-" comes after ","
        return {msgspec.json.decode(name, type=tuple[str, str, str])[2]: owner for name, owner in rows}

    async def upload_owner(self, upload_id: str) -> str | None:
        """Give the key of the Caller that began the upload. Raises Unavailable."""
        return await self._owner("upload", _name(upload_id))

    async def session_owner(self, session_id: str) -> str | None:
        """Give the key of the Caller that began the session. Raises Unavailable."""
        return await self._owner("session", _name(session_id))

    async def owns_table(self, caller_key: str, table: TableRef) -> bool:
        """Tell whether the Caller was given the table as a result. Raises Unavailable."""
        key = (_name(table.project, table.dataset, table.table), caller_key)
        if key in self._cache.tables:
            self._cache.tables.move_to_end(key)
            return True
        owns = bool(await self._lookup.rows(_OWNS_TABLE, key))
        if owns:
            keep(self._cache.tables, key, None)
        return owns

    async def learn(self, learned: Learned) -> None:
        """Return when it is on the disk what belongs to a Caller. Raises Unavailable."""
        claims = self.claims(learned)
        if claims:
            await self._writer.claim(claims)

    def claims(self, learned: Learned) -> Sequence[Claim]:
        """Give what is to be written so that it is durable; nothing when all of it is known."""
        return [claim for claim in _claims(learned.caller.key, learned.facts) if not self._cache.knows(claim)]

    async def _owner(self, kind: str, name: str) -> str | None:
        key = (kind, name)
        owner = self._cache.owners.get(key)
        if owner is not None:
            self._cache.owners.move_to_end(key)
            return owner
        rows = await self._lookup.rows(_OWNER, key)
        if not rows:
            return None
        keep(self._cache.owners, key, str(rows[0][0]))
        return str(rows[0][0])


def _claims(owner: str, facts: Belongings) -> list[Claim]:
    claims = [Claim("job", _job_name(job), owner) for job in facts.jobs]
    claims += [Claim("table", _name(table.project, table.dataset, table.table), owner) for table in facts.tables]
    claims += [Claim("upload", _name(upload), owner) for upload in facts.uploads]
    claims += [Claim("session", _name(session), owner) for session in facts.sessions]
    return claims


def _job_name(job: Job) -> str:
    """Give a job's name with its location last, so that the jobs of one id are neighbours."""
    return _name(job.project, job.id, job.location)


def _name(*parts: str) -> str:
    """Give names as one text that no other names can be made to give."""
    return _encoder.encode(parts).decode()
