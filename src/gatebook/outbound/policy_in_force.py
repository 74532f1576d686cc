"""The policy in force: read from its files at the start, and again whenever they change or somebody says so.

A new policy is in force once the book says so, and then wholly. Documents with errors leave the old policy as it is;
the log and the book say why.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from gatebook.core.book.records import EventType
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.problems import Problem, Severity
from gatebook.errors import Unavailable
from gatebook.policy_files import PolicyFilesError, files_of, read_policy

_log = logging.getLogger(__name__)

_PROBLEMS_IN_THE_BOOK = 20

Note = Callable[[EventType, Mapping[str, str]], Awaitable[None]]
_Stamp = tuple[tuple[str, int, int, int], ...]


class PolicyError(Exception):
    """There is no policy to begin with. The text names every problem with file, line and field."""


class NoDocuments:
    """Implements `ports.Policies` where no documents are configured."""

    def current(self) -> None:
        """Give none: the built-in policy holds."""


class PolicyInForce:
    """Implements `ports.Policies`. `note` writes an event into the book; it raises Unavailable when it cannot."""

    def __init__(self, paths: tuple[Path, ...], note: Note) -> None:
        self._paths = paths
        self._note = note
        self._policy: Policy | None = None
        self._seen: _Stamp | None = None
        self._due = asyncio.Event()

    def current(self) -> Policy | None:
        """Give the policy in force."""
        return self._policy

    def look_again(self) -> None:
        """Have the files read again soon, changed or not (SIGHUP)."""
        self._seen = None
        self._due.set()

    async def begin(self) -> None:
        """Read the first policy. Raises PolicyError, or Unavailable when the book cannot be written."""
        stamp, policy, problems = await asyncio.to_thread(self._read)
        if policy is None:
            raise PolicyError("\n".join(str(problem) for problem in problems))
        await self._put_in_force(policy, stamp)

    async def watch(self, every_seconds: float) -> None:
        """Look at the files for ever. Never raises but when it is cancelled."""
        while True:
            try:
                async with asyncio.timeout(every_seconds):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            await self._look()

    async def _look(self) -> None:
        try:
            if await asyncio.to_thread(_stamp, self._paths) == self._seen:
                return
            stamp, policy, problems = await asyncio.to_thread(self._read)
            if policy is None:
                await self._refuse(stamp, problems)
            elif self._policy is None or policy.version != self._policy.version:
                await self._put_in_force(policy, stamp)
            else:
                self._seen = stamp
        except Unavailable:
            _log.error("a change of the policy could not be written into the book: it is tried again")
        except Exception:  # noqa: BLE001 - whatever is wrong with the files, calls go on by the policy before
            _log.exception("the policy files could not be looked at: the policy before stays in force")

    def _read(self) -> tuple[_Stamp, Policy | None, tuple[Problem, ...]]:
        # The stamp comes first: a file that changes while it is read is looked at again.
        stamp = _stamp(self._paths)
        try:
            files = files_of(self._paths)
        except PolicyFilesError as error:
            return stamp, None, (Problem(str(self._paths[0]), 1, "", str(error)),)
        compiled = read_policy(files)
        for problem in compiled.problems:
            if problem.severity is Severity.WARNING:
                _log.warning("policy: %s", problem)
        return stamp, compiled.policy, compiled.problems

    async def _put_in_force(self, policy: Policy, stamp: _Stamp) -> None:
        facts = {"version": policy.version, "mode": "shadow" if policy.shadow else "enforce", **_digests(stamp)}
        if self._policy is not None:
            facts["version_before"] = self._policy.version
        await self._note(EventType.POLICY_LOADED, facts)
        self._policy, self._seen = policy, stamp
        _log.warning("policy %s is in force%s", policy.version, ", in shadow mode" if policy.shadow else "")

    async def _refuse(self, stamp: _Stamp, problems: Iterable[Problem]) -> None:
        errors = [str(problem) for problem in problems if problem.severity is Severity.ERROR]
        for error in errors:
            _log.error("policy: %s", error)
        _log.error("the policy files have %d errors: the policy before stays in force", len(errors))
        facts = {"problems": "\n".join(errors[:_PROBLEMS_IN_THE_BOOK]), **_digests(stamp)}
        if self._policy is not None:
            facts["version_in_force"] = self._policy.version
        await self._note(EventType.POLICY_REFUSED, facts)
        self._seen = stamp


def _stamp(paths: Iterable[Path]) -> _Stamp:
    """Give what changes when a file is written, replaced, added or removed."""
    try:
        files = files_of(paths)
    except PolicyFilesError:
        return ()
    found = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((str(file), state.st_ino, state.st_size, state.st_mtime_ns))
    return tuple(found)


def _digests(stamp: _Stamp) -> dict[str, str]:
    """Give the digest of each file as it is now, by the file's name."""
    facts = {}
    for name, *_ in stamp:
        try:
            facts[f"file {Path(name).name}"] = "sha256:" + hashlib.sha256(Path(name).read_bytes()).hexdigest()
        except OSError:
            facts[f"file {Path(name).name}"] = "cannot be read"
    return facts
