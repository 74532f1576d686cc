"""Dry runs upstream, remembered for a short while."""

import asyncio
import time
from collections import OrderedDict
from urllib.parse import quote

import msgspec

from gatebook.core import documents
from gatebook.core.analysis.dry_run import DryRun, dry_run_job, read_dry_run
from gatebook.core.model import Call, Caller, JsonObject
from gatebook.errors import Reason, Refused, UpstreamFailed
from gatebook.outbound.upstream_json import Answer, ask
from gatebook.ports import Upstream

_ENTRIES = 4096
_ENCODER = msgspec.json.Encoder(order="sorted")

# What upstream's refusal of a dry run is for the caller, by its status: the query itself would be refused alike.
_REFUSALS = {400: Reason.SQL_INVALID, 403: Reason.DENIED, 404: Reason.TABLE_NOT_FOUND, 501: Reason.SQL_INVALID}
# What passes by itself, whatever its status (the facts that clients go by: google-cloud-bigquery, retry.py).
_PASSING = frozenset({"rateLimitExceeded", "backendError", "internalError", "badGateway"})


class UpstreamDryRuns:
    """Implements `ports.DryRuns`. Several calls that ask the same wait for one dry run."""

    def __init__(self, upstream: Upstream, fresh_seconds: float) -> None:
        self._upstream = upstream
        self._fresh_seconds = fresh_seconds
        self._known: OrderedDict[tuple[str, str, bytes], tuple[float, asyncio.Task[DryRun]]] = OrderedDict()

    async def dry_run(self, call: Call, caller: Caller) -> DryRun | None:
        """Give what upstream says, None for a call that runs no query.

        Raises Refused where upstream refuses the query, with its own words; UpstreamFailed; Unavailable.
        """
        job = dry_run_job(call)
        if job is None:
            return None
        key = (caller.key, call.resource["projectId"], _ENCODER.encode(job))
        until, task = self._known.get(key, (0.0, None))
        if task is None or until < time.monotonic() or (task.done() and not _succeeded(task)):
            task = asyncio.ensure_future(self._ask(call.resource["projectId"], job, caller))
            task.add_done_callback(_succeeded)  # looks at the error even when all who asked are gone
            self._known[key] = (time.monotonic() + self._fresh_seconds, task)
            self._known.move_to_end(key)
            if len(self._known) > _ENTRIES:
                self._known.popitem(last=False)
        return await asyncio.shield(task)

    async def _ask(self, project: str, job: JsonObject, caller: Caller) -> DryRun:
        target = f"/bigquery/v2/projects/{quote(project, safe=':')}/jobs"
        answer = await ask(self._upstream, caller, "POST", target, job)
        if answer.status == 200:
            return read_dry_run(answer.document)
        raise _refusal(answer)


def _succeeded(task: "asyncio.Task[DryRun]") -> bool:
    return not task.cancelled() and task.exception() is None


def _refusal(answer: Answer) -> Refused | UpstreamFailed:
    reason = _REFUSALS.get(answer.status)
    message = documents.text(answer.document, "error", "message")
    told = {documents.text(item, "reason") for item in documents.items(answer.document, "error", "errors")}
    if reason is None or message is None or told & _PASSING:
        return UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery did not say what this query would do. Try again.")
    return Refused(reason, message)
