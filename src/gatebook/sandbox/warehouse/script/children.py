"""The child jobs of a script: one for each statement that it runs."""

import secrets
import time
from collections.abc import Callable
from typing import Final

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.warehouse.binding.text import Text
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.requests import ChildOutcome, QueryOutcome
from gatebook.sandbox.warehouse.statements.run import bytes_billed

OnChild = Callable[[ChildOutcome], None]
"""Told of every child job of a script, in order, as each ends."""


class Children:
    """Runs statements as child jobs of a script and keeps their outcomes."""

    def __init__(self, job: Job, on_child: OnChild | None) -> None:
        self._job: Final = job
        self._on_child: Final = on_child
        self._stem: Final = f"script_job_{secrets.token_hex(16)}"
        self.ended: Final[list[ChildOutcome]] = []

    def run(self, text: Text, kind: str, statement: Callable[[], QueryOutcome]) -> QueryOutcome:
        """Run a statement as the next child job."""
        job_id = f"{self._stem}_{len(self.ended)}"
        started = time.time()
        try:
            outcome = statement()
        except ApiError as error:
            self._end(ChildOutcome(job_id, text.own, kind, started, time.time(), None, error, "STATEMENT",
                                   text.line, text.column))  # fmt: skip
            raise
        self._end(ChildOutcome(job_id, text.own, kind, started, time.time(), outcome, None, "STATEMENT",
                               text.line, text.column))  # fmt: skip
        return outcome

    def _end(self, child: ChildOutcome) -> None:
        self.ended.append(child)
        processed = sum(c.outcome.bytes_processed for c in self.ended if c.outcome)
        self._job.scope.system |= {
            "last_job_id": string(child.job_id),
            "script.num_child_jobs": str(len(self.ended)),
            "script.bytes_processed": str(processed),
            "script.bytes_billed": str(bytes_billed(processed)),
        }
        if self._on_child is not None:
            self._on_child(child)
